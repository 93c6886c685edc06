"""Solids: a GAN of voxels, with its own domain and networks, and models in three dimensions from pictures.

    python examples/solids.py [--out runs/solids]

The data are made: boxes, cylinders, spheres, cones and rings of random size that stand somewhere on a floor, voxels
[16, 16, 16]. One run makes solids of nothing but a latent; another makes them from a picture of them, drawn from a
corner above. They are GANs of voxels as in 3D-GAN (Wu et al. 2016), with networks of maps instead; with pictures
pix2pix's losses are added up: an adversarial one and L1 (Isola et al. 2017).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import typer
from PIL import Image
from torch import Tensor, nn

import ganwright
from ganwright.auxiliary_losses.pixels import Pixels
from ganwright.core.condition import DataConditions
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Field, Stored, Writer
from ganwright.core.latent import Latent
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.domains.images import Images, grid
from ganwright.recipes import Rules, two_player

KINDS = ("box", "cylinder", "sphere", "cone", "ring")
LATENT = 32
RULES = Rules(
    loss="relativistic",
    penalty="r1-r2",
    penalty_weight=0.5,
    penalty_every=8,
    generator_lr=1.5e-3,
    discriminator_lr=1.5e-3,
    batch=16,
    lr_schedule="cosine",
    turns="simultaneous",
    ema_half_life=3_000,
)


# -- the data


def made(kind: str, size: int, random: np.random.Generator) -> Stored:
    """One solid that stands on the floor, bool [size, size, size]; the axes are x, y and, upward, z."""
    x, y, z = np.indices((size, size, size)) + 0.5
    radius, other, height = size * random.uniform((0.15, 0.15, 0.3), (0.4, 0.4, 0.95))
    x, y = (axis - random.uniform(radius, size - radius) for axis in (x, y))
    across = np.hypot(x, y)
    if kind == "box":
        return (abs(x) <= radius) & (abs(y) <= other) & (z <= height)
    if kind == "cylinder":
        return (across <= radius) & (z <= height)
    if kind == "sphere":
        return across**2 + (z - radius) ** 2 <= radius**2
    if kind == "cone":
        return across <= radius * (1 - z / height)
    tube = max(0.3 * radius, 1.0)
    return (across - radius + tube) ** 2 + (z - tube) ** 2 <= tube**2


def solids(count: int, size: int, seed: int, pictures: bool = False) -> Data:
    """Solids of all kinds; with a picture of each as its condition, if wanted."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % len(KINDS)
    samples = np.stack([made(KINDS[label], size, random) for label in labels]).astype(np.uint8)
    if not pictures:
        return Data("solids", Solids(size), samples, labels, KINDS)
    seen = picture(samples, 2 * size)[..., None]
    paper = Images(2 * size, 2 * size, 1)
    return Data("solids", Solids(size), samples, labels, KINDS, conditions=seen, condition_domain=paper)


# -- the domain


@dataclass(frozen=True)
class Solids(Domain):
    """Voxels: stored uint8 [n, size, size, size], 1 inside of the solid; encoded [n, 1, size, size, size], 1 or -1."""

    size: int

    noun = "solids"
    dtype = np.dtype(np.uint8)
    bounded = True
    grid_size = 25

    @property
    def shape(self) -> tuple[int, ...]:
        return 1, self.size, self.size, self.size

    @property
    def stored_shape(self) -> tuple[int, ...]:
        return self.size, self.size, self.size

    def encode(self, stored: Tensor) -> Tensor:
        return stored[:, None].to(torch.get_default_dtype()) * 2 - 1

    def decode(self, encoded: Tensor) -> Stored:
        return (encoded[:, 0] > 0).to(torch.uint8).cpu().numpy()

    def describe(self) -> str:
        return f"solids of {self.size}x{self.size}x{self.size} voxels"

    def render(self, fake: Stored, real: Stored, field: Field | None = None, columns: int | None = None) -> Image.Image:
        return self.preview(np.concatenate([fake, real[: len(fake)]]), columns or 10)

    def preview(self, stored: Stored, columns: int | None = None) -> Image.Image:
        return grid(picture(stored, 64)[..., None], columns)

    @property
    def writers(self) -> Mapping[str, Writer]:
        return {".obj": save_obj}


