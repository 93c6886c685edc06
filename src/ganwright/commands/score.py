"""The command `score`: the discriminator's scores of samples, beside those of real and generated ones."""

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

COMPARED = 1000  # real samples, and as many generated ones
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def score(run: Run | Path | str, paths: Sequence[Path], condition: str | None = None, trust: bool = False) -> None:
    """Prints each sample's score, its probability if the loss defines one, and its rank among other samples.

    The samples are scored under `condition`, the others under their own conditions; `trust` as for `Run`.
    """
    run = run if isinstance(run, Run) else Run(run, trust=trust)
    names, samples, notes = read(run, paths)
    scores, others = run.score(samples, condition), compared(run)
    console = Console(markup=False)
    console.print(score_table(run, names, scores, others))
    console.print(distribution_table(others))
    print_notes(console, [*notes, *run.notes])


def print_notes(console: Console, notes: Sequence[str]) -> None:
    """Prints what was converted in order to read samples."""
    for note in notes:
        console.print(f"Note: {note}", soft_wrap=True, highlight=False, markup=False)


def read(run: Run, paths: Sequence[Path]) -> tuple[list[str], Stored, list[str]]:
    """A name for each sample in the files, the samples, prepared as the training data was, and notes about that."""
    names: list[str] = []
    notes: list[str] = []
    samples = []
    for path in paths:
        of_file = data_source.samples_of(path, run.domain, run.settings["data"]["options"])
        count = len(of_file.samples)
        samples.append(of_file.samples)
        names += [str(path)] if count == 1 else [f"{path} [{place}]" for place in range(count)]
        notes += of_file.notes
    return names, np.concatenate(samples), notes


def compared(run: Run) -> dict[str, Stored]:
    """The scores of generated samples, and of real ones unless the data came from Python."""
    recorded = run.settings["data"]
    conditions = run.conditions(COMPARED, seed=1)
    samples = run.domain.to_array(run.stored_samples(COMPARED, 1, conditions))
    generated = {"generated": run.scored(samples, conditions)}
    if is_object_marker(recorded["source"]):
        return generated
    data = data_source.find(recorded["source"], recorded["options"]).data
    rows = spread(len(data), COMPARED)
    real = run.scored(run.domain.to_array(np.asarray(data.samples[rows])), run.recipe.condition.for_rows(data, rows))
    return {"real": real, **generated}


def score_table(run: Run, names: list[str], scores: Stored, others: dict[str, Stored]) -> Table:
    table = Table("sample", "score", "probability of being real", *[f"above {name}" for name in others])
    probabilities = run.probability(scores)
    for place, name in enumerate(names):
        probability = "not defined" if probabilities is None else f"{probabilities[place]:.4f}"
        shares = [f"{np.mean(values < scores[place]):.0%}" for values in others.values()]
        table.add_row(name, f"{scores[place]:.4f}", probability, *shares)
    return table


def distribution_table(groups: dict[str, Stored]) -> Table:
    table = Table("scores of", *[f"{quantile:.0%}" for quantile in QUANTILES], "mean")
    for name, values in groups.items():
        quantiles = [f"{value:.4f}" for value in np.quantile(values, QUANTILES)]
        table.add_row(f"{len(values)} {name}", *quantiles, f"{values.mean():.4f}")
    return table
