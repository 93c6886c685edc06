"""What a run's discriminator says of pictures or points, beside what it says of real and of generated ones."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from ganwright import sources
from ganwright.core.domain import Stored
from ganwright.run import Run

COMPARED = 1000  # real and generated samples each
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


def score(run: Run | Path | str, paths: Sequence[Path]) -> None:
    """Prints a row for each picture: score, probability where the loss defines one, and where it falls."""
    run = run if isinstance(run, Run) else Run(run)
    names, asked = read(run, paths)
    scores, real, fake = run.score(asked), run.score(real_samples(run)), run.score(run.sample(COMPARED, seed=1))
    console = Console()
    console.print(asked_table(run, names, scores, real, fake))
    console.print(distribution_table(run, {"real": real, "generated": fake}))


def read(run: Run, paths: Sequence[Path]) -> tuple[list[str], Stored]:
    """The samples in the files, prepared as the training data was, and a name for each."""
    names, samples = [], []
    for path in paths:
        found = sources.read_like(path, run.settings["data"], run.domain)
        samples.append(found)
        names += [str(path)] if len(found) == 1 else [f"{path} [{place}]" for place in range(len(found))]
    return names, np.concatenate(samples)


def real_samples(run: Run) -> Stored:
    """Real data of the run, found again by recipe.json's words."""
    words = run.settings["data"]
    data = sources.find(words["source"], words["options"]).data
    return run.domain.array(np.array(data.samples[np.linspace(0, len(data) - 1, COMPARED).astype(int)]))


def asked_table(run: Run, names: list[str], scores: Stored, real: Stored, fake: Stored) -> Table:
    table = Table("sample", "score", "probability of being real", "above so many real", "above so many generated")
    probabilities = run.probability(scores)
    for place, name in enumerate(names):
        probability = "the loss defines none" if probabilities is None else f"{probabilities[place]:.4f}"
        shares = [f"{np.mean(others < scores[place]):.0%}" for others in (real, fake)]
        table.add_row(name, f"{scores[place]:.4f}", probability, *shares)
    return table


def distribution_table(run: Run, groups: dict[str, Stored]) -> Table:
    table = Table("scores of", *[f"{quantile:.0%}" for quantile in QUANTILES], "mean")
    for name, values in groups.items():
        table.add_row(
            f"{len(values)} {name}", *[f"{v:.4f}" for v in np.quantile(values, QUANTILES)], f"{values.mean():.4f}"
        )
    return table
