"""Mirror images as further real pictures, and whether they would be: the set itself is asked."""

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

ASKED = 512  # pictures
SIDE = 16  # pixels: larger pictures are shrunk to it
HARMLESS = 0.01  # of the mean distance: digits and clothing have 0.02 and more, photographs 0.002 and less
ERRORS = 2  # standard errors that are added for safety


def mirrored(batch: Batch, draws: Draws) -> Batch:
    """Each real picture as it is or as its mirror image, by the toss of a coin."""
    coin = draws.at("mirror").sized(len(batch)).bernoulli(0.5, 1, 1, 1)
    return replace(batch, real=torch.where(coin, batch.real.flip(3), batch.real))


def harmless(data: Data) -> bool:
    """Whether the mirror images of a set of pictures could be the set's own, as far as at most 512 of them tell.

    Where there are classes, a mirror image must be one of its own class. Too few pictures to be sure count as no.
    """
    if len(data) < 2:
        return False
    rows = np.sort(some(len(data), ASKED, "mirror"))
    pictures = data.domain.encode(torch.from_numpy(np.asarray(data.samples[rows])).double())
    labels = torch.zeros(len(rows)) if data.labels is None else torch.from_numpy(np.asarray(data.labels)[rows])
    distance, error = asymmetry(pictures, labels)
    return distance + ERRORS * error < HARMLESS


def asymmetry(pictures: Tensor, labels: Tensor) -> tuple[float, float]:
    """How far pictures [n, channels, height, width] lie from their mirror images, and its standard error.

    The energy distance of the set and its mirror image (Szekely & Rizzo 2013) over the mean distance of two pictures:
    E |x - m y| - E |x - y|, over pairs of different pictures with the same label, divided by E |x - y|. Were the set
    its own mirror image, each picture might as well be mirrored; the error is the deviation over all such choices.
    """
    height, width = (min(side, SIDE) for side in pictures.shape[2:])
    small = adaptive_avg_pool2d(pictures, (height, width))
    flat, turned = small.flatten(1), small.flip(3).flatten(1)
    pairs = (labels[:, None] == labels[None, :]).fill_diagonal_(False)
    apart = torch.cdist(flat, flat)
    further = (torch.cdist(flat, turned) - apart) * pairs  # mirroring one of a pair changes the sign
    whole = (apart * pairs).sum().item()
    if whole == 0:
        return 0.0, math.inf
    return further.sum().item() / whole, math.sqrt(2 * further.square().sum().item()) / whole
