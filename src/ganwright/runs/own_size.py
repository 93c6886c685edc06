"""Samples under a user's own pictures: one picture out for each picture in, at its own size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from ganwright.core.domain import Domain, SavedSamples, Stored
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.recipe import Recipe
from ganwright.core.system import expanded
from ganwright.domains import _picture_file
from ganwright.domains._picture_file import ON_BACKGROUND
from ganwright.domains._pictures import Fit, is_picture
from ganwright.runs import finite


class Sampled(Protocol):
    """What is taken of a run (`runs/run.py:Run`)."""

    path: Path

    @property
    def recipe(self) -> Recipe: ...

    @property
    def settings(self) -> Mapping[str, Any]: ...

    def draws_of_row(self, row: int, seed: int) -> Draws: ...


@dataclass(frozen=True)
class Made:
    """Samples [n, height, width, channels] under the picture `source`, and phrases for how they were made."""

    source: Path
    samples: Stored
    changes: tuple[str, ...]


def pictures(recipe: Recipe, condition: str | None) -> tuple[list[Path], str]:
    """The pictures that a condition names, if the recipe makes samples of any size, and what its folder holds else."""
    if condition is None or recipe.any_size is None:
        return [], ""
    path = expanded(condition)
    if path.is_dir():
        return _picture_file.in_folder(path)
    return [path] if is_picture(path.name) and path.is_file() else [], ""


def made(run: Sampled, sources: Sequence[Path], n: int, seed: int) -> Iterator[Made]:
    """`n` samples under each picture, with the draws of the rows that all of them would have in one array."""
    for place, source in enumerate(sources):
        yield under(run, source, [run.draws_of_row(place * n + row, seed) for row in range(n)])


def under(run: Sampled, source: Path, draws: Sequence[Draws]) -> Made:
    """A sample under one picture for each of some draws."""
    recipe, changes, background = run.recipe, dict[str, None](), run.settings["data"]["options"].get("background")

    def files(path: str, domain: Domain, **options: Any) -> SavedSamples:
        """The picture at its own size, in the colour of the conditions."""
        ground = options.get("background") or background or Fit.background
        picture = _picture_file.flat(Path(path), domain.stored_shape[-1], ground)
        marked = ON_BACKGROUND.format(ground) if "background" in options else ""  # transparency is a mask then
        changes.update(dict.fromkeys(change for change in picture.changes if change != marked))
        return SavedSamples(picture.pixels[None])

    assert recipe.any_size is not None
    condition = recipe.condition.parse(str(source), files).encoded.to(draws[0].device, draws[0].dtype)
    encoded = torch.cat([recipe.any_size(condition, row) for row in draws])
    finite.refuse(finite.count(encoded), len(draws), f"samples under {source}", run.path)
    made_otherwise = recipe.any_size.changes(*condition.shape[2:])
    return Made(source, recipe.data.domain.decode(encoded), (*changes, *made_otherwise))


def of_one_size(parts: Sequence[Made], what: str) -> Stored:
    """All samples as one array; a UserError if their sizes differ."""
    shapes = {part.samples.shape[1:3]: part.source for part in parts}
    if len(shapes) > 1:
        (one, first), (other, second) = list(shapes.items())[:2]
        sizes = f"{first.name} ({one[0]}x{one[1]}) and {second.name} ({other[0]}x{other[1]})"
        raise UserError(f"{what} needs pictures of one size, and these differ: {sizes}; --out a folder takes them all.")
    return np.concatenate([part.samples for part in parts])
