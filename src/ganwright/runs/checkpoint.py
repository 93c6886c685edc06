"""Checkpoints: weights, optimizers and state in one folder each, written atomically and verified by hash."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from ganwright.core.errors import UserError
from ganwright.core.game import Game
from ganwright.core.tensor_files import load_file
from ganwright.runs import atomic_files

FORMAT = 2
MARKS = "marks.json"
WEIGHTS, OPTIMIZER, STATE = "weights.safetensors", "optimizer.safetensors", "state.json"
RECENT = 2  # newest checkpoints that are never pruned


class DamagedError(Exception):
    """A checkpoint differs from what was written; the message names the damage."""


@dataclass(frozen=True)
class Checkpoint:
    """The content of a checkpoint: tensors by "player.name", and a state of JSON types."""

    weights: Mapping[str, Tensor]
    optimizer: Mapping[str, Tensor]
    state: Mapping[str, Any]


def name(examples: int) -> str:
    """Returns the folder name of a checkpoint."""
    return f"{examples:08d}"


def capture(game: Game, state: Mapping[str, Any]) -> Checkpoint:
    """Returns the game's current checkpoint, extended by `state`."""
    weights: dict[str, Tensor] = {}
    optimizer: dict[str, Tensor] = {}
    optimizers: dict[str, Any] = {}
    for player_name, player in game.players.items():
        tensors, optimizers[player_name] = player.optimizer_state()
        optimizer |= {f"{player_name}.{key}": value for key, value in tensors.items()}
        weights |= {f"{player_name}.{key}": value for key, value in player.weights().items()}
    return Checkpoint(weights, optimizer, {**state, "optimizers": optimizers, "game": game.state_dict()})


def restore(game: Game, checkpoint: Checkpoint, where: str) -> None:
    """Loads a checkpoint into the game it was captured from, or one with the same networks."""
    restore_weights(game, checkpoint, where)
    for player_name, player in game.players.items():
        tensors = _of(checkpoint.optimizer, player_name)
        player.load_optimizer_state(tensors, checkpoint.state["optimizers"][player_name])
    game.load_state_dict(checkpoint.state["game"])


def restore_weights(game: Game, checkpoint: Checkpoint, where: str) -> None:
    """Loads the weights only; a UserError mentions `where`."""
    for player_name, player in game.players.items():
        player.load_weights(_of(checkpoint.weights, player_name), where)


def start_from(game: Game, checkpoint: Checkpoint, where: str) -> None:
    """Initialises the networks from another run; an EMA that it lacks starts from its network."""
    for player_name, player in game.players.items():
        saved_weights = _of(checkpoint.weights, player_name)
        weights = {name: value for name, value in saved_weights.items() if name.startswith("network.")}
        for name in player.weights():
            source = name if name in saved_weights else name.replace("ema.", "network.", 1)
            weights |= {name: saved_weights[source]} if source in saved_weights else {}
        player.load_weights(weights, where)


def _of(tensors: Mapping[str, Tensor], player_name: str) -> dict[str, Tensor]:
    prefix = f"{player_name}."
    return {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}


def save(folder: Path, examples: int, checkpoint: Checkpoint, keep: bool = False) -> None:
    """Writes `folder`/NNNNNNNN, unless it exists, and prunes older checkpoints; `keep` exempts this one for good."""
    final = folder / name(examples)
    if final.exists():
        return
    partial = folder / f".{name(examples)}.partial"
    with atomic_files.writing(final):
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        try:
            _write(partial, checkpoint, keep)
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        partial.rename(final)
        atomic_files.sync(folder)
    prune(folder)


def _write(partial: Path, checkpoint: Checkpoint, keep: bool) -> None:
    hashes = {}
    for file, tensors in ((WEIGHTS, checkpoint.weights), (OPTIMIZER, checkpoint.optimizer)):
        try:
            save_file({key: value.detach().cpu().contiguous() for key, value in tensors.items()}, partial / file)
        except SafetensorError as error:
            number = _errno(error)
            raise OSError(number, os.strerror(number) if number else str(error)) from error
        atomic_files.sync(partial / file)
        hashes[file] = file_hash(partial / file)
    state = {"format": FORMAT, "keep": keep, **checkpoint.state}
    atomic_files.write_json(partial / STATE, {**state, "sha256": {STATE: state_hash(state), **hashes}})


