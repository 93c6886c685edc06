"""The command `judge`: measures a run's samples, or those in a file, against real data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from numpy.typing import NDArray

from ganwright.config import data_source
from ganwright.config.data_source import DataSource
from ganwright.config.options import refuse_unknown
from ganwright.core import ranks
from ganwright.core.domain import Domain
from ganwright.core.errors import UserError
from ganwright.core.metric import BORDER, TooFewError
from ganwright.core.system import expanded
from ganwright.domains.images import Images
from ganwright.execution import threads
from ganwright.judging import forecasts, judgement, language_models
from ganwright.judging import pairs as pairing
from ganwright.judging.card import Card, Score
from ganwright.judging.card_files import render_closest, render_compared, render_forecasts, write
from ganwright.judging.inputs import (
    as_run,
    drawn,
    of_runs,
    real_source,
    refuse_idle,
    samples_in,
    shown_conditions,
    under_conditions_of,
)
from ganwright.judging.real_data import load_real_data
from ganwright.judging.subjects import Subject
from ganwright.judging.views import Views, default_features
from ganwright.runs import output_files
from ganwright.runs.run import Run

SAMPLES = 10_000  # by default, or as many as there are


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


def conditions_in_words(shown: Domain | None, source: DataSource) -> str:
    """How the samples' conditions were chosen, and whether metrics read them."""
    part = "the data" if data_source.the_test_part(source) is None else "the test part"
    return f"those of random samples of {part}" + "; metrics read them as static columns" * (shown is not None)
