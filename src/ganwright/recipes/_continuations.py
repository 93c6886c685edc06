"""A renderer for forecasts of series: the domain's picture, and below it fans of continuations of given steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image

from ganwright.core.game import Game
from ganwright.core.rendering import RenderInput, plain

SERIES, DRAWS = 4, 50  # series that are continued, and continuations of each


@dataclass(frozen=True)
class Continuations:
    """A renderer for `DisplayConfig` of a run whose conditions are the first steps of real series."""

    game: Game

    def __call__(self, inputs: RenderInput) -> Image.Image:
        overview, conditions, domain = plain(inputs), inputs.real.condition, inputs.domain
        assert conditions is not None  # one for each real series
        rows = np.unique(np.linspace(0, len(conditions) - 1, min(len(conditions), SERIES)).astype(int))
        draws = inputs.draws.at("continuations").sized(len(rows) * DRAWS)
        fake = self.game.sample(draws, conditions[rows].repeat_interleave(DRAWS, 0))
        drawn = domain.decode(fake).reshape(len(rows), DRAWS, *domain.stored_shape)
        return below(overview, domain.render_forecasts(domain.decode(inputs.real.real[rows]), drawn))


def below(first: Image.Image, second: Image.Image) -> Image.Image:
    """Both pictures, the second below the first, on white."""
    both = Image.new("RGB", (max(first.width, second.width), first.height + second.height), "white")
    both.paste(first, (0, 0))
    both.paste(second, (0, first.height))
    return both
