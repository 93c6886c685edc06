"""Judges pairs of pictures, each a sample and the real picture it should equal: super-resolution, translation."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganwright.core import changes
from ganwright.core.discovery import load_module, names
from ganwright.core.domain import Stored
from ganwright.core.errors import UserError
from ganwright.core.features import Features
from ganwright.core.metric import BORDER, Compared, Metric, Samples
from ganwright.domains._picture_file import flat, in_folder
from ganwright.judging.card import Card, Estimate, Score

TILE = 32  # side, in pixels, of the tiles whose features are compared
ROLE = re.compile(r"[_.-](hr|lr|sr|real|fake|x\d+)$", re.IGNORECASE)  # suffixes that a pair's names may differ in


@dataclass(frozen=True)
class Pair:
    """A sample and the real picture it should equal, each uint8 [height, width, channels]."""

    name: str
    fake: Stored
    real: Stored


def find_pairs(fakes: Path, reals: Path) -> tuple[list[Pair], list[str]]:
    """Matches the pictures of two folders by name; raises a UserError for the first picture without a partner.

    Also returns notes about what was converted in order to compare them, and what else the folders hold.
    """
    (one, *notes), (other, *more) = by_name(fakes), by_name(reals)
    for pictures, partners, where in ((one, other, reals), (other, one, fakes)):
        unmatched = sorted(pictures.keys() - partners.keys())
        if unmatched:
            raise UserError(f"{pictures[unmatched[0]]} has no partner with that name in {where}.")
    changed: list[tuple[str, ...]] = []
    pairs = []
    for name in sorted(one):
        fake, real = flat(one[name]), flat(other[name])
        colours = {picture.pixels.shape[2] for picture in (fake, real)}
        if len(colours) > 1:
            fake, real = flat(one[name], 3), flat(other[name], 3)
        changed += [fake.changes, real.changes]
        pairs.append(Pair(name, fake.pixels, real.pixels))
    return pairs, [*notes, *more, *changes.counted(changed, f"{len(changed):,} pictures")]


def by_name(folder: Path) -> tuple[dict[str, Path], *tuple[str, ...]]:
    """Returns the pictures in a folder by the name that a pair shares, and a note about what else it holds."""
    if not folder.is_dir():
        raise UserError(f"Pairs are pictures in two folders, but {folder} is not a folder.")
    paths, ignored = in_folder(folder)
    if not paths:
        raise UserError(f"There are no pictures in {folder}.")
    named: dict[str, Path] = {}
    for path in paths:
        name = ROLE.sub("", path.stem)
        if name in named:
            raise UserError(
                f"{path.name} and {named[name].name} in {folder} are both called {name}: use one folder for each kind."
            )
        named[name] = path
    return (named, ignored) if ignored else (named,)


def judge_pairs(
    pairs: Sequence[Pair],
    requested: Sequence[str],
    features: Features,
    protocol: Mapping[str, Any],
    border: int = BORDER,
) -> Card:
    """Measures the `requested` metrics, by default all for pairs: mean over the pairs and standard error.

    `border` is what PSNR and SSIM leave out at each side, in pixels.
    """
    metrics = [
        metric
        for name in requested or names("metrics")
        if "pairs" in (metric := load_module("metrics", name).METRIC).needs
    ]
    if not metrics:
        raise UserError(f"--metric {requested[0]} does not measure pairs.")
    values = [value for metric in metrics for value in _values(metric, pairs, features, border)]
    complete = {
        **protocol,
        "pairs": len(pairs),
        "uncertainty": "standard error over the pairs",
        "border left out": f"{border} pixels, for PSNR and SSIM (--border: the scale)",
        "Y": "luma of ITU-R BT.601, 16 to 235",
        "features": {
            "name": features.name,
            "parts": f"{TILE}x{TILE} pixels from the upper left, the rest left out",
            **features.protocol,
        },
    }
    return Card(str(protocol["samples"]), tuple(values), complete)


def _values(metric: Metric, pairs: Sequence[Pair], features: Features, border: int) -> Iterator[Score]:
    measured = [metric.measure(_compared(metric, pair, features, border)) for pair in pairs]
    for name, better in metric.values.items():
        estimate = Estimate.of([one[name] for one in measured])
        error = None if estimate.deviation is None else estimate.deviation / len(pairs) ** 0.5
        yield Score(name.replace(" ", "_"), better, Estimate(estimate.value, error, len(pairs)))


def _compared(metric: Metric, pair: Pair, features: Features, border: int) -> Compared:
    """Returns a pair in the metric's view."""
    if pair.fake.shape != pair.real.shape:
        sizes = " and ".join("x".join(map(str, shape)) for shape in (pair.fake.shape, pair.real.shape))
        raise UserError(f"The two pictures {pair.name} have different sizes: {sizes}.")
    if metric.view == "features":
        fake, real = (Samples(features(tiles(picture))) for picture in (pair.fake, pair.real))
        return Compared(fake, real)
    return Compared(Samples(pair.fake[None]), Samples(pair.real[None]), border=border)


def tiles(picture: Stored) -> Stored:
    """Returns adjacent tiles [n, TILE, TILE, channels] from the upper left; the rest at the edges is cropped."""
    height, width = (side // TILE * TILE for side in picture.shape[:2])
    if not height or not width:
        return picture[None]
    rows = picture[:height, :width].reshape(height // TILE, TILE, width // TILE, TILE, -1)
    return rows.swapaxes(1, 2).reshape(-1, TILE, TILE, picture.shape[2])
