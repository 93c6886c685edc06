"""Measures 10,000 samples with a LeNet trained on MNIST: Fréchet distance, covered classes, share of each class.

    python benchmarks/lenet_distance.py SAMPLES.npy [--data mnist|fashion] [--cache FOLDER]

SAMPLES is uint8 [n, 28, 28]. The LeNet (LeCun et al. 1998, in the form of Caffe's example: 5x5 convolutions of 20 and
50 channels without activation, 2x2 max pooling, 500 ReLU units, 10 classes; input x/256) is trained once and cached.
The Fréchet distance compares the 500 features with those of the 10,000 test pictures, covariances 1/N. A class is
covered if the LeNet assigns at least 1 % of the samples to it. The official idx files are read from the folders
mnist/ and fashion_mnist/ in one of the folders that GANWRIGHT_DATA lists.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

FOLDERS = {"mnist": "mnist", "fashion": "fashion_mnist"}
MIN_ACCURACY = {"mnist": 0.99, "fashion": 0.89}  # on the test part
EPOCHS, BATCH, LEARNING_RATE = 12, 128, 1e-3
MIN_SHARE = 0.01  # of the samples: a class with fewer is not covered


class LeNet(nn.Module):
    """uint8 [n, 28, 28] to 500 features, and to 10 class scores."""

    def __init__(self) -> None:
        super().__init__()
        self.convolutions = nn.Sequential(
            nn.Conv2d(1, 20, 5), nn.MaxPool2d(2), nn.Conv2d(20, 50, 5), nn.MaxPool2d(2), nn.Flatten()
        )
        self.hidden = nn.Linear(50 * 4 * 4, 500)
        self.classes = nn.Linear(500, 10)

    def features(self, pictures: Tensor) -> Tensor:
        return F.relu(self.hidden(self.convolutions(pictures[:, None].float() / 256)))

    def forward(self, pictures: Tensor) -> Tensor:
        return self.classes(self.features(pictures))


def load(data: str, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 [N, 28, 28] and labels uint8 [N] of `part`, "train" or "t10k"."""
    for root in os.environ.get("GANWRIGHT_DATA", "").split(os.pathsep):
        folder = Path(root) / FOLDERS[data]
        if root and folder.is_dir():
            return _idx(folder / f"{part}-images-idx3-ubyte.gz"), _idx(folder / f"{part}-labels-idx1-ubyte.gz")
    sys.exit(f"lenet_distance: no folder {FOLDERS[data]}/ in the folders of GANWRIGHT_DATA.")


def _idx(path: Path) -> np.ndarray:
    """The idx format: two zero bytes, type 8 (uint8), number of dimensions, each as big-endian int32, the bytes."""
    raw = gzip.decompress(path.read_bytes())
    shape = np.frombuffer(raw, dtype=">i4", count=raw[3], offset=4)
    return np.frombuffer(raw, dtype=np.uint8, offset=4 + 4 * raw[3]).reshape(shape)


def lenet(data: str, cache: Path) -> LeNet:
    """The LeNet for `data`, read from the cache, or trained and cached."""
    path, net = cache / f"lenet_{data}.pt", LeNet()
    if not path.exists():
        net = train(data)
        cache.mkdir(parents=True, exist_ok=True)
        torch.save(net.state_dict(), path)
    net.load_state_dict(torch.load(path, weights_only=True))
    return net.eval()


def train(data: str) -> LeNet:
    """Adam with a cosine learning rate; exits the program if the test accuracy is below MIN_ACCURACY."""
    torch.manual_seed(0)
    pictures, labels = (torch.from_numpy(array.copy()) for array in load(data, "train"))
    net, steps = LeNet(), EPOCHS * len(pictures) // BATCH
    optimizer = torch.optim.Adam(net.parameters(), LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        rows = torch.randint(len(pictures), (BATCH,))
        optimizer.zero_grad()
        F.cross_entropy(net(pictures[rows]), labels[rows].long()).backward()
        optimizer.step()
        schedule.step()
    pictures, labels = (torch.from_numpy(array.copy()) for array in load(data, "t10k"))
    accuracy = (classify(net, pictures)[1] == labels.numpy()).mean()
    print(f"lenet_distance: LeNet for {data} trained, test accuracy {accuracy:.4f}", file=sys.stderr)
    if accuracy < MIN_ACCURACY[data]:
        sys.exit(f"lenet_distance: test accuracy must be at least {MIN_ACCURACY[data]}.")
    return net


@torch.no_grad()
def classify(net: LeNet, pictures: Tensor) -> tuple[np.ndarray, np.ndarray]:
    """Features float64 [n, 500] and predicted classes int64 [n]."""
    features = torch.cat([net.features(part) for part in pictures.split(1000)])
    return features.double().numpy(), net.classes(features).argmax(1).numpy()


def frechet(one: np.ndarray, other: np.ndarray) -> float:
    """|m - n|^2 + tr(S + T - 2 (S^1/2 T S^1/2)^1/2), the distance of two Gaussians (Dowson & Landau 1982)."""
    (m, n), (s, t) = zip(*((x.mean(0), np.cov(x, rowvar=False, bias=True)) for x in (one, other)), strict=True)
    values, vectors = np.linalg.eigh(s)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ t @ root).clip(0)).sum()
    return float(((m - n) ** 2).sum() + np.trace(s) + np.trace(t) - 2 * cross)


def measure(samples: np.ndarray, data: str, cache: Path) -> dict[str, object]:
    """The figures that the command prints."""
    net = lenet(data, cache)
    test, _ = classify(net, torch.from_numpy(load(data, "t10k")[0].copy()))
    features, predicted = classify(net, torch.from_numpy(samples))
    shares = np.bincount(predicted, minlength=10) / len(samples)
    return {
        "fd_lenet": round(frechet(features, test), 1),
        "samples": len(samples),
        "classes_found": int((shares >= MIN_SHARE).sum()),
        "shares": shares.round(3).tolist(),
        "fd_lenet_real": round(frechet(classify(net, _real_pictures(data))[0], test), 1),
    }


def _real_pictures(data: str) -> Tensor:
    """10,000 training pictures, the same at each call: they give the baseline of the distance."""
    pictures, _ = load(data, "train")
    return torch.from_numpy(pictures[np.random.default_rng(0).permutation(len(pictures))[:10_000]])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("samples", type=Path)
    parser.add_argument("--data", choices=list(FOLDERS), default="mnist")
    parser.add_argument("--cache", type=Path, default=Path("~/.cache/ganwright").expanduser())
    options = parser.parse_args()
    samples = np.load(options.samples)
    if samples.dtype != np.uint8 or samples.shape[1:] != (28, 28):
        sys.exit(f"lenet_distance: expected uint8 [n, 28, 28], got {samples.dtype} {list(samples.shape)}.")
    print(json.dumps(measure(samples, options.data, options.cache)))


if __name__ == "__main__":
    main()
