"""Trains and judges several seeds of every combination of some options, and puts them into one table."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import PositiveInt

from ganwright.commands import judge as judge_verb
from ganwright.commands.train import prepared, resolve_config, session
from ganwright.config import data_source
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option, fields, flag, unknown
from ganwright.config.serialization import is_object_marker, to_json
from ganwright.config.training_config import Hardware, TrainingConfig
from ganwright.core.errors import AlarmError, UserError
from ganwright.core.recipe import RecipeFunction
from ganwright.judging import real_data
from ganwright.judging.card import Card
from ganwright.judging.comparison import Comparison, Outcome
from ganwright.judging.subjects import RunSamples
from ganwright.judging.views import default_features
from ganwright.runs import atomic_files
from ganwright.runs.run import Run

SEEDS = 3
FAILED = "failed"  # in the place of a verdict
JUDGE = {"n": None, "draws": 3, "metric": (), "features": None, "seed": 0, "raw": False, "checkpoint": None}

Options = Mapping[str, Any]


def sweep(
    recipe: str | Path | RecipeFunction | None = None,
    data: Any = None,
    out: str | Path | None = None,
    *,
    seeds: int = SEEDS,
    sweep: Mapping[str, Sequence[Any]] | Sequence[str] = (),
    judge: Options | None = None,
    seed: int = 0,
    **given: Any,
) -> Comparison:
    """Trains `seeds` seeds, from `seed` on, of every combination of the options in `sweep`, and judges each run.

    `sweep` is {"loss": ["hinge", "relativistic"]} or words such as "loss=hinge,relativistic"; `judge` holds arguments
    of `judge` (n, draws, metric, features, seed, raw, checkpoint: best where `best_by` is given, else newest); all
    else is as in `train`. Runs lie in OUT/COMBINATION/seed-N, beside table.md and table.json. The same again goes on:
    what is finished is neither trained nor judged again. A run that fails, or that its verdict stops, becomes a row
    with the reason. A UserError for what cannot be asked for.
    """
    if int(os.environ.get("WORLD_SIZE", 1)) > 1:
        raise UserError("--seeds and --sweep run one after another in one process: start them without torchrun.")
    count = Option("seeds", PositiveInt, SEEDS, "").check(seeds)
    asked = _judging(judge or {})
    base = _commissioned(recipe, data, given | {"seed": seed})
    grid = Grid(recipe or base.request.spec.name, data, given, axes(sweep, _known(base), given))
    grid.refuse_hopeless()
    folder = Path(out or Path("sweeps") / f"{base.request.spec.short_name}-{base.source.data.name}")
    if (folder / "recipe.json").exists():
        raise UserError(f"{folder} is the folder of a run: choose another --out for a sweep.")
    first = base.request.seed
    runs = [(options, number) for options in grid.combinations for number in range(first, first + count)]
    protocol = {"recipe": base.request.spec.name, "seeds": list(range(first, first + count)), **_words(given)}
    comparison = Comparison(f"Runs in {folder}", (), protocol)
    for place, (options, number) in enumerate(runs, start=1):
        print(f"[{place} of {len(runs)}] {named(options) or base.request.spec.short_name}, seed {number}", flush=True)
        outcome = _outcome(grid, options, number, folder, asked)
        comparison = Comparison(comparison.title, [*comparison.outcomes, outcome], protocol)
        leave(comparison, folder)
    return comparison


class Grid:
    """Every combination of the values on some axes, each a commission."""

    def __init__(self, recipe: Any, data: Any, given: Options, axes: Mapping[str, Sequence[Any]]) -> None:
        self.recipe, self.data, self.given, self.axes = recipe, data, given, axes

    @property
    def combinations(self) -> Iterator[Options]:
        """One without any option where there are no axes."""
        for values in product(*self.axes.values()):
            yield dict(zip(self.axes, values, strict=True))

    def config(self, options: Options, seed: int) -> TrainingConfig:
        return _commissioned(self.recipe, self.data, {**self.given, **options, "seed": seed})

    def refuse_hopeless(self) -> None:
        """A UserError for a value with which no combination can be trained."""
        errors = [(options, self._error(options)) for options in self.combinations]
        if all(error for _, error in errors):
            raise UserError(str(errors[0][1]))
        for name, values in self.axes.items():
            for value in values:
                mine = [error for options, error in errors if options[name] is value]
                if all(mine):
                    raise UserError(str(mine[0]))

    def _error(self, options: Options) -> UserError | None:
        """What is wrong with a combination, if anything is."""
        try:
            prepared(self.config(options, 0))
        except UserError as error:
            return error
        return None


def axes(
    asked: Mapping[str, Sequence[Any]] | Sequence[str], known: Mapping[str, Option], given: Options
) -> dict[str, list[Any]]:
    """The values of each option, checked; a UserError for what is unknown, twice there, or given by itself too."""
    found: dict[str, list[Any]] = {}
    for name, values in _pairs(asked):
        if name == "seed":
            raise UserError("--sweep takes no seeds: give --seeds COUNT, and --seed for the first.")
        if name not in known:
            raise unknown(name, known, "A sweep of this recipe")
        if name in found or name in given:
            where = "twice in --sweep" if name in found else "by itself and in --sweep"
            raise UserError(f"{flag(name)} is given {where}: leave one of them out.")
        found[name] = [known[name].check(value) for value in values]
        words = [named({name: value}) for value in found[name]]
        if not words or len(set(words)) < len(words):
            raise UserError(f"--sweep {flag(name)[2:]} needs values that differ, not {', '.join(words) or 'none'}.")
    return found


def _pairs(asked: Mapping[str, Any] | Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Names and values, however they were written."""
    if not isinstance(asked, Mapping):
        yield from map(_read, [asked] if isinstance(asked, str) else asked)
        return
    for name, values in asked.items():
        several = isinstance(values, Sequence) and not isinstance(values, str)
        yield str(name).replace("-", "_"), values if several else [values]


