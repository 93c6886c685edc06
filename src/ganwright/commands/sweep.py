"""`train --seeds` and `train --sweep`: trains and judges several seeds of every combination of options."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Le

from ganwright.callbacks.progress import SilentDisplay
from ganwright.commands import judge as judge_command
from ganwright.config.horizon import RequestedHorizon
from ganwright.config.options import Option, PositiveInt, flag, option_name, options_of, refuse_unknown
from ganwright.config.resolve import resolve
from ganwright.config.serialization import is_object_marker, to_json
from ganwright.config.training_config import Hardware, TrainingConfig
from ganwright.core import ranks
from ganwright.core.errors import AlarmError, UserError
from ganwright.core.recipe import RecipeFunction
from ganwright.core.system import expanded
from ganwright.judging import real_data
from ganwright.judging.card import Card
from ganwright.judging.comparison import Comparison, Outcome
from ganwright.judging.subjects import RunSamples
from ganwright.judging.views import default_features
from ganwright.runs import atomic_files
from ganwright.runs.run import Run
from ganwright.training.preparation import prepare
from ganwright.training.session import open_session

SEEDS = 3
MAX_SEEDS = 10_000
FAILED = "failed"  # instead of a verdict
JUDGE = {"n": None, "repetitions": 3, "metric": (), "features": None, "seed": 0, "raw": False, "checkpoint": None}
ON_AXES = {**options_of(RequestedHorizon()), **options_of(Hardware())}  # with the options of recipe and loader

Values = Mapping[str, Any]


def sweep(
    recipe: str | Path | RecipeFunction | None = None,
    data: Any = None,
    out: str | Path | None = None,
    *,
    seeds: int = SEEDS,
    sweep: Mapping[str, Sequence[Any]] | Sequence[str] = (),
    judge: Values | None = None,
    **options: Any,
) -> Comparison:
    """Trains and judges `seeds` runs, from `seed` on, of every combination of the options in `sweep`.

    `sweep` is {"loss": ["hinge", "relativistic"]} or words such as "loss=hinge,relativistic"; `judge` holds arguments
    of `judge`: n, repetitions, metric, features, seed, raw, and checkpoint (best with `best_by` or `patience`, else
    newest). All other options are those of `train`. Runs lie in OUT/COMBINATION/seed-N, beside table.md and
    table.json. The same call again resumes: finished runs are neither trained nor judged again. A run that fails, or
    that its verdict stops, becomes a row with the reason. A UserError for a request that no run can satisfy.
    """
    if ranks.started_size() > 1:
        raise UserError("--seeds and --sweep run one after another in one process: start them without torchrun.")
    count = Option("seeds", Annotated[int, Ge(1), Le(MAX_SEEDS)], SEEDS, "").check(seeds)
    protocol = judge_options(judge or {})
    base = resolve({"recipe": recipe, "data": data, **options})
    grid = Grid({"recipe": recipe or base.recipe.spec.name, "data": data, **options}, axes(sweep, base, options))
    grid.refuse_hopeless()
    folder = expanded(out or Path("sweeps") / f"{base.recipe.spec.short_name}-{base.data.data.name}")
    if (folder / "recipe.json").exists():
        raise UserError(f"{folder} is the folder of a run: choose another --out for a sweep.")
    first = base.recipe.seed
    seeds_of_runs = range(first, first + count)
    runs = [(combination, seed) for combination in grid.combinations for seed in seeds_of_runs]
    recorded = {"recipe": base.recipe.spec.name, "seeds": list(seeds_of_runs), **recorded_options(options)}
    comparison = Comparison(f"Runs in {folder}", (), recorded)
    for place, (combination, seed) in enumerate(runs, start=1):
        name = combination_name(combination) or base.recipe.spec.short_name
        SilentDisplay().note(f"[{place} of {len(runs)}] {name}, seed {seed}")
        outcome = _outcome(grid, combination, seed, folder, protocol)
        comparison = Comparison(comparison.title, [*comparison.outcomes, outcome], recorded)
        write(comparison, folder)
    return comparison


class Grid:
    """Every combination of the values on some axes, added to the same request."""

    def __init__(self, request: Values, axes: Mapping[str, Sequence[Any]]) -> None:
        self.request, self.axes = request, axes

    @property
    def combinations(self) -> Iterator[Values]:
        """A single empty one if there are no axes."""
        for values in product(*self.axes.values()):
            yield dict(zip(self.axes, values, strict=True))

    def config(self, combination: Values, seed: int) -> TrainingConfig:
        return resolve({**self.request, **combination, "seed": seed})

    def refuse_hopeless(self) -> None:
        """A UserError for a value with which no combination can be trained."""
        errors = [(combination, self._error(combination)) for combination in self.combinations]
        if all(error for _, error in errors):
            raise UserError(str(errors[0][1]))
        for name, values in self.axes.items():
            for value in values:
                errors_of_value = [error for combination, error in errors if combination[name] is value]
                if all(errors_of_value):
                    raise UserError(str(errors_of_value[0]))

    def _error(self, combination: Values) -> UserError | None:
        """The mistake in a combination, if there is one."""
        try:
            prepare(self.config(combination, 0))
        except UserError as error:
            return error
        return None


def axes(
    requested: Mapping[str, Sequence[Any]] | Sequence[str], base: TrainingConfig, options: Values
) -> dict[str, list[Any]]:
    """The checked values of each option; a UserError for an option that is unknown or given twice."""
    known = {**base.data.known_options, **base.recipe.spec.options, **ON_AXES}
    found: dict[str, list[Any]] = {}
    for name, values in _pairs(requested):
        if name == "seed":
            raise UserError("--sweep takes no seeds: give --seeds COUNT, and --seed for the first.")
        refuse_unknown([name], known, f"A sweep of the {base.recipe.spec} on the data {base.data.name}")
        if name in found or name in options:
            where = "twice in --sweep" if name in found else "by itself and in --sweep"
            raise UserError(f"{flag(name)} is given {where}: leave one of them out.")
        found[name] = [known[name].check(value) for value in values]
        names = [combination_name({name: value}) for value in found[name]]
        if not names or len(set(names)) < len(names):
            raise UserError(f"--sweep {flag(name)[2:]} needs values that differ, not {', '.join(names) or 'none'}.")
    return found


def _pairs(requested: Mapping[str, Any] | Sequence[str]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Names and values of a mapping, or of words."""
    if not isinstance(requested, Mapping):
        yield from map(_parsed, [requested] if isinstance(requested, str) else requested)
        return
    for name, values in requested.items():
        several = isinstance(values, Sequence) and not isinstance(values, str)
        yield option_name(str(name)), values if several else [values]