def _errno(error: SafetensorError) -> int:
    """Returns the errno that safetensors mentions in its message, or 0."""
    match = re.search(r"os error (\d+)", str(error))
    return int(match.group(1)) if match else 0


def state_hash(state: Mapping[str, Any]) -> str:
    """Returns the SHA-256 of state.json's content, without the hashes."""
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def file_hash(path: Path) -> str:
    """Returns the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(path: Path) -> Checkpoint:
    """Reads and verifies a checkpoint; raises a DamagedError, or a UserError for another format."""
    state = _state(path / STATE)
    if state.get("format") != FORMAT:
        raise UserError(
            f"{path} has format {state.get('format')}, but this version of ganwright reads format {FORMAT}: "
            "use the version named in its recipe.json, or choose another --out."
        )
    expected = state.pop("sha256", {})
    for file, digest in {STATE: state_hash(state), **_hashes(path)}.items():
        if digest != expected.get(file):
            raise DamagedError(f"{file} does not match its hash")
    return Checkpoint(load_file(path / WEIGHTS), load_file(path / OPTIMIZER), state)


def _state(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text()
        if not text.endswith("}\n"):
            raise DamagedError(f"{STATE} is truncated")
        state: dict[str, Any] = json.loads(text)
    except (OSError, ValueError) as error:
        raise DamagedError(f"{STATE} cannot be read ({error})") from error
    return state


def _hashes(path: Path) -> dict[str, str]:
    try:
        return {file: file_hash(path / file) for file in (WEIGHTS, OPTIMIZER)}
    except OSError as error:
        raise DamagedError(f"{Path(error.filename).name} cannot be read ({error.strerror})") from error


def saved(folder: Path) -> list[Path]:
    """Returns the checkpoints in a folder, oldest first."""
    if not folder.is_dir():
        return []
    return sorted((path for path in folder.iterdir() if path.name.isdigit()), key=lambda path: int(path.name))


def newest(folder: Path) -> tuple[Path | None, Checkpoint | None, list[str]]:
    """Returns the newest intact checkpoint, if any, and a message for each damaged one that is newer."""
    damaged: list[str] = []
    for path in reversed(saved(folder)):
        try:
            return path, load(path), damaged
        except DamagedError as error:
            damaged.append(f"Checkpoint {path} is damaged: {error}.")
    return None, None, damaged


def mark(folder: Path, marks: Mapping[str, int]) -> None:
    """Records which checkpoints, by their examples, have a mark such as "healthy" or "best"; these are not pruned."""
    if marks != _marks(folder):
        with atomic_files.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        atomic_files.write_json(folder / MARKS, marks)


def marked(folder: Path, name: str) -> Path | None:
    """Returns the checkpoint with that mark, if there is one."""
    path = folder / f"{_marks(folder).get(name, -1):08d}"
    return path if path.is_dir() else None


def _marks(folder: Path) -> dict[str, int]:
    try:
        marks: dict[str, int] = json.loads((folder / MARKS).read_text())
    except (OSError, ValueError):
        marks = {}
    return marks


def prune(folder: Path) -> None:
    """Deletes all checkpoints except the newest, the marked, and those saved with `keep`."""
    marked_names = {name(examples) for examples in _marks(folder).values()}
    for path in saved(folder)[:-RECENT]:
        if path.name in marked_names:
            continue
        try:
            keep = _state(path / STATE).get("keep", False)
        except DamagedError:
            keep = False
        if not keep:
            shutil.rmtree(path, ignore_errors=True)


def clear_after(folder: Path, examples: int) -> None:
    """Deletes unfinished checkpoints, and damaged ones, which are newer than `examples`."""
    if not folder.is_dir():
        return
    for path in folder.iterdir():
        if path.name.startswith(".") or (path.name.isdigit() and int(path.name) > examples):
            shutil.rmtree(path, ignore_errors=True)
