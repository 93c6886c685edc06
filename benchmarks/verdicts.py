"""The verdict put to the test: diseases planted on purpose, the classic program's collapse, healthy runs, rewinding.

python benchmarks/verdicts.py [diseases] [source] [healthy] [rewind] [--seeds 0 1 2] [--only WORD] [--out runs/verdicts]

A disease must be named rightly by the first alarm, before a third of the run; the classic program's collapse within
five epochs; a healthy run must raise no alarm. Each run has the horizon of its recipe, so that the looks fall as they
do for a user; those that are ill are ended by their first alarm. A run that breaks after a healthy beginning is
trained twice, left alone and with --on-verdict rewind. Runs that are there already are not trained again.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import ganwright
from ganwright.core.errors import AlarmError
from ganwright.health import monitor
from ganwright.health.evidence import Evidence
from ganwright.health.verdict import HEALTHY, TRY
from ganwright.runs.checkpoint import newest
from ganwright.training import trainer
from plantings import BREAKING, DISEASES, HEALTHY_RUNS, SOURCE, Case
from points import modes

EARLY = 1 / 3  # of the run: a disease must be named before
SOURCE_EPOCHS, EPOCH = 5, 55_000
HEADING = (
    "| case | recipe | data | seed | expected, and why | verdict | at images (share of the run) | evidence | looks |"
)
GROUPS = {"diseases": DISEASES, "source": SOURCE, "healthy": HEALTHY_RUNS}
REWIND_HEADING = (
    "| case | recipe | data | seed | on verdict | reports with an alarm | taken back | verdict at the end | modes |"
)


@dataclass(frozen=True)
class Outcome:
    """What a run was called: by its first alarm, or where there was none at its end."""

    verdict: str
    examples: int
    horizon: int
    evidence: str
    alarms: int
    looks: float  # share of the processor's time that was spent in looks

    def passed(self, case: Case) -> bool:
        if case.expected == HEALTHY:
            return self.alarms == 0
        limit = SOURCE_EPOCHS * EPOCH if case.as_source else EARLY * self.horizon
        return self.verdict == case.expected and self.examples <= limit


class Meter:
    """Processor seconds spent in the loop, and in the watch: fitting its reference and looking; and what was seen."""

    def __init__(self) -> None:
        self.seconds = {"loop": 0.0, "fit": 0.0, "looks": 0.0}
        self.seen: list[Evidence] = []

    @property
    def share(self) -> float:
        return (self.seconds["fit"] + self.seconds["looks"]) / (self.seconds["fit"] + self.seconds["loop"])

    def measured(self, name: str, function: Any) -> Any:
        def timed(*arguments: Any, **named: Any) -> Any:
            began = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[name] += time.process_time() - began
                if name == "looks":
                    self.seen += [look for look in arguments[0].looks[-1:] if look not in self.seen[-1:]]

        return timed

    @contextmanager
    def running(self) -> Iterator[None]:
        """Within it the loop and the watch are measured."""
        places = [
            (trainer, "loop", "loop"),
            (monitor.HealthMonitor, "__init__", "fit"),
            (monitor.HealthMonitor, "__call__", "looks"),
        ]
        kept = [getattr(owner, name) for owner, name, _ in places]
        for (owner, name, what), function in zip(places, kept, strict=True):
            setattr(owner, name, self.measured(what, function))
        try:
            yield
        finally:
            for (owner, name, _), function in zip(places, kept, strict=True):
                setattr(owner, name, function)


def trained(case: Case, seed: int, out: Path, on_verdict: str) -> Outcome:
    """The outcome of a case: read, where it was run before."""
    kept = out / "outcome.json"
    if not kept.is_file():
        meter = Meter()
        with meter.running(), redirect_stdout(sys.stderr):  # the table stays by itself
            run(case, seed, out, on_verdict)
        write_looks(out / "looks.csv", meter.seen)
        outcome = judged(ganwright.open(out), meter.share)
        kept.write_text(json.dumps(asdict(outcome)))
    return Outcome(**json.loads(kept.read_text()))


def write_looks(path: Path, seen: list[Evidence]) -> None:
    """Every figure of every look, so that the verdict's rules can be tried again without training."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Evidence)])
        table.writeheader()
        table.writerows(asdict(look) for look in seen)


