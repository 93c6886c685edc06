"""Puts language models beside generated strings: Markov chains and an LSTM, fitted to the training part."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ganwright.core import ranks
from ganwright.core.discovery import load_module, names
from ganwright.core.metric import TooFewError
from ganwright.judging.cache import cached
from ganwright.judging.card import Card, Estimate, Score, short
from ganwright.judging.judgement import BoundMetric
from ganwright.judging.real_data import RealData
from ganwright.judging.views import ViewedSamples, Views
from ganwright.metrics import _lstm, _markov
from ganwright.metrics._strings import Codes, codes_of, end_of
from ganwright.version import __version__

VIEW, MAIN = "strings", "js_4"
BIGRAM, TRIGRAM, FOURGRAM, LSTM = "bigram", "trigram", "4-gram", "LSTM"
SURE = 2  # standard deviations
SAID = (
    "An LSTM of moderate size that is trained by likelihood has lower n-gram divergences than GANs of text in every "
    "published comparison: where the text itself is all that is wanted, train one."
)


@dataclass(frozen=True)
class LanguageModels:
    """The models by name, each of which draws [count, length] strings under a key; they are fitted when first used."""

    train: Codes
    symbols: int

    def sample(self, name: str, count: int, repetition: int) -> Codes:
        drawn: Codes = self._models[name]().sample(count, self.train.shape[1], name, repetition)
        return drawn

    @cached_property
    def _models(self) -> Mapping[str, Callable[[], Any]]:
        chains = {name: self._chain(order) for order, name in enumerate((BIGRAM, TRIGRAM, FOURGRAM), 1)}
        return {**chains, LSTM: lambda: self._lstm}

    def _chain(self, order: int) -> Callable[[], _markov.MarkovChain]:
        return lambda: _markov.fitted(self.train, self.symbols, order)

    @cached_property
    def _lstm(self) -> _lstm.LanguageModel:
        return _lstm.fitted(self.train, self.symbols)


def beside(card: Card, real: RealData, views: Views, n: int, repetitions: int) -> Card:
    """The card with the values of language models in the notes of its metrics of strings, and a line for each JS-4.

    The models draw as many strings as were judged, `repetitions` times, which are cached. Cards without metrics of
    strings are unchanged. Every process must call it.
    """
    bound = [BoundMetric(name, load_module("metrics", name).METRIC, real, views) for name in names("metrics")]
    lines = {
        one.named(value, n): (one, value) for one in bound if one.metric.view == VIEW for value in one.metric.values
    }
    measured = [score for score in card.values if score.name in lines and score.samples is not None]
    if not measured:
        return card
    with ranks.rank_zero_first():  # rank 0 fills the cache, the others read it
        sets = _samples(real, views, n, repetitions)
    wanted = {lines[score.name][0].name: lines[score.name][0] for score in measured}
    found = {name: _estimates([*wanted.values()], of_model) for name, of_model in sets.items()}
    values = [_with_note(score, lines.get(score.name, (None, ""))[1], found) for score in card.values]
    protocol = {
        "fitted to": f"{len(_training(real)):,} strings of {'the training part' if real.train else 'the other half'}",
        "models": f"{BIGRAM}, {TRIGRAM}, {FOURGRAM}: Markov chains of order 1, 2, 3; {LSTM}: one layer of "
        f"{_lstm.DEFAULT.state} cells, at most {_lstm.DEFAULT.epochs} epochs of maximum likelihood",
        "note": SAID,
        "values": {name: {value: float(f"{one.value:.6g}") for value, one in of.items()} for name, of in found.items()},
    }
    main = [score for score in measured if lines[score.name][1] == MAIN]
    more = [line for score in main for line in _lines(score, {name: of[MAIN] for name, of in found.items()})]
    return replace(card, values=(*values, *more), protocol={**card.protocol, "language models": protocol})


def _training(real: RealData) -> ViewedSamples:
    return real.train if real.train is not None else real.pool


def _samples(real: RealData, views: Views, n: int, repetitions: int) -> dict[str, list[ViewedSamples]]:
    """Sets of `n` strings of each model; fitting and drawing are cached."""
    train = _training(real)
    viewed = train(VIEW)
    models = LanguageModels(codes_of(viewed), end_of(viewed))
    found: dict[str, list[ViewedSamples]] = {}
    for name in (BIGRAM, TRIGRAM, FOURGRAM, LSTM):
        key = [__version__, name, str(_lstm.DEFAULT), train.content, models.symbols, n]
        codes = [
            cached("language-models", [*key, repetition], _drawing(models, name, n, repetition, views))
            for repetition in range(repetitions)
        ]
        found[name] = [ViewedSamples(views, one) for one in codes]
    return found


def _drawing(models: LanguageModels, name: str, n: int, repetition: int, views: Views) -> Callable[[], Codes]:
    return lambda: models.sample(name, n, repetition).astype(views.domain.dtype)


def _estimates(metrics: Sequence[BoundMetric], sets: Sequence[ViewedSamples]) -> dict[str, Estimate]:
    """The values of a model's strings, by name."""
    found: dict[str, Estimate] = {}
    for metric in metrics:
        try:
            measured = [metric.measure(one) for one in sets]
        except TooFewError:
            continue
        found |= {name: Estimate.of([values[name] for values in measured]) for name in metric.metric.values}
    return found


def _with_note(score: Score, value: str, found: Mapping[str, Mapping[str, Estimate]]) -> Score:
    """The line with the models' values in its note."""
    values = [f"{name} {short(of[value].value)}" for name, of in found.items() if value in of]
    return replace(score, note="; ".join(filter(None, [score.note, ", ".join(values)])))


def _lines(score: Score, found: Mapping[str, Estimate]) -> list[Score]:
    """A line for each model, which says whether the samples' divergence is lower or higher, beyond the uncertainty."""
    assert score.samples is not None
    base, _, count = score.name.rpartition("_")
    lines = []
    for name, estimate in found.items():
        gain = score.samples.value - estimate.value
        spread = SURE * float(np.hypot(score.samples.deviation or 0.0, estimate.deviation or 0.0))
        size = (
            f"{short(abs(gain))} {'lower' if gain < 0 else 'higher'}" if abs(gain) > spread else "not distinguishable"
        )
        said = f"language model; the samples' is {size}"
        lines.append(Score(f"{base}_{name.lower()}_{count}", score.better, estimate, note=said))
    return lines
