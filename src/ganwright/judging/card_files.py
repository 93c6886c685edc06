"""The files of a card: card.json and card.md, and pictures of samples beside real ones."""

from __future__ import annotations

import contextlib
from pathlib import Path

import numpy as np

from ganwright.core.domain import Domain
from ganwright.core.errors import MissingExtraError
from ganwright.core.order import some
from ganwright.core.system import expanded
from ganwright.domains._figure import release_figures
from ganwright.judging import forecasts
from ganwright.judging.card import Card
from ganwright.judging.real_data import RealData
from ganwright.judging.views import ViewedSamples
from ganwright.metrics.memorisation import closest
from ganwright.runs import atomic_files

FORECASTS = 6  # series in forecasts.png
PAIRS = 32  # of a sample and its nearest training sample in closest.png


def write(card: Card, folder: Path) -> None:
    """Writes card.json and card.md."""
    folder = expanded(folder)
    with atomic_files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    atomic_files.write_json(folder / "card.json", card.to_dict())
    atomic_files.write(folder / "card.md", card.markdown)


def render_compared(fake: ViewedSamples, real: RealData, folder: Path) -> None:
    """Writes compared.png, samples beside real ones, where samples are plotted."""
    domain = fake.views.domain
    if not domain.plotted:
        return
    rows = [some(len(one), domain.grid_size, "compared") for one in (fake.stored, real.reference.stored)]
    with contextlib.suppress(MissingExtraError), release_figures():
        picture = domain.render(fake.stored[rows[0]], real.reference.stored[rows[1]])
        atomic_files.write(folder / "compared.png", atomic_files.png(picture))


def render_forecasts(found: forecasts.Forecasts, domain: Domain, folder: Path) -> None:
    """Writes forecasts.png: fans of the continuations of some series beside the real one."""
    rows = some(len(found.real), FORECASTS, "forecasts")
    with contextlib.suppress(MissingExtraError), release_figures():
        picture = domain.render_forecasts(found.real[rows], found.drawn[rows])
        atomic_files.write(folder / "forecasts.png", atomic_files.png(picture))


def render_closest(fake: ViewedSamples, real: RealData, folder: Path) -> None:
    """Writes closest.png: the samples that are closest to a training sample, each to the left of it."""
    if real.train is None or not fake.views.has("features"):
        return
    mine, theirs = closest(fake("features"), real.train("features"), PAIRS)
    pairs = np.stack([fake.stored[mine], real.train.stored[theirs]], axis=1)
    picture = fake.views.domain.preview(pairs.reshape(-1, *pairs.shape[2:]))
    atomic_files.write(folder / "closest.png", atomic_files.png(picture))
