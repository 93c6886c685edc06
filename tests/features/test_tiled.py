"""Features of tiles: what they are functions of, theorems of their parts, and faults that shrunk pictures hide."""

import json
from collections.abc import Callable

import numpy as np
import pytest
import torch

from ganwright.core.errors import UserError
from ganwright.domains.images import Images
from ganwright.features import _spectra, grey28, grey28_tiles, natural32, natural32_tiles
from ganwright.features._pictures import mean_levels, tiles
from ganwright.features._tiled import CHUNK, Tiled

LOADERS = {"grey28_tiles": grey28_tiles.load, "natural32_tiles": natural32_tiles.load}
SIDE, COUNT = 64, 9


@pytest.fixture(params=list(LOADERS), scope="module")
def features(request: pytest.FixtureRequest) -> Tiled:
    return LOADERS[request.param]()


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def discs(seed: int, count: int = COUNT) -> np.ndarray:
    """A disc of random place, size and colour on another colour, with a little noise, uint8 [n, 64, 64, 3]."""
    g = np.random.default_rng(seed)
    rows, columns = np.indices((SIDE, SIDE))
    centres, radii, colours = g.uniform(20, 44, (2, count)), g.uniform(8, 20, count), g.uniform(30, 220, (2, count, 3))
    squared = (rows - centres[0, :, None, None]) ** 2 + (columns - centres[1, :, None, None]) ** 2
    inside = np.clip(radii[:, None, None] - np.sqrt(squared), 0, 1)[..., None]
    pictures = inside * colours[0][:, None, None] + (1 - inside) * colours[1][:, None, None]
    return rounded(pictures + 2 * g.standard_normal(pictures.shape))


def rounded(pixels: np.ndarray) -> np.ndarray:
    return pixels.round().clip(0, 255).astype(np.uint8)