def _parsed(word: Any) -> tuple[str, list[str]]:
    """`loss=hinge,relativistic` as the option's name and its values."""
    name, _, values = word.partition("=") if isinstance(word, str) else ("", "", "")
    if not name or not values:
        raise UserError(f"--sweep takes OPTION=VALUE,VALUE, such as loss=hinge,relativistic, not {word!r}.")
    return option_name(name.strip()), [value.strip() for value in values.split(",")]


def combination_name(combination: Values) -> str:
    """`loss=hinge,generator-lr=0.001`, which names a folder too."""
    shown = {
        name: "x".join(map(str, v)) if isinstance(v, list) else v for name, v in to_json(dict(combination)).items()
    }
    return re.sub(r"[^\w.+=,-]", "_", ",".join(f"{flag(name)[2:]}={value}" for name, value in shown.items()))


def write(comparison: Comparison, folder: Path) -> None:
    """Writes table.json and table.md."""
    with atomic_files.writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    atomic_files.write_json(folder / "table.json", comparison.to_dict())
    atomic_files.write(folder / "table.md", comparison.markdown)


def judge_options(options: Values) -> dict[str, Any]:
    """The arguments of `judge` for every run, with their defaults."""
    for name in options:
        if name not in JUDGE:
            raise UserError(f"A sweep hands judge no {name!r}: it takes {', '.join(JUDGE)}.")
    n = Option("judge_samples", PositiveInt | None, None, "").check(options.get("n"))
    return {**JUDGE, **options, "n": n}


def recorded_options(options: Values) -> dict[str, Any]:
    """The options that table.json records: all but those of the display."""
    unrecorded = ("quiet", "started", "seed")
    return {name: value for name, value in to_json(options).items() if name not in unrecorded and value is not None}


# -- one run


def _outcome(grid: Grid, combination: Values, seed: int, out: Path, protocol: Values) -> Outcome:
    """Trains and judges what is not finished yet; a UserError becomes the reason of a failure."""
    folder = out / combination_name(combination) / f"seed-{seed}"
    card, verdict, reason = None, FAILED, ""
    try:
        config = grid.config(combination, seed)
        verdict = _trained(config, folder)
        card = _judged(config, folder, protocol)
    except AlarmError as error:
        verdict, reason = error.verdict, str(error)
    except UserError as error:
        reason = str(error)
    last = Run(folder).last_log_line()
    name = combination_name(combination) or Path(str(grid.request["recipe"])).stem
    return Outcome(name, seed, str(folder), verdict, last["seconds"] or 0.0 if last else 0.0, card, reason)


def _trained(config: TrainingConfig, folder: Path) -> str:
    """Trains the run to its horizon; returns its verdict."""
    with open_session(config, folder) as trainer:
        if trainer.alarm is not None:
            raise trainer.alarm
        if not (trainer.finished and (folder / "card.json").exists()):
            trainer.train()
        return trainer.callbacks.monitor.verdict.name


def _judged(config: TrainingConfig, folder: Path, protocol: Values) -> Card:
    """The run's card, if it was made by the same protocol; otherwise a new one."""
    recipe, source = config.recipe, config.data
    recorded = to_json(recipe.options)
    objects: dict[str, Any] = {
        name: value for name, value in recipe.options.items() if is_object_marker(recorded[name])
    }
    objects |= source.own_domains
    own = is_object_marker(recipe.spec.name) or recipe.spec.name.endswith(".py")
    function = recipe.spec.function if own else None
    checkpoint = protocol["checkpoint"] or ("best" if config.callbacks.selects else "newest")
    run = Run(folder, function, checkpoint=checkpoint, raw=protocol["raw"], **objects)
    n = protocol["n"] or min(judge_command.SAMPLES, real_data.TRAIN, len(real_data.baseline_rows(source)))
    how = {name: protocol[name] for name in ("repetitions", "metric", "features", "seed", "raw")}
    card = Card.read(folder / "card.json")
    if card is not None and _fits(card, run, config, n, how):
        return card
    data = source.data if is_object_marker(source.name) else None
    return judge_command.judge(run, data, n=n, **how)


def _fits(card: Card, run: Run, config: TrainingConfig, n: int, how: Values) -> bool:
    """Whether the card was made by the protocol that a judgement now would have."""
    network = default_features(config.data.data.domain, how["features"])
    features = card.protocol.get("features")
    recorded = {
        "metrics": [],
        **card.protocol,
        "features": features.get("name") if isinstance(features, dict) else None,
    }
    drawn = RunSamples(run, how["seed"]).protocol
    now: dict[str, Any] = {
        "data": config.data.data.name,
        "samples": n,
        "repetitions": how["repetitions"],
        "metrics": list(how["metric"]),
        **drawn,
    }
    now |= {"features": None if network is None else network.name}
    return all(recorded.get(name) == value for name, value in now.items())
