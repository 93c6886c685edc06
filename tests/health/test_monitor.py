"""Failing runs: reported, stopped with exit code 3, or rewound."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

import ganwright
from conftest import SMALL, Constant
from ganwright.callbacks.checkpoints import HEALTHY_BEFORE
from ganwright.cli import main
from ganwright.core.errors import AlarmError
from ganwright.health import flaws, monitor
from ganwright.health.flaws import BLURRED, MEMORISING, MESH, NOISY
from ganwright.health.likeness import MAX_REAL
from ganwright.health.verdict import COLLAPSE, DIVERGED, HEALTHY, UNDECIDED
from ganwright.runs import checkpoint

NETWORKS = {"generator_lr": 3e-3, "gain": None, "fourier_features": 0, "discriminator_updates": 1}
OPTIONS = {**SMALL, **NETWORKS, "examples": 2_560, "log_every": 128, "sample_every": 2_560}


class Breaking(nn.Module):
    """A generator whose samples are not finite once its weights have changed."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.Parameter(torch.ones(2))

    def forward(self, latent: Tensor) -> Tensor:
        return latent[:, :2] * self.steps / (self.steps.detach() == 1).float()


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """A health check every 128 examples, so that short runs have several."""
    monkeypatch.setattr(monitor, "MIN_INTERVAL", 128)
    monkeypatch.setattr(monitor, "MAX_SEEN", MAX_REAL)


def train(out: Path, generator: nn.Module | None = None, **options: Any) -> ganwright.Run:
    networks = {} if generator is None else {"generator": generator}
    return ganwright.train("ring", out=out, **{**OPTIONS, "count": 2_000, **networks, **options})


def test_the_verdict_is_logged_and_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run = train(tmp_path, Constant())
    verdict = run.log()[-1]["verdict"]
    assert verdict["name"] == COLLAPSE
    assert "the samples' mean pairwise distance is 0% of real data's" in verdict["evidence"]
    assert "--generator-lr" in verdict["try"]
    assert f"Verdict: {COLLAPSE}: " in capsys.readouterr().out


def test_stop_saves_and_ends_the_run(tmp_path: Path) -> None:
    with pytest.raises(AlarmError, match="mode collapse"):
        train(tmp_path, Constant(), on_verdict="stop")
    log = ganwright.open(tmp_path).log()
    assert 0 < log[-1]["examples"] < OPTIONS["examples"] / 3
    assert log[-1]["verdict"]["name"] == COLLAPSE
    assert checkpoint.newest(tmp_path / "checkpoint")[0] is not None


def test_non_finite_numbers_are_reported_at_the_next_check(tmp_path: Path) -> None:
    with pytest.raises(AlarmError, match=f"After 128 examples: {DIVERGED}"):
        train(tmp_path, Breaking(), on_verdict="stop")


def test_the_exit_code_is_3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = "train ring --count 2000 --loss non-saturating --penalty none --quiet --on-verdict stop --examples 2560"
    sizes = f"--generator-lr 0.5 --discriminator-lr 1e-9 --batch 32 --out {tmp_path}"
    with pytest.raises(SystemExit) as ended:
        main([*words.split(), *sizes.split()])
    assert ended.value.code == 3
    error = capsys.readouterr().err
    assert error.startswith("ganwright: After ")
    assert "generator overpowers" in error


def test_rewind_restarts_a_run_that_was_never_healthy_and_gives_up_after_three_attempts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AlarmError, match="3 attempts to resume from a healthy state failed"):
        train(tmp_path, Constant(), on_verdict="rewind")
    assert capsys.readouterr().out.count("Rewound to 0 examples") == 3
    rates = ganwright.open(tmp_path).log()[-1]["learning_rates"]
    assert rates["generator"] == pytest.approx(3e-3 * 0.5**3)


