"""The card: scores of samples with their uncertainty, the real-data baseline, and the protocol of the measurement."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from rich.box import SIMPLE_HEAD
from rich.table import Table

from ganwright.core.errors import UserError
from ganwright.core.metric import Better
from ganwright.runs import foreign_files

ARROWS: dict[Better, str] = {"lower": "↓", "higher": "↑", "as real": "≈"}


@dataclass(frozen=True)
class Estimate:
    """A value and its standard deviation over repetitions; None if there is a single repetition."""

    value: float
    deviation: float | None = None
    repetitions: int = 1

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        """Returns the mean of repetitions and the standard deviation of one of them."""
        deviation = statistics.stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else None
        return cls(statistics.fmean(values), deviation, len(values))

    def __str__(self) -> str:
        return short(self.value) + ("" if self.deviation is None else f" ± {short(self.deviation, 2)}")


@dataclass(frozen=True)
class Score:
    """One line of the card; if `samples` is None, the note gives the reason."""

    name: str
    better: Better
    samples: Estimate | None
    baseline: Estimate | None = None
    note: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        samples, baseline = ("–" if one is None else str(one) for one in (self.samples, self.baseline))
        return self.name, self.better, samples, baseline, self.note


HEADINGS = ("metric", "better", "samples", "real data", "note")
EXPLANATION = (
    "better: a lower value, a higher value, or one close to real data's (as real).\n"
    "real data: the baseline, real samples scored in place of generated ones.\n"
    "±: how much a value varies with the samples drawn (protocol: uncertainty).\n"
    "± leaves out the training seed: train --seeds N shows that spread.\n"
    "± leaves out the reference's own sampling: other real samples shift all values."
)


@dataclass(frozen=True)
class Card:
    """The scores of a subject, with the complete protocol of their measurement."""

    subject: str
    values: tuple[Score, ...]
    protocol: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Card | None:
        """Reads a card.json; returns None if it is missing or invalid."""
        try:
            return TypeAdapter(cls).validate_json(foreign_files.read(path, foreign_files.MAX_JSON))
        except (UserError, ValueError):
            return None

    def __getitem__(self, name: str) -> float:
        """Returns the value of a metric by its name; raises a KeyError that lists the names."""
        for value in self.values:
            if value.name == name and value.samples is not None:
                return value.samples.value
        raise KeyError(
            f"{name}: the card has {', '.join(value.name for value in self.values if value.samples is not None)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the card as JSON types."""
        return {"subject": self.subject, "values": [asdict(v) for v in self.values], "protocol": dict(self.protocol)}

    @property
    def left_out(self) -> list[str]:
        """A sentence for each reason why metrics are left out."""
        named: dict[str, list[str]] = {}
        for name, reason in self.protocol.get("left out", {}).items():
            named.setdefault(reason, []).append(name)
        return [_left_out(names, reason) for reason, names in named.items()]

    @property
    def table(self) -> Table:
        """The values for the terminal; `remarks` stand below, so that names and numbers are never cut."""
        table = Table(title=f"Card of {self.subject}", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
        for heading in HEADINGS[:4]:
            table.add_column(heading, no_wrap=True)
        for value in self.values:
            table.add_row(*value.cells[:4])
        return table

    @property
    def remarks(self) -> list[str]:
        """The notes on values, each with the names of those that have it."""
        named: dict[str, list[str]] = {}
        for value in self.values:
            if value.note:
                named.setdefault(value.note, []).append(value.name)
        return [f"{', '.join(names)}: {note}" for note, names in named.items()]

    @property
    def markdown(self) -> str:
        rows = [HEADINGS, ("---",) * len(HEADINGS), *(value.cells for value in self.values)]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        explanation = [f"- {line}" for line in EXPLANATION.split("\n")]
        said = {**self.protocol, **({"left out": " ".join(self.left_out)} if self.left_out else {})}
        protocol = [f"- {name}: {format_protocol(value)}" for name, value in said.items()]
        return "\n".join([f"# Card of {self.subject}", "", *lines, "", *explanation, "", "## Protocol", *protocol, ""])


def _left_out(names: Sequence[str], reason: str) -> str:
    if len(names) == 1:
        return f"{names[0]} is left out: {reason}."
    return f"{', '.join(names[:-1])} and {names[-1]} are left out: {reason.replace('it needs', 'they need')}."


def short(value: float, digits: int = 4) -> str:
    """Formats a number with `digits` significant digits; whole numbers keep all of theirs."""
    if not math.isfinite(value):
        return "infinite" if value > 0 else "not a number"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:,.0f}"


def counted(n: int) -> str:
    """Formats a number of samples as in the names of values: 10k, 2500."""
    return f"{n // 1000}k" if n >= 1000 and n % 1000 == 0 else str(n)


def format_protocol(value: Any) -> str:
    """Formats a part of a protocol as one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {format_protocol(part)}" for name, part in value.items())
    return ", ".join(map(format_protocol, value)) if isinstance(value, (list, tuple)) else str(value)
