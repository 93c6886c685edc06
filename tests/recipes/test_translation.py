"""Image translation: jitter, inpainting masks, conditions from files, both directions, errors."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

import ganwright
from conftest import pairs, pictures, points
from ganwright.auxiliary_losses.cycle_consistency import CycleConsistency
from ganwright.commands.sample import sample
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.domains.images import Images
from ganwright.recipes import cyclegan, pix2pix
from ganwright.recipes._inpainting import SquareMask
from ganwright.recipes._translation import Jitter, in_rows
from ganwright.runs.run import Run

SMALL = {"width": 2, "discriminator_width": 2, "batch": 8, "quiet": True, "examples": 16}


def test_a_pair_is_cropped_and_flipped_together() -> None:
    real = torch.rand(16, 1, 20, 24) * 2 - 1
    viewed = Jitter(1.3, True)(Batch(real, -real), Draws(0, 0, 0, 16))
    assert viewed.real.shape == real.shape
    torch.testing.assert_close(viewed.condition, -viewed.real)
    assert not torch.equal(viewed.real, real)


def test_flips_without_jitter_mirror_about_half() -> None:
    real = torch.rand(200, 1, 4, 4)
    viewed = Jitter(1.0, True)(Batch(real, real), Draws(0, 0, 0, 200)).real
    mirrored = [torch.equal(one, other.flip(-1)) for one, other in zip(viewed, real, strict=True)]
    unchanged = [torch.equal(one, other) for one, other in zip(viewed, real, strict=True)]
    assert sum(mirrored) + sum(unchanged) == 200
    assert 70 < sum(mirrored) < 130


def test_the_mask_is_a_square_inside_the_image() -> None:
    real = torch.rand(50, 3, 12, 20) + 1
    condition = SquareMask(0.5)(Batch(real), Draws(0, 0, 0, 50)).condition
    assert condition is not None
    missing = condition[:, 3:]
    assert (missing.sum((1, 2, 3)) == 36).all()
    assert torch.equal(condition[:, :3], torch.where(missing > 0, 0.0, real))
    rows = missing.amax((1, 3))
    assert (rows.sum(1) == 6).all()
    assert len({tuple(row) for row in rows.tolist()}) > 3  # at different positions


def test_grey_images_become_colour_beside_colour_images() -> None:
    rows = in_rows(torch.zeros(2, 1, 4, 4), torch.ones(2, 3, 4, 4))
    assert rows.shape == (4, 4, 4, 3)
    assert [int(one.min()) for one in rows] == [128, 255, 128, 255]


@pytest.mark.parametrize(
    ("function", "data", "sentence"),
    [
        (pix2pix.recipe, pictures(), "needs pairs, but noise has none"),
        (pix2pix.recipe, replace(pairs(), paired=False), "try the recipe cyclegan"),
        (pix2pix.recipe, points(), "for pictures"),
        (cyclegan.recipe, pictures(), "add --other"),
        (pix2pix.recipe, replace(pairs(), condition_domain=Images(4, 4, 1)), "of the samples' size"),
    ],
)
def test_data_without_suitable_conditions_are_refused(function, data, sentence) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match=sentence):
        function(data)


def test_an_identity_loss_between_grey_and_colour_is_refused() -> None:
    with pytest.raises(UserError, match="omit --identity-weight"):
        cyclegan.recipe(pairs(channels=3), identity_weight=1.0)
    losses = cyclegan.recipe(pairs(channels=3)).game.a_to_b.auxiliary_losses  # type: ignore[attr-defined]
    assert [type(loss) for loss in losses] == [CycleConsistency]


@pytest.fixture(scope="module")
def translated(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Outlines to digits."""
    return ganwright.train("pix2pix", "outlines", tmp_path_factory.mktemp("runs") / "pix2pix", **SMALL)


def folder_of(paths: list[Path], shade: int = 0) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((20, 30), shade, dtype=np.uint8)).save(path)


def test_a_file_gives_one_sample_and_a_folder_one_for_each_file(translated: Run, tmp_path: Path) -> None:
    names = ["first.png", "second.png", "third.jpg"]
    folder_of([tmp_path / "input" / name for name in names])
    assert translated.sample(condition=str(tmp_path / "input" / "first.png")).shape == (1, 20, 30)
    assert translated.sample(3, condition=str(tmp_path / "input" / "first.png")).shape == (3, 20, 30)
    sample(translated.path, None, 0, tmp_path / "output", str(tmp_path / "input"))
    assert sorted(path.name for path in (tmp_path / "output").iterdir()) == ["first.png", "second.png", "third.png"]


