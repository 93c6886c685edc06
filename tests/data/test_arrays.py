"""Tests of arrays of pictures and points: files and Python objects, ranges of values, labels, and errors."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image

from ganwright.core.errors import UserError
from ganwright.data import _files
from ganwright.data._arrays import from_array, from_dataset
from ganwright.domains.points import Points

pictures = hnp.arrays(
    np.uint8, st.tuples(st.integers(1, 4), st.integers(8, 12), st.integers(8, 12), st.sampled_from([1, 3]))
)


@given(pictures)
def test_loading_a_saved_array_returns_it(tmp_path_factory: pytest.TempPathFactory, array: np.ndarray) -> None:
    path = tmp_path_factory.mktemp("arrays") / "set.npy"
    for form in (array, array[..., 0]):
        np.save(path, form)
        data = _files.load(path)
        assert np.array_equal(data.samples.reshape(form.shape), form)
        assert data.domain.shape == (data.samples.shape[3], *form.shape[1:3])
    np.savez(path.with_suffix(".npz"), images=array, labels=np.arange(len(array)) % 3)
    data = _files.load(path.with_suffix(".npz"))
    assert np.array_equal(data.samples, array)
    assert data.labels is not None
    assert data.labels.tolist() == [index % 3 for index in range(len(array))]


@given(pictures)
def test_floats_in_the_three_ranges_convert_back_to_the_same_bytes(array: np.ndarray) -> None:
    array.flat[:2] = 0, 255  # both ends, so that the range is unambiguous
    for floats in (array / 255, array / 127.5 - 1, array.astype(np.float32)):
        assert np.array_equal(from_array(floats).samples, array)


def test_bytes_are_memory_mapped_and_floats_are_prepared(tmp_path: Path, cache: Path) -> None:
    array = np.random.default_rng(0).integers(256, size=(9, 8, 8, 3), dtype=np.uint8)
    np.save(tmp_path / "bytes.npy", array)
    np.save(tmp_path / "floats.npy", array / 255)
    assert isinstance(_files.load(tmp_path / "bytes.npy").samples, np.memmap)
    assert not list(cache.rglob("*.npy"))
    assert np.array_equal(_files.load(tmp_path / "floats.npy").samples, array)
    assert len(list(cache.rglob("*.npy"))) == 1


def test_arrays_are_resized_on_request(tmp_path: Path) -> None:
    array = np.random.default_rng(0).integers(256, size=(9, 20, 30, 3), dtype=np.uint8)
    np.save(tmp_path / "set.npy", array)
    assert _files.load(tmp_path / "set.npy", size=16).samples.shape == (9, 16, 16, 3)
    assert _files.load(tmp_path / "set.npy", grey=True).samples.shape == (9, 20, 30, 1)


def test_other_integer_types_are_converted() -> None:
    assert from_array(np.full((2, 8, 8), True)).samples.max() == 255
    assert from_array(np.full((2, 8, 8), 200, dtype=np.int64)).samples.max() == 200
    assert from_array(np.full((2, 8, 8), 65535, dtype=np.uint16)).samples.max() == 255


def test_transparent_pictures_are_composited_on_white(tmp_path: Path) -> None:
    clear = np.zeros((2, 8, 8, 4), dtype=np.uint8)
    np.save(tmp_path / "clear.npy", clear)
    for data in (from_array(clear), _files.load(tmp_path / "clear.npy")):
        assert data.samples.shape == (2, 8, 8, 3)
        assert data.samples.min() == 255


@given(hnp.arrays(np.float32, st.tuples(st.integers(2, 9), st.integers(1, 4)), elements=st.floats(-9, 9, width=32)))
def test_arrays_of_two_dimensions_are_points(array: np.ndarray) -> None:
    data = from_array(array)
    assert np.array_equal(data.samples, array)
    assert data.domain == Points.standardised(array)


def test_labels_can_be_strings() -> None:
    data = from_array(np.zeros((3, 2)), ["b", "a", "b"], "named")
    assert data.labels is not None
    assert (data.name, data.classes, data.labels.tolist()) == ("named", ("a", "b"), [1, 0, 1])


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.full((2, 8, 8), np.nan), "not finite"),
        (np.full((2, 2), np.inf), "not finite"),
        (np.full((2, 2), 1e39), "outside the range of float32"),
        (np.full((2, 8, 8), 300.0), "not pixel values"),
        (np.full((2, 8, 8), -2), "not pixel values"),
        (np.zeros((2, 3, 8, 8)), "transpose"),
        (np.zeros((2, 4, 4)), "smaller than 8"),
        (np.zeros(5), "points"),
        (np.zeros((0, 8, 8)), "points"),
        (np.array([["a"]]), "points"),
    ],
)
def test_invalid_arrays_are_refused(array: np.ndarray, message: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=message):
        from_array(array)
    np.save(tmp_path / "it.npy", array)
    with pytest.raises(UserError, match=message) as caught:
        _files.load(tmp_path / "it.npy")
    assert "it.npy" in str(caught.value)


def test_invalid_labels_are_refused() -> None:
    for labels in ([1, 2], [0.5, 1.5, 2.5], np.eye(3, dtype=int)):
        with pytest.raises(UserError, match="3 integers or strings"):
            from_array(np.zeros((3, 2)), labels)


def test_files_that_are_not_arrays_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "objects.npy", np.array([{}], dtype=object), allow_pickle=True)
    (tmp_path / "text.npy").write_text("hello")
    np.savez(tmp_path / "other.npz", weights=np.zeros(3), biases=np.zeros(3))
    messages = {"objects": "never unpickled", "text": "cannot be read", "other": "weights, biases; expected"}
    for name, message in messages.items():
        path = next(tmp_path.glob(f"{name}.*"))
        with pytest.raises(UserError, match=message):
            _files.load(path)
    with pytest.raises(UserError, match="path of the test file"):
        _files.load(tmp_path / "other.npz", split="test")


class Pairs:
    """A map-style torch data set."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Any:
        return self.items[index]


