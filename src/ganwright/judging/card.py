"""The card: what the judge says of samples, each value with its uncertainty, the floor of real data, the protocol."""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter
from rich.table import Table

from ganwright.core.metric import Better

ARROWS: dict[Better, str] = {"lower": "↓", "higher": "↑", "as real": "≈"}


@dataclass(frozen=True)
class Estimate:
    """A value and its standard deviation over repetitions, None where there was only one."""

    value: float
    deviation: float | None = None
    repetitions: int = 1

    @classmethod
    def of(cls, values: Sequence[float]) -> Estimate:
        """The mean of repetitions and the standard deviation of one of them."""
        deviation = statistics.stdev(values) if len(values) > 1 and all(map(math.isfinite, values)) else None
        return cls(statistics.fmean(values), deviation, len(values))

    def __str__(self) -> str:
        return short(self.value) + ("" if self.deviation is None else f" ± {short(self.deviation, 2)}")


@dataclass(frozen=True)
class Score:
    """One line of the card; where `samples` is None the note says why there is no value."""

    name: str
    better: Better
    samples: Estimate | None
    baseline: Estimate | None = None
    note: str = ""

    @property
    def cells(self) -> tuple[str, str, str, str, str]:
        shown = ["–" if estimate is None else str(estimate) for estimate in (self.samples, self.baseline)]
        return self.name, ARROWS[self.better], *shown, self.note  # type: ignore[return-value]


HEADINGS = ("value", "", "samples", "real data", "")
EXPLANATION = (
    "↓ lower is better, ↑ higher, ≈ the nearer to real data the better; ± is one standard deviation over repetitions. "
    "Real data is the floor: real samples that were set aside, measured in the place of the generated ones."
)


@dataclass(frozen=True)
class Card:
    """What was judged, the values, and the whole protocol by which they were measured."""

    subject: str
    values: tuple[Score, ...]
    protocol: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> Card | None:
        """From a card.json, if there is one that can be read."""
        try:
            return TypeAdapter(cls).validate_json(path.read_bytes())
        except (OSError, ValueError):
            return None

    def __getitem__(self, name: str) -> float:
        """The value of that name; a KeyError where there is none."""
        for value in self.values:
            if value.name == name and value.samples is not None:
                return value.samples.value
        raise KeyError(
            f"{name}: there are {', '.join(value.name for value in self.values if value.samples is not None)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        return {"subject": self.subject, "values": [asdict(v) for v in self.values], "protocol": dict(self.protocol)}

    @property
    def table(self) -> Table:
        """For the terminal."""
        table = Table(title=f"Card of {self.subject}", title_justify="left")
        for heading in HEADINGS:
            table.add_column(heading, no_wrap=bool(heading))
        for value in self.values:
            table.add_row(*value.cells)
        return table

    @property
    def markdown(self) -> str:
        rows = [HEADINGS, ("---",) * len(HEADINGS), *(value.cells for value in self.values)]
        lines = ["| " + " | ".join(row) + " |" for row in rows]
        protocol = [f"- {name}: {format_protocol(value)}" for name, value in self.protocol.items()]
        return "\n".join([f"# Card of {self.subject}", "", *lines, "", EXPLANATION, "", "## Protocol", *protocol, ""])


def short(value: float, digits: int = 4) -> str:
    """A number with so many digits that count, whole numbers as such."""
    if not math.isfinite(value):
        return "infinite" if value > 0 else "not a number"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    return f"{value:.{digits}g}" if abs(value) < 10**digits else f"{value:,.0f}"


def counted(n: int) -> str:
    """A number of samples as it stands in the names of values: 10k, 2500."""
    return f"{n // 1000}k" if n >= 1000 and n % 1000 == 0 else str(n)


def format_protocol(value: Any) -> str:
    """A part of a protocol in one line."""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {format_protocol(part)}" for name, part in value.items())
    return ", ".join(map(format_protocol, value)) if isinstance(value, (list, tuple)) else str(value)
