"""Pairs of pictures: the two halves of each, or two folders whose pictures share their names; and two sets unpaired."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._choices import Split
from ganwright.data._layout import below_common, layout, printable
from ganwright.data._pictures import Fit
from ganwright.data._prepare import NAMED, Prepared, prepared
from ganwright.data._sources import Entry, PictureSource, Tree
from ganwright.domains.images import Images

Pairs = Literal["none", "left-right", "right-left", "folders"]

PART_AND_SIDE = re.compile(r"(train|test)[ _-]?(\w)", re.IGNORECASE)  # trainA, testB, ...


class Side(NamedTuple):
    """Half of the pairs: their pictures, what they are called in messages, and what they depend on."""

    source: PictureSource
    key: object
    where: str


@dataclass(frozen=True)
class Half:
    """The left or the right halves of pictures."""

    whole: PictureSource
    right: bool

    @property
    def names(self) -> Sequence[str]:
        return self.whole.names

    def open(self, place: int) -> Image.Image:
        with self.whole.open(place) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.width % 2:
                raise ValueError(f"{upright.width} pixels wide, which makes no two halves")
            half = upright.width // 2
            return upright.crop((half * self.right, 0, half * (1 + self.right), upright.height))


def halves(tree: Tree, fit: Fit, split: Split, pairs: Pairs) -> Data:
    """Pictures whose one half is the condition of the other."""
    plan = layout([entry[0] for entry in tree.entries], split, tree.where)
    chosen = [tree.entries[place] for place in plan.chosen]
    whole = tree.source([entry[0] for entry in chosen])

    def side(right: bool) -> Side:
        half = "right" if right else "left"
        return Side(Half(whole, right), [tree.root, chosen, half], f"{tree.where}, the {half} halves")

    condition, real = side(pairs == "right-left"), side(pairs == "left-right")
    return _joined(tree.name, condition, real, fit, plan.notes)


def folders(tree: Tree, fit: Fit, split: Split) -> Data:
    """Pictures in the first of two folders, by the order of their names, as the conditions of those in the second.

    A UserError names pictures without a partner of their name.
    """
    parts, paths = zip(*(_part(entry[0]) for entry in tree.entries), strict=True)
    chosen, notes = list(range(len(tree.entries))), tuple[str, ...]()
    if {"train", "test"} <= {*parts}:
        chosen = [place for place in chosen if parts[place] == split]
        notes = (f"The {split} part: {len(chosen):,} of {len(tree.entries):,} pictures.",)
    elif split == "test":
        raise UserError(f"{tree.where} has no test part: it would have the folders train and test.")
    sides: dict[str, dict[str, Entry]] = {}
    for place, path in below_common([(place, paths[place]) for place in chosen]):
        key = "/".join(path[1:]).rpartition(".")[0]
        sides.setdefault(path[0] if len(path) > 1 else "no folder", {})[key] = tree.entries[place]
    if len(sides) != 2:
        found = ", ".join(sorted(sides)[:NAMED])
        raise UserError(printable(f"Pairs lie in two folders such as A and B, and {tree.where} has {found}."))
    one, other = (sides[side] for side in sorted(sides))
    lonely = [mine[key][0] for mine, theirs in ((one, other), (other, one)) for key in sorted(mine.keys() - theirs)]
    if lonely:
        more = f" and {len(lonely) - NAMED:,} more" if len(lonely) > NAMED else ""
        raise UserError(
            printable(f"No partner of the same name in {tree.where} for {', '.join(lonely[:NAMED])}{more}.")
        )

    def side(found: dict[str, Entry]) -> Side:
        taken = [found[key] for key in sorted(found)]
        return Side(tree.source([entry[0] for entry in taken]), [tree.root, taken], tree.where)

    return _joined(tree.name, side(one), side(other), fit, notes)


def _part(path: str) -> tuple[str | None, list[str]]:
    """train, test or None, and the path without it."""
    *above, file = path.split("/")
    words: list[str] = []
    for folder in above:
        both = PART_AND_SIDE.fullmatch(folder)
        words += both.groups() if both else [folder]
    part = next((word for word in words if word.lower() in ("train", "test")), None)
    return part and part.lower(), [*(word for word in words if word != part), file]


def _joined(name: str, condition: Side, real: Side, fit: Fit, notes: tuple[str, ...]) -> Data:
    """Both sides prepared, at one size; what one side cannot use is left out of both."""
    reals = _ready(real, fit)
    conditions = _ready(condition, replace(fit, size=reals.samples.shape[1]))
    kept = [place for place in range(len(real.source.names)) if place not in {*reals.left_out, *conditions.left_out}]
    samples, given = (_rows(ready, kept) for ready in (reals, conditions))
    said = dict.fromkeys((*notes, *reals.notes, *conditions.notes))
    shapes = Images(*samples.shape[1:]), Images(*given.shape[1:])
    return Data(name, shapes[0], samples, None, (), tuple(said), given, shapes[1])


def _ready(side: Side, fit: Fit) -> Prepared:
    return prepared(side.source, fit, None, side.key, side.where)


def _rows(ready: Prepared, kept: Sequence[int]) -> np.ndarray:
    """The pictures at these places of the source; the memory map itself where that is all of them."""
    total = len(ready.samples) + len(ready.left_out)
    rows = np.delete(np.arange(total), list(ready.left_out))
    wanted = np.isin(rows, kept)
    return ready.samples if wanted.all() else ready.samples[wanted]


def beside(data: Data, other: Data) -> Data:
    """Two sets of pictures that belong to no pairs: those of `other`, with those of `data` as conditions."""
    for one in (data, other):
        if not isinstance(one.domain, Images):
            raise UserError(f"--other goes with pictures, and {one.name} has {one.domain.describe()}.")
    if data.domain.shape[1:] != other.domain.shape[1:]:
        sizes = f"{data.name} has {data.domain.describe()}, {other.name} has {other.domain.describe()}"
        raise UserError(f"Pictures are translated at one size, and {sizes}: give a --size that both have.")
    return replace(
        other,
        name=f"{data.name}-to-{other.name}",
        notes=(*data.notes, *other.notes),
        conditions=data.samples,
        condition_domain=data.domain,
        paired=False,
    )
