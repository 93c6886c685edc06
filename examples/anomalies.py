"""Anomalies: digits of a class that was held out, found by a trained GAN.

    python examples/anomalies.py [--held-out 8] [--out runs/anomalies]

A GAN is trained on digits of all classes but one. Two scores of how anomalous a picture is are taken from it: minus
the discriminator's score, and how far the picture is from the nearest one that the generator makes, which is found by
descending in the latent (AnoGAN, Schlegl et al. 2017). Beside them stand two baselines without a GAN: the distance to
the nearest training picture, and the error of a reconstruction from principal components.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import typer
from torch import Tensor, nn

import ganwright
from ganwright.core.data import Data
from ganwright.domains.images import grid

Array = np.ndarray
STARTS = 2_000  # latents, the best of which the descent starts from
PRIOR = 1e-3  # weight of the squared latent, as in its density, beside the mean squared error
COMPONENTS = 32  # principal ones


def parts(data: Data, held_out: str, count: int, seed: int) -> tuple[Data, Array, Array]:
    """Training data without a class; `count` pictures of its classes that are not among them; as many anomalies."""
    assert data.labels is not None
    order = np.random.default_rng(seed).permutation(len(data))
    odd = data.labels[order] == data.classes.index(held_out)
    normal, anomalies = order[~odd], order[odd]
    training = replace(data, samples=data.samples[normal[count:]], labels=data.labels[normal[count:]])
    return training, data.samples[normal[:count]], data.samples[anomalies[:count]]


# -- scores, [n] each: the higher, the more anomalous


def projected(generator: nn.Module, pictures: Tensor, latent: int, steps: int, seed: int) -> Tensor:
    """The pictures nearest to some [n, ...] that a generator makes, by Adam in the latent from the best of STARTS."""
    draw = torch.Generator().manual_seed(seed)
    starts = torch.randn(STARTS, latent, generator=draw)
    with torch.no_grad():
        made = torch.cat([generator(part) for part in starts.split(500)])
        z = starts[torch.cdist(pictures.flatten(1), made.flatten(1)).argmin(1)]
    z.requires_grad_(True)
    optimizer = torch.optim.Adam([z], lr=0.05)
    for _ in range(steps):
        error = (generator(z) - pictures).square().flatten(1).mean(1) + PRIOR * z.square().sum(1) / 2
        optimizer.zero_grad()
        error.sum().backward()
        optimizer.step()
    with torch.no_grad():
        found: Tensor = generator(z)
    return found


def from_nearest(pictures: Array, training: Array) -> Array:
    """The distance to the nearest training picture."""
    one, other = (
        torch.from_numpy(stored.reshape(len(stored), -1) / np.float32(255)) for stored in (pictures, training)
    )
    return torch.cdist(one, other).amin(1).numpy()


def from_components(pictures: Array, training: Array) -> Array:
    """The error of the reconstruction from the training pictures' principal components."""
    one, other = (stored.reshape(len(stored), -1) / np.float32(255) for stored in (pictures, training))
    mean = other.mean(0)
    axes = np.linalg.eigh(np.cov(other.T))[1][:, -COMPONENTS:]
    rest = (one - mean) - (one - mean) @ axes @ axes.T
    return (rest**2).mean(1)


def auroc(normal: Array, anomalies: Array) -> float:
    """The probability that an anomaly has a higher score than a normal picture; 0.5 is guessing."""
    above, equal = anomalies[:, None] > normal, anomalies[:, None] == normal
    return float((above + equal / 2).mean())


def main(
    out: Path = Path("runs/anomalies"),
    data: str = "mnist",
    held_out: str = "8",
    examples: int = 12_000,
    count: int = 150,
    steps: int = 100,
    seed: int = 0,
    threads: int | None = None,
) -> dict[str, float]:
    """Trains without a class and prints the AUROC of each score; returns them."""
    training, normal, anomalies = parts(ganwright.load_data(data), held_out, count, seed)
    run_folder = out / f"without-{held_out}"
    run = ganwright.train("r3gan", training, run_folder, examples=examples, seed=seed, threads=threads, quiet=True)
    pictures = np.concatenate([normal, anomalies])
    encoded = training.domain.encode(torch.from_numpy(pictures))
    generator = run.recipe.game.players["generator"].sampling_network
    found = projected(generator, encoded, run.recipe.game.latent.size, steps, seed)
    scores = {
        "discriminator": -run.score(pictures),
        "latent projection": (found - encoded).square().flatten(1).mean(1).numpy(),
        "nearest training picture": from_nearest(pictures, training.samples),
        "principal components": from_components(pictures, training.samples),
    }
    shown = np.r_[:10, len(normal) : len(normal) + 10]  # of both kinds
    columns = len(shown)
    grid(np.concatenate([pictures[shown], training.domain.decode(found)[shown]]), columns).save(f"{run_folder}.png")
    print(f"AUROC of {len(anomalies)} pictures of the class {held_out} against {len(normal)} of others")
    figures = {name: auroc(score[: len(normal)], score[len(normal) :]) for name, score in scores.items()}
    for name, value in figures.items():
        print(f"{value:6.3f}  {name}")
    return figures


if __name__ == "__main__":
    typer.run(main)