class Turning(nn.Module):
    """A generator of the ring that collapses to one point after twenty steps."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(()))
        self.register_buffer("steps", torch.zeros((), dtype=torch.int64))

    def forward(self, latent: Tensor) -> Tensor:
        angle = torch.round(latent[:, :1] * 2) * torch.pi / 4
        point = torch.cat([angle.cos(), angle.sin()], 1) + 0.01 * latent[:, :2]
        self.steps += int(self.training)
        return 0 * self.weight + torch.where(self.steps > 20, 1.0 + 0 * point, point)


def test_rewind_restores_the_last_but_one_healthy_checkpoint_with_new_draws(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(AlarmError):
        train(tmp_path, Turning(), on_verdict="rewind")
    printed = capsys.readouterr().out
    healthy, before = (checkpoint.marked(tmp_path / "checkpoint", name) for name in (HEALTHY, HEALTHY_BEFORE))
    assert healthy is not None
    assert before is not None
    assert 0 < int(before.name) < int(healthy.name)
    assert printed.count(f"Rewound to {int(before.name):,} examples") == 3
    newest = checkpoint.newest(tmp_path / "checkpoint")[1]
    assert newest is not None
    assert len(newest.state["callbacks"]["attempts"]["given"]) == 3


def test_a_generator_that_waits_for_its_stage_is_not_overpowered(tmp_path: Path) -> None:
    run = train(tmp_path, discriminator_warmup=OPTIONS["examples"], discriminator_lr=0.1)
    assert {line["verdict"]["name"] for line in run.log()} == {UNDECIDED}


def test_monitoring_does_not_change_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monitored = train(tmp_path / "monitored")
    monkeypatch.setattr(monitor, "MIN_INTERVAL", 10**9)
    alone = train(tmp_path / "alone")
    mine, theirs = (run.recipe.game.players["generator"].weights() for run in (monitored, alone))
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    assert monitored.log()[0]["verdict"] != alone.log()[0]["verdict"]


class Shown(nn.Module):
    """Shows stored pictures [n, 16, 16], chosen by the latent, with a change to each."""

    def __init__(self, pictures: np.ndarray, change: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))
        self.register_buffer("pictures", (torch.from_numpy(pictures)[:, None].float() - 127.5) / 127.5)
        self.change = change

    def forward(self, latent: Tensor) -> Tensor:
        rows = (torch.special.ndtr(latent[:, 0]) * len(self.pictures)).long().clamp_max(len(self.pictures) - 1)
        return self.change(self.pictures[rows]) + self.unused


def noise(seed: int) -> np.ndarray:
    """Grey pictures of noise, uint8 [600, 16, 16]."""
    values = np.random.default_rng(seed).standard_normal((600, 16, 16)) * 20 + 127.5
    return values.round().clip(0, 255).astype(np.uint8)


def checkered(pictures: Tensor) -> Tensor:
    rows, columns = torch.arange(16)[:, None], torch.arange(16)[None]
    return pictures + (1 - 2 * ((rows + columns) % 2)) * 16 / 127.5


def blurred(pictures: Tensor) -> Tensor:
    """Means of nine neighbours, around."""
    shifts = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    return torch.stack([pictures.roll(shift, (2, 3)) for shift in shifts]).mean(0)


def noisy(pictures: Tensor) -> Tensor:
    return pictures * 3


def unchanged(pictures: Tensor) -> Tensor:
    return pictures


@pytest.mark.parametrize(
    ("name", "seed", "change", "words"),
    [
        (MESH, 1, checkered, "periodic pattern"),
        (BLURRED, 1, blurred, "missing detail"),
        (NOISY, 1, noisy, "noise"),
        (MEMORISING, 0, unchanged, "copies of training samples"),
    ],
)
def test_what_a_person_sees_in_pictures_is_named(
    name: str,
    seed: int,
    change: Callable[[Tensor], Tensor],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = {"generator": Shown(noise(seed), change), "latent": 4, "batch": 64, "examples": 640, "quiet": False}
    run = ganwright.train("vanilla", noise(0), tmp_path, generator_lr=1e-9, **options)
    verdict = run.log()[-1]["verdict"]
    assert verdict["name"] == name
    assert words in verdict["evidence"]
    assert flaws.TRY[name].split(",")[0] in " ".join(capsys.readouterr().out.split())


def test_other_real_pictures_have_no_flaw(tmp_path: Path) -> None:
    options = {"generator": Shown(noise(1), unchanged), "latent": 4, "batch": 64, "examples": 640}
    run = ganwright.train("vanilla", noise(0), tmp_path, generator_lr=1e-9, **options)
    assert run.log()[-1]["verdict"]["name"] not in flaws.TRY
