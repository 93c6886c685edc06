"""Several seeds and combinations of options, trained, judged and put into one table."""

import json
import statistics
from pathlib import Path
from typing import Any

import pytest

import ganwright
from conftest import SMALL, Constant
from ganwright.callbacks.signals import SignalHandler
from ganwright.cli import main
from ganwright.commands import judge as judge_command
from ganwright.commands import sweep as sweep_command
from ganwright.core.clock import Clock
from ganwright.core.errors import Stopped, UserError
from ganwright.health import monitor
from ganwright.judging.card import Card, Estimate
from ganwright.judging.comparison import Comparison
from ganwright.training.trainer import Trainer

GIVEN = {**SMALL, "examples": 64, "sample_every": 64, "count": 2_000}
JUDGE = {"n": 100, "repetitions": 1, "metric": ["sliced-points", "modes"]}


def sweep(out: Path, judge: dict[str, Any] | None = None, **given: Any) -> Comparison:
    return ganwright.sweep("ring", out=out, judge={**JUDGE, **(judge or {})}, **{**GIVEN, **given})


def idle(monkeypatch: pytest.MonkeyPatch, *also: str) -> None:
    """Nothing may be trained, nor judged, from here on."""
    monkeypatch.setattr(Trainer, "train", lambda self: pytest.fail("it was trained before"))
    if "judge" in also:
        monkeypatch.setattr(judge_command, "judge", lambda *given, **how: pytest.fail("it was judged before"))


def test_seeds_give_mean_and_spread_and_are_not_done_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    table = sweep(tmp_path, seeds=2, seed=5)
    (row,) = table.rows
    cards = [Card.read(tmp_path / f"seed-{seed}" / "card.json") for seed in (5, 6)]
    values = [card["sliced_w1_100"] for card in cards if card]
    estimate = row.estimate("sliced_w1_100")
    assert estimate == Estimate(statistics.fmean(values), statistics.stdev(values), 2)
    assert list(table.lines) == [
        f"{name}_100" for name in ("sliced_w1", "modes", "high_quality", "narrowest_mode", "widest_mode")
    ]
    assert row.cells[:2] == ("2", "2 undecided")
    written = json.loads((tmp_path / "table.json").read_text())
    assert written["rows"][0]["values"]["sliced_w1_100"]["value"] == estimate.value
    assert written["real data"]["sliced_w1_100"]["value"] < estimate.value
    assert written["protocol"]["seeds"] == [5, 6]
    markdown = (tmp_path / "table.md").read_text()
    assert "| ring | " in markdown
    assert "| real data | " in markdown
    assert "- samples: 100\n" in markdown

    idle(monkeypatch, "judge")
    assert sweep(tmp_path, seeds=2, seed=5).to_dict() == written
    monkeypatch.undo()
    idle(monkeypatch)
    assert next(iter(sweep(tmp_path, {"n": 120}, seeds=2, seed=5).lines)) == "sliced_w1_120"


def test_a_grid_with_one_seed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["loss=non-saturating,hinge", "batch=16,32"]
    given = {name: value for name, value in GIVEN.items() if name not in ("loss", "batch")}
    table = ganwright.sweep("ring", None, tmp_path, seeds=1, sweep=words, judge={**JUDGE, "repetitions": 2}, **given)
    names = [f"loss={loss},batch={batch}" for loss in ("non-saturating", "hinge") for batch in (16, 32)]
    assert [row.combination for row in table.rows] == names
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == sorted(names)
    first = Card.read(tmp_path / names[0] / "seed-0" / "card.json")
    assert first is not None
    assert table.rows[0].estimate("sliced_w1_100") == first.values[0].samples
    assert "for a single judged seed, over draws of its run" in table.explanation
    assert "[4 of 4] loss=hinge,batch=32, seed 0" in capsys.readouterr().out


def test_what_fails_is_a_row_with_the_reason(tmp_path: Path) -> None:
    options = {"loss": ["hinge", "non-saturating"], "real_label": [1.0, 0.9]}
    given = {name: value for name, value in GIVEN.items() if name != "loss"}
    table = ganwright.sweep("ring", out=tmp_path, seeds=1, sweep=options, judge=JUDGE, **given)
    assert [row.judged for row in table.rows] == [1, 0, 1, 1]
    assert dict(table.rows[1].verdicts) == {"failed": 1}
    (problem,) = table.problems
    assert "no labels to smooth" in problem
    assert f"## Not judged\n- {problem}" in (tmp_path / "table.md").read_text()


