"""Mutations of a run folder: other values, types, sizes, links and names, with hashes made anew where there are any."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from ganwright.runs.checkpoint import OPTIMIZER, STATE, WEIGHTS, file_hash, state_hash

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 3, 2**31, 2**53, 2**70, 10**22, -(2**63), 0.5, 1e30, 1e308, float("nan"), float("inf"),
    "", "x", "\x00", "ring", "../../evil.py", "/tmp/evil.py", "<evil>", "ä\udcff", "x" * 10_000,
    [], [1], [[]], {}, {"x": 1}, {"kind": "Feed"}, [0] * 5_000,
)  # fmt: skip
NAMES = (
    "00000064 copy.png",
    "notes.txt",
    "²²²²²²²²",
    "99999999999999999999",
    ".00000064.partial",
    "..",
    "a\nb",
    "00000000",
)

Change = Callable[[Path, Path, random.Random], str]


def mutate(run: Path, outside: Path, rng: random.Random) -> str:
    """Changes one thing in a run folder, and returns what; links point to the folder `outside` or a file in it."""
    change = rng.choices([one for one, _ in CHANGES], [weight for _, weight in CHANGES])[0]
    return change(run, outside, rng)


def json_value(run: Path, outside: Path, rng: random.Random) -> str:
    """Replaces, removes or adds an entry of a JSON file."""
    path = rng.choice([run / "recipe.json", *_checkpoint_files(run, STATE), run / "checkpoint" / "marks.json"])
    content = json.loads(path.read_text())
    said = changed(content, rng)
    if path.name == STATE and isinstance(content.get("sha256"), dict):
        content["sha256"][STATE] = state_hash({key: value for key, value in content.items() if key != "sha256"})
    path.write_text(json.dumps(content) + "\n", encoding="utf-8", errors="surrogatepass")
    return f"{path.name}: {said}"


def log_value(run: Path, outside: Path, rng: random.Random) -> str:
    """Replaces, removes or adds an entry of a line of the log, or the line."""
    path = run / "log.jsonl"
    lines = path.read_text().splitlines()
    place = rng.randrange(len(lines))
    content = json.loads(lines[place])
    said = changed(content, rng)
    lines[place] = rng.choice(
        [json.dumps(content), json.dumps(content), json.dumps(rng.choice(VALUES)), "{", "[" * 9_999]
    )
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", errors="surrogatepass")
    return f"log.jsonl line {place + 1}: {said}, or another line"


def changed(content: Any, rng: random.Random) -> str:
    """Changes one entry of a JSON value in place; returns what was done."""
    places: list[tuple[Any, Any, str]] = []
    _collect(content, "", places)
    owner, key, path = rng.choice(places)
    kind = rng.random()
    if kind < 0.1 and isinstance(owner, dict):
        del owner[key]
        return f"{path} removed"
    if kind < 0.2 and isinstance(owner, dict):
        owner["another"] = rng.choice(VALUES)
        return f"an entry beside {path}"
    if kind < 0.25:
        owner[key] = nested(rng.choice([50, 500, 2_000]))
        return f"{path} nested deeply"
    owner[key] = rng.choice(VALUES)
    return f"{path} = {owner[key]!r:.40}"


def nested(depth: int) -> list[Any]:
    """A list in a list in a list..."""
    value: list[Any] = []
    for _ in range(min(depth, 900)):
        value = [value]
    return value


def _collect(value: Any, path: str, places: list[tuple[Any, Any, str]]) -> None:
    entries = value.items() if isinstance(value, dict) else enumerate(value[:3]) if isinstance(value, list) else ()
    for key, item in entries:
        places.append((value, key, f"{path}.{key}"))
        _collect(item, f"{path}.{key}", places)


def tensors(run: Path, outside: Path, rng: random.Random) -> str:
    """Changes a tensor's shape, type, values or name, or leaves it out, and hashes the file again."""
    path = rng.choice(_checkpoint_files(run, WEIGHTS) + 2 * _checkpoint_files(run, OPTIMIZER))
    content = load_file(path)
    name = rng.choice(sorted(content))
    tensor = content.pop(name)
    kind = rng.choice(["shape", "type", "values", "name", "missing", "longer", "empty"])
    others: dict[str, Callable[[], dict[str, torch.Tensor]]] = {
        "shape": lambda: {name: tensor.reshape(-1)[:1].clone() if tensor.numel() > 1 else torch.zeros(7)},
        "type": lambda: {name: tensor.to(rng.choice([torch.int64, torch.float64, torch.bool, torch.float16]))},
        "values": lambda: {name: torch.full_like(tensor, rng.choice([-1, 0, 1e30, float("nan")]))
                           if tensor.is_floating_point() else tensor - 1},
        "name": lambda: {rng.choice(["", "x", name + ".x", "generator.99999999999.step"]): tensor},
        "missing": lambda: {},
        "longer": lambda: {name: torch.cat([tensor.reshape(-1)] * 3)},
        "empty": lambda: {name: tensor.reshape(-1)[:0].clone()},
    }  # fmt: skip
    save_file(content | others[kind](), path)
    _sign(path)
    return f"{path.name}: {name}: {kind}"


