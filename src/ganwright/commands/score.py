"""What a run's discriminator says of pictures or points, beside what it says of real and of generated ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ganwright.commands.data import spread
from ganwright.config import data_source
from ganwright.config.serialization import is_object_marker
from ganwright.core.domain import Stored
from ganwright.runs.run import Run

COMPARED = 1000  # real and generated samples each
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def score(run: Run | Path | str, paths: Sequence[Path], condition: str | None = None) -> None:
    """Prints a row for each picture: score, probability where the loss defines one, and where it falls.

    `condition` is that under which the pictures are scored; other samples are scored under their own.
    """
    run = run if isinstance(run, Run) else Run(run)
    names, asked = read(run, paths)
    scores, others = run.score(asked, condition), compared(run)
    console = Console()
    console.print(asked_table(run, names, scores, others))
    console.print(distribution_table(others))


def read(run: Run, paths: Sequence[Path]) -> tuple[list[str], Stored]:
    """The samples in the files, prepared as the training data was, and a name for each."""
    names, samples = [], []
    for path in paths:
        found = data_source.read_like(path, run.settings["data"], run.domain)
        samples.append(found)
        names += [str(path)] if len(found) == 1 else [f"{path} [{place}]" for place in range(len(found))]
    return names, np.concatenate(samples)


def compared(run: Run) -> dict[str, Stored]:
    """The scores of real samples, where they can be found again by recipe.json's words, and of generated ones."""
    words = run.settings["data"]
    given = run.conditions(COMPARED, seed=1)
    generated = {"generated": run.scored(run.domain.to_array(run.stored_samples(COMPARED, 1, given)), given)}
    if is_object_marker(words["source"]):
        return generated
    data = data_source.find(words["source"], words["options"]).data
    rows = spread(len(data), COMPARED)
    real = run.scored(run.domain.to_array(np.asarray(data.samples[rows])), run.recipe.condition.for_rows(data, rows))
    return {"real": real, **generated}


def asked_table(run: Run, names: list[str], scores: Stored, others: dict[str, Stored]) -> Table:
    table = Table("sample", "score", "probability of being real", *[f"above so many {name}" for name in others])
    probabilities = run.probability(scores)
    for place, name in enumerate(names):
        probability = "the loss defines none" if probabilities is None else f"{probabilities[place]:.4f}"
        shares = [f"{np.mean(values < scores[place]):.0%}" for values in others.values()]
        table.add_row(name, f"{scores[place]:.4f}", probability, *shares)
    return table


def distribution_table(groups: dict[str, Stored]) -> Table:
    table = Table("scores of", *[f"{quantile:.0%}" for quantile in QUANTILES], "mean")
    for name, values in groups.items():
        quantiles = [f"{value:.4f}" for value in np.quantile(values, QUANTILES)]
        table.add_row(f"{len(values)} {name}", *quantiles, f"{values.mean():.4f}")
    return table