def _read(word: str) -> tuple[str, list[str]]:
    """loss=hinge,relativistic."""
    name, _, values = word.partition("=")
    if not name or not values:
        raise UserError(f"--sweep takes OPTION=VALUE,VALUE, such as loss=hinge,relativistic, not {word!r}.")
    return name.strip().lstrip("-").replace("-", "_"), [value.strip() for value in values.split(",")]


def named(options: Options) -> str:
    """loss=hinge,generator-lr=0.001, which is a folder's name too."""
    words = {name: "x".join(map(str, w)) if isinstance(w, list) else w for name, w in to_json(options).items()}
    return re.sub(r"[^\w.+=,-]", "_", ",".join(f"{flag(name)[2:]}={word}" for name, word in words.items()))


def leave(comparison: Comparison, folder: Path) -> None:
    """Writes table.json and table.md."""
    with atomic_files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    atomic_files.write_json(folder / "table.json", comparison.words)
    atomic_files.write(folder / "table.md", comparison.markdown)


def _judging(asked: Options) -> dict[str, Any]:
    for name in asked:
        if name not in JUDGE:
            raise UserError(f"A sweep hands judge no {name!r}: it takes {', '.join(JUDGE)}.")
    n = Option("judge_samples", PositiveInt | None, None, "").check(asked.get("n"))
    return {**JUDGE, **asked, "n": n}


def _commissioned(recipe: Any, data: Any, given: Options) -> TrainingConfig:
    horizon = {name: given.get(name) for name in fields(RequestedHorizon())}
    return resolve_config(
        recipe, data, horizon, **{name: value for name, value in given.items() if name not in horizon}
    )


def _known(base: TrainingConfig) -> dict[str, Option]:
    """What may stand on an axis: options of the recipe and of the loader, the horizon, the hardware."""
    loader = {} if is_object_marker(base.source.asked) else data_source.loader_options(base.source.asked)
    return {**loader, **base.request.spec.options, **fields(RequestedHorizon()), **fields(Hardware())}


def _words(given: Options) -> dict[str, Any]:
    return {name: word for name, word in to_json(given).items() if name != "quiet" and word is not None}


# -- one run


def _outcome(grid: Grid, options: Options, seed: int, out: Path, asked: Options) -> Outcome:
    """Trained and judged, as far as that is still to be done; whatever the user could mend becomes the reason."""
    folder = out / named(options) / f"seed-{seed}"
    card, verdict, reason = None, FAILED, ""
    try:
        config = grid.config(options, seed)
        verdict = _trained(config, folder)
        card = _judged(config, folder, asked)
    except AlarmError as error:
        verdict, reason = error.verdict, str(error)
    except UserError as error:
        reason = str(error)
    log = Run(folder).log()
    name = named(options) or Path(str(grid.recipe)).stem
    return Outcome(name, seed, str(folder), verdict, log[-1]["seconds"] if log else 0.0, card, reason)


def _trained(config: TrainingConfig, folder: Path) -> str:
    """Brings the run to its horizon; returns the verdict on it."""
    with session(config, folder) as training:
        if training.alarm is not None:
            raise training.alarm
        if not (training.finished and (folder / "card.json").exists()):
            training.go()
        return training.monitor.verdict.name


def _judged(config: TrainingConfig, folder: Path, asked: Options) -> Card:
    """The card that is there, where it was made by the same protocol; otherwise a new one."""
    request, source = config.request, config.source
    words = to_json(request.options)
    objects = {name: value for name, value in request.options.items() if is_object_marker(words[name])}
    recipe = request.spec.function if is_object_marker(request.spec.name) else None
    checkpoint = asked["checkpoint"] or ("best" if config.callbacks.best_by else "newest")
    run = Run(folder, recipe, checkpoint=checkpoint, raw=asked["raw"], **objects)
    n = asked["n"] or min(judge_verb.SAMPLES, real_data.TRAIN, len(real_data.lent(source)))
    how = {name: asked[name] for name in ("draws", "metric", "features", "seed", "raw")}
    card = Card.read(folder / "card.json")
    if card is not None and _fits(card, run, config, n, how):
        return card
    data = source.data if is_object_marker(source.asked) else None
    return judge_verb.judge(run, data, n=n, **how)


def _fits(card: Card, run: Run, config: TrainingConfig, n: int, how: Options) -> bool:
    """Whether a judgement now would be by the card's protocol."""
    network = default_features(config.source.data.domain, how["features"])
    protocol = {"metrics": [], **card.protocol, "features": card.protocol["features"].get("name")}
    drawn = RunSamples(run, how["seed"]).words
    now = {"samples": n, "draws": how["draws"], "metrics": list(how["metric"]), **drawn}
    now |= {"features": None if network is None else network.name}
    return all(protocol.get(name) == word for name, word in now.items())
