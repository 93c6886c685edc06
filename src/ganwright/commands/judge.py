"""The command `judge`: measures a run's samples, or those in a file, against real data."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ganwright.config import data_source
from ganwright.config.data_source import DataSource
from ganwright.config.options import as_words, refuse_unknown
from ganwright.config.serialization import is_object_marker
from ganwright.core import ranks
from ganwright.core.data import Data
from ganwright.core.domain import Domain, Stored
from ganwright.core.errors import MissingExtraError, UserError
from ganwright.core.metric import BORDER, Array, TooFewError
from ganwright.core.order import some
from ganwright.core.system import expanded
from ganwright.domains._figure import release_figures
from ganwright.domains.images import Images
from ganwright.execution import threads
from ganwright.judging import forecasts, judgement, language_models
from ganwright.judging import pairs as pairing
from ganwright.judging.card import Card, Score
from ganwright.judging.real_data import RealData, load_real_data
from ganwright.judging.subjects import RunSamples, StoredSamples, Subject
from ganwright.judging.views import ViewedSamples, Views, default_features
from ganwright.metrics.memorisation import closest
from ganwright.runs import atomic_files, output_files
from ganwright.runs.folder import RunFolder
from ganwright.runs.run import Run

RESIZED = re.compile(r" (?:enlarged|reduced) to \d+x\d+ \(from (\d+)x(\d+)\)")  # all samples from one size
SAMPLES = 10_000  # by default, or as many as there are
FORECASTS = 6  # series in forecasts.png
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
    instead of their EMA; `trust` is that of `Run`. card.json, card.md and pictures (closest.png, compared.png,
    forecasts.png, see docs/judging.md) are written to `out`, by default the run's folder or cards/NAME. With `pairs`,
    subject and data are folders of pictures that are paired by file name; PSNR and SSIM leave out a `border` of pixels
    at each side, as a rule as many as the scale of super-resolution.

    Several processes call this together: they share the work, each returns the card, and the first writes the files.
    A UserError if samples, data, metrics and features don't fit together.
    """
    if repetitions < 1 or (n is not None and n < 2):
        raise UserError(f"Judging takes -n 2 or more and --repetitions 1 or more, not {n} and {repetitions}.")
    drawing = {"-n": n is not None, "--repetitions": repetitions != 3, **of_runs(seed, checkpoint, raw)}
    if pairs:
        refuse_unknown(options, (), "Judging with --pairs")
        refuse_idle(drawing, "--pairs compares all pictures of two folders once")
        return judge_pairs(subject, data, metric, features, out, border)
    if border != BORDER:
        raise UserError("--border goes with --pairs.")
    run = as_run(subject, checkpoint, raw, trust)
    if run is None:
        refuse_idle(
            of_runs(seed, checkpoint, raw), f"{subject if isinstance(subject, (str, Path)) else 'array'} is no run"
        )
    metric = list(dict.fromkeys(metric))
    source, notes = real_source(run, data, options)
    domain = source.data.domain if run is None else run.domain
    if not domain.comparable(source.data.domain):
        raise UserError(f"The run makes {domain.describe()}, and {source.name} has {source.data.domain.describe()}.")
    if run is not None and data is not None:
        run, more = under_conditions_of(source, run)
        notes += more
    shown = None if run is None else shown_conditions(run, source)
    views = Views(domain, default_features(domain, features), shown)
    real = load_real_data(source, views, n or SAMPLES)
    what: Subject = samples_in(subject, source) if run is None else drawn(run, seed, source)
    count = n or min(SAMPLES, what.most or len(real.pool))
    if run is not None:
        output_files.check_memory(count * repetitions, domain)
    forecasting = run is not None and run.domain.given > 0 and (not metric or forecasts.METRIC in metric)
    others = [name for name in metric if not (forecasting and name == forecasts.METRIC)]
    with on_all_cores():
        whole = what.whole(views, count)
        if others or not metric:
            card = judgement.judge(what, whole, real, views, others, repetitions)
            card = language_models.beside(card, real, views, count, repetitions)
        else:
            card = Card(what.name, (), {**what.protocol, **real.protocol})
        forecast = None
        if run is not None and forecasting:
            card, forecast = with_forecasts(card, run, source, seed)
    if metric:
        card = replace(card, protocol={**card.protocol, "metrics": metric})
    if run is not None and run.recipe.condition.needs_data:
        card = replace(card, protocol={**card.protocol, "conditions": conditions_in_words(shown, source)})
    refuse_empty(card, count)
    notes = [*notes, *what.notes, *fewer(what, n, count, len(real.pool)), *real.notes]
    if notes:
        card = replace(card, protocol={**card.protocol, "notes": notes})
    folder = expanded(out) if out is not None else Path("cards") / Path(what.name).stem if run is None else run.path
    if ranks.rank() == 0:
        write(card, folder)
        render_closest(whole, real, folder)
        render_compared(whole, real, folder)
        if forecast is not None:
            render_forecasts(forecast, views.domain, folder)
    return card


