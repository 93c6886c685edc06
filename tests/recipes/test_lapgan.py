"""Runs of lapgan: verdicts, remedies, sample grids, the source program."""

from pathlib import Path

import pytest
import torch

import ganwright
from conftest import pictures
from ganwright.config.options import options_of
from ganwright.core.clock import Clock
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.health import monitor
from ganwright.health.recovery import Attempts
from ganwright.health.verdict import COLLAPSE
from ganwright.losses.non_saturating import NonSaturating
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


def test_the_source_program_learns_by_its_rates() -> None:
    """0.02 on means over 128: the discriminator's is half of our sum over 64 and 64, the generator's is our mean."""
    recipe = lapgan.as_source(pictures(size=32, channels=3))
    rates = {name.split()[0]: player.lr for name, player in recipe.game.players.items()}
    assert rates == {"generator": 0.02, "discriminator": 0.01}
    score = torch.randn(128, generator=torch.Generator().manual_seed(0))
    targets = (torch.arange(128) < 64).float()
    theirs = torch.nn.functional.binary_cross_entropy_with_logits(score, targets)
    torch.testing.assert_close(0.01 * NonSaturating().discriminator(score[:64], score[64:]), 0.02 * theirs)


@pytest.mark.parametrize("level", [0, 1, 2])
def test_the_source_programs_generators_learn_from_128_latents_of_their_own(level: int) -> None:
    recipe = lapgan.as_source(pictures(size=32, channels=3))
    game = recipe.game
    assert isinstance(game, lapgan.Pyramid)
    discriminator, generator = recipe.stages[-1].turns[2 * level : 2 * level + 2]
    assert (discriminator.draw, generator.draw) == ("shared", "fresh")
    seen: list[tuple[int, int]] = []
    generate = game.levels[level]._generated

    def record(network: torch.nn.Module, latent: torch.Tensor, condition: torch.Tensor | None) -> torch.Tensor:
        distinct = len(latent if condition is None else condition.unique(dim=0))
        seen.append((len(latent.unique(dim=0)), distinct))
        return generate(network, latent, condition)

    game.levels[level]._generated = record  # type: ignore[method-assign]
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")))
    for turn in (discriminator, generator):
        turn.loss(*feed.draw(Clock(), 0 if turn is discriminator else 1))
    assert seen == [(64, 64), (128, 128 if level == 0 else 64)]
