"""A data set: stored samples, their domain, and optional labels and conditions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

import numpy as np
import torch
from torch import Tensor

from ganwright.core import user_code
from ganwright.core.discovery import names
from ganwright.core.domain import Domain
from ganwright.core.errors import UserError

CHECKED = 64  # samples whose encoding is checked
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

    def check(self) -> None:
        """Raises UserError if samples, conditions or labels don't fit their domains, or a domain cannot encode them."""
        _check(self.name, "samples", self.domain, self.samples)
        if self.conditions is not None or self.condition_domain is not None:
            _check(self.name, "conditions", self.condition_domain, self.conditions)
        labels = self.labels
        if labels is not None and (labels.shape != (len(self),) or not self.classes):
            raise UserError(
                f"{self.name} has {len(self):,} samples, labels {list(labels.shape)} and {len(self.classes)} classes: "
                "labels are numbers of classes, one for each sample."
            )

    @property
    def class_counts(self) -> list[int]:
        """The number of samples per class; empty without labels."""
        if self.labels is None or not self.classes:
            return []
        counts: list[int] = np.bincount(self.labels, minlength=len(self.classes)).tolist()
        return counts


def _check(name: str, what: str, domain: Any, stored: Any) -> None:
    """Checks stored samples of a domain, and the encoding of some of them."""
    if not isinstance(domain, Domain):
        given = domain.__name__ if isinstance(domain, type) else type(domain).__name__
        raise UserError(f"The domain of the {what} of {name} should be an object of a subclass of Domain, not {given}.")
    shape, kind = getattr(stored, "shape", None), getattr(getattr(stored, "dtype", None), "kind", "")
    if shape is None or kind not in "biuf" or not kind or tuple(shape[1:]) != tuple(domain.stored_shape):
        found = type(stored).__name__ if shape is None else f"{stored.dtype} {list(shape)}"
        expected = ", ".join(map(str, ("n", *domain.stored_shape)))
        raise UserError(
            f"The {what} of {name} should be an array of numbers [{expected}], {domain.describe()}, not {found}."
        )
    if not len(stored):
        raise UserError(f"{name} has no {what}.")
    rows = np.unique(np.linspace(0, len(stored) - 1, CHECKED).astype(int))
    some = np.array(stored[rows])
    with user_code.running(f"The domain of the {what} of {name}: encoding and decoding samples"):
        encoded: Any = domain.encode(torch.from_numpy(some))
        decoded: Any = domain.decode(encoded) if isinstance(encoded, Tensor) else None
    problem = _encoding_problem(domain, some, encoded, decoded)
    if problem:
        raise UserError(f"The domain of the {what} of {name}, {domain.describe()}, {problem}.")


def _encoding_problem(domain: Domain, stored: np.ndarray, encoded: Any, decoded: Any) -> str:
    """What is wrong with the domain's encoding of stored samples; an empty string if nothing is."""
    shape, back = (len(stored), *domain.shape), (len(stored), *domain.stored_shape)
    if not isinstance(encoded, Tensor) or not encoded.is_floating_point() or tuple(encoded.shape) != shape:
        found = f"{encoded.dtype} {list(encoded.shape)}" if isinstance(encoded, Tensor) else type(encoded).__name__
        return f"should encode {len(stored)} samples as a tensor of floats {list(shape)}, not {found}"
    if not encoded.isfinite().all():
        return "encodes samples as values that are not finite: check the samples for NaN and infinity"
    if not isinstance(decoded, np.ndarray) or decoded.shape != back:
        found = str(list(decoded.shape)) if isinstance(decoded, np.ndarray) else type(decoded).__name__
        return f"should decode {len(stored)} samples as an array {list(back)}, not {found}"
    return ""
