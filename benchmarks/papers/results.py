"""Shared by the papers' tables: results stored as JSON lines, and Markdown tables made from them."""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]


class Results:
    """One JSON line for each finished run; `key` names the fields that identify a run."""

    def __init__(self, path: Path, key: Sequence[str]) -> None:
        self.path, self.key = path, tuple(key)
        self.rows: list[Row] = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def has(self, **wanted: Any) -> bool:
        return any(all(row[name] == wanted[name] for name in self.key) for row in self.rows)

    def add(self, row: Row) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(row) + "\n")
        self.rows.append(row)

    def of(self, **wanted: Any) -> list[Row]:
        return [row for row in self.rows if all(row[name] == value for name, value in wanted.items())]


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def mean(values: Iterable[float], digits: int = 1, percent: bool = False) -> str:
    """The mean, with the standard deviation if the values differ."""
    values = [100 * value if percent else value for value in values]
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return f"{statistics.mean(values):.{digits}f}" + (f" ± {spread:.{digits}f}" if spread else "")
