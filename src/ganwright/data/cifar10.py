"""CIFAR-10: 50,000 + 10,000 photographs of ten classes, 32x32, RGB.

A. Krizhevsky, Learning multiple layers of features from tiny images, 2009. Only the binary archive is read, not the
pickled one.
"""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np

from ganwright.core.choices import Split, check
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data._download import RemoteFile, fetch
from ganwright.data._places import cache, local
from ganwright.domains.images import Images

ARCHIVE = RemoteFile(
    "cifar-10-binary.tar.gz",
    170052171,
    "md5:c32a1d4ab5d03f1284b67883e8d87530",
    (
        "https://www.cs.toronto.edu/~kriz/",
        "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
    ),
)
FOLDER = "cifar-10-batches-bin"
FILES = {"train": tuple(f"data_batch_{i}.bin" for i in range(1, 6)), "test": ("test_batch.bin",)}
RECORD = 1 + 3 * 32 * 32  # bytes: a label, then the red, green and blue planes
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")


def load(split: Split = "train") -> Data:
    """CIFAR-10 as uint8 [N, 32, 32, 3] with labels 0 to 9, from GANWRIGHT_DATA, the cache, or a mirror.

    In GANWRIGHT_DATA the folder `cifar10` holds `cifar10.npz` (train_images, train_labels, test_images, test_labels),
    or the unpacked `cifar-10-batches-bin`, or `cifar-10-binary.tar.gz`.

    split: train (50,000 pictures) or test (10,000)

    Raises UserError if the files are missing and cannot be downloaded, or are incomplete.
    """
    check("split", split, Split)
    own = local(("cifar10", "cifar-10"), ("cifar10.npz", FOLDER, ARCHIVE.name))
    path = own or fetch(ARCHIVE, cache() / "cifar10")
    try:
        images, labels = _prepared(path, split) if path.suffix == ".npz" else _official(path, split)
    except (OSError, EOFError, KeyError, ValueError, tarfile.TarError) as error:
        raise UserError(f"{path} is not a complete CIFAR-10 ({error}).") from error
    notes = (f"The {split} part, read from {path}.",)
    return Data("cifar10", Images(32, 32, 3), images, labels.astype(np.int64), CLASSES, notes)


def _prepared(path: Path, split: Split) -> tuple[np.ndarray, np.ndarray]:
    with np.load(path, allow_pickle=False) as arrays:
        images, labels = arrays[f"{split}_images"], arrays[f"{split}_labels"]
    if images.dtype != np.uint8 or images.shape != (len(labels), 32, 32, 3):
        raise ValueError(f"{split}_images is {images.dtype} {list(images.shape)}")
    return images, labels


def _official(path: Path, split: Split) -> tuple[np.ndarray, np.ndarray]:
    records = _records(path, FILES[split])  # [N, RECORD]
    images = records[:, 1:].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
    if records[:, 0].max(initial=0) >= len(CLASSES):
        raise ValueError("a label above 9")
    return np.ascontiguousarray(images), records[:, 0]


def _records(path: Path, names: tuple[str, ...]) -> np.ndarray:
    if path.is_dir():
        contents = [(path / name).read_bytes() for name in names]
    else:
        with tarfile.open(path, "r:gz") as archive:
            contents = [_member(archive, f"{FOLDER}/{name}") for name in names]
    return np.concatenate([np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD) for content in contents])


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:
        raise ValueError(f"{name} is not a file")
    return file.read()
