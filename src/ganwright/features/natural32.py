"""192 features of colour pictures of 32x32, from a small classifier of CIFAR-10's ten classes; not Inception.

Other pictures are converted to three channels and 32x32 first. A Fréchet distance in these features is `fd_natural32`,
not FID.
"""

from __future__ import annotations

from ganwright.features import _networks
from ganwright.features._classified import Classified


def load() -> Classified:
    """Loads the packaged weights; the classes are CIFAR-10's, in their order.

    Raises UserError if the weights are damaged.
    """
    return Classified.load("natural32", _networks.natural32)