def refuse_empty(card: Card, count: int) -> None:
    """A UserError if a card has no value at all, with what each of its metrics needs."""
    if any(score.samples is not None for score in card.values):
        return
    reasons = [*dict.fromkeys(score.note for score in card.values if score.note)] or card.left_out
    needed = "; ".join(reason[:1].lower() + reason[1:].partition(": judge")[0].rstrip(".") for reason in reasons)
    raise UserError(
        f"No metric can be measured on {count:,} samples of {card.subject} ({needed}): judge more samples (-n), or "
        "give more real data."
    )


def with_forecasts(card: Card, run: Run, source: DataSource, seed: int) -> tuple[Card, forecasts.Forecasts | None]:
    """The card with the scores of the run's forecasts, or with the reason why there are none."""
    try:
        found = forecasts.judge_forecasts(run, source, seed)
    except TooFewError as error:
        return replace(card, values=(*card.values, Score(forecasts.METRIC, "lower", None, note=str(error)))), None
    values, protocol = (*card.values, *found.scores), {**card.protocol, "forecasts": found.protocol}
    return replace(card, values=values, protocol=protocol), found


def of_runs(seed: int, checkpoint: str, raw: bool) -> dict[str, bool]:
    """Which of the options that only runs have are given."""
    return {"--seed": seed != 0, "--checkpoint": checkpoint != "newest", "--raw": raw}


def refuse_idle(given: Mapping[str, bool], reason: str) -> None:
    """A UserError about the first option that is given and would change nothing."""
    for name, is_given in given.items():
        if is_given:
            raise UserError(f"{reason}: leave {name} out.")


def fewer(subject: Subject, n: int | None, count: int, pool: int) -> list[str]:
    """A note where fewer samples are judged than there are, or than usual."""
    if n is None and subject.most is not None and count < subject.most:
        return [f"{count:,} of the {subject.most:,} samples are judged, chosen at random: -n {subject.most} takes all."]
    if n is None and subject.most is None and count < SAMPLES:
        return [f"{count:,} samples are judged, as many as there are real ones for the baseline, not {SAMPLES:,}."]
    return []


def judge_pairs(
    subject: Any, data: Any, metric: Sequence[str], features: str | None, out: Path | str | None, border: int
) -> Card:
    """The card of a folder of pictures that should equal those of the same names in another folder."""
    if not all(isinstance(folder, (str, Path)) for folder in (subject, data)):
        raise UserError("Pairs are pictures in two folders: ganwright judge SAMPLES --pairs --data REAL.")
    if border < 0:
        raise UserError(f"--border takes 0 or more pixels, not {border}.")
    found, notes = pairing.find_pairs(expanded(subject), expanded(data))
    network = default_features(Images(pairing.TILE, pairing.TILE, 3), features)
    if network is None:
        raise UserError("Pairs are measured by features too: name a network with --features, or leave it out.")
    with on_all_cores():
        protocol = {"samples": str(subject), "real pictures": str(data), **({"notes": notes} if notes else {})}
        card = pairing.judge_pairs(found, metric, network, protocol, border)
    if ranks.rank() == 0:
        write(card, Path(out) if out is not None else Path("cards") / Path(subject).stem)
    return card


@contextmanager
def on_all_cores() -> Iterator[None]:
    """Meanwhile torch uses this process's share of the available cores; results may depend on their number.

    OMP_NUM_THREADS takes precedence.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(threads.from_environment() or max(threads.cores() // ranks.local_size(), 1))
    try:
        yield
    finally:
        torch.set_num_threads(before)


def under_conditions_of(source: DataSource, run: Run) -> tuple[Run, list[str]]:
    """The run, which draws conditions from these data if it takes them from data and these have some; and notes."""
    if not run.recipe.condition.needs_data:
        return run, []
    part, own = data_source.the_test_part(source) or source.data, run.recipe.data
    if own.condition_domain is not None:
        if part.condition_domain is None or not own.condition_domain.comparable(part.condition_domain):
            what = own.condition_domain.describe()
            return run, [f"{source.name} has no {what}: samples are drawn under those that {run.path} was trained on."]
        part = replace(part, condition_domain=own.condition_domain)
    other = copy(run)  # the caller's run keeps its own
    other.condition = run.recipe.condition.with_data(replace(part, domain=own.domain))
    return other, []


def shown_conditions(run: Run, source: DataSource) -> Domain | None:
    """The domain of the conditions, rows of a table, that samples are drawn under and real ones are paired with."""
    own, data = run.recipe.data.condition_domain, source.data
    if own is None or data.condition_domain is None or not (data.paired and run.recipe.condition.needs_data):
        return None
    fits = own.comparable(data.condition_domain) and "rows" in own.views and "windows" in run.domain.views
    return own if fits else None


def conditions_in_words(shown: Domain | None, source: DataSource) -> str:
    """How the samples' conditions were chosen, and whether metrics read them."""
    part = "the data" if data_source.the_test_part(source) is None else "the test part"
    return f"those of random samples of {part}" + "; metrics read them as static columns" * (shown is not None)


