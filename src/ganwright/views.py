"""Views of samples, in which metrics compare them; features of real samples are kept, by the hash of the pictures."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ganwright.core.domain import Domain, Stored
from ganwright.core.features import Features
from ganwright.core.metric import Array, Samples
from ganwright.data import _places


@dataclass(frozen=True)
class Views:
    """How stored samples of a domain are seen; pictures are seen as features too, where there is a network for them."""

    domain: Domain
    features: Features | None = None

    def of(self, view: str, stored: Stored, labels: Array | None = None, keep: bool = False) -> Samples:
        """The samples in one view; with `keep` their features are looked for in the cache, and left there."""
        if view != "features":
            return Samples(stored, labels)
        assert self.features is not None
        return Samples(kept(self.features, stored) if keep else self.features(stored), labels)

    def has(self, view: str) -> bool:
        return view in self.domain.views and (view != "features" or self.features is not None)


@dataclass(frozen=True, eq=False)
class Seen:
    """One set of stored samples, each view of it computed once."""

    views: Views
    stored: Stored
    labels: Array | None = None
    real: bool = False

    def __len__(self) -> int:
        return len(self.stored)

    def __call__(self, view: str) -> Samples:
        return self._features if view == "features" else self.views.of(view, self.stored, self.labels)

    @cached_property
    def _features(self) -> Samples:
        return self.views.of("features", self.stored, self.labels, keep=self.real)

    def rows(self, rows: Array) -> Seen:
        """Some of the samples; their features are taken from the whole set's."""
        part = Seen(self.views, self.stored[rows], None if self.labels is None else self.labels[rows], self.real)
        if self.views.has("features"):
            part.__dict__["_features"] = Samples(self._features.values[rows], part.labels)
        return part


def kept(features: Features, pictures: Stored) -> Array:
    """The features from the cache, or computed and left there; the file is written beside and renamed."""
    path = _places.cache() / "features" / f"{_key(features, pictures)}.npy"
    try:
        found: Array = np.load(path, allow_pickle=False)
        return found
    except (OSError, ValueError, EOFError):
        found = features(pictures)
    with _places.writing(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(f".{path.name}.{os.getpid()}.partial")
        with beside.open("wb") as file:
            np.save(file, found)
        beside.replace(path)
    return found


def _key(features: Features, pictures: Stored) -> str:
    """Of everything that the features depend on."""
    digest = hashlib.sha256(str((features.name, features.protocol, pictures.shape, str(pictures.dtype))).encode())
    for start in range(0, len(pictures), 4096):  # a memory map is never in memory as a whole
        digest.update(np.ascontiguousarray(pictures[start : start + 4096]).tobytes())
    return f"{features.name}-{digest.hexdigest()[:40]}"
