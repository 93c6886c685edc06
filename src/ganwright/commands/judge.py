"""The verb `judge`: how good are a run's samples, or those in a file, beside real data?"""

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
from ganwright.config.serialization import is_object_marker
from ganwright.core import ranks
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.core.metric import Array
from ganwright.domains.images import Images
from ganwright.judging import judgement
from ganwright.judging import pairs as pairing
from ganwright.judging.card import Card
from ganwright.judging.real_data import RealData, reals
from ganwright.judging.subjects import GivenSamples, RunSamples, Subject
from ganwright.judging.views import ViewedSamples, Views, default_features
from ganwright.metrics.memorisation import closest
from ganwright.runs import atomic_files
from ganwright.runs.run import Run

SAMPLES = 10_000  # unless told otherwise, and fewer where there are fewer
PAIRS = 32  # of a sample and its nearest training sample, drawn eight in a row


def judge(
    subject: Run | Path | str | NDArray[Any],
    data: Any = None,
    *,
    n: int | None = None,
    draws: int = 3,
    metric: Sequence[str] = (),
    features: str | None = None,
    seed: int = 0,
    checkpoint: str = "newest",
    raw: bool = False,
    pairs: bool = False,
    out: Path | str | None = None,
    **given: Any,
) -> Card:
    """Measures `n` samples of a run, or those in a file, a folder or an array, against real data.

    `data` is what a run was trained on, unless told; `given` are its loader's options. `draws` repetitions give the
    uncertainty; `metric` names files of the shelf metrics/, without them all that fit are measured; `features` is a
    file of the shelf features/; `checkpoint` is newest, best or healthy; `raw` takes networks as trained instead of
    their averages. card.json, card.md and, where there are training pictures, closest.png go into `out`: the run's
    folder, or cards/NAME. With `pairs` subject and data are folders of pictures that belong together by name.

    Of several processes, which call this together, each does its part and gets the card, and the first writes. A
    UserError for whatever does not fit together.
    """
    if draws < 1 or (n is not None and n < 2):
        raise UserError(f"Judging takes -n 2 or more and --draws 1 or more, not {n} and {draws}.")
    if pairs:
        return judge_pairs(subject, data, metric, features, out)
    run = as_run(subject, checkpoint, raw)
    source = against(run, data, given)
    domain = source.data.domain if run is None else run.domain
    if domain.shape != source.data.domain.shape or domain.views != source.data.domain.views:
        raise UserError(f"The run makes {domain.describe()}, and {source.asked} has {source.data.domain.describe()}.")
    views = Views(domain, default_features(domain, features))
    real = reals(source, views, n or SAMPLES)
    what: Subject = samples_in(subject, source) if run is None else drawn(run, seed, source)
    count = n or min(SAMPLES, what.most or len(real.pool))
    with on_all_cores():
        whole = what.whole(views, count)
        card = judgement.judged(what, whole, real, views, metric, draws)
    folder = Path(out) if out is not None else Path("cards") / Path(what.name).stem if run is None else run.path
    if ranks.rank() == 0:
        leave(card, folder)
        draw_closest(whole, real, folder)
    return card


def judge_pairs(subject: Any, data: Any, metric: Sequence[str], features: str | None, out: Path | str | None) -> Card:
    """The card of a folder of pictures beside the folder of those that they should equal."""
    if not all(isinstance(folder, (str, Path)) for folder in (subject, data)):
        raise UserError("Pairs are pictures in two folders: ganwright judge SAMPLES --pairs --data REAL.")
    found = pairing.found(Path(subject), Path(data))
    network = default_features(Images(pairing.TILE, pairing.TILE, 3), features)
    if network is None:
        raise UserError("Pairs are measured by features too: name a network with --features, or leave it out.")
    with on_all_cores():
        card = pairing.judged(found, metric, network, {"samples": str(subject), "real pictures": str(data)})
    if ranks.rank() == 0:
        leave(card, Path(out) if out is not None else Path("cards") / Path(subject).stem)
    return card


@contextmanager
def on_all_cores() -> Iterator[None]:
    """Within it torch uses this process's share of the cores that it may; bits may then depend on the machine."""
    before = torch.get_num_threads()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(max(cores // ranks.local_size(), 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def drawn(run: Run, seed: int, source: DataSource) -> RunSamples:
    """The samples of a run; the classes they were asked for count where the real data have the same."""
    return RunSamples(run, seed, tuple(run.settings["data"]["classes"]) == source.data.classes)


def as_run(subject: Run | Path | str | NDArray[Any], checkpoint: str, raw: bool) -> Run | None:
    """The run that is meant, if one is."""
    if isinstance(subject, Run):
        chosen = subject.chosen if checkpoint == "newest" else checkpoint
        if (chosen, raw or subject.raw) == (subject.chosen, subject.raw):
            return subject
        return Run(subject.path, subject.function, checkpoint=chosen, raw=raw or subject.raw, **subject.objects)
    if isinstance(subject, np.ndarray):
        return None
    if not Path(subject).exists():
        raise UserError(f"There is no {subject}: name a run folder, or samples in a folder, .npy, .npz or .csv.")
    if not (Path(subject) / "recipe.json").exists():
        return None
    return Run(subject, checkpoint=checkpoint, raw=raw)


def against(run: Run | None, data: Any, given: Mapping[str, Any]) -> DataSource:
    """The data to judge against: those that were named, or those that the run was trained on."""
    asked, options = data, dict(given)
    if asked is None and run is None:
        raise UserError("Samples that are no run need the real data to be judged against: give --data.")
    if asked is None and run is not None:
        words = run.settings["data"]
        if is_object_marker(words["source"]):
            raise UserError(f"{run.path} was trained on data from Python: give them again as data.")
        asked, options = words["source"], {**words["options"], **given}
    source = data_source.find(str(asked) if isinstance(asked, Path) else asked, options)
    if source.left:
        raise UserError(f"The data {source.asked} have no option --{next(iter(source.left)).replace('_', '-')}.")
    return source


def samples_in(subject: Any, source: DataSource) -> GivenSamples:
    """The samples of a file, folder or array, as those of the data are stored; a UserError for other ones."""
    found = data_source.samples_like(subject, source)
    name = "array" if isinstance(subject, np.ndarray) else str(subject)
    return GivenSamples(name, found.samples, conditions(found, source.data))


def conditions(found: Data, data: Data) -> Array | None:
    """The classes that samples were asked for, numbered as the data's are, where they are all among these."""
    if found.labels is None or not set(found.classes) <= set(data.classes):
        return None
    places = np.array([data.classes.index(name) for name in found.classes], dtype=np.int64)
    return np.asarray(places[found.labels])


def leave(card: Card, folder: Path) -> None:
    """Writes card.json and card.md."""
    with atomic_files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    atomic_files.write_json(folder / "card.json", card.words)
    atomic_files.write(folder / "card.md", card.markdown)


def draw_closest(fake: ViewedSamples, real: RealData, folder: Path) -> None:
    """Writes closest.png: the samples nearest to a training sample, each left of it."""
    if real.train is None or not fake.views.has("features"):
        return
    mine, theirs = closest(fake("features"), real.train("features"), PAIRS)
    pairs = np.stack([fake.stored[mine], real.train.stored[theirs]], axis=1)
    picture = fake.views.domain.preview(pairs.reshape(-1, *pairs.shape[2:]))
    atomic_files.write(folder / "closest.png", atomic_files.png(picture))
