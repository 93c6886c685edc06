"""How a sheet is drawn: the fakes beside the real samples, or whatever a recipe has to show of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image
from torch import Tensor

from ganwright.core.batch import Batch
from ganwright.core.domain import Domain, Field
from ganwright.core.draws import Draws


@dataclass(frozen=True)
class RenderInput:
    """What there is to show, encoded.

    `fake` [n, *shape] were drawn with `draws` under `condition`: that of the real samples, or one that lays them out
    in so many `columns`. `real` are real samples with their own conditions, as the last stage shows them. `field` maps
    stored samples to the discriminator's opinion, where it has one of samples alone.
    """

    domain: Domain
    fake: Tensor
    condition: Tensor | None
    real: Batch
    draws: Draws
    columns: int | None = None
    field: Field | None = None


Renderer = Callable[[RenderInput], Image.Image]


def plain(shown: RenderInput) -> Image.Image:
    """Fakes and real samples, as their domain shows them."""
    fake, real = shown.domain.decode(shown.fake), shown.domain.decode(shown.real.real)
    return shown.domain.render(fake, real, shown.field, shown.columns)
