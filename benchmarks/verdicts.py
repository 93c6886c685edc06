"""Tests the verdict on runs with injected faults, on the classic program's collapse, on healthy runs, and rewinding.

python benchmarks/verdicts.py [faults] [source] [healthy] [rewind] [--seeds 0 1 2] [--only WORD] [--out runs/verdicts]

The first alarm must name a fault correctly before a third of the run, and the classic program's collapse within five
epochs; a healthy run must raise no alarm. Each run has the horizon of its recipe, so that the health checks happen when
they do for a user; faulty runs end at their first alarm. A run that breaks after a healthy start is trained twice: with
--on-verdict note and with --on-verdict rewind. Finished runs are not trained again.
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
from itertools import product
from pathlib import Path
from typing import Any

import ganwright
from ganwright.core.errors import AlarmError
from ganwright.health import monitor
from ganwright.health.evidence import Evidence
from ganwright.health.verdict import COLLAPSE, DISCRIMINATOR, DIVERGED, GENERATOR, HEALTHY
from ganwright.runs.checkpoint import newest
from ganwright.training import trainer
from planted_faults import BREAKING, FAULTS, HEALTHY_RUNS, SOURCE, Case
from points import modes

ALARMS = {COLLAPSE, DISCRIMINATOR, GENERATOR, DIVERGED}
LOG_EVERY = 4_096  # examples: the shortest interval between two health checks
EARLY = 1 / 3  # share of the run before which a fault must be named
SOURCE_EPOCHS, EPOCH = 5, 55_000
HEADING = (
    "| case | recipe | data | seed | expected, and why | verdict | at examples (share of the run) | evidence "
    "| health checks |"
)
GROUPS = {"faults": FAULTS, "source": SOURCE, "healthy": HEALTHY_RUNS}
REWIND_HEADING = (
    "| case | recipe | data | seed | on verdict | log lines with an alarm | rewound for | verdict at the end | modes |"
)


@dataclass(frozen=True)
class Outcome:
    """The verdict on a run: its first alarm, or without alarms the verdict at its end."""

    verdict: str
    examples: int
    horizon: int
    evidence: str
    alarms: int
    checks: float  # share of CPU time that was spent in health checks

    def passed(self, case: Case) -> bool:
        if case.expected == HEALTHY:
            return self.alarms == 0
        limit = SOURCE_EPOCHS * EPOCH if case.as_source else EARLY * self.horizon
        return self.verdict == case.expected and self.examples <= limit


class Meter:
    """CPU seconds spent in the loop and in the health monitor (fitting and checks), and the evidence."""

    def __init__(self) -> None:
        self.seconds = {"loop": 0.0, "fit": 0.0, "checks": 0.0}
        self.evidence: list[Evidence] = []

    @property
    def share(self) -> float:
        return (self.seconds["fit"] + self.seconds["checks"]) / (self.seconds["fit"] + self.seconds["loop"])

    def timing(self, name: str, function: Any) -> Any:
        def timed(*arguments: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return function(*arguments, **named)
            finally:
                self.seconds[name] += time.process_time() - start
                if name == "checks":
                    self.evidence += [check for check in arguments[0].checks[-1:] if check not in self.evidence[-1:]]

        return timed

    @contextmanager
    def running(self) -> Iterator[None]:
        """Measures the loop and the health monitor within the block."""
        places = [
            (trainer, "loop", "loop"),
            (monitor.HealthMonitor, "__init__", "fit"),
            (monitor.HealthMonitor, "__call__", "checks"),
        ]
        originals = [getattr(owner, name) for owner, name, _ in places]
        for (owner, name, what), function in zip(places, originals, strict=True):
            setattr(owner, name, self.timing(what, function))
        try:
            yield
        finally:
            for (owner, name, _), function in zip(places, originals, strict=True):
                setattr(owner, name, function)


def trained(case: Case, seed: int, out: Path, on_verdict: str) -> Outcome:
    """The outcome of a case; read from its file if the case was run before."""
    saved = out / "outcome.json"
    if not saved.is_file():
        meter = Meter()
        with meter.running(), redirect_stdout(sys.stderr):  # stdout holds the table only
            run(case, seed, out, on_verdict)
        write_evidence(out / "health_checks.csv", meter.evidence)
        outcome = outcome_of(ganwright.open(out), meter.share)
        saved.write_text(json.dumps(asdict(outcome)))
    return Outcome(**json.loads(saved.read_text()))


def write_evidence(path: Path, evidence: list[Evidence]) -> None:
    """Every figure of every health check, so that the verdict's rules can be tested again without training."""
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, [field.name for field in fields(Evidence)])
        table.writeheader()
        table.writerows(asdict(check) for check in evidence)


