"""128 features of grey pictures of 28x28, from a small classifier of digits and clothing; not Inception.

Trained on MNIST and Fashion-MNIST together (20 classes); other pictures are converted to grey 28x28 first. A Fréchet
distance in these features is `fd_grey28`, not FID.
"""

from __future__ import annotations

from ganwright.features import _networks
from ganwright.features._classified import Classified


def load() -> Classified:
    """Loads the packaged weights; classes 0 to 9 are digits, 10 to 19 clothing.

    Raises UserError if the weights are damaged.
    """
    return Classified.load("grey28", _networks.grey28)