def drawn(run: Run, seed: int, source: DataSource) -> RunSamples:
    """The samples of a run, with their classes, by name, if the real data have them."""
    classes, known = run.settings["data"]["classes"], source.data.classes
    unknown = [name for name in classes if name not in known]
    if not classes:
        return RunSamples(run, seed)
    if unknown:
        note = f"The classes of the run are not used: {unknown_classes(unknown, len(classes), source.data)}"
        return RunSamples(run, seed, None, () if run.stored_conditions(1) is None else (note,))
    return RunSamples(run, seed, np.array([known.index(name) for name in classes]))


def unknown_classes(unknown: Sequence[str], total: int, data: Data) -> str:
    """Which classes are none of the data's."""
    has = f"has the classes {', '.join(data.classes[:5])}{', ...' * (len(data.classes) > 5)}" * bool(data.classes)
    return (
        f"{len(unknown):,} of {total:,}, such as {unknown[0]}, are unknown to {data.name}, which {has or 'has none'}."
    )


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
    if not str(subject):
        raise UserError("The name of the subject is empty: name a run folder, or samples in a file or folder.")
    subject = expanded(subject)
    if not subject.exists():
        raise UserError(f"There is no {subject}: name a run folder, or samples in a file or folder.")
    if not RunFolder(subject).exists:
        return None
    return Run(subject, checkpoint=checkpoint, raw=raw, trust=trust)


def real_source(run: Run | None, data: Any, options: Mapping[str, Any]) -> tuple[DataSource, list[str]]:
    """The real data: the given ones, read at the run's size, or those that the run was trained on; and notes."""
    data = str(data) if isinstance(data, Path) else data
    if run is None:
        if data is None:
            raise UserError("Samples that are no run need the real data to be judged against: give --data.")
        return data_source.find(data, options), []
    recorded = run.settings["data"]
    if data is None:
        if is_object_marker(recorded["source"]):
            raise UserError(f"{run.path} was trained on data from Python: give them again as data.")
        source = data_source.find(recorded["source"], {**recorded["options"], **options})
        changed = not options and source.to_dict()["fingerprint"] != recorded["fingerprint"]
        note = f"The data {source.name} have changed since {run.path} was trained on them."
        return source, [note] if changed else []
    known = data_source.loader_options(data)
    as_run = {name: value for name, value in run.domain.loader_options.items() if name in known and name not in options}
    source = data_source.find(data, {**as_run, **options})
    return source, [f"{source.name} was read with {as_words(as_run)}, as the run's data."] if as_run else []


def samples_in(subject: Any, source: DataSource) -> StoredSamples:
    """The samples in a file, folder or array, read as the real data are; a UserError if they differ in kind."""
    array = isinstance(subject, np.ndarray)
    found = data_source.samples_of(
        subject if array else Path(subject), source.data.domain, {} if is_object_marker(source.name) else source.options
    )
    labels, note = conditions(found.conditions, source.data)
    name = "array" if array else str(subject)
    notes = (*found.notes, *resized(found.notes, source), *([note] if note else []))
    return StoredSamples(name, found.samples, labels, notes)


def resized(notes: Sequence[str], source: DataSource) -> Iterator[str]:
    """How to avoid that samples are resized to the size of the data."""
    sizes = {(int(found[1]), int(found[2])) for note in notes if (found := RESIZED.search(note))}
    if "size" not in source.options:
        return
    for height, width in sizes:
        size = height if height == width else f"{height}x{width}"
        yield f"The samples have another size than the data were read at: --size {size} reads the data at theirs."


def conditions(names: Stored | None, data: Data) -> tuple[Array | None, str]:
    """The classes [n] of samples by their names, numbered as the data's are; None, and why, if the data lack some."""
    if names is None:
        return None, ""
    found = sorted(set(map(str, names)))
    unknown = [name for name in found if name not in data.classes]
    if unknown:
        return None, f"The classes of the samples are not used: {unknown_classes(unknown, len(found), data)}"
    return np.array([data.classes.index(str(name)) for name in names], dtype=np.int64), ""


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
