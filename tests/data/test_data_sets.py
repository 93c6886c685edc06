"""Tests of every data set by name: the contract of `Data`, documented options, and known properties."""

import gzip
import inspect
import io
import tarfile
from pathlib import Path

import numpy as np
import pytest

from ganwright.core import discovery
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.data import _idx, cifar10, curve, digits, fashion_mnist, grid, mnist, ring
from ganwright.data._places import local
from ganwright.domains.images import Images
from ganwright.domains.points import Points


def check_contract(data: Data) -> None:
    if isinstance(data.domain, Images):
        assert data.samples.dtype == np.uint8
        assert data.samples.shape[1:] == (data.domain.height, data.domain.width, data.domain.channels)
    else:
        assert data.samples.dtype == data.domain.dtype
        assert data.samples.shape[1:] == data.domain.stored_shape
    if data.labels is not None:
        assert data.labels.dtype == np.int64
        assert data.labels.shape == (len(data),)
        assert data.labels.min() >= 0
        assert data.labels.max() < len(data.classes)


@pytest.mark.parametrize("name", discovery.names("data"))
def test_every_data_set_documents_its_options_and_loads(name: str, offline: None) -> None:
    load = discovery.load_module("data", name).load
    for option, parameter in inspect.signature(load).parameters.items():
        assert parameter.default is not parameter.empty
        assert f"\n    {option}: " in inspect.getsource(load)
    try:
        data = load()
    except UserError as error:
        if "could not be downloaded" not in str(error):
            raise
        pytest.skip(f"GANWRIGHT_DATA has no {name}")
    check_contract(data)