def run(case: Case, seed: int, out: Path, on_verdict: str) -> None:
    """Trains a case, with at least one log line for each health check."""
    recipe, options = (case.recipe, case.options) if case.fault is None else (case.faulty_recipe(seed), {})
    try:
        ganwright.train(
            recipe,
            case.data,
            out,
            examples=case.examples,
            seed=seed,
            as_source=case.as_source,
            log_every=LOG_EVERY,
            on_verdict=on_verdict,
            quiet=True,
            **options,
        )
    except AlarmError as alarm:
        print(f"{out.name}: {alarm}", flush=True)


def outcome_of(run: ganwright.Run, checks: float) -> Outcome:
    log = run.log()
    alarms = [line for line in log if line["verdict"]["name"] in ALARMS]
    line = (alarms or log[-1:])[0]
    verdict, horizon = line["verdict"], run.settings["horizon"]["examples"]
    return Outcome(verdict["name"], line["examples"], horizon, verdict["evidence"], len(alarms), checks)


def row(case: Case, seed: int, outcome: Outcome) -> str:
    """A row of the table."""
    source = " --as-source" if case.as_source else ""
    when = f"{outcome.examples:,} ({outcome.examples / outcome.horizon:.0%})"
    verdict = outcome.verdict if outcome.passed(case) else f"**{outcome.verdict}**"
    expected = f"{case.expected}: {case.why}" if case.why else case.expected
    return (
        f"| {case.name} | {case.recipe}{source} | {case.data} | {seed} | {expected} | {verdict} | {when} "
        f"| {outcome.evidence} | {outcome.checks:.1%} |"
    )


def rewind_row(case: Case, seed: int, out: Path, on_verdict: str) -> str:
    """A row of the table of runs that break after a healthy start."""
    outcome = trained(case, seed, out, on_verdict)
    finished = ganwright.open(out)
    log, checkpoint = finished.log(), newest(finished.checkpoints)[1]
    assert checkpoint is not None
    rewound_for = ", ".join(checkpoint.state["callbacks"]["attempts"]["given"]) or "-"
    end = f"{log[-1]['verdict']['name']}: {log[-1]['verdict']['evidence']}"
    covered = modes(finished.sample(2500, seed=99), case.data)
    alarms = f"{outcome.alarms} of {len(log)}"
    what = f"{case.name} | {case.recipe} | {case.data} | {seed} | {on_verdict}"
    return f"| {what} | {alarms} | {rewound_for} | {end} | {covered} |"


def print_rewinding(seeds: list[int], only: str, out: Path) -> None:
    print(REWIND_HEADING)
    print("|---" * REWIND_HEADING.count(" |") + "|")
    for seed in seeds:
        for case, on_verdict in product(BREAKING, ("note", "rewind")):
            if only in case.folder(seed):
                print(rewind_row(case, seed, out / f"{case.folder(seed)}-{on_verdict}", on_verdict), flush=True)


def print_verdicts(groups: list[str], seeds: list[int], only: str, out: Path) -> None:
    print(HEADING)
    print("|---" * HEADING.count(" |") + "|")
    passed = total = 0
    for seed in seeds:
        for case in (case for group in groups for case in GROUPS[group]):
            if only in case.folder(seed):
                on_verdict = "note" if case.expected == HEALTHY else "stop"
                outcome = trained(case, seed, out / case.folder(seed), on_verdict)
                print(row(case, seed, outcome), flush=True)
                passed, total = passed + outcome.passed(case), total + 1
    print(f"\n{passed} of {total} as expected\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("groups", nargs="*", default=[*GROUPS, "rewind"])
    parser.add_argument("--seeds", type=int, nargs="+", default=[0])
    parser.add_argument("--only", default="", help="run only cases whose folder name contains this word")
    parser.add_argument("--out", type=Path, default=Path("runs/verdicts"))
    arguments = parser.parse_args()
    groups = [group for group in arguments.groups if group in GROUPS]
    if groups:
        print_verdicts(groups, arguments.seeds, arguments.only, arguments.out)
    if "rewind" in arguments.groups:
        print_rewinding(arguments.seeds, arguments.only, arguments.out)


if __name__ == "__main__":
    main()
