"""A plan says what a training would take, and touches nothing."""

import json
import os
from pathlib import Path

import pytest
import torch

import ganwright
from conftest import SMALL, pictures, points
from ganwright.cli import main
from ganwright.core.errors import UserError
from ganwright.planning import profiler
from ganwright.runs import atomic_files, checkpoint

QUICK = {**SMALL, "sample_every": 10**6}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(profiler, "SECONDS", 0.05)
    monkeypatch.chdir(tmp_path)


def test_it_counts_what_the_networks_hold_and_compute() -> None:
    plan = ganwright.plan("vanilla", pictures(), examples=6_400, **QUICK)
    assert plan.players["generator"] == (2 * 8 + 8 + 2 * 8 + 8 * 64 + 64, 2 * 8 + 8 * 64)
    assert plan.players["discriminator"] == (64 * 8 + 8 + 8 + 1, 64 * 8 + 8)
    generator, discriminator = (work for _, work in plan.players.values())
    # The discriminator's turn: fakes without gradients, two scores, and each layer's weights from both; its first
    # layer's gradient goes no further. The generator's: fakes, two scores, back through the fakes' to every weight.
    first = 64 * 8
    turn_d = generator + 2 * discriminator + 2 * discriminator + 2 * (discriminator - first)
    turn_g = generator + 2 * discriminator + discriminator + generator + (generator - 2 * 8)
    assert plan.multiply_adds == turn_d + turn_g
    assert plan.examples == 6_400
    assert plan.epochs == pytest.approx(6_400 / 96)
    assert plan.machine["device"] == "cpu"
    assert plan.memory is None or plan.memory > 50e6
    assert plan.shortage is None
    assert list(Path().iterdir()) == []


def test_lazy_turns_count_by_their_share() -> None:
    given = {**QUICK, "penalty": "r1", "examples": 640}
    often, rarely = (ganwright.plan("vanilla", pictures(), **given, penalty_every=k).multiply_adds for k in (2, 8))
    without = ganwright.plan("vanilla", pictures(), **{**given, "penalty": "none"}).multiply_adds
    assert often - without == pytest.approx(4 * (rarely - without), abs=4)


def test_bytes_and_counts_are_those_of_the_run() -> None:
    given = {**SMALL, "examples": 12_800, "sample_every": 3_200, "keep_every": 3_200}
    plan, run = ganwright.plan("vanilla", "digits", **given), ganwright.train("vanilla", "digits", "run", **given)
    saved = checkpoint.saved(run.checkpoints)
    kept = sum(file.stat().st_size for file in saved[-1].iterdir())
    assert plan.bytes["checkpoints"] == pytest.approx(5 * kept, rel=0.15)  # were it healthy, one would be so before
    assert len(saved) == 4
    assert plan.bytes["log"] == pytest.approx(run.log_file.stat().st_size, rel=0.15)
    assert plan.bytes["sample grids"] == pytest.approx(
        sum(sample_grid.stat().st_size for sample_grid in run.sample_grids()), rel=0.4
    )


def test_minutes_become_images() -> None:
    plan = ganwright.plan("vanilla", pictures(), minutes=2, **QUICK)
    assert plan.minutes == pytest.approx(2, rel=0.02)
    assert plan.examples > 640


def test_a_disk_that_is_too_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(atomic_files, "free", lambda path: 1000)
    plan = ganwright.plan("vanilla", pictures(), "there", examples=64, **QUICK)
    assert plan.shortage is not None
    assert "are free there: free some space, or choose another --out." in str(plan)
    assert plan.to_dict()["shortage"] == plan.shortage


def test_as_it_is_typed(capsys: pytest.CaptureFixture[str]) -> None:
    words = "plan ring --count 2000 --examples 2560 --sample-every 99999 --generator-sizes 8 --discriminator-sizes 8"
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert not ended.value.code
    said = capsys.readouterr().out
    assert all(word in said for word in ("ring on ring", "cpu, 1 thread(s)", "multiply-adds", "examples/s", "MB"))
    with pytest.raises(SystemExit):
        main([*words.split(), "--json"])
    found = json.loads(capsys.readouterr().out)
    assert found["examples"] == 2560
    assert found["minutes"] == pytest.approx(sum(found["seconds"].values()) / 60)
    assert found["disk_bytes"] == pytest.approx(sum(found["bytes"].values()))
    assert list(Path().iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("plan rnig", "There is no 'rnig' among recipes"),
        ("plan digits", "digits is a data set, not a recipe: use --data digits."),
        ("plan ring --latnet 3", "The recipe ring on the data ring has no option --latnet. Did you mean --latent?"),
        ("plan ring --examples 10 --epochs 2", "Give one of --examples, --steps, --epochs and --minutes"),
        ("plan ring --device cud", "The device 'cud' cannot be used here"),
        ("plan ring --from nowhere --examples 64", "no intact checkpoint there"),
        ("plan ring --seeds 2", "has no option --seeds"),
    ],
)
def test_mistakes_are_those_of_train(words: str, sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(words.split())
    assert ended.value.code in (1, 2)
    said = capsys.readouterr().err
    assert sentence in said
    assert said.count("\n") == 1
    assert list(Path().iterdir()) == []


def test_one_process_makes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    with pytest.raises(UserError, match="without torchrun"):
        ganwright.plan("vanilla", pictures(), examples=64, **QUICK)


def test_the_users_own_networks_are_not_trained() -> None:
    generator = torch.nn.Linear(2, 2)
    before = generator.weight.clone()
    ganwright.plan("ring", points(), examples=64, **{**QUICK, "generator": generator})
    assert torch.equal(generator.weight, before)


def test_the_nearest_folder_that_is_there_tells_what_is_free(tmp_path: Path) -> None:
    assert atomic_files.free(tmp_path / "not" / "there") == pytest.approx(os.statvfs(tmp_path).f_bavail * 4096, rel=0.5)
    assert atomic_files.shortage(tmp_path, 1) is None


def test_options_that_diverge_at_once_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UserError, match=r"weights are not finite .*choose lower learning rates"):
        ganwright.plan("vanilla", pictures(), examples=640, **{**QUICK, "generator_lr": 1e38, "loss": "wasserstein"})
