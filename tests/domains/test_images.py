"""Pictures: encoding to [-1, 1], decoding, grids, and saved files."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from conftest import pictures
from ganwright.core.errors import UserError
from ganwright.domains.images import CELL, GAP, Images, grid

EVERY_BYTE = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)


@pytest.mark.parametrize("channels", [1, 3])
def test_decoding_inverts_encoding(channels: int) -> None:
    stored = np.concatenate([EVERY_BYTE] * channels, axis=3)
    domain = Images(16, 16, channels)
    encoded = domain.encode(torch.from_numpy(stored))
    assert encoded.shape == (1, *domain.shape)
    assert (encoded.min(), encoded.max()) == (-1, 1)
    assert np.array_equal(domain.decode(encoded), stored)


def test_channels_come_first_when_encoded() -> None:
    stored = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3), dtype=np.uint8)
    encoded = Images(4, 5, 3).encode(torch.from_numpy(stored))
    assert encoded[1, 2, 3, 4].item() == pytest.approx((stored[1, 3, 4, 2] - 127.5) / 127.5)


def test_values_beyond_the_range_are_clipped_and_others_rounded() -> None:
    encoded = torch.tensor([-1.5, -1.0, 0.001, 1.0, 7.0]).view(1, 1, 1, 5)
    assert Images(1, 5, 1).decode(encoded).flatten().tolist() == [0, 0, 128, 255, 255]


def test_floating_point_samples_keep_their_precision() -> None:
    assert Images(16, 16, 1).encode(torch.from_numpy(EVERY_BYTE).double()).dtype == torch.float64


def test_the_array_of_grey_pictures_has_no_channel() -> None:
    assert Images(16, 16, 1).to_array(EVERY_BYTE).shape == (1, 16, 16)
    assert Images(8, 8, 3).to_array(pictures(2, channels=3).samples).shape == (2, 8, 8, 3)


@pytest.mark.parametrize(("count", "columns", "shape"), [(9, None, (3, 3)), (7, None, (3, 3)), (7, 5, (2, 5))])
def test_a_grid_holds_every_picture_row_by_row(count: int, columns: int | None, shape: tuple[int, int]) -> None:
    samples = pictures(count, size=CELL, channels=3).samples
    pixels = np.asarray(grid(samples, columns))
    assert pixels.shape == (*(places * (CELL + GAP) - GAP for places in shape), 3)
    for place in range(shape[0] * shape[1]):
        top, left = (number * (CELL + GAP) for number in divmod(place, shape[1]))
        cell = pixels[top : top + CELL, left : left + CELL]
        assert np.array_equal(cell, samples[place]) if place < count else (cell == 255).all()


def test_small_pictures_are_enlarged_by_a_whole_factor() -> None:
    samples = pictures(1, size=20).samples
    pixels = np.asarray(grid(samples))
    assert pixels.shape == (60, 60)
    assert np.array_equal(pixels[1::3, 1::3], samples[0, ..., 0])
    assert np.array_equal(pixels, pixels[::3, ::3].repeat(3, 0).repeat(3, 1))


def test_fakes_are_rendered_beside_as_many_real_samples() -> None:
    data = pictures(20)
    fake, real = data.samples[:4], data.samples[4:]
    rendered = np.asarray(data.domain.render(fake, real))
    left, right = np.asarray(grid(fake)), np.asarray(grid(real[:4]))
    assert np.array_equal(rendered[:, : left.shape[1]], left)
    assert np.array_equal(rendered[:, -right.shape[1] :], right)
    assert (rendered[:, left.shape[1] : -right.shape[1]] == 255).all()
    assert np.array_equal(np.asarray(data.domain.preview(fake)), left)


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (3, "RGB")])
def test_saved_pictures_are_read_unchanged(channels: int, mode: str, tmp_path: Path) -> None:
    samples = pictures(12, channels=channels).samples
    Images(8, 8, channels).write_folder(samples, None, tmp_path / "out")
    files = sorted((tmp_path / "out").iterdir())
    assert len(files) == 12
    for file, picture in zip(files, samples, strict=True):
        with Image.open(file) as read:
            assert read.mode == mode
            assert np.array_equal(np.asarray(read).reshape(picture.shape), picture)


def test_each_condition_has_its_own_folder(tmp_path: Path) -> None:
    samples = pictures(4).samples
    Images(8, 8, 1).write_folder(samples, np.array(["cat", "dog", "cat", "cat"]), tmp_path)
    saved = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.png"))
    assert saved == ["cat/000000.png", "cat/000002.png", "cat/000003.png", "dog/000001.png"]
    read = Images(8, 8, 1).read(tmp_path)
    assert np.array_equal(read.samples, samples[[0, 2, 3, 1]])
    assert read.conditions is not None
    assert read.conditions.tolist() == ["cat", "cat", "cat", "dog"]


def test_pictures_are_described_by_size_and_colour() -> None:
    assert Images(8, 9, 1).describe() == "pictures of 8x9, grey"
    assert Images(8, 9, 3).describe() == "pictures of 8x9, RGB"


def test_arrays_with_other_labels_and_single_numbers_are_refused(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", samples=np.zeros((4, 8, 8), np.uint8), labels=np.zeros(3))
    with pytest.raises(UserError, match=r"a\.npz holds 4 samples, but \[3\] labels"):
        Images(8, 8, 1).read(tmp_path / "a.npz")
    np.save(tmp_path / "number.npy", np.float32(3))
    with pytest.raises(UserError, match=r"number\.npy holds a single number"):
        Images(8, 8, 1).read(tmp_path / "number.npy")
