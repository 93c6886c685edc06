"""Dropout whose mask comes from the turn's own draws, so that a run does not depend on torch's global generator."""

from __future__ import annotations

from torch import Tensor, nn
from torch.nn.functional import dropout

from ganwright.core import draws


class Dropout(nn.Module):
    """Srivastava et al. 2014: zeroes a share `p` of the inputs in training and scales the others by 1 / (1 - p).

    Outside of a turn (`core.draws.supplied` is None) it draws as `nn.Dropout` does.
    """

    def __init__(self, p: float = 0.5) -> None:
        super().__init__()
        self.p = p

    def forward(self, samples: Tensor) -> Tensor:
        supplied = draws.supplied() if self.training else None
        if supplied is None:
            return dropout(samples, self.p, self.training)
        channels, *places = samples.shape[1:]
        kept = supplied.sized(len(samples)).kept(1 - self.p, *places, channels)  # in the order of channels-last memory
        return samples * kept.to(samples.dtype).div_(1 - self.p).movedim(-1, 1)

    def extra_repr(self) -> str:
        return f"p={self.p}"
