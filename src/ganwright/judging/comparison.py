"""A comparison: one row for each combination of options, its values over several seeds, beside real data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from ganwright.judging.card import ARROWS, Card, Estimate, Score, counted, format_protocol, short

MAIN = (  # of these a row shows those that the cards have, and all values where they have none
    *("fd", "fid", "kd", "precision", "recall", "density", "coverage", "memorised share"),
    *("sliced w1", "modes", "high quality", "narrowest mode", "widest mode"),
)
OF_A_CARD = {"checkpoint", "verdict", "seed", "uncertainty", "left out"}  # of its protocol: what is not for a table
REAL = "real data"


@dataclass(frozen=True)
class Outcome:
    """What became of one run; where there is no card the reason says why."""

    combination: str
    seed: int
    folder: str
    verdict: str
    seconds: float
    card: Card | None = None
    reason: str = ""

    def value(self, name: str) -> Score | None:
        """The card's line of that name, where it has a value."""
        lines = () if self.card is None else self.card.values
        return next((line for line in lines if line.name == name and line.samples is not None), None)


@dataclass(frozen=True)
class ComparisonRow:
    """Outcomes of one combination."""

    combination: str
    outcomes: Sequence[Outcome]

    @property
    def judged(self) -> int:
        return sum(outcome.card is not None for outcome in self.outcomes)

    def estimate(self, name: str) -> Estimate | None:
        """Mean and deviation over the seeds; of a single seed what its card says."""
        found = [line.samples for outcome in self.outcomes if (line := outcome.value(name)) and line.samples]
        return found[0] if len(found) == 1 else Estimate.of([one.value for one in found]) if found else None

    @property
    def verdicts(self) -> Mapping[str, int]:
        return Counter(outcome.verdict for outcome in self.outcomes)

    @property
    def seconds(self) -> float:
        """Trained, on the average of the runs."""
        return sum(outcome.seconds for outcome in self.outcomes) / len(self.outcomes)

    @property
    def cells(self) -> tuple[str, str, str]:
        """Seeds, verdicts, seconds."""
        total = len(self.outcomes)
        seeds = str(total) if self.judged == total else f"{self.judged} of {total}"
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items())
        return seeds, verdicts, short(self.seconds, 2)


@dataclass(frozen=True)
class Comparison:
    """The outcomes of all runs, in the order of their combinations; `protocol` says what they have in common."""

    title: str
    outcomes: Sequence[Outcome]
    protocol: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> list[ComparisonRow]:
        names = dict.fromkeys(outcome.combination for outcome in self.outcomes)
        return [ComparisonRow(name, [one for one in self.outcomes if one.combination == name]) for name in names]

    @property
    def lines(self) -> dict[str, Score]:
        """The values to show: of each name a card's line, which holds the floor."""
        found = {line.name: (_base(line.name, card), line) for card in self._cards for line in card.values}
        main = sorted((MAIN.index(base), name) for name, (base, _) in found.items() if base in MAIN)
        return {name: found[name][1] for name in ([name for _, name in main] or found)}

    @property
    def _cards(self) -> list[Card]:
        return [outcome.card for outcome in self.outcomes if outcome.card is not None]

    @property
    def common(self) -> dict[str, Any]:
        """The protocol, with what the first card adds."""
        judged = self._cards[0].protocol if self._cards else {}
        return {**self.protocol, **{name: words for name, words in judged.items() if name not in OF_A_CARD}}

    @property
    def explanation(self) -> str:
        """What stands behind a sign of plus and minus, and what real data is."""
        spread = "± is one standard deviation over seeds"
        if any(row.judged == 1 for row in self.rows):
            spread += ", and where a single seed was judged that of its card: over draws of the one run"
        return f"{spread}. Real data is the floor: real samples in the fakes' place. Seconds are a run's."

    @property
    def problems(self) -> list[str]:
        """Why runs are missing."""
        return [f"{one.combination}, seed {one.seed}: {one.reason}" for one in self.outcomes if one.reason]

    def _cells(self) -> list[list[str]]:
        """The table's body, its last row the floor."""
        lines = self.lines
        body = [[row.combination, *(_shown(row.estimate(name)) for name in lines), *row.cells] for row in self.rows]
        return [*body, [REAL, *(_shown(line.baseline) for line in lines.values()), "", "", ""]] if lines else body

    @property
    def table(self) -> Table:
        """For the terminal, as narrow as may be: the values' names without what they all share."""
        table = Table(title=self.title, title_justify="left", box=SIMPLE_HEAD, padding=0)
        for place, heading in enumerate(self._headings(bare=True)):
            table.add_column(heading.replace(" ", "\n"), overflow="fold", no_wrap=place == 0)
        for first, *cells in self._cells():
            name = first.replace(",", "\n").replace("=", "\n  ")
            table.add_row(name, *(cell.replace(" ± ", "\n±") for cell in cells))
        return table

    @property
    def markdown(self) -> str:
        headings = self._headings(bare=False)
        rows = [headings, ["---"] * len(headings), *self._cells()]
        table = ["| " + " | ".join(row) + " |" for row in rows]
        problems = ["", "## Not judged", *(f"- {problem}" for problem in self.problems)] if self.problems else []
        protocol = [f"- {name}: {format_protocol(value)}" for name, value in self.common.items()]
        parts = [f"# {self.title}", "", *table, "", self.explanation, *problems, "", "## Protocol", *protocol, ""]
        return "\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """As JSON can hold it."""
        lines = self.lines
        return {
            "title": self.title,
            "rows": [_of_row(row, list(lines)) for row in self.rows],
            REAL: {name: _words(line.baseline) for name, line in lines.items()},
            "runs": [{**asdict(one), "card": one.card.to_dict() if one.card else None} for one in self.outcomes],
            "protocol": self.common,
        }

    def _headings(self, bare: bool) -> list[str]:
        card = self._cards[0] if self._cards else None
        name: Callable[[str], str] = (lambda full: _base(full, card)) if bare and card else str
        return [
            "",
            *(f"{name(full)} {ARROWS[line.better]}" for full, line in self.lines.items()),
            *("seeds", "verdicts", "seconds"),
        ]


def _base(name: str, card: Card) -> str:
    """A value's name without features and number of samples, as its metric has it: fd_grey28_2k is fd."""
    features = card.protocol.get("features", {}).get("name", "")
    bare = name.removesuffix(f"_{counted(card.protocol['samples'])}").removesuffix(f"_{features}")
    return bare.replace("_", " ")


def _of_row(row: ComparisonRow, names: Sequence[str]) -> dict[str, Any]:
    values = {name: _words(row.estimate(name)) for name in names}
    how = {"seeds": len(row.outcomes), "judged": row.judged, "verdicts": dict(row.verdicts), "seconds": row.seconds}
    return {"combination": row.combination, "values": values, **how}


def _shown(estimate: Estimate | None) -> str:
    return "–" if estimate is None else str(estimate)


def _words(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else asdict(estimate)
