"""A comparison: scores of each combination of options over several seeds, and the real-data baseline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from ganwright.judging.card import ARROWS, Card, Estimate, Score, counted, format_protocol, short

MAIN = (  # the values a row shows; all values if the cards have none of these
    *("fd", "fid", "kd", "precision", "recall", "density", "coverage", "memorised share"),
    *("sliced w1", "modes", "high quality", "narrowest mode", "widest mode"),
    *("discriminative score", "predictive score", "crps"),
)
CARD_ONLY = {
    "checkpoint",
    "verdict",
    "seed",
    "uncertainty",
    "left out",
    "notes",
}  # keys of a protocol that runs don't share
OF_REAL_DATA = ("data", "reference", "reference samples", "features")  # where they differ, no baseline is that of all
REAL = "real data"


@dataclass(frozen=True)
class Outcome:
    """The outcome of one run; without a card, `reason` says why."""

    combination: str
    seed: int
    folder: str
    verdict: str
    seconds: float
    card: Card | None = None
    reason: str = ""

    def value(self, name: str) -> Score | None:
        """Returns the card's line of that name, if it has a value."""
        lines = () if self.card is None else self.card.values
        return next((line for line in lines if line.name == name and line.samples is not None), None)


@dataclass(frozen=True)
class ComparisonRow:
    """The outcomes of one combination, over its seeds."""

    combination: str
    outcomes: Sequence[Outcome]

    @property
    def judged(self) -> int:
        return sum(outcome.card is not None for outcome in self.outcomes)

    def estimate(self, name: str) -> Estimate | None:
        """Returns mean and standard deviation over the seeds, or the card's own estimate for a single seed."""
        estimates = [line.samples for outcome in self.outcomes if (line := outcome.value(name)) and line.samples]
        if len(estimates) == 1:
            return estimates[0]
        return Estimate.of([one.value for one in estimates]) if estimates else None

    @property
    def verdicts(self) -> Mapping[str, int]:
        return Counter(outcome.verdict for outcome in self.outcomes)

    @property
    def seconds(self) -> float:
        """Mean training time of the runs."""
        return sum(outcome.seconds for outcome in self.outcomes) / len(self.outcomes)

    @property
    def cells(self) -> tuple[str, str, str]:
        """Seeds, verdicts, seconds, as the table shows them."""
        total = len(self.outcomes)
        seeds = str(total) if self.judged == total else f"{self.judged} of {total}"
        verdicts = ", ".join(f"{count} {verdict}" for verdict, count in self.verdicts.items())
        return seeds, verdicts, short(self.seconds, 2)


@dataclass(frozen=True)
class Comparison:
    """The outcomes of all runs, in the order of their combinations; `protocol` holds what they have in common."""

    title: str
    outcomes: Sequence[Outcome]
    protocol: Mapping[str, Any] = field(default_factory=dict)

    @property
    def rows(self) -> list[ComparisonRow]:
        names = dict.fromkeys(outcome.combination for outcome in self.outcomes)
        return [ComparisonRow(name, [one for one in self.outcomes if one.combination == name]) for name in names]

    @property
    def lines(self) -> dict[str, Score]:
        """The displayed values, each with a card's line that holds its baseline."""
        all_lines = {line.name: (_base(line.name, card), line) for card in self._cards for line in card.values}
        if len({str([card.protocol.get(name) for name in OF_REAL_DATA]) for card in self._cards}) > 1:
            all_lines = {name: (base, replace(line, baseline=None)) for name, (base, line) in all_lines.items()}
        main = sorted((MAIN.index(base), name) for name, (base, _) in all_lines.items() if base in MAIN)
        return {name: all_lines[name][1] for name in ([name for _, name in main] or all_lines)}

    @property
    def _cards(self) -> list[Card]:
        return [outcome.card for outcome in self.outcomes if outcome.card is not None]

    @property
    def common(self) -> dict[str, Any]:
        """The protocol, extended by what all cards share; what differs between them is named."""
        first, *others = [card.protocol for card in self._cards] or [{}]
        shown = {name: value for name, value in first.items() if name not in CARD_ONLY}
        differing = [name for name in shown if any(other.get(name) != shown[name] for other in others)]
        shared = {name: value for name, value in shown.items() if name not in differing}
        return {**self.protocol, **shared, **({"differs between runs": differing} if differing else {})}

    @property
    def explanation(self) -> str:
        """What the table's symbols, its last row and its last column mean."""
        single = any(row.judged == 1 for row in self.rows)
        over = "seeds; for a single judged seed, over draws of its run" if single else "seeds"
        return (
            f"±: one standard deviation over {over}, against one reference of real data.\n"
            "↓, ↑, ≈: a lower value is better, a higher one, or one close to real data's.\n"
            "real data: the baseline, real samples scored in place of generated ones.\n"
            "seconds: mean training time of a run."
        )

    @property
    def problems(self) -> list[str]:
        """The reasons why runs have no scores."""
        return [f"{one.combination}, seed {one.seed}: {one.reason}" for one in self.outcomes if one.reason]

    def _cells(self) -> list[list[str]]:
        """The table's body; its last row is the real-data baseline."""
        lines = self.lines
        body = [[row.combination, *(_format(row.estimate(name)) for name in lines), *row.cells] for row in self.rows]
        return [*body, [REAL, *(_format(line.baseline) for line in lines.values()), "", "", ""]] if lines else body

    @property
    def table(self) -> Table:
        """The table for the terminal, kept narrow: names of values omit the parts that all share."""
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
        explanation = [f"- {line}" for line in self.explanation.split("\n")]
        parts = [f"# {self.title}", "", *table, "", *explanation, *problems, "", "## Protocol", *protocol, ""]
        return "\n".join(parts)

    def to_dict(self) -> dict[str, Any]:
        """Returns the comparison as JSON types."""
        lines = self.lines
        return {
            "title": self.title,
            "rows": [_of_row(row, list(lines)) for row in self.rows],
            REAL: {name: _as_dict(line.baseline) for name, line in lines.items()},
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
    """Returns the metric's own name of a value, without features and number of samples: fd_grey28_2k is fd."""
    features = card.protocol.get("features", {}).get("name", "")
    bare = name.removesuffix(f"_{counted(card.protocol['samples'])}").removesuffix(f"_{features}")
    return bare.replace("_", " ")


def _of_row(row: ComparisonRow, names: Sequence[str]) -> dict[str, Any]:
    values = {name: _as_dict(row.estimate(name)) for name in names}
    runs = {"seeds": len(row.outcomes), "judged": row.judged, "verdicts": dict(row.verdicts), "seconds": row.seconds}
    return {"combination": row.combination, "values": values, **runs}


def _format(estimate: Estimate | None) -> str:
    return "–" if estimate is None else str(estimate)


def _as_dict(estimate: Estimate | None) -> dict[str, Any] | None:
    return None if estimate is None else asdict(estimate)
