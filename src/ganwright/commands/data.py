"""The command `data`: describes a data set and saves a grid of its samples."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ganwright.callbacks.artefacts import side_by_side
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.order import Rows
from ganwright.runs import output_files

CHECKED = 10_000  # samples, at most, for the range of values
CLASSES = 20  # that are listed by name, at most


def show(data: Data, out: Path) -> None:
    """Prints a description of the data and saves a grid of samples; a UserError when `out` cannot be written."""
    save(data, out)
    table = Table(show_header=False, box=None)
    for key, value in [*describe(data), ("grid", str(out))]:
        table.add_row(Text(key, style="bold"), Text(value))
    Console(markup=False).print(table)


def describe(data: Data) -> list[tuple[str, str]]:
    """The description as (key, text): name, count, domain, classes with their counts, conditions, values, notes."""
    lines = [("name", data.name), ("count", f"{len(data):,}"), ("domain", data.domain.describe())]
    if data.labels is not None:
        lines.append(("classes", _classes(data.labels, data.classes)))
    if data.conditions is not None and data.condition_domain is not None:
        kind = "one per sample" if data.paired else f"{len(data.conditions):,}, unpaired"
        lines.append(("conditions", f"{data.condition_domain.describe()}; {kind}"))
    lines.append(("values", _values(data.samples)))
    return lines + [("note", note) for note in data.notes]


def spread(total: int, count: int) -> Rows:
    """At most `count` of `total` rows, evenly spaced from the first to the last."""
    return np.linspace(0, total - 1, min(count, total)).round().astype(np.int64)


def save(data: Data, out: Path) -> None:
    """Saves a grid of samples, with their conditions to the left, as .png, .jpg or .webp."""
    picture = data.domain.preview(np.asarray(data.samples[spread(len(data), data.domain.grid_size)]))
    if data.conditions is not None and data.condition_domain is not None:
        rows = spread(len(data.conditions), data.domain.grid_size)
        picture = side_by_side(data.condition_domain.preview(np.asarray(data.conditions[rows])), picture)
    if out.suffix.lower() not in Image.registered_extensions():
        raise UserError(f"--out {out}: pictures are saved as .png, .jpg or .webp.")
    output_files.check_file(out)
    buffer = io.BytesIO()
    try:
        picture.save(buffer, Image.registered_extensions()[out.suffix.lower()])
    except (KeyError, OSError, ValueError) as error:  # a format that Pillow reads only, or that lacks the colours
        raise UserError(f"--out {out} cannot be saved ({error}): choose .png, .jpg or .webp.") from None
    output_files.write(out, buffer.getvalue())


def _classes(labels: np.ndarray, classes: tuple[str, ...]) -> str:
    counts = np.bincount(labels, minlength=len(classes))
    named = [f"{name} ({count:,})" for name, count in zip(classes[:CLASSES], counts, strict=False)]
    more = f", and {len(classes) - CLASSES:,} more" if len(classes) > CLASSES else ""
    return f"{len(classes):,}: {', '.join(named)}{more}"


def _values(samples: np.ndarray) -> str:
    step = -(-len(samples) // CHECKED)
    checked = np.asarray(samples[::step])
    low, high = (extreme.reduce(checked, axis=None) for extreme in (np.fmin, np.fmax))  # NaN is left out
    kind = f"{samples.dtype}, {low:g} to {high:g}"
    return kind if step == 1 else f"{kind} in {len(checked):,} of them"
