"""Fashion-MNIST: 60,000 + 10,000 pictures of clothing, 28x28, grey.

H. Xiao, K. Rasul & R. Vollgraf, Fashion-MNIST: a novel image dataset for benchmarking machine learning algorithms,
2017, arXiv:1708.07747; the data are under the MIT licence.
"""

from __future__ import annotations

from ganwright.core.choices import Split
from ganwright.core.data import Data
from ganwright.data import _idx
from ganwright.data._download import RemoteFile

MIRRORS = (
    "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
)

FASHION_MNIST = _idx.IdxSet(
    name="fashion-mnist",
    folders=("fashion_mnist", "fashion-mnist"),
    files={
        "train": (
            RemoteFile("train-images-idx3-ubyte.gz", 26421880, "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d", MIRRORS),
            RemoteFile("train-labels-idx1-ubyte.gz", 29515, "md5:25c81989df183df01b3e8a0aad5dffbe", MIRRORS),
        ),
        "test": (
            RemoteFile("t10k-images-idx3-ubyte.gz", 4422102, "md5:bef4ecab320f06d8554ea6380940ec79", MIRRORS),
            RemoteFile("t10k-labels-idx1-ubyte.gz", 5148, "md5:bb300cfdad3c16e7a12a480ee83cd310", MIRRORS),
        ),
    },
    classes=(
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    ),
)


def load(split: Split = "train") -> Data:
    """Fashion-MNIST as uint8 [N, 28, 28, 1] with labels 0 to 9, from GANWRIGHT_DATA, the cache, or a mirror.

    split: train (60,000 pictures) or test (10,000)

    Raises UserError if the files are missing and cannot be downloaded.
    """
    return _idx.load(FASHION_MNIST, split)
