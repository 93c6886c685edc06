"""Translation of a user's own pictures: one out for each in, at its own size."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

import ganwright
from conftest import pairs
from ganwright.commands.sample import sample
from ganwright.commands.score import score
from ganwright.core.draws import Draws
from ganwright.core.errors import UserError
from ganwright.games.two_player import TwoPlayer
from ganwright.recipes import _any_size, cyclegan, pix2pix
from ganwright.recipes._any_size import OwnSize
from ganwright.runs.run import Run

SMALL = {"width": 2, "discriminator_width": 2, "batch": 8, "quiet": True, "examples": 16}
ROW = Draws(0, 0, 0, 1)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Outlines of digits, 8x8 and grey, to digits."""
    return ganwright.train("pix2pix", "outlines", tmp_path_factory.mktemp("runs") / "pix2pix", **SMALL)


def saved(path: Path, *shape: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)).save(path)
    return path


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def test_one_picture_is_one_picture_of_its_size(run: Run, tmp_path: Path) -> None:
    said = sample(run.path, None, 0, tmp_path / "made.png", str(saved(tmp_path / "photo.png", 16, 12)))
    assert pixels(tmp_path / "made.png").shape == (16, 12)
    assert "photo.png was made as a whole; the generator was trained on 8x8." in said


def test_a_picture_of_the_training_size_is_what_it_was(run: Run, tmp_path: Path) -> None:
    source = saved(tmp_path / "photo.png", 8, 8)
    condition = run.parse_condition(str(source)).encoded
    expected = run.stored_samples(1, 3, condition)[0, ..., 0]
    said = sample(run.path, None, 3, tmp_path / "made.png", str(source))
    assert np.array_equal(pixels(tmp_path / "made.png"), expected)
    assert "trained on" not in said


def test_colour_and_rotation_of_a_photo_are_handled_and_said(run: Run, tmp_path: Path) -> None:
    image = Image.fromarray(np.zeros((10, 20, 3), np.uint8))
    exif = image.getexif()
    exif[0x0112] = 6
    image.save(tmp_path / "turned.jpg", exif=exif)
    said = sample(run.path, None, 0, tmp_path / "made.png", str(tmp_path / "turned.jpg"))
    assert pixels(tmp_path / "made.png").shape == (20, 10)
    assert "turned.jpg was converted from colour to grey." in said
    assert "turned.jpg was turned upright by its EXIF orientation." in said


def test_each_kind_of_change_is_one_counted_sentence(run: Run, tmp_path: Path) -> None:
    for place in range(7):
        saved(tmp_path / "in" / f"{place}.png", 16, 12)
    Image.new("LA", (12, 16), (200, 0)).save(tmp_path / "in" / "alpha.png")
    said = sample(run.path, None, 0, tmp_path / "out", str(tmp_path / "in"))
    of = f"of 8 pictures in {tmp_path / 'in'}"
    assert f"8 {of} were made as a whole; the generator was trained on 8x8." in said
    assert f"1 {of} was put on white where transparent." in said
    assert "more such notes" not in said


def test_pictures_of_several_sizes_go_into_a_folder(run: Run, tmp_path: Path) -> None:
    saved(tmp_path / "in" / "a.png", 9, 20)
    saved(tmp_path / "in" / "b.png", 30, 5)
    (tmp_path / "in" / "notes.txt").write_text("no picture")
    said = sample(run.path, None, 0, tmp_path / "out", str(tmp_path / "in"))
    assert {path.name: pixels(path).shape for path in (tmp_path / "out").iterdir()} == {
        "a.png": (9, 20),
        "b.png": (30, 5),
    }
    assert "2 samples" in said
    assert "Ignored 1 other file or folder" in said
    assert f"1 of 2 pictures in {tmp_path / 'in'} was padded (to 30x8)." in said
    assert said.count("made as a whole") == 1
    with pytest.raises(UserError, match=r"A \.npy needs pictures of one size, .*a\.png \(9x20\) and b\.png \(30x5\)"):
        sample(run.path, None, 0, tmp_path / "out.npy", str(tmp_path / "in"))
    with pytest.raises(UserError, match="holds 2 pictures, each for one sample: leave -n 3 out"):
        sample(run.path, 3, 0, tmp_path / "more", str(tmp_path / "in"))
    assert not list(tmp_path.glob(".*partial"))