def save_obj(stored: Stored, conditions: Stored | None, path: Path) -> None:
    """Writes solids, beside one another, as a 3-D model: the squares between a filled voxel and an empty one."""
    lines = []
    for place, solid in enumerate(stored):
        beside = np.array((1.5 * place * len(solid), 0, 0))
        for axis in range(3):
            change = np.diff(np.pad(solid.astype(np.int8), 1), axis=axis)
            for sign in (1, -1):  # entering the solid, leaving it
                square = np.insert([(0, 0), (0, 1), (1, 1), (1, 0)][:: sign * (-1) ** axis], axis, 1, axis=1)
                for corner in np.argwhere(change == sign) - 1:
                    lines += ["v {} {} {}".format(*point) for point in square + corner + beside]
                    lines.append("f -4 -3 -2 -1")
    path.write_text("\n".join(lines) + "\n")


# -- pictures of solids

BRIGHT = np.array((110, 180, 255), np.uint8)  # faces along x, y and z


AHEAD = np.array((-1.0, -1.6, -1.2)) / np.linalg.norm((-1.0, -1.6, -1.2))
RIGHT = np.cross(AHEAD, (0, 0, 1)) / np.linalg.norm(np.cross(AHEAD, (0, 0, 1)))
UP = np.cross(RIGHT, AHEAD)


@cache
def camera(size: int, pixels: int) -> tuple[Stored, Stored]:
    """For each pixel, the voxels that its line of sight passes, and how bright their faces are there.

    Returns places in a flat solid, [pixels^2, steps], where size^3 is outside of it, and brightnesses alike.
    """
    across = (np.arange(pixels) + 0.5) / pixels * 2 - 1
    start = across[None, :, None] * RIGHT - across[:, None, None] * UP  # of [pixels, pixels] lines of sight
    steps = np.arange(-1, 1, 0.25 / size)
    points = size * (0.5 + 0.8 * (start[:, :, None] + steps[:, None] * AHEAD))
    points = points.reshape(pixels**2, len(steps), 3)
    voxels = np.floor(points).astype(int)
    face = ((voxels + 1 - points) / AHEAD).argmax(2)  # the last plane that the line has crossed
    inside = ((voxels >= 0) & (voxels < size)).all(2)
    return np.where(inside, voxels @ (size * size, size, 1), size**3), BRIGHT[face]


def pixels_of_voxels(size: int, pixels: int) -> Stored:
    """The place, in a flat picture, of the pixel at which the centre of each voxel is seen, int64 [z, x, y] flat."""
    z, x, y = (np.indices((size, size, size)) + 0.5) / size - 0.5
    centres = np.stack([x, y, z], -1) / 0.8
    places = [np.clip((1 + centres @ axis) / 2 * pixels, 0, pixels - 1).astype(np.int64) for axis in (-UP, RIGHT)]
    return np.ravel_multi_index(places, (pixels, pixels)).ravel()


def picture(stored: Stored, pixels: int) -> Stored:
    """Pictures of solids, uint8 [n, pixels, pixels], black where there is nothing."""
    places, bright = camera(stored.shape[1], pixels)
    flat = np.pad(stored.reshape(len(stored), -1), ((0, 0), (0, 1)))
    pictures = np.zeros((len(stored), len(places)), np.uint8)
    pixel = np.arange(len(places))
    for row, solid in enumerate(flat):
        hit = solid[places]
        step = hit.argmax(1)  # the first one
        pictures[row] = hit[pixel, step] * bright[pixel, step]
    return pictures.reshape(-1, pixels, pixels)


# -- the networks


