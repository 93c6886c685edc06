"""Tests of the two packaged networks: accuracy, independence of chunks and sizes, and refused inputs."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from ganwright.core import discovery, packaged_weights
from ganwright.core.errors import UserError
from ganwright.data import cifar10, fashion_mnist, mnist
from ganwright.features import _networks, grey28, natural32
from ganwright.features._classified import CHUNK, HERE, Classified

LOADERS = {"grey28": grey28.load, "natural32": natural32.load}
CHANNELS = {"grey28": 1, "natural32": 3}


@pytest.fixture(params=list(LOADERS))
def features(request: pytest.FixtureRequest) -> Classified:
    return LOADERS[request.param]()


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def accuracy(features: Classified, pictures: np.ndarray, labels: np.ndarray) -> float:
    return float((features.classes(pictures) == labels).mean())


@pytest.mark.parametrize("name", discovery.names("features"))
def test_every_feature_network_has_a_documented_loader(name: str) -> None:
    assert discovery.load_module("features", name).load.__doc__


def test_shapes_and_protocol(features: Classified) -> None:
    pictures = noise(3, 40, 24, 3)
    found, scores = features(pictures), features.scores(pictures)
    assert (found.shape, found.dtype) == ((3, features.size), np.float32)
    assert (scores.shape, scores.dtype) == ((3, len(features.class_names)), np.float32)
    assert features.classes(pictures).dtype == np.int64
    assert json.loads(json.dumps(features.protocol)) == features.protocol
    assert {"sha256", "training_data", "test_accuracy", "input", "resize"} <= features.protocol.keys()


def test_features_do_not_depend_on_the_number_of_pictures(features: Classified) -> None:
    side = features.protocol["input"][0]
    pictures = noise(CHUNK + 10, side, side, CHANNELS[features.name])
    whole = features(pictures)
    assert np.array_equal(features(pictures[: CHUNK - 1]), whole[: CHUNK - 1])
    assert np.array_equal(features(pictures[CHUNK:]), whole[CHUNK:])
    assert np.allclose(features(pictures[5:9]), whole[5:9], atol=1e-4)


def test_a_uniform_picture_has_the_same_features_at_any_size(features: Classified) -> None:
    sides = ((28, 28), (32, 32), (7, 100), (1, 1))
    for value in (0, 77, 255):
        first, *others = (features(np.full((1, h, w, 3), value, np.uint8)) for h, w in sides)
        assert all(np.allclose(other, first, atol=1e-3) for other in others)


def test_grey_pictures_have_the_same_features_in_one_and_three_channels(features: Classified) -> None:
    grey = noise(4, 50, 50, 1)
    assert np.allclose(features(grey), features(np.repeat(grey, 3, axis=3)), atol=1e-3)


def test_large_pictures_are_resized_in_blocks(features: Classified) -> None:
    pictures = noise(3, 1100, 1100, 1)
    assert np.allclose(features(pictures)[2:], features(pictures[2:]), atol=1e-4)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (np.full((2, 28, 28, 1), np.nan, np.float32), "uint8"),
        ([[1, 2]], "uint8"),
        (np.zeros((2, 28, 28), np.uint8), "channels"),
        (np.zeros((2, 28, 28, 4), np.uint8), "channels"),
        (np.zeros((0, 28, 28, 1), np.uint8), "at least one picture"),
        (np.zeros((2, 0, 28, 1), np.uint8), "at least one picture"),
    ],
)
def test_invalid_pictures_are_refused(wrong: np.ndarray, message: str) -> None:
    with pytest.raises(UserError, match=message):
        grey28.load()(wrong)


@pytest.mark.parametrize("name", list(LOADERS))
def test_changed_weights_are_refused(name: str, tmp_path: Path) -> None:
    for ending in ("safetensors", "json"):
        shutil.copy(HERE / f"{name}.{ending}", tmp_path)
    path = tmp_path / f"{name}.safetensors"
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    with pytest.raises(UserError, match="damaged"):
        packaged_weights.read(name, tmp_path)


def test_missing_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="damaged"):
        Classified.load("grey28", _networks.grey28, tmp_path)


def test_packaged_weights_are_below_4_megabytes() -> None:
    assert sum(path.stat().st_size for path in HERE.glob("*.safetensors")) < 4e6


def test_grey28_classifies_digits_and_clothing(real_data: Path) -> None:
    digits, clothing, features = mnist.load("test"), fashion_mnist.load("test"), grey28.load()
    assert accuracy(features, digits.samples[:2000], digits.labels[:2000]) > 0.985
    assert accuracy(features, clothing.samples[:2000], clothing.labels[:2000] + 10) > 0.9
    assert features.class_names == digits.classes + clothing.classes


def test_a_linear_probe_of_the_features_classifies_digits(real_data: Path) -> None:
    digits, features = mnist.load("test"), grey28.load()
    inputs, labels = features(digits.samples[:3000]), digits.labels[:3000]
    inputs = np.hstack([inputs, np.ones((3000, 1), np.float32)])
    weights = np.linalg.lstsq(inputs[:2000], np.eye(10)[labels[:2000]], rcond=None)[0]
    assert ((inputs[2000:] @ weights).argmax(1) == labels[2000:]).mean() > 0.97


def test_features_have_unit_variance_and_no_repeated_values(real_data: Path) -> None:
    found = grey28.load()(
        np.concatenate([mnist.load("test").samples[:1500], fashion_mnist.load("test").samples[:1500]])
    )
    assert 0.8 < found.var(0).mean() < 1.25
    assert max(np.unique(column.round(4), return_counts=True)[1].max() for column in found.T) < 0.05 * len(found)


def test_natural32_classifies_cifar10(real_data: Path) -> None:
    try:
        photographs = cifar10.load("test")
    except UserError:
        pytest.skip("the real data have no CIFAR-10")
    features = natural32.load()
    assert accuracy(features, photographs.samples[:1500], photographs.labels[:1500]) > 0.83
    assert features.class_names == photographs.classes
