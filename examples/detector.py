"""A detector of generated pictures, and what of it carries over to the fakes of other generators.

    python examples/detector.py [--out runs/detector]

Three generators are trained on the same digits. A small classifier learns to tell the fakes of one of them from real
digits, and is then shown new fakes of the same generator and of the other two (Wang et al. 2020 ask this of generators
of photographs). It is done again with black-and-white pictures, which lack the traces that generators leave in greys.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import typer
from torch import Tensor, nn

import ganwright
from ganwright.domains.images import grid

Array = np.ndarray
GENERATORS = {"dcgan": 1.0, "vanilla": 2.0, "wgan-gp": 0.5}  # recipes, and their shares of the examples
BATCH = 64


def as_they_are(pictures: Array) -> Tensor:
    """Float [n, 1, height, width]."""
    return torch.from_numpy(pictures)[:, None].float() / 255


def black_and_white(pictures: Array) -> Tensor:
    """Float [n, 1, height, width], 0 or 1."""
    return (as_they_are(pictures) > 0.5).float()


def detector(real: Tensor, fake: Tensor, epochs: int, seed: int) -> nn.Module:
    """A trained network: pictures to logits [n] of being generated."""
    torch.manual_seed(seed)
    side = -(-real.shape[-1] // 4)
    layers = nn.Conv2d(1, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten(), nn.Dropout(0.3)
    network = nn.Sequential(*layers, nn.Linear(32 * side**2, 1), nn.Flatten(0))
    optimizer = torch.optim.Adam(network.parameters(), 2e-3)
    pictures = torch.cat([real, fake])
    generated = torch.cat([torch.zeros(len(real)), torch.ones(len(fake))])
    for _ in range(epochs):
        for rows in torch.randperm(len(pictures)).split(BATCH):
            loss = F.binary_cross_entropy_with_logits(network(pictures[rows]), generated[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return network.eval()


@torch.no_grad()
def said_generated(network: nn.Module, pictures: Tensor) -> float:
    """The share of pictures that a detector takes for generated ones."""
    return float((network(pictures) > 0).float().mean())


def table(
    real: tuple[Array, Array],
    fakes: Mapping[str, tuple[Array, Array]],
    shown: Callable[[Array], Tensor],
    epochs: int,
    seed: int,
) -> dict[tuple[str, str], float]:
    """The accuracy of detectors, by the generator that they learned from and the one whose new fakes they are shown.

    Pairs are of training and test pictures. A detector "all but X" learned from the fakes of the others, as many of all
    together. Half of the pictures of each accuracy are real.
    """
    lessons = {name: pair[0] for name, pair in fakes.items()}
    for left_out in fakes:
        others = [pair[0] for name, pair in fakes.items() if name != left_out]
        lessons[f"all but {left_out}"] = np.concatenate([fake[: len(fake) // len(others)] for fake in others])
    found = {}
    for lesson, pictures in lessons.items():
        network = detector(shown(real[0]), shown(pictures), epochs, seed)
        wrong = said_generated(network, shown(real[1]))
        for name, (_, new) in fakes.items():
            found[lesson, name] = (said_generated(network, shown(new)) + 1 - wrong) / 2
    return found


def main(
    out: Path = Path("runs/detector"),
    data: str = "digits",
    examples: int = 10_000,
    count: int = 800,
    epochs: int = 12,
    seed: int = 0,
    threads: int | None = None,
) -> dict[str, float]:
    """Trains generators and detectors, and prints the accuracies of detectors; returns the means of three kinds."""
    digits = ganwright.load_data(data)
    rows = np.random.default_rng(seed).permutation(len(digits))[: 2 * count]
    real = np.array_split(digits.samples[rows][..., 0], 2)
    options = {"seed": seed, "threads": threads, "quiet": True}
    fakes = {}
    for recipe, share in GENERATORS.items():
        run = ganwright.train(recipe, digits, out / recipe, examples=int(share * examples), **options)
        fakes[recipe] = run.sample(count, seed=1), run.sample(count, seed=2)
    rows_shown = [real[1][:12], *(new[:12] for _, new in fakes.values())]
    grid(np.concatenate(rows_shown)[..., None], 12).save(out / "fakes.png")
    figures = {}
    for shown in (as_they_are, black_and_white):
        found = table(tuple(real), fakes, shown, epochs, seed)
        title = shown.__name__.replace("_", " ")
        figures |= {f"{title}, {kind}": value for kind, value in means(found).items()}
        print_table(f"Accuracy, pictures {title}; new fakes of", found)
    return figures


def means(found: Mapping[tuple[str, str], float]) -> dict[str, float]:
    """The mean accuracy on fakes of the generator that a detector knows, and of one that it does not."""
    kinds = {
        "the same generator": [value for (lesson, name), value in found.items() if lesson == name],
        "another generator": [value for (a, name), value in found.items() if a in GENERATORS and a != name],
        "all but this generator": [value for (a, name), value in found.items() if a == f"all but {name}"],
    }
    return {kind: float(np.mean(values)) for kind, values in kinds.items()}


def print_table(title: str, found: Mapping[tuple[str, str], float]) -> None:
    """Prints accuracies, a line for each detector."""
    print(f"{title:42}" + "".join(f"{name:>10}" for name in GENERATORS))
    for lesson in dict.fromkeys(lesson for lesson, _ in found):
        values = "".join(f"{found[lesson, name]:10.3f}" for name in GENERATORS)
        print(f"  learned from {lesson:27}{values}")


if __name__ == "__main__":
    typer.run(main)
