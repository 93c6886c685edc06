"""Renders sample grids: by default fakes beside real samples."""

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
    """The input of a renderer; samples are encoded.

    `fake` [n, *shape] were drawn with `draws` under `condition`: that of the real samples, or one that fills a grid of
    `columns`. `real` are real samples with their own conditions, in the view of the last stage. `field` maps stored
    samples to the discriminator's score, if it scores samples without conditions.
    """

    domain: Domain
    fake: Tensor
    condition: Tensor | None
    real: Batch
    draws: Draws
    columns: int | None = None
    field: Field | None = None


Renderer = Callable[[RenderInput], Image.Image]


def plain(inputs: RenderInput) -> Image.Image:
    """Fakes and real samples, rendered by their domain."""
    fake, real = inputs.domain.decode(inputs.fake), inputs.domain.decode(inputs.real.real)
    return inputs.domain.render(fake, real, inputs.field, inputs.columns)
