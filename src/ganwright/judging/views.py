"""Views of samples that metrics compare; features of real samples are cached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ganwright.core import ranks
from ganwright.core.discovery import load_module
from ganwright.core.domain import Domain, Stored
from ganwright.core.features import Features
from ganwright.core.metric import Array, Samples
from ganwright.judging.cache import cached, content


@dataclass(frozen=True)
class Views:
    """The views of a domain's stored samples; `features` is the network of the view "features", if there is one.

    `condition` is the domain of what samples are drawn under, if windows show it as static columns: a generator that
    ignores its conditions makes the right samples under the wrong ones.
    """

    domain: Domain
    features: Features | None = None
    condition: Domain | None = None

    def has(self, view: str) -> bool:
        return view in self.domain.views and (view != "features" or self.features is not None)

    @property
    def protocol(self) -> dict[str, Any]:
        """The feature network, as the card records it."""
        return {} if self.features is None else {"name": self.features.name, **self.features.protocol}


@dataclass(frozen=True, eq=False)
class ViewedSamples:
    """A set of stored samples, real or generated; each view is computed once."""

    views: Views
    stored: Stored
    labels: Array | None = None
    real: bool = False
    conditions: Stored | None = None  # stored samples of `views.condition`, if there is one

    def __len__(self) -> int:
        return len(self.stored)

    def __call__(self, view: str) -> Samples:
        return self._features if view == "features" else self._viewed(view)

    def share_features(self) -> None:
        """Computes the features, sharded over all processes; every process must call it."""
        network = self.views.features
        if ranks.size() == 1 or network is None or not self.views.has("features"):
            return
        parts = np.array_split(self._viewed("features").values, ranks.size())
        values = np.concatenate(ranks.sharded(len(parts), lambda place: network(parts[place])))
        self.__dict__["_features"] = Samples(values, self.labels)

    def rows(self, rows: Array) -> ViewedSamples:
        """Returns a subset; its features are taken from those of the whole set."""
        labels, conditions = (None if one is None else one[rows] for one in (self.labels, self.conditions))
        part = ViewedSamples(self.views, self.stored[rows], labels, self.real, conditions)
        if self.views.has("features"):
            part.__dict__["_features"] = Samples(self._features.values[rows], part.labels)
        return part

    @cached_property
    def content(self) -> str:
        """A hash of the samples, their labels and conditions."""
        samples = content(self.stored, self.labels)
        return samples if self.conditions is None else samples + content(self.conditions)

    @cached_property
    def _seen(self) -> dict[str, Samples]:
        return {}

    def _viewed(self, view: str) -> Samples:
        if view not in self._seen:
            samples = self.views.domain.viewed(view, self.stored, self.labels)
            if self.conditions is not None and self.views.condition is not None and view == "windows":
                samples = with_static(samples, self.views.condition.viewed("rows", self.conditions))
            self._seen[view] = samples
        return self._seen[view]

    @cached_property
    def _features(self) -> Samples:
        network, pictures = self.views.features, self._viewed("features").values
        assert network is not None
        if not self.real:
            return Samples(network(pictures), self.labels)
        key = network.name, network.protocol, content(pictures)
        return Samples(cached("features", key, lambda: network(pictures)), self.labels)


def with_static(windows: Samples, rows: Samples) -> Samples:
    """Windows [n, time, column] with the columns of rows [n, columns] as further static ones, NaN after their end.

    A missing number is replaced by the column's mean.
    """
    shifts = [column.shift for column in rows.columns]
    known = np.where(np.isnan(rows.values), shifts, rows.values)
    ended = np.isnan(windows.values[..., :1])
    constant = np.where(ended, np.nan, known[:, None])
    values = np.concatenate([windows.values, constant], axis=2)
    return Samples(values, windows.labels, windows.columns + rows.columns, windows.static + len(rows.columns))


def default_features(domain: Domain, requested: str | None) -> Features | None:
    """Returns the `requested` feature network, by default the domain's; None if the domain has no features."""
    name = requested or domain.default_features
    if "features" not in domain.views or name in (None, "none"):
        return None
    network: Features = load_module("features", str(name)).load()
    return network


def check_features(domain: Domain) -> Callable[[Stored], Array] | None:
    """A function from stored samples to the features [n, d] that health checks compare; None if there are none."""
    if domain.check_features is None:
        return None
    network = default_features(domain, domain.check_features)
    return None if network is None else lambda stored: network(domain.viewed("features", stored).values)