def test_several_samples_of_one_picture_differ_in_their_noise(run: Run, tmp_path: Path) -> None:
    source = str(saved(tmp_path / "photo.png", 16, 24))
    sample(run.path, 3, 0, tmp_path / "made", source)
    made = [pixels(tmp_path / "made" / f"{place:06d}.png") for place in range(3)]
    assert [one.shape for one in made] == [(16, 24)] * 3
    assert np.array_equal(np.stack(made), run.sample(3, condition=source))
    sample(run.path, 3, 0, tmp_path / "made.npy", source)
    assert np.array_equal(np.load(tmp_path / "made.npy"), np.stack(made))


def test_a_second_picture_may_be_added_to_a_folder_and_one_of_the_same_name_is_replaced(
    run: Run, tmp_path: Path
) -> None:
    for name in ("a", "b"):
        sample(run.path, None, 0, tmp_path / "made", str(saved(tmp_path / f"{name}.png", 8, 9)))
    said = sample(run.path, None, 0, tmp_path / "made", str(tmp_path / "a.png"))
    assert "in place of the file that was there" in said
    assert sorted(path.name for path in (tmp_path / "made").iterdir()) == ["a.png", "b.png"]


def test_both_directions_of_a_cycle_keep_the_size(tmp_path: Path) -> None:
    made = cyclegan.recipe(pairs(size=8, channels=3), width=2, blocks=1, discriminator_width=2)
    assert made.any_size is not None
    assert made.back is not None
    assert made.back.any_size is not None
    assert made.any_size(torch.zeros(1, 1, 21, 34), ROW).shape == (1, 3, 21, 34)
    assert made.back.any_size(torch.zeros(1, 3, 3, 34), ROW).shape == (1, 1, 3, 34)


def test_known_pixels_of_a_large_picture_are_copied(tmp_path: Path) -> None:
    run = ganwright.train("pix2pix", "digits", tmp_path / "run", mask="square", **SMALL)
    random = np.random.default_rng(0).integers(0, 256, (20, 30), dtype=np.uint8)
    alpha = np.full((20, 30), 255, dtype=np.uint8)
    alpha[5:9, 11:20] = 0
    Image.merge("LA", [Image.fromarray(random), Image.fromarray(alpha)]).save(tmp_path / "hole.png")
    said = sample(run.path, None, 0, tmp_path / "made.png", str(tmp_path / "hole.png"))
    made = pixels(tmp_path / "made.png")
    assert np.array_equal(made[alpha > 0], random[alpha > 0])
    assert not np.array_equal(made[alpha == 0], random[alpha == 0])
    assert "transparent" not in said


class OfOneSize(nn.Module):
    """A generator that takes 8x8 pixels only."""

    def __init__(self) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(()))

    def forward(self, latent: Tensor, condition: Tensor) -> Tensor:
        assert condition.shape[2:] == (8, 8)
        return self.gain * condition


def test_a_generator_of_one_size_gets_tiles_and_that_is_said() -> None:
    made = pix2pix.recipe(pairs(size=8), generator=OfOneSize(), discriminator_width=2)
    assert made.any_size is not None
    condition = torch.rand(1, 1, 19, 25)
    assert torch.equal(made.any_size(condition, ROW), condition)
    assert made.any_size.changes(19, 25) == (
        "padded (to 24x32)",
        "made from tiles, whose seams may show; the generator was trained on 8x8 (12 tiles)",
    )
    assert made.any_size.changes(8, 8) == ()


def test_a_picture_that_is_too_large_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_any_size, "MAX_PIXELS", 100)
    made = pix2pix.recipe(pairs(size=8), width=2, discriminator_width=2)
    assert isinstance(made.any_size, OwnSize)
    assert isinstance(made.any_size.game, TwoPlayer)
    with pytest.raises(UserError, match="more than the"):
        made.any_size(torch.zeros(1, 1, 10, 11), ROW)


def test_a_condition_that_is_fitted_in_order_to_score_is_mentioned(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "250")
    made, photo = saved(tmp_path / "made.png", 8, 8), saved(tmp_path / "photo.png", 16, 12)
    score(run.path, [made], str(photo))
    assert f"Note: {photo} was reduced to 8x8 (from 16x12)." in capsys.readouterr().out


def test_conditions_of_an_array_that_are_converted_are_mentioned(run: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "conditions.npy", np.linspace(0, 1, 128).reshape(2, 8, 8))
    said = sample(run.path, None, 0, tmp_path / "out", str(tmp_path / "conditions.npy"))
    assert "2 samples" in said
    assert "conditions.npy: Values from 0 to 1: 0 is black, 1 white." in said
    with pytest.raises(UserError, match="holds 2 conditions, each for one sample: leave -n 5 out"):
        sample(run.path, 5, 0, tmp_path / "more", str(tmp_path / "conditions.npy"))
