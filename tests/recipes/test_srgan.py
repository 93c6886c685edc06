"""SRGAN's views, stages, and what it refuses."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image

from conftest import pictures, points
from ganwright.config.recipe import check_networks, resolve_recipe
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.loop import loop
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.core.rendering import RenderInput
from ganwright.domains.images import Images
from ganwright.health.monitor import HealthMonitor
from ganwright.recipes._low_resolution import Cropped, Whole, downsampled

SMALL = {"scale": 2, "crop_size": 8, "width": 4, "blocks": 1, "discriminator_width": 2, "pixel_share": 0.6}


def built(data: Data | None = None, **options: Any) -> Recipe:
    return resolve_recipe("srgan", False, 0, SMALL | options).build(data or pictures(size=12, channels=3))


def smooth(n: int = 4, side: int = 24) -> torch.Tensor:
    """Pictures [n, 1, side, side] without fine detail, each another one."""
    torch.manual_seed(0)
    return F.interpolate(torch.rand(n, 1, 4, 4) - 0.5, size=(side, side), mode="bicubic", align_corners=True)


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_a_constant_keeps_its_value(scale: int) -> None:
    grey = torch.full((1, 3, 24, 48), 100 / 127.5 - 1)
    torch.testing.assert_close(downsampled(grey, scale), grey[:, :, : 24 // scale, : 48 // scale])


def test_downsampling_is_the_kernel_of_matlab() -> None:
    """A step of Keys's kernel, a = -1/2, twice as wide, sampled between the pixels."""
    impulse = torch.full((1, 1, 16, 16), -1.0)
    impulse[0, 0, :, 8] = 1.0
    distances = (torch.arange(8) * 2 + 0.5 - 8).abs() / 2
    near = 1.5 * distances**3 - 2.5 * distances**2 + 1
    far = -0.5 * distances**3 + 2.5 * distances**2 - 4 * distances + 2
    weights = torch.where(distances < 1, near, torch.where(distances < 2, far, torch.zeros(8))) / 2
    expected = (255 * weights).round().clamp(0, 255) / 127.5 - 1
    torch.testing.assert_close(downsampled(impulse, 2)[0, 0, 4], expected)


def test_the_usual_test_set_has_the_same_low_resolution(real_data: Path) -> None:
    folder = real_data / "super_resolution" / "Set5"
    if not folder.is_dir():
        pytest.skip("there is no Set5 on this machine")
    for path in sorted(folder.glob("*_HR.png")):
        real, small = (np.asarray(Image.open(p)) for p in (path, Path(str(path).replace("_HR", "_LR"))))
        encoded = Images(*real.shape).encode(torch.from_numpy(real.copy())[None])
        made = Images(*small.shape).decode(downsampled(encoded, 4))[0].astype(int)
        assert (made == small).mean() > 0.85
        assert np.abs(made - small).mean() < 0.15


def test_crops_are_cut_and_turned_together_with_their_low_resolution() -> None:
    real = smooth(64)
    seen = Cropped(2, 12)(Batch(real), Draws(0, 0, 0, 64))
    assert seen.real.shape == (64, 1, 12, 12)
    assert seen.condition is not None
    inside = F.avg_pool2d(seen.real, 2)
    torch.testing.assert_close(seen.condition, inside, rtol=0, atol=0.03)  # far less than between neighbours
    assert len({round(float(value), 5) for value in seen.real[:, 0, 0, 0]}) > 40  # at many places


def test_a_crop_of_the_whole_picture_is_one_of_its_eight_positions() -> None:
    real = smooth(128, 8)
    seen = Cropped(2, 8)(Batch(real), Draws(1, 0, 0, 128)).real
    quarter_turns = [torch.rot90(x, k, (2, 3)) for x in (real, real.flip(3)) for k in range(4)]
    found = torch.stack([(seen == position).flatten(1).all(1) for position in quarter_turns])
    assert (found.sum(0) == 1).all()
    assert (found.sum(1) > 4).all()


