"""SRGAN: its views, stages, sample grids, errors."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from torch import nn

from conftest import pictures, points
from ganwright.config.recipe import check_networks, resolve_recipe
from ganwright.core.batch import Batch
from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import loop
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.core.rendering import RenderInput
from ganwright.domains.images import Images
from ganwright.execution.eager import eager_step
from ganwright.health.monitor import HealthMonitor
from ganwright.recipes._low_resolution import Cropped, Whole, downsampled

SMALL = {"scale": 2, "crop_size": 8, "width": 4, "blocks": 1, "discriminator_width": 2, "pixel_share": 0.6}


def built(data: Data | None = None, **options: Any) -> Recipe:
    return resolve_recipe("srgan", False, 0, SMALL | options).build(data or pictures(size=12, channels=3))


def smooth(n: int = 4, side: int = 24) -> torch.Tensor:
    """Different smooth images, [n, 1, side, side]."""
    torch.manual_seed(0)
    return F.interpolate(torch.rand(n, 1, 4, 4) - 0.5, size=(side, side), mode="bicubic", align_corners=True)


@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_downsampling_preserves_constants(scale: int) -> None:
    grey = torch.full((1, 3, 24, 48), 100 / 127.5 - 1)
    torch.testing.assert_close(downsampled(grey, scale), grey[:, :, : 24 // scale, : 48 // scale])


def test_downsampling_uses_matlabs_kernel() -> None:
    """Keys's kernel, a = -1/2, at twice its width, sampled between the pixels."""
    impulse = torch.full((1, 1, 16, 16), -1.0)
    impulse[0, 0, :, 8] = 1.0
    distances = (torch.arange(8) * 2 + 0.5 - 8).abs() / 2
    near = 1.5 * distances**3 - 2.5 * distances**2 + 1
    far = -0.5 * distances**3 + 2.5 * distances**2 - 4 * distances + 2
    weights = torch.where(distances < 1, near, torch.where(distances < 2, far, torch.zeros(8))) / 2
    expected = (255 * weights).round().clamp(0, 255) / 127.5 - 1
    torch.testing.assert_close(downsampled(impulse, 2)[0, 0, 4], expected)


def test_downsampling_reproduces_the_low_resolution_images_of_set5(real_data: Path) -> None:
    folder = real_data / "super_resolution" / "Set5"
    if not folder.is_dir():
        pytest.skip("there is no Set5 on this machine")
    for path in sorted(folder.glob("*_HR.png")):
        real, small = (np.asarray(Image.open(p)) for p in (path, Path(str(path).replace("_HR", "_LR"))))
        encoded = Images(*real.shape).encode(torch.from_numpy(real.copy())[None])
        made = Images(*small.shape).decode(downsampled(encoded, 4))[0].astype(int)
        assert (made == small).mean() > 0.85
        assert np.abs(made - small).mean() < 0.15


def test_crops_and_their_low_resolution_are_aligned() -> None:
    real = smooth(64)
    crops = Cropped(2, 12)(Batch(real), Draws(0, 0, 0, 64))
    assert crops.real.shape == (64, 1, 12, 12)
    assert crops.condition is not None
    means = F.avg_pool2d(crops.real, 2)
    torch.testing.assert_close(crops.condition, means, rtol=0, atol=0.03)  # far less than between neighbours
    assert len({round(float(value), 5) for value in crops.real[:, 0, 0, 0]}) > 40  # at many positions


def test_a_crop_of_the_whole_image_has_one_of_eight_orientations() -> None:
    real = smooth(128, 8)
    crops = Cropped(2, 8)(Batch(real), Draws(1, 0, 0, 128)).real
    orientations = [torch.rot90(x, k, (2, 3)) for x in (real, real.flip(3)) for k in range(4)]
    matches = torch.stack([(crops == orientation).flatten(1).all(1) for orientation in orientations])
    assert (matches.sum(0) == 1).all()
    assert (matches.sum(1) > 4).all()


def test_views_do_not_depend_on_sharding() -> None:
    real = smooth(6)
    whole = Cropped(2, 12)(Batch(real), Draws(0, 0, 0, 6))
    shard = Cropped(2, 12)(Batch(real[2:4]), Draws(0, 0, 2, 4))
    assert torch.equal(whole.real[2:4], shard.real)


def test_whole_images_keep_their_size() -> None:
    viewed = Whole(4)(Batch(smooth()), Draws(0, 0, 0, 4))
    assert viewed.condition is not None
    assert (viewed.real.shape[2:], viewed.condition.shape[2:]) == ((24, 24), (6, 6))


