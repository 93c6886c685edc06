"""MNIST: 60,000 + 10,000 handwritten digits of 28x28, grey.

Y. LeCun, L. Bottou, Y. Bengio & P. Haffner, Gradient-based learning applied to document recognition, 1998;
the data are under CC BY-SA 3.0.
"""

from __future__ import annotations

from ganwright.core.choices import Split
from ganwright.core.data import Data
from ganwright.data import _idx
from ganwright.data._download import RemoteFile

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)

MNIST = _idx.IdxSet(
    name="mnist",
    folders=("mnist",),
    files={
        "train": (
            RemoteFile("train-images-idx3-ubyte.gz", 9912422, "md5:f68b3c2dcbeaaa9fbdd348bbdeb94873", MIRRORS),
            RemoteFile("train-labels-idx1-ubyte.gz", 28881, "md5:d53e105ee54ea40749a09fcbcd1e9432", MIRRORS),
        ),
        "test": (
            RemoteFile("t10k-images-idx3-ubyte.gz", 1648877, "md5:9fb629c4189551a2d022fa330f9573f3", MIRRORS),
            RemoteFile("t10k-labels-idx1-ubyte.gz", 4542, "md5:ec29112dd5afa0611ce80d1b7f02629c", MIRRORS),
        ),
    },
    classes=tuple("0123456789"),
)


def load(split: Split = "train") -> Data:
    """MNIST as uint8 [N, 28, 28, 1] with labels 0 to 9, from GANWRIGHT_DATA, the cache, or a mirror.

    split: train (60,000 pictures) or test (10,000)

    Raises UserError if the files are missing and cannot be downloaded.
    """
    return _idx.load(MNIST, split)
