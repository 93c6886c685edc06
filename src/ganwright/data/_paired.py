"""Loads pairs of pictures: the halves of each, or pictures of the same name in two folders; and unpaired sets."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
from PIL import Image, ImageOps

from ganwright.core.choices import Part
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.files import Entry
from ganwright.data._layout import PART, chosen_part, components, layout, part_of, parts_note, refuse_twice
from ganwright.data._notes import left_out, listed, printable
from ganwright.data._prepare import Prepared, prepared
from ganwright.data._sources import PictureSource, Tree
from ganwright.domains._pictures import Fit
from ganwright.domains.images import Images

Pairs = Literal["none", "left-right", "right-left", "folders"]

PART_AND_SIDE = re.compile(rf"({PART})[ _-]?([A-Za-z0-9])", re.IGNORECASE)  # trainA, val_B, ...


class Side(NamedTuple):
    """One side of all pairs: the pictures, their cache key, and their name in messages."""

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

    def open(self, index: int) -> Image.Image:
        with self.whole.open(index) as image:
            upright = ImageOps.exif_transpose(image)
            if upright.width % 2:
                raise ValueError(f"{upright.width} pixels wide, an odd number")
            half = upright.width // 2
            return upright.crop((half * self.right, 0, half * (1 + self.right), upright.height))


def halves(tree: Tree, fit: Fit, part: Part, pairs: Pairs) -> Data:
    """Pairs of the left and right halves of pictures, one of which is the condition of the other."""
    plan = layout([entry[0] for entry in tree.entries], part, tree.where, "none")
    chosen = [tree.entries[index] for index in plan.chosen]
    whole = tree.source([entry[0] for entry in chosen])

    def side(right: bool) -> Side:
        half = "right" if right else "left"
        return Side(Half(whole, right), [tree.root, chosen, half], f"{tree.where}, the {half} halves")

    condition, real = side(pairs == "right-left"), side(pairs == "left-right")
    return _joined(tree.name, condition, real, fit, plan.notes)


def folders(tree: Tree, fit: Fit, part: Part) -> Data:
    """Pairs of pictures of the same name in two folders; those in the first folder by name are the conditions.

    Raises UserError, which names the pictures without a partner, or two with the same name but for its ending.
    """
    parts, paths = _parted(tree)
    chosen, notes = chosen_part({one for one in parts if one}, part, tree.where)
    if chosen is not None:
        outside = [entry[0] for entry, one in zip(tree.entries, parts, strict=True) if one is None]
        notes = (parts_note(Counter(parts), chosen), *notes, *left_out({"outside the parts": outside}))
    sides: dict[str, dict[str, Entry]] = {}
    for index, path in below_common([(index, paths[index]) for index, one in enumerate(parts) if one == chosen]):
        of_side = sides.setdefault(path[0] if len(path) > 1 else "no folder", {})
        key = "/".join(path[1:]).rpartition(".")[0]
        if key in of_side:
            raise UserError(
                f"{printable(tree.where)} has two pictures of one name, {listed([of_side[key][0]])} and "
                f"{listed([tree.entries[index][0]])}: pairs are found by names without their endings, so keep one."
            )
        of_side[key] = tree.entries[index]
    if len(sides) != 2:
        names = listed(sorted(sides))
        raise UserError(f"Pairs need two folders such as A and B, and {printable(tree.where)} has {names}.")
    first, second = (sides[side] for side in sorted(sides))
    unmatched = [a[key][0] for a, b in ((first, second), (second, first)) for key in sorted(a.keys() - b)]
    if unmatched:
        raise UserError(f"No partner of the same name in {printable(tree.where)} for {listed(unmatched)}.")

    def side(by_key: dict[str, Entry]) -> Side:
        entries = [by_key[key] for key in sorted(by_key)]
        return Side(tree.source([entry[0] for entry in entries]), [tree.root, entries], tree.where)

    return _joined(tree.name, side(first), side(second), fit, notes)


def _parted(tree: Tree) -> tuple[list[Part | None], list[list[str]]]:
    """The part of each picture, and the components of its path without it; no parts unless there are two.

    Raises UserError if a part has two folders with different names, such as val and validation.
    """
    names = [entry[0] for entry in tree.entries]
    parts, paths = zip(*map(_part, names), strict=True)
    if len({*parts} - {None}) < 2:
        return [None] * len(names), [[*components(name)] for name in names]
    refuse_twice((word for name in names for word in components(name)[:-1]), tree.where)
    return [*parts], [*paths]


def _part(path: str) -> tuple[Part | None, list[str]]:
    """The part and the components of the path without it: of train/A, A/train, and trainA."""
    *above, file = components(path)
    words: list[str] = []
    for folder in above:
        both = PART_AND_SIDE.fullmatch(folder)
        words += both.groups() if both and not part_of(folder) else [folder]
    word = next((word for word in words if part_of(word)), None)
    return None if word is None else part_of(word), [*(one for one in words if one != word), file]


def below_common(paths: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The paths without the leading folders that all of them share."""
    while paths and all(len(path) > 1 and path[0] == paths[0][1][0] for _, path in paths):
        paths = [(index, path[1:]) for index, path in paths]
    return paths


def _joined(name: str, condition: Side, real: Side, fit: Fit, notes: tuple[str, ...]) -> Data:
    """Both sides prepared at one size; a picture that is unusable on one side is left out of both."""
    reals = _prepared(real, fit)
    height, width = reals.samples.shape[1:3]
    conditions = _prepared(condition, replace(fit, size=f"{height}x{width}"))
    left_out = {*reals.left_out, *conditions.left_out}
    usable = [index for index in range(len(real.source.names)) if index not in left_out]
    samples, inputs = (_rows(side, usable) for side in (reals, conditions))
    unique_notes = dict.fromkeys((*notes, *reals.notes, *conditions.notes))
    domains = Images(*samples.shape[1:]), Images(*inputs.shape[1:])
    return Data(name, domains[0], samples, None, (), tuple(unique_notes), inputs, domains[1])


def _prepared(side: Side, fit: Fit) -> Prepared:
    return prepared(side.source, fit, None, side.key, side.where)


def _rows(side: Prepared, indices: Sequence[int]) -> np.ndarray:
    """The pictures at these indices of the source; the memory map itself if that is all of them."""
    total = len(side.samples) + len(side.left_out)
    available = np.delete(np.arange(total), list(side.left_out))
    selected = np.isin(available, indices)
    return side.samples if selected.all() else side.samples[selected]


def unpaired(data: Data, other: Data) -> Data:
    """The pictures of `other` as samples and those of `data` as their conditions, without pairing.

    Raises UserError if either holds other samples than pictures, or their sizes differ.
    """
    first, second = (one.require(Images, "--other", "choose other data") for one in (data, other))
    if (first.height, first.width) != (second.height, second.width):
        sizes = f"{data.name} has {data.domain.describe()}, {other.name} has {other.domain.describe()}"
        raise UserError(f"Both data sets must have one size, and {sizes}: set --size.")
    return replace(
        other,
        name=f"{data.name}-to-{other.name}",
        notes=(*data.notes, *other.notes),
        conditions=data.samples,
        condition_domain=data.domain,
        paired=False,
    )
