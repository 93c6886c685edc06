"""A data set: stored samples, their domain, and optional labels and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import numpy as np

from ganwright.core.discovery import names
from ganwright.core.domain import Domain
from ganwright.core.errors import UserError

Wanted = TypeVar("Wanted", bound=Domain)


@dataclass(frozen=True)
class Data:
    """The return value of a loader.

    `samples` is an array or memory map [N, *stored_shape] in the domain's stored form (pictures uint8 [N, H, W, C],
    points float32 [N, D]); `labels` is int64 [N] with values below `len(classes)`; `notes` are sentences about the
    data for `ganwright data`.

    `conditions` are stored samples of `condition_domain`. If `paired`, row i belongs to sample i; otherwise they are
    an independent set of any length.
    """

    name: str
    domain: Domain
    samples: np.ndarray[Any, Any]
    labels: np.ndarray[Any, Any] | None = None
    classes: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())
    conditions: np.ndarray[Any, Any] | None = None
    condition_domain: Domain | None = None
    paired: bool = True

    def __len__(self) -> int:
        return len(self.samples)

    def require(self, wanted: type[Wanted] | Wanted, who: str = "This recipe", hint: str | None = None) -> Wanted:
        """The domain, which must be of the class `wanted`, or equal to it.

        Otherwise raises UserError: `who` is for such samples, and `hint` says what to do (default: the recipe to try).
        """
        if isinstance(wanted, type):
            fits, what = isinstance(self.domain, wanted), wanted.noun
        else:
            fits, what = self.domain == wanted, wanted.describe()
        if fits:
            return cast(Wanted, self.domain)
        if hint is None and self.domain.default_recipe in names("recipes"):
            hint = f"try the recipe {self.domain.default_recipe}"
        end = f"; {hint}." if hint else "."
        raise UserError(f"{who} is for {what}, but {self.name} has {self.domain.describe()}{end}")

    @property
    def default_recipe(self) -> str:
        """The recipe with the data set's name, or the domain's default, which also depends on conditions.

        Raises UserError if there is neither.
        """
        known, domain = names("recipes"), self.domain
        conditional = domain.paired_recipe if self.paired else domain.unpaired_recipe
        recipe = self.name if self.name in known else domain.default_recipe if self.conditions is None else conditional
        if recipe not in known:
            what = f"{self.name} has {domain.describe()}"
            if self.condition_domain is not None:
                what += f" with {self.condition_domain.describe()} as conditions"
            raise UserError(
                f"{what}, and there is no recipe for such data yet: give a file of your own "
                "(ganwright train ./FILE.py; see docs/your-own-recipe.md)."
            )
        return recipe

    @property
    def class_counts(self) -> list[int]:
        """The number of samples per class; empty without labels."""
        if self.labels is None or not self.classes:
            return []
        counts: list[int] = np.bincount(self.labels, minlength=len(self.classes)).tolist()
        return counts
