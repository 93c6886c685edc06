"""192 features of colour pictures of 32x32, from a small network that knows CIFAR-10's ten classes; not Inception.

Other pictures are brought to three channels and 32x32 first. Distances in them are Fréchet distances `fd_natural32`,
never to be called FID.
"""

from __future__ import annotations

from ganwright.features import _networks
from ganwright.features._classified import Classified


def load() -> Classified:
    """The network with the package's weights; its classes are CIFAR-10's, in their order.

    A UserError when the weights are damaged.
    """
    return Classified.load("natural32", _networks.natural32)