class Generator(nn.Module):
    """Latents [n, LATENT], and pictures if there are any, to solids [n, 1, size, size, size].

    A solid is a map [size, size, size] of the floor with its heights as channels: what stands on a floor may stand
    anywhere on it, but not at any height. Convolutions of maps are far cheaper than those of voxels.
    """

    def __init__(self, size: int, width: int, look: nn.Module | None) -> None:
        super().__init__()
        self.look = look
        self.look_again = None if look is None else nn.Sequential(down(width, width), nn.LeakyReLU(0.2))
        base = size // 4
        self.first = nn.Sequential(
            nn.Linear(LATENT, 2 * width * base**2),
            nn.Unflatten(1, (2 * width, base, base)),
        )
        seen = 0 if look is None else width
        self.small = layer(2 * width + seen, 2 * width)
        self.large = layer(2 * width + seen, 2 * width)
        self.last = nn.Sequential(nn.Conv2d(2 * width, 4 * size, 3, padding=1), nn.PixelShuffle(2), nn.Tanh())

    def forward(self, latent: Tensor, pictures: Tensor | None = None) -> Tensor:
        large = [] if self.look is None else [self.look(pictures)]
        small = [] if self.look_again is None else [self.look_again(*large)]
        made = self.small(torch.cat([self.first(latent), *small], 1))
        made = self.large(torch.cat([F.interpolate(made, scale_factor=2), *large], 1))
        solids: Tensor = self.last(made).movedim(1, -1)[:, None]
        return solids


