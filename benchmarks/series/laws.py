"""Trains the recipe `series` on waves, whose laws are known, and compares samples with the laws.

    python benchmarks/series/laws.py [--conditional] [--minutes 20] [--seeds 0 1 2] [OPTION OF train ...]
    python benchmarks/series/laws.py [--conditional] --run FOLDER ...         # measures finished runs

Of 5,000 samples, beside as many fresh real series (the row "real"):

- length, tempo, strength: the Kolmogorov-Smirnov distance to the law, the largest difference of the distribution
  functions. With --conditional, tempo and strength are conditions, which are drawn from the test part.
- high: the share of steps in the regime high, less the law's third; rise and fall: the probabilities of a change.
- frequency, amplitude: the error of their mean given tempo and strength. Both are estimated from each wave by least
  squares (sinusoids.py) and the law's mean, given the series' own tempo and strength, is subtracted. The means of these
  residuals in ten bins of the static feature, each with a tenth of the law, are squared, averaged with the number of
  series in the bins as weights, and the root is divided by the law's standard deviation of frequency (0.031 cycles per
  step) or amplitude (0.47) over all series. In brackets: divided by the standard deviation given the static feature
  (0.01; 0.12, the root of its mean square), which is 3 to 4 times smaller.
- short: the share of series under 8 steps, for which nothing is estimated. The law has none.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch

sys.path.append(str(Path(__file__).parents[1] / "papers"))
from sinusoids import estimated

import ganwright
from ganwright.core.metric import Array
from ganwright.data import waves
from results import Results, markdown

COUNT, BINS, SAMPLE_SEED = 5_000, 10, 1
Measured = tuple[tuple[Array, Array], dict[str, Any]]  # series and static features, and what is noted
ROOT2 = math.sqrt(2)
FREQUENCY_DEVIATION = math.hypot(waves.PER_TEMPO / math.sqrt(12), waves.FREQUENCY_SPREAD)
MEAN_SQUARE = math.exp(2 * waves.STRENGTH_SPREAD**2)  # of the strength
AMPLITUDE_DEVIATION = math.sqrt(MEAN_SQUARE * (1 + waves.AMPLITUDE_SPREAD**2) - math.exp(waves.STRENGTH_SPREAD**2))
AMPLITUDE_SPREAD = waves.AMPLITUDE_SPREAD * math.sqrt(MEAN_SQUARE)
COLUMNS = ["length", "tempo", "strength", "high", "rise", "fall", "frequency", "amplitude", "short"]


def measured(series: Array, static: Array) -> dict[str, Any]:
    """The figures of series [n, time, 2 or more] (wave, regime) with tempo and strength [n, 2]."""
    wave, regime = series[:, :, 0], series[:, :, 1]
    frequency, amplitude = estimated(wave)
    tempo, strength = static[:, 0], static[:, 1]
    spectral = mean_error(frequency - waves.mean_frequency(tempo), uniform(tempo))
    size = mean_error(amplitude - waves.mean_amplitude(strength), log_normal(strength))
    before, after = regime[:, :-1], regime[:, 1:]
    return {
        "length": length_distance((~np.isnan(wave)).sum(1)),
        "tempo": distance(uniform(tempo)),
        "strength": distance(log_normal(strength)),
        "high": float(np.nanmean(regime)) - waves.RISE / (waves.RISE + waves.FALL),
        "rise": changes(before == 0, after),
        "fall": changes(before == 1, 1 - after),
        "frequency": [spectral / FREQUENCY_DEVIATION, spectral / waves.FREQUENCY_SPREAD],
        "amplitude": [size / AMPLITUDE_DEVIATION, size / AMPLITUDE_SPREAD],
        "short": float(np.isnan(frequency).mean()),
    }


def uniform(values: Array) -> Array:
    """The distribution function of the tempo."""
    return np.clip(values, 0, 1)


def log_normal(values: Array) -> Array:
    """The distribution function of the strength."""
    logs = np.log(np.maximum(values, 1e-300)) / waves.STRENGTH_SPREAD
    return np.array([(1 + math.erf(one / ROOT2)) / 2 for one in logs])


def distance(probabilities: Array) -> float:
    """The Kolmogorov-Smirnov distance to a continuous law, of its distribution function's values [n]."""
    ordered, count = np.sort(probabilities), len(probabilities)
    steps = np.arange(count + 1) / count
    return float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))


