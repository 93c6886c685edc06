"""128 features of grey pictures of 28x28, from a small network that tells digits and clothing apart; not Inception.

Trained on MNIST and Fashion-MNIST together (20 classes); other pictures are brought to grey and 28x28 first. Distances
in them are Fréchet distances `fd_grey28`, never to be called FID.
"""

from __future__ import annotations

from ganwright.features import _networks
from ganwright.features._classified import Classified


def load() -> Classified:
    """The network with the package's weights; classes 0 to 9 are digits, 10 to 19 clothing.

    A UserError when the weights are damaged.
    """
    return Classified.load("grey28", _networks.grey28)
