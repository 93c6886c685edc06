"""Views of samples, in which metrics compare them; features of real samples are kept in the cache."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ganwright.core import ranks
from ganwright.core.discovery import take
from ganwright.core.domain import Domain, Stored
from ganwright.core.features import Features
from ganwright.core.metric import Array, Samples
from ganwright.judging.cache import cached, content

USUAL_FEATURES = {1: "grey28", 3: "natural32"}  # by channels


@dataclass(frozen=True)
class Views:
    """How stored samples of a domain are seen; pictures are seen as features too, where there is a network for them."""

    domain: Domain
    features: Features | None = None

    def has(self, view: str) -> bool:
        return view in self.domain.views and (view != "features" or self.features is not None)

    @property
    def protocol(self) -> dict[str, Any]:
        """Of the features, for the card."""
        return {} if self.features is None else {"name": self.features.name, **self.features.protocol}


@dataclass(frozen=True, eq=False)
class ViewedSamples:
    """One set of stored samples, real or not, each view of it computed once."""

    views: Views
    stored: Stored
    labels: Array | None = None
    real: bool = False

    def __len__(self) -> int:
        return len(self.stored)

    def __call__(self, view: str) -> Samples:
        return self._features if view == "features" else self._stored

    def share_features(self) -> None:
        """Computes the features, each process those of its part; to be called by all processes together."""
        network = self.views.features
        if ranks.size() == 1 or network is None or not self.views.has("features"):
            return
        parts = np.array_split(self.stored, ranks.size())
        values = np.concatenate(ranks.sharded(len(parts), lambda place: network(parts[place])))
        self.__dict__["_features"] = Samples(values, self.labels)

    def rows(self, rows: Array) -> ViewedSamples:
        """Some of the samples; their features are taken from the whole set's."""
        part = ViewedSamples(
            self.views, self.stored[rows], None if self.labels is None else self.labels[rows], self.real
        )
        if self.views.has("features"):
            part.__dict__["_features"] = Samples(self._features.values[rows], part.labels)
        return part

    @cached_property
    def content(self) -> str:
        """A hash of the samples."""
        return content(self.stored, self.labels)

    @cached_property
    def _stored(self) -> Samples:
        return Samples(self.stored, self.labels, getattr(self.views.domain, "columns", ()))

    @cached_property
    def _features(self) -> Samples:
        network, stored = self.views.features, self.stored
        assert network is not None
        if not self.real:
            return Samples(network(stored), self.labels)
        values = cached("features", (network.name, network.protocol, content(stored)), lambda: network(stored))
        return Samples(values, self.labels)


def default_features(domain: Domain, asked: str | None) -> Features | None:
    """The network asked for, or the one for such pictures; None where features are no view of the domain."""
    if "features" not in domain.views or asked == "none":
        return None
    network: Features = take("features", asked or USUAL_FEATURES[domain.shape[0]]).load()
    return network