@pytest.mark.parametrize("name", ["cifar10", "fashion-mnist", "mnist"])
@pytest.mark.parametrize("split", ["train", "test"])
def test_downloaded_data_sets_are_complete(name: str, split: str, own_data: None) -> None:
    folder = name.replace("-", "_")
    if not local((folder, name), ("train-images-idx3-ubyte.gz", "cifar10.npz", cifar10.FOLDER, cifar10.ARCHIVE.name)):
        pytest.skip(f"GANWRIGHT_DATA has no {folder}")
    data = discovery.load_module("data", name).load(split)
    check_contract(data)
    assert len(data) == {"mnist": 60_000, "fashion-mnist": 60_000, "cifar10": 50_000}[name] or split == "test"
    if name != "mnist":
        assert set(np.bincount(data.labels)) == {len(data) // 10}
    assert data.samples.mean() == pytest.approx({"mnist": 33.5, "fashion-mnist": 73, "cifar10": 121}[name], abs=1)


def test_digits_are_the_uci_test_set() -> None:
    data = digits.load()
    assert data.samples.shape == (1797, 8, 8, 1)
    assert data.samples.max() == 255
    assert np.bincount(data.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    with pytest.raises(UserError, match="no test part"):
        digits.load("test")


def test_digits_agree_with_scikit_learn() -> None:
    original = pytest.importorskip("sklearn.datasets").load_digits()
    assert np.array_equal(digits.load().samples[..., 0], np.rint(original.images * 255 / 16))
    assert np.array_equal(digits.load().labels, original.target)


def test_points_of_the_curve_lie_on_the_parabola() -> None:
    train, test = curve.load(), curve.load("test")
    x, y = train.samples.T.astype(np.float64)
    assert train.samples.shape == (1000, 2)
    assert np.abs(y - (x**2 + 5)).max() < 1e-4
    assert x.min() >= -5
    assert x.max() <= 5
    assert np.array_equal(curve.load().samples, train.samples)
    assert not np.array_equal(test.samples, train.samples)
    assert test.domain == train.domain


def test_ring_has_eight_modes() -> None:
    data = ring.load()
    assert data.domain == Points.plain(2)
    for mode in range(8):
        points = data.samples[data.labels == mode]
        angle = 2 * np.pi * mode / 8
        assert points.mean(axis=0) == pytest.approx([np.cos(angle), np.sin(angle)], abs=1e-3)
        assert points.std(axis=0) == pytest.approx([0.01, 0.01], rel=0.05)
        assert 12_000 < len(points) < 13_000
    assert ring.load(modes=3, count=50).samples.shape == (50, 2)


def test_the_grid_has_25_modes() -> None:
    data = grid.load()
    centres = np.array([data.samples[data.labels == mode].mean(axis=0) for mode in range(25)])
    assert {tuple(centre) for centre in centres.round().astype(int)} == {
        (x, y) for x in range(-4, 5, 2) for y in range(-4, 5, 2)
    }
    assert (data.samples - centres[data.labels]).std() == pytest.approx(0.05, rel=0.05)


@pytest.mark.parametrize("name", discovery.names("data"))
def test_an_unknown_split_is_refused(name: str) -> None:
    with pytest.raises(UserError, match="split must be one of train, test"):
        discovery.load_module("data", name).load(split="tset")


@pytest.mark.parametrize(("loader", "options"), [(ring, {"modes": 0}), (grid, {"sigma": -1.0}), (curve, {"count": 1})])
def test_options_out_of_range_are_refused(loader: object, options: dict[str, float]) -> None:
    with pytest.raises(UserError, match="must be at least"):
        loader.load(**options)  # type: ignore[attr-defined]


def idx(array: np.ndarray) -> bytes:
    return bytes([0, 0, 8, array.ndim]) + np.array(array.shape, dtype=">u4").tobytes() + array.tobytes()


@pytest.mark.parametrize("gzipped", [True, False])
@pytest.mark.parametrize("folder", ["fashion_mnist", "fashion-mnist"])
def test_idx_files_are_read_from_the_users_folder(
    gzipped: bool, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pictures, labels = np.arange(3 * 9 * 8, dtype=np.uint8).reshape(3, 9, 8), np.array([1, 9, 0], dtype=np.uint8)
    root = tmp_path / "second" / folder
    root.mkdir(parents=True)
    for kind, array in (("images-idx3", pictures), ("labels-idx1", labels)):
        path = root / (f"train-{kind}-ubyte" + ".gz" * gzipped)
        path.write_bytes(gzip.compress(idx(array)) if gzipped else idx(array))
    monkeypatch.setenv("GANWRIGHT_DATA", f"{tmp_path / 'first'}:{tmp_path / 'second'}")
    data = fashion_mnist.load()
    assert np.array_equal(data.samples[..., 0], pictures)
    assert data.labels.tolist() == [1, 9, 0]
    assert data.classes[9] == "Ankle boot"


@pytest.mark.parametrize("content", [b"", b"\x1f\x8b broken", idx(np.zeros((2, 8, 8), np.uint8))[:-1], b"<html>"])
def test_an_invalid_idx_file_is_refused(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "train").write_bytes(content)
    with pytest.raises(UserError, match="train"):
        _idx.read(tmp_path / "train", dimensions=3)


def test_mnist_without_network_or_files_names_the_mirrors(offline: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GANWRIGHT_DATA")
    with pytest.raises(UserError, match=r"train-images-idx3-ubyte.gz .*ossci.*no network.*cvdf.*GANWRIGHT_DATA"):
        mnist.load()


def records(count: int, seed: int) -> np.ndarray:
    random = np.random.default_rng(seed).integers(256, size=(count, 3073), dtype=np.uint8)
    random[:, 0] %= 10
    return random


def save_cifar(kind: str, folder: Path, batches: dict[str, np.ndarray]) -> None:
    folder.mkdir()
    if kind == "unpacked":
        (folder / cifar10.FOLDER).mkdir()
        for name, batch in batches.items():
            (folder / cifar10.FOLDER / name).write_bytes(batch.tobytes())
        return
    with tarfile.open(folder / cifar10.ARCHIVE.name, "w:gz") as archive:
        for name, batch in batches.items():
            member = tarfile.TarInfo(f"{cifar10.FOLDER}/{name}")
            member.size = batch.nbytes
            archive.addfile(member, io.BytesIO(batch.tobytes()))


@pytest.mark.parametrize("kind", ["unpacked", "archive"])
def test_cifar_is_read_in_its_published_formats(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [*cifar10.FILES["train"], *cifar10.FILES["test"]]
    batches = {name: records(4, seed) for seed, name in enumerate(names)}
    save_cifar(kind, tmp_path / "cifar10", batches)
    monkeypatch.setenv("GANWRIGHT_DATA", str(tmp_path))
    train, test = cifar10.load(), cifar10.load("test")
    assert (len(train), len(test)) == (20, 4)
    first = batches["test_batch.bin"][0]
    assert test.labels[0] == first[0]
    assert test.samples[0, 2, 5].tolist() == [first[1 + plane * 1024 + 2 * 32 + 5] for plane in range(3)]
    check_contract(train)


def test_cifar_is_read_from_an_npz_and_refused_if_incomplete(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "cifar10").mkdir()
    images = np.random.default_rng(0).integers(256, size=(6, 32, 32, 3), dtype=np.uint8)
    path = tmp_path / "cifar10" / "cifar10.npz"
    np.savez(path, train_images=images, train_labels=np.arange(6))
    monkeypatch.setenv("GANWRIGHT_DATA", str(tmp_path))
    assert np.array_equal(cifar10.load().samples, images)
    with pytest.raises(UserError, match="not a complete CIFAR-10"):
        cifar10.load("test")