def mesh(pictures: np.ndarray, period: int, size: float, colour: tuple[int, int, int] = (1, 1, 1)) -> np.ndarray:
    signs = 1 - 2 * ((np.indices((SIDE, SIDE)) // (period // 2)).sum(axis=0) % 2)
    return rounded(pictures + size * signs[..., None] * np.array(colour))


def noisy(pictures: np.ndarray, deviation: float) -> np.ndarray:
    return rounded(pictures + deviation * np.random.default_rng(1).standard_normal(pictures.shape))


def blurred(pictures: np.ndarray, times: int) -> np.ndarray:
    pixels = pictures.astype(np.float64)
    for _ in range(times):
        for axis in (1, 2):
            pixels = (np.roll(pixels, 1, axis) + 2 * pixels + np.roll(pixels, -1, axis)) / 4
    return rounded(pixels)


def test_shapes_and_protocol(features: Tiled) -> None:
    found = features(noise(3, 70, 40, 3))
    assert (found.shape, found.dtype) == ((3, features.size), np.float32)
    assert json.loads(json.dumps(features.protocol)) == features.protocol
    assert sum(features.protocol["parts"].values()) == features.size
    assert features.protocol["name"] == features.name
    assert {"sha256", "training_data", "tiles", "log energies"} <= features.protocol.keys()


def test_features_of_a_picture_do_not_depend_on_the_others(features: Tiled) -> None:
    pictures = noise(CHUNK + 3, 48, 40, 3)
    whole = features(pictures)
    assert np.array_equal(features(pictures[CHUNK:]), whole[CHUNK:])


@pytest.mark.parametrize(
    ("tiled", "whole"), [(grey28_tiles, grey28), (natural32_tiles, natural32)], ids=["grey28", "natural32"]
)
def test_the_first_features_are_those_of_the_shrunk_whole(tiled: object, whole: object) -> None:
    one, other = tiled.load(), whole.load()  # type: ignore[attr-defined]
    pictures = noise(2, 64, 96, 3)
    assert np.array_equal(one(pictures)[:, : other.size], other(pictures))


def test_a_picture_of_one_colour_has_the_same_features_at_any_size(features: Tiled) -> None:
    sizes = ((64, 64), (32, 32), (7, 100))
    first, *others = (features(np.full((1, *size, 3), (200, 77, 20), np.uint8)) for size in sizes)
    assert all(np.allclose(other, first, atol=1e-3) for other in others)


def test_tiles_lie_in_the_quarters_of_a_picture() -> None:
    pictures = noise(2, 128, 64, 3)
    cut = tiles(pictures, 3, 32)
    planes = torch.tensor(pictures).permute(0, 3, 1, 2).float()
    assert torch.equal(cut[:, 0], planes[:, :, 16:48, :32])
    assert torch.equal(cut[:, 3], planes[:, :, 80:112, 32:])
    assert tiles(pictures, 1, 28).shape == (2, 4, 1, 28, 28)


def test_tiles_of_a_picture_of_their_size_are_the_picture() -> None:
    pictures = noise(2, 32, 32, 3)
    cut = tiles(pictures, 3, 32)
    assert all(torch.equal(cut[:, tile], cut[:, 0]) for tile in range(4))
    assert torch.equal(cut[:, 0].permute(0, 2, 3, 1).byte(), torch.tensor(pictures))


def test_a_narrow_picture_is_enlarged_along_one_side() -> None:
    pictures = noise(2, 5, 60, 1)
    assert tiles(pictures, 3, 32).shape == (2, 4, 3, 32, 32)


@pytest.mark.parametrize("side", [28, 32])
def test_white_noise_has_its_variance_in_every_band(side: int) -> None:
    values = 20 * torch.randn(400, 4, 1, side, side, generator=torch.Generator().manual_seed(0))
    mean_power = (10 ** (_spectra.log_energies(values) / 10)).mean(0)
    assert mean_power[1:].numpy() == pytest.approx(404, rel=0.1)


def test_a_mesh_of_period_2_has_the_highest_frequency_alone() -> None:
    planes = torch.tensor(mesh(np.full((1, SIDE, SIDE, 3), 128), 2, 8)[:, :32, :32, :1]).permute(0, 3, 1, 2)[:, None]
    decibels = _spectra.log_energies(planes.float()).view(5, 5)
    assert decibels[4, 4] > 25
    assert decibels.flatten()[:-1].max() < 10 * np.log10(4.1)


def test_brightness_and_colours_are_those_of_the_whole_picture() -> None:
    pictures = noise(2, 50, 90, 3)
    assert mean_levels(pictures, 3).squeeze().numpy() == pytest.approx(pictures.mean(axis=(1, 2)), rel=1e-5)


Fault = Callable[[np.ndarray, int], np.ndarray]
FAULTS: dict[str, Fault] = {
    "mesh of period 2": lambda x, strength: mesh(x, 2, 4 * strength),
    "mesh of period 4": lambda x, strength: mesh(x, 4, 4 * strength),
    "mesh in colour": lambda x, strength: mesh(x, 2, 4 * strength, (1, 0, -1)),
    "noise": lambda x, strength: noisy(x, 4 * strength),
    "blur": lambda x, strength: blurred(x, 2 * strength),
    "wrong colours": lambda x, strength: rounded(x + 5 * strength * np.array((1, 0, -1))),
}
WEAK, STRONG = 1, 3


@pytest.fixture(scope="module")
def faulty() -> dict[tuple[str, int], np.ndarray]:
    """The features of the same pictures without a fault (strength 0) and with each, all computed at once."""
    pictures = discs(0)
    sets = {
        (name, strength): fault(pictures, strength) for name, fault in FAULTS.items() for strength in (WEAK, STRONG)
    }
    sets |= {("none", 0): pictures}
    found = natural32_tiles.load()(np.concatenate(list(sets.values())))
    return dict(zip(sets, np.split(found, len(sets)), strict=True))


def shift(faulty: dict[tuple[str, int], np.ndarray], name: str, strength: int, part: slice = slice(None)) -> float:
    """The squared distance that the mean moves, as a share of the variance of pictures without a fault."""
    clean, changed = (faulty[key][:, part] for key in (("none", 0), (name, strength)))
    return float(np.square(changed.mean(0) - clean.mean(0)).sum() / clean.var(0).sum())


@pytest.mark.parametrize("name", [name for name in FAULTS if name.startswith("mesh")])
def test_a_mesh_is_seen_that_the_shrunk_picture_hides(faulty: dict[tuple[str, int], np.ndarray], name: str) -> None:
    assert shift(faulty, name, STRONG, slice(192)) < 0.01 < shift(faulty, name, WEAK)


@pytest.mark.parametrize("name", FAULTS)
def test_the_distance_grows_with_the_fault(faulty: dict[tuple[str, int], np.ndarray], name: str) -> None:
    assert 0.003 < 1.2 * shift(faulty, name, WEAK) < shift(faulty, name, STRONG)


def test_invalid_pictures_are_refused(features: Tiled) -> None:
    with pytest.raises(UserError, match="at least one picture"):
        features(np.zeros((0, 64, 64, 3), np.uint8))


@pytest.mark.parametrize(
    ("size", "channels", "name"),
    [((28, 28), 1, "grey28"), ((32, 32), 1, "grey28"), ((32, 32), 3, "natural32"), ((32, 33), 3, "natural32_tiles"),
     ((64, 64), 1, "grey28_tiles")],
)  # fmt: skip
def test_pictures_of_more_than_32_pixels_get_tiles_by_default(size: tuple[int, int], channels: int, name: str) -> None:
    assert Images(*size, channels).default_features == name