def content(run: Path, outside: Path, rng: random.Random) -> str:
    """Truncates a file, changes bytes, empties it, or makes it huge without taking disk space."""
    path = rng.choice(_files(run))
    data = bytearray(path.read_bytes())
    kind = rng.choice(["truncated", "changed", "empty", "sparse", "header", "zeros"])
    if kind == "truncated":
        data = data[: rng.randrange(len(data) + 1)]
    elif kind == "changed":
        for _ in range(rng.choice([1, 1, 20])):
            data[rng.randrange(len(data))] ^= rng.randrange(1, 256)
    elif kind == "empty":
        data = bytearray()
    elif kind == "header":
        data[:8] = rng.choice([2**63, 2**40, 99_999_999, 0]).to_bytes(8, "little")
    elif kind == "zeros":
        data = bytearray(len(data))
    path.write_bytes(data)
    if kind == "sparse":
        os.truncate(path, rng.choice([2**27, 2**40]))
    if path.name in (WEIGHTS, OPTIMIZER) and kind != "sparse" and rng.random() < 0.7:
        _sign(path)
    return f"{path.relative_to(run)}: {kind}"


def place(run: Path, outside: Path, rng: random.Random) -> str:
    """Puts a link, a pipe, a folder or nothing in the place of a file or folder."""
    unwritten = [run / f".{name}" for name in ("lock", "card.json.partial", "recipe.json.partial", "log.jsonl.partial")]
    folders = [run / "checkpoint", run / "samples", *(run / "checkpoint").iterdir()]
    path = rng.choice([*_files(run), *folders, *unwritten])
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
    kind = rng.choice(["missing", "link to a file", "link to a folder", "broken link", "pipe", "folder", "/dev/zero"])
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind != "missing":
        targets = {
            "link to a file": outside / "file.json",
            "link to a folder": outside,
            "broken link": outside / "none",
        }
        path.symlink_to(targets.get(kind, Path("/dev/zero")))
    return f"{path.relative_to(run)}: {kind}"


def names(run: Path, outside: Path, rng: random.Random) -> str:
    """Adds a file, a folder or a link with an odd name."""
    name = rng.choice(NAMES) + rng.choice(["", ".png"])
    path = rng.choice([run, run / "samples", run / "checkpoint"]) / name
    if os.path.lexists(path):
        return f"nothing at {name!r}"
    kind = rng.choice(["file", "folder", "link"])
    path.write_bytes(b"odd") if kind == "file" else path.mkdir() if kind == "folder" else path.symlink_to(outside)
    return f"{path.relative_to(run)}: {kind}"


CHANGES: tuple[tuple[Change, int], ...] = (
    (json_value, 8), (log_value, 2), (tensors, 5), (content, 4), (place, 4), (names, 1),
)  # fmt: skip


def _files(run: Path) -> list[Path]:
    return sorted(path for path in run.rglob("*") if path.is_file() and path.name != ".lock" and path.stat().st_size)


def _checkpoint_files(run: Path, name: str) -> list[Path]:
    return sorted(run.glob(f"checkpoint/*/{name}"))


def _sign(path: Path) -> None:
    """Makes the hash of a tensor file in state.json that of its content."""
    state_path = path.parent / STATE
    state = json.loads(state_path.read_text())
    state["sha256"][path.name] = file_hash(path)
    state_path.write_text(json.dumps(state) + "\n")