def test_an_alarm_is_a_row_too_and_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(monitor, "MIN_INTERVAL", 128)
    given = {"generator": Constant(), "seeds": 1, "examples": 1_280, "on_verdict": "stop", "sample_every": 1_280}
    given |= {"generator_lr": 3e-3, "gain": None}
    table = sweep(tmp_path, **given)
    assert dict(table.rows[0].verdicts) == {"mode collapse": 1}
    assert " examples: mode collapse: " in table.problems[0]
    assert "real data" not in table.markdown.partition("##")[0].partition("±")[0]
    idle(monkeypatch, "judge")
    assert sweep(tmp_path, **given).to_dict() == table.to_dict()


def test_ctrl_c_ends_all_and_the_same_again_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def observe(self: SignalHandler, clock: Clock, played: object) -> None:
        if (tmp_path / "seed-0" / "card.json").exists() and clock.examples >= 32:
            raise Stopped

    with monkeypatch.context() as patch:
        patch.setattr(SignalHandler, "__call__", observe)
        with pytest.raises(KeyboardInterrupt):
            sweep(tmp_path, seeds=2)
    assert [run["seed"] for run in json.loads((tmp_path / "table.json").read_text())["runs"]] == [0]
    before = (tmp_path / "seed-0" / "log.jsonl").read_bytes()
    table = sweep(tmp_path, seeds=2)
    assert table.rows[0].judged == 2
    assert (tmp_path / "seed-0" / "log.jsonl").read_bytes() == before


def test_another_option_is_refused_for_runs_that_are_there(tmp_path: Path) -> None:
    sweep(tmp_path, seeds=1)
    assert "has --latent 2, not 3" in sweep(tmp_path, seeds=1, latent=3).problems[0]


def test_the_best_checkpoint_is_judged_where_one_is_chosen(tmp_path: Path) -> None:
    table = sweep(tmp_path, seeds=1, best_by="sliced-points", best_samples=32)
    card = table.outcomes[0].card
    assert card is not None
    assert card.protocol["checkpoint"].startswith("best by sliced_w1_32 ")


# -- as it is typed

TRAIN = "train ring --examples 64 --quiet"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--seeds 0", "--seeds cannot be '0'"),
        ("--judge-samples 5", "--judge-samples goes with --seeds or --sweep."),
        ("--seeds 1 --judge-samples 0", "--judge-samples cannot be '0'"),
        ("--sweep loss", "--sweep takes OPTION=VALUE,VALUE, such as loss=hinge,relativistic, not 'loss'."),
        ("--sweep lss=hinge", "has no option --lss. Did you mean --loss?"),
        ("--sweep seed=1,2", "--sweep takes no seeds: give --seeds COUNT"),
        ("--sweep batch=32,many", "--batch cannot be 'many'"),
        ("--sweep batch=32,32", "--sweep batch needs values that differ, not batch=32, batch=32."),
        ("--sweep batch=32 --sweep batch=64", "--batch is given twice in --sweep"),
        ("--sweep batch=32 --batch 64", "--batch is given by itself and in --sweep"),
        ("--sweep loss=hing,hinge", "Did you mean hinge?"),
        ("--seeds 1 --latnet 3", "Did you mean --latent?"),
        ("--seeds 1 --best-by sliced-point", "Did you mean sliced-points?"),
        ("--seeds 1 --device gpu", "The device 'gpu' cannot be used here"),
    ],
)
def test_mistakes_are_one_sentence(
    words: str, sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([*TRAIN.split(), *words.split()])
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_other_mistakes(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(UserError, match="A sweep hands judge no 'samples'"):
        sweep(trained, {"samples": 3})
    with pytest.raises(UserError, match="is the folder of a run"):
        sweep(trained)
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="without torchrun"):
        sweep(trained)


def test_the_command_prints_its_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.yaml"
    config.write_text("sweep: {generator-lr: [1e-3, 3e-3]}\ncount: 2000\nsample-every: 64\n")
    words = f"{TRAIN} --config {config} --seeds 1 --judge-samples 50 --out {tmp_path / 'out'}"
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert not ended.value.code
    said = capsys.readouterr().out
    assert "real data" in said
    assert "[2 of 2] generator-lr=0.003, seed 0" in said
    assert sweep_command.combination_name({"sizes": (8, 8), "loss": Constant}) == "sizes=8x8,loss=_Constant_"


def test_absurd_numbers_of_seeds_are_refused() -> None:
    with pytest.raises(UserError, match="--seeds cannot be 1000000000"):
        ganwright.sweep("ring", seeds=10**9)


@pytest.mark.parametrize("requested", [[["a"]], [5], ["loss"]])
def test_a_sweep_of_other_types_is_one_sentence(requested: list[Any]) -> None:
    with pytest.raises(UserError, match="--sweep takes OPTION=VALUE,VALUE"):
        ganwright.sweep("ring", sweep=requested)