def test_without_a_condition_those_of_the_data_are_used(translated: Run) -> None:
    opened = ganwright.open(translated.path)
    assert opened.sample(5).shape == (5, 8, 8)
    assert np.array_equal(opened.sample(5), opened.sample(8)[:5])


def test_an_invalid_condition_raises_an_error_that_names_it(translated: Run, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no picture")
    (tmp_path / "empty").mkdir()
    for word in ("nowhere.png", "text.png", "empty"):
        with pytest.raises(UserError, match=word):
            translated.sample(condition=str(tmp_path / word))


def test_the_way_back_is_refused_where_there_is_none(translated: Run, tmp_path: Path) -> None:
    with pytest.raises(UserError, match="omit --back"):
        sample(translated.path, 1, 0, tmp_path / "x.png", back=True)


def test_transparent_pixels_are_inpainted_and_others_copied(tmp_path: Path) -> None:
    run = ganwright.train("pix2pix", "digits", tmp_path / "run", mask="square", **SMALL)
    random = np.random.default_rng(0).integers(0, 256, (8, 8), dtype=np.uint8)
    alpha = np.full((8, 8), 255, dtype=np.uint8)
    alpha[2:5, 1:7] = 0
    Image.merge("LA", [Image.fromarray(random), Image.fromarray(alpha)]).save(tmp_path / "hole.png")
    inpainted = run.sample(condition=str(tmp_path / "hole.png"))[0]
    assert np.array_equal(inpainted[alpha > 0], random[alpha > 0])
    assert not np.array_equal(inpainted[alpha == 0], random[alpha == 0])
    Image.fromarray(random).save(tmp_path / "whole.png")
    unchanged = run.sample(condition=str(tmp_path / "whole.png"))[0] == random
    assert unchanged.sum() >= 48  # of 64: a square of 4x4 is inpainted


def test_a_run_of_two_sets_translates_in_both_directions(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    for place in range(8):
        path = tmp_path / "colour" / f"{place}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)).save(path)
    run = ganwright.train(None, "digits", tmp_path / "run", other=str(tmp_path / "colour"), blocks=1, **SMALL)
    assert run.settings["recipe"] == "cyclegan"
    assert ganwright.open(run.path).sample(3).shape == (3, 8, 8, 3)
    back = Run(run.path, back=True)
    assert back.sample(3).shape == (3, 8, 8)
    assert back.sample(condition=str(tmp_path / "colour")).shape == (8, 8, 8)
    assert not np.array_equal(run.sample(2)[..., 0], back.sample(2))


def test_cyclegans_weights_are_relative_to_the_published_loss() -> None:
    """Cycle 10 and identity 5 beside E (D(G(a)) - 1)^2, which the authors do not halve."""
    data = pairs(size=16)
    unpaired = replace(data, conditions=data.samples, paired=False, labels=None, classes=())
    recipe = cyclegan.recipe(unpaired, width=2, blocks=1, discriminator_width=2, pool_size=0)
    game = recipe.game
    batch, draws = Batch(torch.rand(4, 1, 16, 16) * 2 - 1, torch.rand(4, 1, 16, 16) * 2 - 1), Draws(0, 0, 0, 4)
    report = game.generator_terms(batch, draws).report  # type: ignore[attr-defined]
    forth, back = game.a_to_b, game.b_to_a  # type: ignore[attr-defined]
    fake = forth.players["generator"].network(torch.zeros(4, 0), batch.condition)
    score = forth.players["discriminator"].network(fake)
    again = back.players["generator"].network(torch.zeros(4, 0), fake)
    torch.testing.assert_close(report["generator"], (score - 1).square().mean())
    torch.testing.assert_close(report["cycle"], 10 * (again - batch.condition).abs().mean())
    report = game.discriminator_terms(batch, draws).report  # type: ignore[attr-defined]
    real = forth.players["discriminator"].network(batch.real)
    torch.testing.assert_close(report["discriminator"], ((real - 1).square().mean() + score.square().mean()) / 2)
