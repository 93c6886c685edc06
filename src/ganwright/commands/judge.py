"""The command `judge`: measures a run's samples, or those in a file, against real data."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganwright.config import data_source
from ganwright.config.data_source import DataSource
from ganwright.config.options import refuse_unknown
from ganwright.config.serialization import is_object_marker
from ganwright.core import ranks
from ganwright.core.data import Data
from ganwright.core.domain import Stored
from ganwright.core.errors import UserError
from ganwright.core.metric import BORDER, Array
from ganwright.domains.images import Images
from ganwright.judging import judgement
from ganwright.judging import pairs as pairing
from ganwright.judging.card import Card
from ganwright.judging.real_data import RealData, load_real_data
from ganwright.judging.subjects import RunSamples, StoredSamples, Subject
from ganwright.judging.views import ViewedSamples, Views, default_features
from ganwright.metrics.memorisation import closest
from ganwright.runs import atomic_files
from ganwright.runs.folder import RunFolder
from ganwright.runs.run import Run

SAMPLES = 10_000  # by default, or as many as there are
PAIRS = 32  # of a sample and its nearest training sample in closest.png


def judge(
    subject: Run | Path | str | NDArray[Any],
    data: Any = None,
    *,
    n: int | None = None,
    repetitions: int = 3,
    metric: Sequence[str] = (),
    features: str | None = None,
    seed: int = 0,
    checkpoint: str = "newest",
    raw: bool = False,
    pairs: bool = False,
    trust: bool = False,
    border: int = BORDER,
    out: Path | str | None = None,
    **options: Any,
) -> Card:
    """Measures `n` samples of a run, or those in a file, a folder or an array, against real data.

    `data` is by default what the run was trained on; `options` are those of its loader. The uncertainty is that of
    `repetitions` independent draws of samples. `metric` names modules of metrics/, by default all that fit the data;
    `features` names a module of features/. `checkpoint` is newest, best or healthy; `raw` uses the networks as trained
    instead of their EMA; `trust` is that of `Run`. card.json, card.md and, for pictures, closest.png are written to
    `out`, by default the run's folder or cards/NAME. With `pairs`, subject and data are folders of pictures that are
    paired by file name; PSNR and SSIM leave out a `border` of pixels at each side, as a rule as many as the scale of
    super-resolution.

    Several processes call this together: they share the work, each returns the card, and the first writes the files.
    A UserError if samples, data, metrics and features don't fit together.
    """
    if repetitions < 1 or (n is not None and n < 2):
        raise UserError(f"Judging takes -n 2 or more and --repetitions 1 or more, not {n} and {repetitions}.")
    if pairs:
        refuse_unknown(options, (), "Judging with --pairs")
        return judge_pairs(subject, data, metric, features, out, border)
    if border != BORDER:
        raise UserError("--border goes with --pairs.")
    run = as_run(subject, checkpoint, raw, trust)
    source = real_source(run, data, options)
    domain = source.data.domain if run is None else run.domain
    if not domain.comparable(source.data.domain):
        raise UserError(f"The run makes {domain.describe()}, and {source.name} has {source.data.domain.describe()}.")
    views = Views(domain, default_features(domain, features))
    real = load_real_data(source, views, n or SAMPLES)
    what: Subject = samples_in(subject, source) if run is None else drawn(run, seed, source)
    count = n or min(SAMPLES, what.most or len(real.pool))
    with on_all_cores():
        whole = what.whole(views, count)
        card = judgement.judge(what, whole, real, views, metric, repetitions)
    folder = Path(out) if out is not None else Path("cards") / Path(what.name).stem if run is None else run.path
    if ranks.rank() == 0:
        write(card, folder)
        render_closest(whole, real, folder)
    return card


def judge_pairs(
    subject: Any, data: Any, metric: Sequence[str], features: str | None, out: Path | str | None, border: int
) -> Card:
    """The card of a folder of pictures that should equal those of the same names in another folder."""
    if not all(isinstance(folder, (str, Path)) for folder in (subject, data)):
        raise UserError("Pairs are pictures in two folders: ganwright judge SAMPLES --pairs --data REAL.")
    if border < 0:
        raise UserError(f"--border takes 0 or more pixels, not {border}.")
    found = pairing.find_pairs(Path(subject), Path(data))
    network = default_features(Images(pairing.TILE, pairing.TILE, 3), features)
    if network is None:
        raise UserError("Pairs are measured by features too: name a network with --features, or leave it out.")
    with on_all_cores():
        folders = {"samples": str(subject), "real pictures": str(data)}
        card = pairing.judge_pairs(found, metric, network, folders, border)
    if ranks.rank() == 0:
        write(card, Path(out) if out is not None else Path("cards") / Path(subject).stem)
    return card


@contextmanager
def on_all_cores() -> Iterator[None]:
    """Meanwhile torch uses this process's share of the available cores; results may depend on their number."""
    before = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(cores // ranks.local_size(), 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def drawn(run: Run, seed: int, source: DataSource) -> RunSamples:
    """The samples of a run, with their classes if the real data have the same ones."""
    return RunSamples(run, seed, tuple(run.settings["data"]["classes"]) == source.data.classes)


def as_run(subject: Run | Path | str | NDArray[Any], checkpoint: str, raw: bool, trust: bool) -> Run | None:
    """The run, opened with this checkpoint and these weights; None if the subject is no run."""
    if isinstance(subject, Run):
        chosen = subject.checkpoint_name if checkpoint == "newest" else checkpoint
        if (chosen, raw or subject.raw) == (subject.checkpoint_name, subject.raw):
            return subject
        return Run(
            subject.path,
            subject.function,
            checkpoint=chosen,
            raw=raw or subject.raw,
            trust=trust or subject.trust,
            **subject.objects,
        )
    if isinstance(subject, np.ndarray):
        return None
    if not Path(subject).exists():
        raise UserError(f"There is no {subject}: name a run folder, or samples in a folder, .npy, .npz or .csv.")
    if not RunFolder(subject).exists:
        return None
    return Run(subject, checkpoint=checkpoint, raw=raw, trust=trust)


def real_source(run: Run | None, data: Any, options: Mapping[str, Any]) -> DataSource:
    """The real data: the given ones, or those that the run was trained on."""
    if data is None and run is None:
        raise UserError("Samples that are no run need the real data to be judged against: give --data.")
    if data is None and run is not None:
        recorded = run.settings["data"]
        if is_object_marker(recorded["source"]):
            raise UserError(f"{run.path} was trained on data from Python: give them again as data.")
        data, options = recorded["source"], {**recorded["options"], **options}
    return data_source.find(str(data) if isinstance(data, Path) else data, options)


def samples_in(subject: Any, source: DataSource) -> StoredSamples:
    """The samples in a file, folder or array, stored as the real data are; a UserError if they differ in kind."""
    array = isinstance(subject, np.ndarray)
    found = data_source.samples_of(subject if array else Path(subject), source.data.domain)
    return StoredSamples("array" if array else str(subject), found.samples, conditions(found.conditions, source.data))


def conditions(names: Stored | None, data: Data) -> Array | None:
    """The classes [n] of samples by their names, numbered as the data's are; None unless the data have all of them."""
    if names is None or not set(map(str, names)) <= set(data.classes):
        return None
    return np.array([data.classes.index(str(name)) for name in names], dtype=np.int64)


def write(card: Card, folder: Path) -> None:
    """Writes card.json and card.md."""
    with atomic_files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    atomic_files.write_json(folder / "card.json", card.to_dict())
    atomic_files.write(folder / "card.md", card.markdown)


def render_closest(fake: ViewedSamples, real: RealData, folder: Path) -> None:
    """Writes closest.png: the samples that are closest to a training sample, each to the left of it."""
    if real.train is None or not fake.views.has("features"):
        return
    mine, theirs = closest(fake("features"), real.train("features"), PAIRS)
    pairs = np.stack([fake.stored[mine], real.train.stored[theirs]], axis=1)
    picture = fake.views.domain.preview(pairs.reshape(-1, *pairs.shape[2:]))
    atomic_files.write(folder / "closest.png", atomic_files.png(picture))
