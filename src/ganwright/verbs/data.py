"""The verb `data`: says what a data set is, and draws some of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _find

LOOKED_AT = 10_000  # samples, at most, for the range of values
CLASSES = 20  # named, before the rest is only counted


def show(name_or_path: str, out: Path | None = None, **options: Any) -> Data:
    """Prints what the data are and, where `out` is given, saves a picture of some of them there.

    A UserError when they cannot be loaded or `out` cannot be written.
    """
    data = _find.load(name_or_path, **options)
    lines = describe(data)
    if out is not None:
        _save(data, out)
        lines.append(("drawn", str(out)))
    table = Table(show_header=False, box=None)
    for key, value in lines:
        table.add_row(Text(key, style="bold"), Text(value))
    Console().print(table)
    return data


def describe(data: Data) -> list[tuple[str, str]]:
    """What there is to say, as (key, text): name, count, domain, classes with their counts, values, notes."""
    lines = [("name", data.name), ("count", f"{len(data):,}"), ("domain", data.domain.describe())]
    if data.labels is not None:
        lines.append(("classes", _classes(data.labels, data.classes)))
    lines.append(("values", _values(data.samples)))
    return lines + [("note", note) for note in data.notes]


def some(data: Data, count: int) -> np.ndarray:
    """At most `count` samples, evenly from the first to the last."""
    places = np.linspace(0, len(data) - 1, min(count, len(data))).round().astype(int)
    return np.asarray(data.samples[places])


def _save(data: Data, out: Path) -> None:
    picture = data.domain.preview(some(data, data.domain.sheet_size))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        picture.save(out)
    except (OSError, ValueError) as error:
        raise UserError(f"{out} cannot be written ({error}).") from error


def _classes(labels: np.ndarray, classes: tuple[str, ...]) -> str:
    counts = np.bincount(labels, minlength=len(classes))
    named = [f"{name} ({count:,})" for name, count in zip(classes[:CLASSES], counts, strict=False)]
    more = f", and {len(classes) - CLASSES:,} more" if len(classes) > CLASSES else ""
    return f"{len(classes):,}: {', '.join(named)}{more}"


def _values(samples: np.ndarray) -> str:
    step = -(-len(samples) // LOOKED_AT)
    looked = np.asarray(samples[::step])
    kind = f"{samples.dtype}, {looked.min():g} to {looked.max():g}"
    return kind if step == 1 else f"{kind} in {len(looked):,} of them"