def test_views_do_not_depend_on_how_rows_are_dealt_out() -> None:
    real = smooth(6)
    together = Cropped(2, 12)(Batch(real), Draws(0, 0, 0, 6))
    apart = Cropped(2, 12)(Batch(real[2:4]), Draws(0, 0, 2, 4))
    assert torch.equal(together.real[2:4], apart.real)


def test_whole_pictures_keep_their_size() -> None:
    seen = Whole(4)(Batch(smooth()), Draws(0, 0, 0, 4))
    assert seen.condition is not None
    assert (seen.real.shape[2:], seen.condition.shape[2:]) == ((24, 24), (6, 6))


def test_the_generator_is_guided_by_pixels_alone_at_first() -> None:
    recipe = built()
    reported: list[set[str]] = []
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    loop(recipe.game, recipe.stages, Clock(), feed, 48, [lambda clock, size, terms: reported.append(set(terms))])
    assert reported[:2] == [{"pixels"}, {"pixels"}]
    assert {"pixels", "content", "generator", "discriminator"} <= reported[2]


def test_the_rates_of_the_two_stages_are_their_own() -> None:
    recipe = built(pixel_rate=1e-3, generator_lr=2e-4)
    generator = recipe.game.players["generator"]
    for stage, rate in zip(recipe.stages, (1e-3, 2e-4), strict=True):
        for progress, share in ((0.0, 1.0), (0.5, 0.5), (1.0, 0.0)):
            for schedule in stage.schedules:
                schedule(progress)
            assert generator.lr == pytest.approx(rate * share)


def test_without_a_pixel_stage_there_is_one_stage() -> None:
    assert len(built(pixel_share=0).stages) == 1


def test_a_run_that_is_opened_again_needs_no_content_network() -> None:
    recipe = built(content="/nowhere/vgg19.pth")
    assert recipe.game.sample(Draws(0, 0, 0, 1), torch.zeros(1, 3, 5, 4)).shape == (1, 3, 10, 8)


def test_a_content_network_that_is_missing_is_missed_before_anything_is_trained() -> None:
    with pytest.raises(UserError, match="VGG19 cannot be read from /nowhere"):
        check_networks(built(content="/nowhere/vgg19.pth"))


def test_sheets_show_four_versions_of_a_sample() -> None:
    recipe = built()
    draws = Draws(0, 0, 0, 4)
    real = recipe.real_batch(np.arange(4), draws)
    fake = recipe.game.sample(draws, real.condition)
    sample_grid = recipe.display.renderer(RenderInput(recipe.data.domain, fake, real.condition, real, draws))
    cell = 48 + 2  # 8 pixels, enlarged six times
    assert sample_grid.size == (8 * cell - 2, 2 * cell - 2)
    shown = np.asarray(sample_grid)[:48:6, 3 * cell : 3 * cell + 48 : 6]
    assert np.array_equal(shown, recipe.data.domain.decode(real.real)[0])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"scale": 5}, "does not divide"),
        ({"crop_size": 7}, "multiple of the scale"),
        ({"crop_size": 16}, "at most the 12 pixels"),
        ({"scale": 1}, "greater than or equal to 2"),
    ],
)
def test_what_does_not_go_together_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UserError, match=words):
        built(**options)


def test_the_watch_looks_at_crops() -> None:
    recipe = built()
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    watch = HealthMonitor(recipe, feed, horizon=1_000)
    watch.check(Clock(48, 3, 1), {})
    assert watch.checks[-1].finite


def test_points_are_no_pictures() -> None:
    with pytest.raises(UserError, match="srgan is for pictures"):
        built(points())


def test_grey_pictures_train_too() -> None:
    recipe = built(pictures(size=12), pixel_share=0)
    feed = Feed(replace(recipe.data), recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    loop(recipe.game, recipe.stages, Clock(), feed, 16, [])
    assert recipe.sample(Draws(0, 0, 0, 2)).shape == (2, 1, 12, 12)
