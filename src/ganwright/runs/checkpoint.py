"""Checkpoints: weights, optimizers and state in one folder each, written atomically and verified by hash."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from ganwright.core import schema
from ganwright.core.errors import DamagedError, UserError
from ganwright.core.game import Game
from ganwright.core.tensor_files import load_file
from ganwright.runs import atomic_files, foreign_files, optimizer_state
from ganwright.runs.schemas import FORMAT, Marks, State

MARKS = "marks.json"
WEIGHTS, OPTIMIZER, STATE = "weights.safetensors", "optimizer.safetensors", "state.json"
NAME = re.compile(r"[0-9]{8,}")  # of a checkpoint's folder
PARTIAL = re.compile(r"\.[0-9]{8,}\.partial")
RECENT = 2  # newest checkpoints that are never pruned


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
    """Loads a checkpoint into the game it was captured from, or one with the same networks and optimizers.

    A DamagedError if anything in it has another name, shape or type; the game is then to be thrown away.
    """
    restore_weights(game, checkpoint, where)
    if checkpoint.state["optimizers"].keys() != game.players.keys():
        raise DamagedError(where, "its optimizers are not those of the players")
    for player_name, player in game.players.items():
        tensors, rest = _of(checkpoint.optimizer, player_name), checkpoint.state["optimizers"][player_name]
        optimizer_state.restore(player, tensors, rest, f"{where}: {player_name}")
    schema.restore(game.load_state_dict, checkpoint.state["game"], where, "game")


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
    if foreign_files.is_folder(final):
        return
    partial = folder / f".{name(examples)}.partial"
    with atomic_files.writing(final):
        folder.mkdir(parents=True, exist_ok=True)
        remove(partial)
        partial.mkdir()
        try:
            _write(partial, checkpoint, keep)
        except BaseException:
            remove(partial)
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
    """Returns the SHA-256 of a file; raises a DamagedError if it is no regular file."""
    with foreign_files.opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load(path: Path, files: Sequence[str] = (WEIGHTS, OPTIMIZER)) -> Checkpoint:
    """Reads and verifies a checkpoint, of its tensors those in `files`.

    Raises a DamagedError, or a UserError for another format.
    """
    if not foreign_files.is_folder(path):
        raise DamagedError(path, "it is not a folder")
    state = _state(path)
    expected = state.pop("sha256")
    for file, digest in {STATE: state_hash(state), **{file: file_hash(path / file) for file in files}}.items():
        if digest != expected.get(file):
            raise DamagedError(path / file, "it does not match its hash")
    tensors = {file: _tensors(path / file) for file in files}
    return Checkpoint(tensors.get(WEIGHTS, {}), tensors.get(OPTIMIZER, {}), state)


def load_weights(path: Path) -> Checkpoint:
    """Like `load`, without the optimizers, which sampling does not need."""
    return load(path, [WEIGHTS])


def _state(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = foreign_files.read_json(path / STATE)
    written = state.get("format") if isinstance(state, dict) else None
    if written is not None and written != FORMAT:
        raise UserError(
            f"{path} has format {written!r:.20}, but this version of ganwright reads format {FORMAT}: "
            "use the version named in its recipe.json, or choose another --out."
        )
    schema.check(State, state, path / STATE)
    if state["clock"]["examples"] != int(path.name):
        raise DamagedError(path / STATE, f"clock.examples is {state['clock']['examples']:,}")
    return state


def _tensors(path: Path) -> dict[str, Tensor]:
    try:
        return load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise DamagedError(path, f"it holds no tensors: {error}") from None


def saved(folder: Path) -> list[Path]:
    """Returns the checkpoints in a folder, oldest first; other files, and links, are ignored."""
    if not foreign_files.is_folder(folder):
        return []
    paths = (path for path in folder.iterdir() if NAME.fullmatch(path.name) and foreign_files.is_folder(path))
    return sorted(paths, key=lambda path: int(path.name))


def newest(
    folder: Path, files: Sequence[str] = (WEIGHTS, OPTIMIZER)
) -> tuple[Path | None, Checkpoint | None, list[str]]:
    """Returns the newest intact checkpoint, if any, and a message for each damaged one that is newer."""
    damaged: list[str] = []
    for path in reversed(saved(folder)):
        try:
            return path, load(path, files), damaged
        except DamagedError as error:
            damaged.append(f"{error.damage}.")
    return None, None, damaged


def mark(folder: Path, marks: Mapping[str, int]) -> None:
    """Records which checkpoints, by their examples, have a mark such as "healthy" or "best"; these are not pruned."""
    try:
        recorded = _marks(folder)
    except DamagedError:
        recorded = None
    if marks != recorded:
        with atomic_files.writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        atomic_files.write_json(folder / MARKS, marks)


def marked(folder: Path, name: str) -> Path | None:
    """Returns the checkpoint with that mark, if there is one; raises a DamagedError if marks.json is damaged."""
    path = folder / f"{_marks(folder).get(name, -1):08d}"
    return path if foreign_files.is_folder(path) else None


def _marks(folder: Path) -> dict[str, int]:
    if not os.path.lexists(folder / MARKS):
        return {}
    marks: dict[str, int] = foreign_files.read_json(folder / MARKS)
    schema.check(Marks, marks, folder / MARKS)
    return marks


def prune(folder: Path) -> None:
    """Deletes all checkpoints except the newest, the marked, and those saved with `keep`."""
    marked_names = {name(examples) for examples in _marks(folder).values()}
    for path in saved(folder)[:-RECENT]:
        if path.name not in marked_names and not _kept(path):
            remove(path)


def _kept(path: Path) -> bool:
    try:
        return bool(_state(path)["keep"])
    except UserError:  # a damaged one is of no use
        return False


def clear_after(folder: Path, examples: int) -> None:
    """Deletes unfinished checkpoints, and those which are newer than `examples`."""
    if not foreign_files.is_folder(folder):
        return
    for path in folder.iterdir():
        if PARTIAL.fullmatch(path.name) or (NAME.fullmatch(path.name) and int(path.name) > examples):
            remove(path)


def remove(path: Path) -> None:
    """Deletes a checkpoint: the files that `save` writes, and then the folder unless it holds others; no links.

    An unfinished one, which nobody else has made, is deleted with all that a killed process left in it.
    """
    if not foreign_files.is_folder(path):
        return
    if PARTIAL.fullmatch(path.name):
        return shutil.rmtree(path, ignore_errors=True)
    with contextlib.suppress(OSError):
        for file in (WEIGHTS, OPTIMIZER, STATE):
            (path / file).unlink(missing_ok=True)
        path.rmdir()