def test_torch_data_sets_of_tensors_arrays_and_images_are_read() -> None:
    array = np.random.default_rng(0).integers(256, size=(4, 9, 8, 3), dtype=np.uint8)
    tensors = torch.from_numpy(array).permute(0, 3, 1, 2)
    labels = torch.tensor([3, 5, 3, 5])
    for items in (list(array), [Image.fromarray(one) for one in array], list(tensors), list(tensors / 255)):
        assert np.array_equal(from_dataset(Pairs(items)).samples, array)
    data = from_dataset(torch.utils.data.TensorDataset(tensors, labels))
    assert np.array_equal(data.samples, array)
    assert data.labels is not None
    assert (data.labels.tolist(), data.classes) == ([0, 1, 0, 1], ("3", "5"))
    assert from_dataset(torch.utils.data.TensorDataset(torch.zeros(5, 2))).domain.shape == (2,)


def test_images_of_a_torch_data_set_are_oriented_by_exif() -> None:
    picture = Image.fromarray(np.arange(128, dtype=np.uint8).reshape(8, 16))
    picture.getexif()[0x0112] = 6
    data = from_dataset(Pairs([picture]))
    assert np.array_equal(data.samples[0, ..., 0], np.rot90(np.asarray(picture), k=-1))


def test_unsupported_torch_data_sets_are_refused() -> None:
    with pytest.raises(UserError, match="Item 1 of dataset"):
        from_dataset(Pairs([np.zeros((8, 8)), np.zeros((9, 8))]))
    with pytest.raises(UserError, match="is empty"):
        from_dataset(Pairs([]))
    with pytest.raises(UserError, match="map-style"):
        from_dataset(iter([]))


def test_bytes_are_mapped_without_reading_their_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    np.save(tmp_path / "a.npy", np.zeros((4, 8, 8, 3), dtype=np.uint8))
    monkeypatch.setattr("ganwright.domains._values.extent", None)
    assert isinstance(_files.load(tmp_path / "a.npy").samples, np.memmap)