def run(case: Case, seed: int, out: Path, on_verdict: str) -> None:
    """Trains a case, at least one line in the log for each look."""
    recipe, options = (case.recipe, case.options) if case.planting is None else (case.planted(seed), {})
    answer: Any = on_verdict
    reporting = ganwright.CallbackOptions(log_every=monitor.MIN_INTERVAL, on_verdict=answer, quiet=True)
    try:
        ganwright.train(
            recipe,
            case.data,
            out,
            examples=case.examples,
            seed=seed,
            as_source=case.as_source,
            reporting=reporting,
            **options,
        )
    except AlarmError as alarm:
        print(f"{out.name}: {alarm}", flush=True)


def judged(done: ganwright.Run, looks: float) -> Outcome:
    log = done.log()
    alarms = [line for line in log if line["verdict"]["name"] in TRY]
    line = (alarms or log[-1:])[0]
    words, horizon = line["verdict"], done.settings["horizon"]["examples"]
    return Outcome(words["name"], line["examples"], horizon, words["evidence"], len(alarms), looks)


def row(case: Case, seed: int, outcome: Outcome) -> str:
    """A line of the table."""
    source = " --as-source" if case.as_source else ""
    when = f"{outcome.examples:,} ({outcome.examples / outcome.horizon:.0%})"
    verdict = outcome.verdict if outcome.passed(case) else f"**{outcome.verdict}**"
    expected = f"{case.expected}: {case.why}" if case.why else case.expected
    return (
        f"| {case.name} | {case.recipe}{source} | {case.data} | {seed} | {expected} | {verdict} | {when} "
        f"| {outcome.evidence} | {outcome.looks:.1%} |"
    )


def rewind_row(case: Case, seed: int, out: Path, on_verdict: str) -> str:
    """A line of the table of runs that break after a healthy beginning."""
    outcome = trained(case, seed, out, on_verdict)
    done = ganwright.open(out)
    log, found = done.log(), newest(done.checkpoints)[1]
    assert found is not None
    given = ", ".join(found.state["callbacks"]["attempts"]["given"]) or "-"
    end = f"{log[-1]['verdict']['name']}: {log[-1]['verdict']['evidence']}"
    found_modes = modes(done.sample(2500, seed=99), case.data)
    alarms = f"{outcome.alarms} of {len(log)}"
    what = f"{case.name} | {case.recipe} | {case.data} | {seed} | {on_verdict}"
    return f"| {what} | {alarms} | {given} | {end} | {found_modes} |"


def rewinds(seeds: list[int], only: str, out: Path) -> None:
    print(REWIND_HEADING)
    print("|---" * REWIND_HEADING.count(" |") + "|")
    for seed in seeds:
        for case, answer in ((case, answer) for case in BREAKING for answer in ("note", "rewind")):
            if only in case.folder(seed):
                print(rewind_row(case, seed, out / f"{case.folder(seed)}-{answer}", answer), flush=True)


def judgements(groups: list[str], seeds: list[int], only: str, out: Path) -> None:
    print(HEADING)
    print("|---" * HEADING.count(" |") + "|")
    passed = total = 0
    for seed in seeds:
        for case in (case for group in groups for case in GROUPS[group]):
            if only in case.folder(seed):
                answer = "note" if case.expected == HEALTHY else "stop"
                outcome = trained(case, seed, out / case.folder(seed), answer)
                print(row(case, seed, outcome), flush=True)
                passed, total = passed + outcome.passed(case), total + 1
    print(f"\n{passed} of {total} as expected\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("groups", nargs="*", default=[*GROUPS, "rewind"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", default="", help="cases whose folder has this word in its name")
    parser.add_argument("--out", type=Path, default=Path("runs/verdicts"))
    arguments = parser.parse_args()
    groups = [group for group in arguments.groups if group in GROUPS]
    if groups:
        judgements(groups, arguments.seeds, arguments.only, arguments.out)
    if "rewind" in arguments.groups:
        rewinds(arguments.seeds, arguments.only, arguments.out)


if __name__ == "__main__":
    main()