def length_distance(lengths: Array) -> float:
    """The Kolmogorov-Smirnov distance of lengths [n] to the law."""
    values = np.arange(waves.LONGEST + 1)
    law = 1 - (1 - waves.END) ** np.maximum(values - waves.SHORTEST + 1, 0)
    law[-1] = 1
    empirical = (lengths[:, None] <= values).mean(0)
    return float(np.abs(empirical - law).max())


def changes(candidates: Array, changed: Array) -> float:
    """The share of the candidates that changed; steps after the end, NaN, are left out."""
    return float(np.nanmean(changed[candidates])) if candidates.any() else math.nan


def mean_error(residuals: Array, probabilities: Array) -> float:
    """The root of the mean square of the residuals' means in BINS bins of equal probability; NaN is left out."""
    present = ~np.isnan(residuals)
    places = np.minimum((probabilities[present] * BINS).astype(int), BINS - 1)
    counts = np.bincount(places, minlength=BINS)
    means = np.bincount(places, residuals[present], BINS) / np.maximum(counts, 1)
    return math.sqrt((counts * means**2).sum() / max(counts.sum(), 1))


def real(conditional: bool) -> tuple[Array, Array]:
    """Fresh series of the law, [n, time, 2 or 4], and their tempo and strength, [n, 2]."""
    data = waves.load("test", count=COUNT, conditional=conditional, data_seed=1)
    return split(data.samples, data.conditions)


def sampled(run: ganwright.Run) -> tuple[Array, Array]:
    """Series of a run, and their tempo and strength."""
    conditions, domain = run.conditions(COUNT, SAMPLE_SEED), run.recipe.data.condition_domain
    samples = run.stored_samples(COUNT, SAMPLE_SEED, conditions)
    return split(samples, None if conditions is None or domain is None else domain.decode(conditions))


def split(samples: Array, conditions: Array | None) -> tuple[Array, Array]:
    """Wave and regime, and the static features, which are conditions or the last two columns."""
    return samples[:, :, :2], samples[:, 0, 2:] if conditions is None else conditions


def table(rows: list[Any]) -> str:
    lines = []
    for row in rows:
        cells = [
            f"{row[name][0]:.3f} ({row[name][1]:.3f})" if isinstance(row[name], list) else f"{row[name]:.3f}"
            for name in COLUMNS
        ]
        lines.append([row["name"], row["seed"], *cells, row.get("examples", ""), row.get("seconds", "")])
    return markdown(["", "seed", *COLUMNS, "examples", "seconds"], lines)


def main() -> None:
    from quality import costs, trained

    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], allow_abbrev=False)
    parser.add_argument("--conditional", action="store_true", help="tempo and strength are conditions")
    parser.add_argument("--recipe", default="series", help="recipe, or the file of one")
    parser.add_argument("--minutes", type=float, help="of training (default: 20)")
    parser.add_argument("--examples", type=int, help="of training, in place of minutes")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--run", type=Path, nargs="*", help="measure these runs instead of training")
    parser.add_argument("--out", type=Path, default=Path("runs/series"))
    arguments, words = parser.parse_known_args()
    torch.set_num_threads(1)
    horizon = ["--minutes", f"{arguments.minutes or 20:g}"]
    if arguments.examples:
        horizon = ["--examples", str(arguments.examples)]
    data = ["--data", "waves", *(["--conditional"] if arguments.conditional else [])]
    results = Results(arguments.out / "laws.jsonl", ["name", "seed", "conditional"])

    def add(name: str, seed: int | str, make: Callable[[], Measured]) -> None:
        key = {"name": name, "seed": seed, "conditional": arguments.conditional}
        if not results.has(**key):
            series, more = make()
            results.add({**key, **more, **measured(*series)})
        print(table(results.of(conditional=arguments.conditional)), flush=True)

    def of_folder(folder: Path) -> Measured:
        run = ganwright.open(folder)
        return sampled(run), costs(run)

    def of_training(folder: Path, seed: int) -> Measured:
        trained(folder, arguments.recipe, [*data, *horizon, *words], seed)
        return of_folder(folder)

    add("real", "", lambda: (real(arguments.conditional), {}))
    if arguments.run:
        for folder in arguments.run:
            add(str(folder), "", partial(of_folder, folder))
        return
    name = " ".join([arguments.recipe, *horizon, *words])
    for seed in arguments.seeds:
        kind = "conditional" if arguments.conditional else "generated"
        folder = arguments.out / f"waves {kind} {name} {seed}".replace(" ", "-").replace("/", "_")
        add(name, seed, partial(of_training, folder, seed))


if __name__ == "__main__":
    main()
