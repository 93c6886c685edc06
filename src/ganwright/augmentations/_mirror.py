"""Mirror images as additional real pictures, and a test of the data for mirror symmetry."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import adaptive_avg_pool2d

from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.order import some

MAX_PICTURES = 512  # used for the test
SIDE = 16  # pixels: larger pictures are downscaled
MAX_ASYMMETRY = 0.01  # digits and clothing have 0.02 and more, photographs 0.002 and less
ERRORS = 2  # standard errors added as a margin


def mirrored(batch: Batch, draws: Draws) -> Batch:
    """Each real picture, mirrored with probability 1/2."""
    coin = draws.at("mirror").sized(len(batch)).bernoulli(0.5, 1, 1, 1)
    return replace(batch, real=torch.where(coin, batch.real.flip(3), batch.real))


def harmless(data: Data) -> bool:
    """Whether mirror images follow the distribution of the data, judged by at most 512 pictures.

    With labels, a mirror image must follow the distribution of its class. False for too few pictures to decide.
    """
    if len(data) < 2:
        return False
    rows = np.sort(some(len(data), MAX_PICTURES, "mirror"))
    pictures = data.domain.encode(torch.from_numpy(np.asarray(data.samples[rows])).double())
    labels = torch.zeros(len(rows)) if data.labels is None else torch.from_numpy(np.asarray(data.labels)[rows])
    distance, error = asymmetry(pictures, labels)
    return distance + ERRORS * error < MAX_ASYMMETRY


def asymmetry(pictures: Tensor, labels: Tensor) -> tuple[float, float]:
    """The distance of pictures [n, channels, height, width] from their mirror images, and its standard error.

    It is the energy distance of the set and its mirror image (Szekely & Rizzo 2013) over the mean distance of two
    pictures: E |x - m y| - E |x - y|, over pairs of different pictures with the same label, divided by E |x - y|. If
    the distribution is symmetric, any picture can be mirrored; the error is the deviation over all such choices.
    """
    height, width = (min(side, SIDE) for side in pictures.shape[2:])
    small = adaptive_avg_pool2d(pictures, (height, width))
    flat, mirror = small.flatten(1), small.flip(3).flatten(1)
    pairs = (labels[:, None] == labels[None, :]).fill_diagonal_(False)
    distances = torch.cdist(flat, flat)
    differences = (torch.cdist(flat, mirror) - distances) * pairs  # mirroring one of a pair changes the sign
    total = (distances * pairs).sum().item()
    if total == 0:
        return 0.0, math.inf
    return differences.sum().item() / total, math.sqrt(2 * differences.square().sum().item()) / total