def test_the_first_stage_has_the_pixel_loss_only() -> None:
    recipe = built()
    reported: list[set[str]] = []
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    loop(
        recipe.game,
        recipe.stages,
        Clock(),
        feed,
        Horizon(48),
        [lambda clock, played: reported.append(set(played.terms))],
        eager_step,
    )
    assert reported[:2] == [{"generator", "pixels"}] * 2
    assert {"pixels", "content", "generator", "discriminator"} <= reported[2]


def test_the_two_stages_have_their_own_learning_rates() -> None:
    recipe = built(pixel_rate=1e-3, generator_lr=2e-4)
    generator = recipe.game.players["generator"]
    for stage, lr in zip(recipe.stages, (1e-3, 2e-4), strict=True):
        for progress, share in ((0.0, 1.0), (0.5, 0.5), (1.0, 0.0)):
            for schedule in stage.schedules:
                schedule(progress)
            assert generator.lr == pytest.approx(lr * share)


@pytest.mark.parametrize("shape", ["constant", "linear", "late-linear", "cosine"])
def test_both_stages_obey_the_end_of_the_rate(shape: str) -> None:
    recipe = built(pixel_rate=1e-3, generator_lr=2e-4, lr_schedule=shape, lr_end=0.25)
    generator = recipe.game.players["generator"]
    for stage, lr in zip(recipe.stages, (1e-3, 2e-4), strict=True):
        for progress, share in ((0.0, 1.0), (1.0, 1.0 if shape == "constant" else 0.25)):
            for schedule in stage.schedules:
                schedule(progress)
            assert generator.lr == pytest.approx(lr * share)


def test_without_a_pixel_stage_there_is_one_stage() -> None:
    assert len(built(pixel_share=0).stages) == 1


def test_sampling_does_not_need_the_content_network() -> None:
    recipe = built(content="/nowhere/vgg19.pth")
    assert recipe.game.sample(Draws(0, 0, 0, 1), torch.zeros(1, 3, 5, 4)).shape == (1, 3, 10, 8)


def test_a_missing_content_network_is_reported_before_training() -> None:
    with pytest.raises(UserError, match="VGG19 cannot be read from /nowhere"):
        check_networks(built(content="/nowhere/vgg19.pth"))


def test_sample_grids_have_four_versions_of_a_sample() -> None:
    recipe = built()
    draws = Draws(0, 0, 0, 4)
    real = recipe.real_batch(np.arange(4), draws)
    fake = recipe.game.sample(draws, real.condition)
    sample_grid = recipe.display.renderer(RenderInput(recipe.data.domain, fake, real.condition, real, draws))
    cell = 48 + 2  # 8 pixels, enlarged six times
    assert sample_grid.size == (8 * cell - 2, 2 * cell - 2)
    pixels = np.asarray(sample_grid)[:48:6, 3 * cell : 3 * cell + 48 : 6]
    assert np.array_equal(pixels, recipe.data.domain.decode(real.real)[0])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"scale": 5}, "does not divide"),
        ({"crop_size": 7}, "multiple of the scale"),
        ({"crop_size": 16}, "at most the 12 pixels"),
        ({"scale": 1}, "greater than or equal to 2"),
    ],
)
def test_invalid_scales_and_crop_sizes_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(UserError, match=message):
        built(**options)


def test_health_checks_use_crops() -> None:
    recipe = built()
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    monitor = HealthMonitor(recipe, feed, horizon=Horizon(1_000))
    monitor.check(Clock(48, 3, 1), {})
    assert monitor.checks[-1].finite


@pytest.mark.parametrize("reach", [None, 5])
def test_an_assumed_receptive_field_is_said(reach: int | None) -> None:
    class Enlarging(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.mix = nn.Conv2d(3, 3, 1)
            if reach is not None:
                self.reach = reach

        def forward(self, latent: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
            return F.interpolate(self.mix(condition), scale_factor=2.0)

    recipe = built(generator=Enlarging())
    said = "as if an output pixel depended on at most 32 input pixels"
    assert (said in " ".join(recipe.notes)) == (reach is None)
    assert built().notes == ()
    assert recipe.transform.reach == (reach or 32)  # type: ignore[union-attr]


def test_points_are_refused() -> None:
    with pytest.raises(UserError, match="This recipe is for pictures"):
        built(points())


def test_grey_images_are_supported() -> None:
    recipe = built(pictures(size=12), pixel_share=0)
    feed = Feed(replace(recipe.data), recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    loop(recipe.game, recipe.stages, Clock(), feed, Horizon(16), [], eager_step)
    assert recipe.sample(Draws(0, 0, 0, 2)).shape == (2, 1, 12, 12)
