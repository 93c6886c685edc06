"""One forward pass of a generator and a discriminator, from which all losses of a turn are computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.errors import UserError


class Outputs(dict[str, Tensor]):
    """A discriminator's outputs by name; a UserError for a name that it lacks.

    "score" is [n] or [n, ...] (patches). Auxiliary losses use "classes", logits [n, classes], and "features",
    [n, features], of discriminators that have them.
    """

    @classmethod
    def of(cls, returned: Any) -> Outputs:
        """What a discriminator's network returned: its score, or a dict of named tensors; a UserError for others."""
        outputs = cls(returned if isinstance(returned, Mapping) else {"score": returned})
        for value in outputs.values():
            if not isinstance(value, Tensor):
                raise UserError(
                    f"The discriminator returned a {type(value).__name__}: return scores, or a dict of tensors with "
                    "'score' among them."
                )
        return outputs

    def __missing__(self, name: str) -> Tensor:
        others = ", ".join(map(repr, self)) or "none"
        raise UserError(
            f"A loss needs the discriminator's output {name!r}, but its outputs are: {others}. Return a dict with "
            f"{name!r} from the discriminator, or choose another loss."
        )


@dataclass(frozen=True)
class ForwardPass:
    """A batch, the fakes made for it, and the discriminator's outputs for both.

    Fakes have the shape of the real samples, and may be more or fewer. `discriminate` is another pass of the
    discriminator over given samples, with other noise, dropout and augmentation.
    """

    batch: Batch
    fake: Tensor
    real_output: Outputs
    fake_output: Outputs
    discriminate: Callable[[Tensor], Outputs]

    @property
    def real(self) -> Tensor:
        """The real samples."""
        return self.batch.real

    @property
    def scores(self) -> tuple[Tensor, Tensor]:
        """The scores of the real samples and of the fakes, flattened."""
        return self.real_output["score"], self.fake_output["score"]

    @property
    def condition(self) -> Tensor:
        """The batch's condition; a UserError if there is none."""
        return self.batch.given_condition