class Discriminator(nn.Module):
    """Solids, and pictures if there are any, to scores [n, 1]."""

    def __init__(self, size: int, width: int, look: nn.Module | None) -> None:
        super().__init__()
        self.look = look
        self.layers = nn.Sequential(
            nn.Conv2d(4 * size + (0 if look is None else width), 2 * width, 3, padding=1),
            nn.LeakyReLU(0.2),
            down(2 * width, 4 * width),
            nn.LeakyReLU(0.2),
            nn.Flatten(),
            nn.Linear(4 * width * (size // 4) ** 2, 128),
            nn.LeakyReLU(0.2),
            nn.Linear(128, 1),
        )

    def forward(self, solids: Tensor, pictures: Tensor | None = None) -> Tensor:
        maps = [] if self.look is None else [self.look(pictures)]
        score: Tensor = self.layers(torch.cat([F.pixel_unshuffle(solids[:, 0].movedim(-1, 1), 2), *maps], 1))
        return score


class Look(nn.Module):
    """Pictures [n, 1, pixels, pixels] to maps [n, width, size / 2, size / 2] of a solid's floor.

    Features of the picture are laid along the lines of sight: each voxel gets those of the pixel that it is seen at.
    """

    pixel: Tensor

    def __init__(self, size: int, width: int) -> None:
        super().__init__()
        self.size = size
        self.features = nn.Sequential(nn.Conv2d(1, 4, 5, padding=2), nn.LeakyReLU(0.2))
        self.map = nn.Sequential(nn.PixelUnshuffle(2), nn.Conv2d(16 * size, width, 1), nn.LeakyReLU(0.2))
        self.register_buffer("pixel", torch.from_numpy(pixels_of_voxels(size, 2 * size)), persistent=False)

    def forward(self, pictures: Tensor) -> Tensor:
        along = self.features(pictures).flatten(2).index_select(2, self.pixel)
        seen: Tensor = self.map(along.view(len(pictures), -1, self.size, self.size))
        return seen


def down(inputs: int, outputs: int) -> nn.Module:
    """A convolution that halves the sides of maps."""
    return nn.Conv2d(inputs, outputs, 4, stride=2, padding=1)


def layer(inputs: int, outputs: int) -> nn.Module:
    """A convolution of maps, normalised."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.BatchNorm2d(outputs), nn.LeakyReLU(0.2))


# -- the recipes


def from_latents(data: Data, *, width: int = 32) -> Recipe:
    """Solids from latents alone."""
    size = data.domain.stored_shape[0]
    players = Generator(size, width, None), Discriminator(size, width, None)
    return two_player(data, *players, Latent(LATENT), RULES, 20_000, DisplayConfig(every=4_000))


def from_pictures(data: Data, *, width: int = 32) -> Recipe:
    """Solids under pictures of them."""
    size = data.domain.stored_shape[0]
    return two_player(
        data,
        Generator(size, width, Look(size, width)),
        Discriminator(size, width, Look(size, width)),
        Latent(LATENT),
        RULES,
        20_000,
        DisplayConfig(every=4_000),
        condition=DataConditions(data),
        auxiliary_losses=(Pixels(50.0),),
    )


# -- figures


def overlap(one: Stored, other: Stored) -> Stored:
    """Intersection over union of solids, row by row, [n]."""
    axes = (1, 2, 3)
    return (one & other).sum(axes) / np.maximum((one | other).sum(axes), 1)


def overlaps(some: Stored, others: Stored) -> Stored:
    """Intersection over union of all pairs of solids, [n, m]."""
    left, right = (stored.reshape(len(stored), -1).astype(np.float32) for stored in (some, others))
    both = left @ right.T
    return both / np.maximum(left.sum(1)[:, None] + right.sum(1) - both, 1)


def in_one_piece(stored: Stored) -> Stored:
    """Whether all voxels of a solid hang together, [n]; not of an empty one."""
    solids = torch.from_numpy(stored)[:, None].float()
    reached = torch.zeros_like(solids).flatten(1)
    reached[torch.arange(len(solids)), solids.flatten(1).argmax(1)] = 1
    reached = reached.view_as(solids) * solids
    while True:
        further = F.max_pool3d(reached, 3, stride=1, padding=1) * solids
        if further.equal(reached):
            return ((reached == solids).flatten(1).all(1) & solids.flatten(1).any(1)).numpy()
        reached = further


def nearest(pictures: Stored, others: Stored) -> Stored:
    """The row of the most similar of other pictures, by squared differences, [n]."""
    left, right = (stored.reshape(len(stored), -1).astype(np.float32) / 255 for stored in (pictures, others))
    return ((right**2).sum(1) - 2 * left @ right.T).argmin(1)


def main(
    out: Path = Path("runs/solids"),
    examples: int = 24_000,
    count: int = 4_000,
    size: int = 16,
    width: int = 32,
    seed: int = 0,
    threads: int | None = None,
) -> dict[str, float]:
    """Trains both, prints the figures and writes pictures; returns the figures."""
    options = {"examples": examples, "width": width, "seed": seed, "threads": threads, "quiet": True}
    training, held_out = (solids(n, size, key, pictures=True) for n, key in ((count, 1), (min(count, 500), 2)))
    figures = free(solids(count, size, 1), held_out, out, options) | under_pictures(training, held_out, out, options)
    for name, value in figures.items():
        print(f"{value:6.3f}  {name}")
    return figures


def free(training: Data, held_out: Data, out: Path, options: Mapping[str, object]) -> dict[str, float]:
    """Solids from latents: are they whole, like the data and of all kinds?"""
    run = ganwright.train(from_latents, training, out / "from-latents", **options)
    made = run.sample(len(held_out), seed=1)
    training.domain.preview(made[:20], 10).save(out / "from-latents.png")
    alike = overlaps(made, training.samples)
    shares = np.bincount(training.labels[alike.argmax(1)], minlength=len(KINDS)) / len(made)
    return {
        "of the solids from latents are in one piece": in_one_piece(made).mean(),
        "is their mean overlap with the nearest training solid": alike.max(1).mean(),
        "is that of held-out solids": overlaps(held_out.samples, training.samples).max(1).mean(),
        "is the share of the rarest of the five kinds, by the nearest training solid": shares.min(),
    }


def under_pictures(training: Data, held_out: Data, out: Path, options: Mapping[str, object]) -> dict[str, float]:
    """Solids from pictures of held-out solids: how much do they overlap with the truth?"""
    run = ganwright.train(from_pictures, training, out / "from-pictures", **options)
    seen, truth = held_out.conditions, held_out.samples
    guesses = run.stored_samples(len(seen), 1, held_out.condition_domain.encode(torch.from_numpy(seen)))
    same_look = training.samples[nearest(seen, training.conditions)]
    mean = np.broadcast_to(training.samples.mean(0) > 0.5, truth.shape)
    shown = [truth, guesses, same_look, truth[:, ::-1, ::-1], guesses[:, ::-1, ::-1]]  # the last two from behind
    rows = np.concatenate([picture(stored[:10], 64) for stored in shown])
    grid(rows[..., None], 10).save(out / "from-pictures.png")
    save_obj(guesses[:10], None, out / "from-pictures.obj")
    measured: dict[str, Callable[[], Stored]] = {
        "is the mean overlap of solids from held-out pictures with the truth": lambda: overlap(guesses, truth),
        "is that of the training solid with the most similar picture": lambda: overlap(same_look, truth),
        "is that of the mean training solid": lambda: overlap(mean.astype(np.uint8), truth),
    }
    return {name: float(of().mean()) for name, of in measured.items()}


if __name__ == "__main__":
    typer.run(main)
