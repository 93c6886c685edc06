"""Runs of lapgan: verdicts, remedies, sample grids, the source program."""

from pathlib import Path

import pytest
import torch

import ganwright
from conftest import pictures
from ganwright.config.options import options_of
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.health import monitor
from ganwright.health.recovery import Attempts
from ganwright.health.verdict import COLLAPSE
from ganwright.recipes import lapgan

SMALL = {"levels": 2, "latent": 4, "hidden": 8, "width": 4, "noise": 1, "batch": 32, "quiet": True}


def test_levels_trained_in_sequence_are_checked_during_the_last_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor, "MIN_INTERVAL", 64)
    run = ganwright.train("lapgan", "digits", tmp_path, order="sequence", examples=1_024, sample_every=1_024, **SMALL)
    checks = run.checkpoint_state["callbacks"]["monitor"]["checks"]
    assert [line["stage"] for line in run.log()][-1] == 1
    assert len(checks) > 3
    assert all(check["examples"] >= 512 for check in checks)


def test_the_number_of_levels_is_a_command_line_option() -> None:
    option = options_of(lapgan.recipe)["levels"]
    assert option.on_command_line
    assert option.check("3") == 3
    assert option.check("none") is None
    with pytest.raises(UserError, match="--levels cannot be '1'"):
        option.check("1")


def test_a_remedy_applies_to_every_level() -> None:
    recipe = lapgan.recipe(pictures(), levels=2, hidden=8, width=4)
    before = {name: player.lr for name, player in recipe.game.players.items()}
    Attempts(recipe.game, Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")))).add([COLLAPSE])
    assert {name: player.lr / before[name] for name, player in recipe.game.players.items()} == dict.fromkeys(
        before, 0.5
    )


def test_a_sample_grid_has_the_levels_below_the_samples(tmp_path: Path) -> None:
    run = ganwright.train("lapgan", "digits", tmp_path, examples=64, **SMALL)
    plain = ganwright.train("dcgan", "digits", tmp_path / "plain", examples=64, batch=32, quiet=True)
    heights = [one.picture(64 / 1797).height for one in (run, plain)]
    cell = 48 + 2
    assert heights[0] == heights[1] + lapgan.SPACING + 3 * cell - 2  # the coarsest images, details, the finest images


def test_the_source_program_standardises_channels() -> None:
    data = pictures(size=32, channels=3)
    recipe = lapgan.as_source(data)
    encoded = data.domain.encode(torch.from_numpy(data.samples))
    for player in recipe.game.players.values():
        standard = next(m for m in player.network.modules() if isinstance(m, lapgan.Standard))
        torch.testing.assert_close(standard(encoded).mean((0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
        torch.testing.assert_close(standard(encoded).std((0, 2, 3)), torch.ones(3))
    assert [player.optimizer.param_groups[0]["momentum"] for player in recipe.game.players.values()] == [0.5] * 6
    assert recipe.game.sample(Draws(0, 0, 0, 2)).shape == (2, 3, 32, 32)
