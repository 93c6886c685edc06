"""PNG encoding: Pillow decodes every shape, with and without repeated rows, in one piece or many."""

import io

import numpy as np
import pytest
from PIL import Image

from ganwright.runs import png


@pytest.mark.parametrize("piece", [png.PIECE, 64])
@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 7, 3), (9, 1, 4), (40, 9, 1), (41, 30, 3), (12, 5, 2)])
def test_sample_grids_are_decoded(shape: tuple[int, int, int], piece: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(png, "PIECE", piece)
    pixels = np.random.default_rng(0).integers(256, size=shape, dtype=np.uint8)
    for image in (pixels, pixels.repeat(3, axis=0), np.zeros_like(pixels)):
        with Image.open(io.BytesIO(png.sample_grid(image))) as read:
            assert np.array_equal(np.asarray(read).reshape(image.shape), image)


def test_repeated_rows_take_no_space() -> None:
    pixels = np.random.default_rng(0).integers(256, size=(64, 64, 3), dtype=np.uint8)
    assert len(png.sample_grid(pixels.repeat(4, axis=0))) < 1.1 * len(png.sample_grid(pixels))
