"""Parts of a set under any usual name, in folders, pairs, zips and tars; classes match by name across parts."""

import io
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganwright.core.errors import MissingPartError, UserError
from ganwright.data import _files, _find
from ganwright.data._layout import layout, part_of


def bmp(shade: int, width: int = 8) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (width, 8), shade).save(buffer, "BMP")
    return buffer.getvalue()


def fill(folder: Path, shades: dict[str, int], width: int = 8) -> Path:
    for name, shade in shades.items():
        path = folder / f"{name}.bmp"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(bmp(shade, width))
    return folder


def pack(path: Path, shades: dict[str, int]) -> Path:
    """A zip or a tar of the same pictures."""
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name, shade in shades.items():
                archive.writestr(f"{name}.bmp", bmp(shade))
        return path
    with tarfile.open(path, "w") as shard:
        for name, shade in shades.items():
            info = tarfile.TarInfo(f"{name}.bmp")
            info.size = len(bmp(shade))
            shard.addfile(info, io.BytesIO(bmp(shade)))
    return path


def shades(data: object) -> list[int]:
    return np.asarray(data.samples)[:, 0, 0, 0].tolist()  # type: ignore[attr-defined]


@pytest.mark.parametrize("held_out", ["validation", "val", "valid", "dev", "test", "Val", "testing", "val2017", "eval"])
def test_folders_under_usual_names_are_parts(held_out: str, tmp_path: Path) -> None:
    fill(tmp_path, {"train/1": 1, "train/2": 2, f"{held_out}/3": 3})
    train, other = _files.load(tmp_path), _files.load(tmp_path, split="test")
    assert (shades(train), train.labels) == ([1, 2], None)
    assert shades(other) == [3]
    part = part_of(held_out)
    assert f"Read is the train part: 2 of 3 pictures ({part} 1)." in train.notes
    assert ("There is no test part: the validation part stands in for it." in other.notes) == (part == "validation")


@pytest.mark.parametrize("train", ["train", "training", "training_set", "train_images", "TRAIN", "trn"])
def test_the_train_part_has_several_names_too(train: str, tmp_path: Path) -> None:
    assert shades(_files.load(fill(tmp_path, {f"{train}/1": 1, "test_set/2": 2}))) == [1]


def test_three_parts_are_told_apart(tmp_path: Path) -> None:
    fill(tmp_path, {"train/1": 1, "val/2": 2, "test/3": 3})
    assert [shades(_files.load(tmp_path, split=one)) for one in ("train", "validation", "test")] == [[1], [2], [3]]
    assert "Read is the train part: 1 of 3 pictures (validation 1, test 1)." in _files.load(tmp_path).notes


@pytest.mark.parametrize("suffix", ["", ".zip", ".tar"])
@pytest.mark.parametrize("pattern", ["{part}/{kind}/{name}", "{kind}/{part}/{name}", "set/{part}/{kind}/{name}"])
def test_classes_lie_inside_or_above_the_parts(suffix: str, pattern: str, tmp_path: Path) -> None:
    names = [("train", "cat", 1), ("train", "dog", 2), ("train", "emu", 3), ("val", "dog", 4), ("val", "emu", 5)]
    pictures = {pattern.format(part=part, kind=kind, name=shade): shade for part, kind, shade in names}
    where = pack(tmp_path / f"a{suffix}", pictures) if suffix else fill(tmp_path / "a", pictures)
    train, test = _files.load(where), _files.load(where, split="test")
    assert train.classes == test.classes == ("cat", "dog", "emu")
    of_train = dict(zip(shades(train), np.asarray(train.labels).tolist(), strict=True))
    of_test = dict(zip(shades(test), np.asarray(test.labels).tolist(), strict=True))
    assert of_train == {1: 0, 2: 1, 3: 2}
    assert of_test == {4: 1, 5: 2}
    assert "1 of 3 classes with no picture of it in this part: cat." in test.notes or suffix == ".tar"


def test_a_class_of_the_test_part_alone_follows_the_others(tmp_path: Path) -> None:
    fill(tmp_path, {"train/b": 9, "train/b/1": 1, "train/d/2": 2, "test/a/3": 3, "test/d/4": 4})
    (tmp_path / "train" / "b.bmp").unlink()
    test = _files.load(tmp_path, split="test")
    assert (test.classes, np.asarray(test.labels).tolist()) == (("b", "d", "a"), [2, 1])
    assert _files.load(tmp_path).classes == ("b", "d")


@pytest.mark.parametrize("names", [["train", "val"], ["set-train-000", "set-val-000"], ["train_0", "dev_0", "test_0"]])
def test_shards_are_parts_by_a_word_in_their_names(names: list[str], tmp_path: Path) -> None:
    for index, name in enumerate(names):
        pack(tmp_path / f"{name}.tar", {f"{index}": index + 1})
    assert shades(_files.load(tmp_path)) == [1]
    assert shades(_files.load(tmp_path, split="test")) == [len(names)]
    assert any(
        note.startswith(f"Read is the train part: 1 of {len(names)} files") for note in _files.load(tmp_path).notes
    )


@pytest.mark.parametrize("held_out", ["val", "validation", "dev", "test"])
@pytest.mark.parametrize("pattern", ["{part}/{side}", "{side}/{part}", "{part}{side}", "{part}_{side}"])
def test_pairs_have_parts_under_usual_names(held_out: str, pattern: str, tmp_path: Path) -> None:
    for part, shade in (("train", 1), (held_out, 5)):
        for side in "AB":
            fill(tmp_path, {f"{pattern.format(part=part, side=side)}/x": shade + (side == "B")})
    train, test = (_find.load(str(tmp_path), pairs="folders", split=split) for split in ("train", "test"))
    assert (shades(train), shades(test)) == ([2], [6])
    assert any(note.startswith("Read is the train part: 2 of 4 pictures") for note in train.notes)


def test_halves_have_a_validation_part(tmp_path: Path) -> None:
    fill(tmp_path, {"train/1": 1, "validation/2": 2}, width=16)
    assert shades(_find.load(str(tmp_path), pairs="left-right")) == [1]
    assert shades(_find.load(str(tmp_path), pairs="left-right", split="test")) == [2]


def test_pictures_outside_the_parts_are_counted(tmp_path: Path) -> None:
    fill(tmp_path, {"train/1": 1, "test/2": 2, "extra/3": 3, "extra/4": 4, "cover": 5})
    assert any(
        note.startswith("Left out: 3 pictures outside the parts, such as") for note in _files.load(tmp_path).notes
    )
    fill(tmp_path / "pairs", {"train/A/1": 1, "train/B/1": 2, "test/A/1": 3, "test/B/1": 4, "cover": 5})
    notes = _find.load(str(tmp_path / "pairs"), pairs="folders").notes
    assert "Left out: 1 name, cover.bmp (outside the parts)." in notes


@pytest.mark.parametrize(
    ("names", "split", "message"),
    [
        (("train/1", "training/2", "test/3"), "train", "two folders of the train part, train and training"),
        (("train/1", "val/2", "validation/3"), "test", "two folders of the validation part, val and validation"),
        (("val/1", "test/2"), "train", "has no train part: it has the parts test, validation"),
        (("train/1", "test/2"), "validation", "has no validation part: it has the parts test, train"),
        (("train/1", "train/2"), "test", "has no test part"),
        (("1", "2"), "validation", "has no validation part"),
    ],
)
def test_parts_that_cannot_be_told_are_refused(
    names: tuple[str, ...], split: str, message: str, tmp_path: Path
) -> None:
    fill(tmp_path, dict.fromkeys(names, 1))
    with pytest.raises(UserError, match=message):
        _files.load(tmp_path, split=split)  # type: ignore[arg-type]


def test_a_missing_part_differs_from_a_broken_one(tmp_path: Path) -> None:
    fill(tmp_path, {"train/1": 1})
    with pytest.raises(MissingPartError):
        _files.load(tmp_path, split="test")
    (tmp_path / "test").mkdir()
    (tmp_path / "test" / "broken.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match="cannot be used") as caught:
        _files.load(tmp_path, split="test")
    assert not isinstance(caught.value, MissingPartError)


def test_a_class_with_the_name_of_a_part_stays_a_class() -> None:
    plan = layout(["plane/1.png", "train/2.png", "truck/3.png"], "train", "x")
    assert plan.classes == ("plane", "train", "truck")
    assert "Taken for classes, not for parts: train." in plan.notes


def test_a_set_that_is_a_test_part_only_is_said_to_be() -> None:
    plan = layout(["set/test/1.png", "set/test/2.png"], "train", "x")
    assert plan.notes == ("All pictures lie in a folder test, which is read as the whole set: there is no train part.",)


def test_folders_above_the_classes_of_one_part_mean_nothing() -> None:
    names = ["train/imgs/a/1.png", "train/imgs/b/2.png", "test/a/3.png", "test/b/4.png"]
    for part in ("train", "test"):
        plan = layout(names, part, "x")  # type: ignore[arg-type]
        assert plan.classes == ("a", "b")
        assert np.asarray(plan.labels).tolist() == [0, 1]


def test_classes_below_classes_are_counted() -> None:
    plan = layout(["plant/oak/1.png", "plant/elm/2.png", "animal/cat/3.png"], "train", "x")
    assert plan.classes == ("animal", "plant")
    assert "Classes are the upper folders; 3 folders below them: plant/oak and 2 more." in plan.notes


def test_both_ways_to_write_an_accent_are_one_class() -> None:
    plan = layout(["train/caf\u00e9/1.png", "train/tea/2.png", "test/cafe\u0301/3.png"], "test", "x")
    assert np.asarray(plan.labels).tolist() == [0]


def test_a_stray_picture_beside_classes_is_named(tmp_path: Path) -> None:
    pictures = {f"{kind}/{index}": index for kind in "ab" for index in range(60)}
    fill(tmp_path, {**pictures, "cover": 7})
    data = _files.load(tmp_path)
    assert (data.classes, len(data)) == (("a", "b"), 120)
    assert "Left out: 1 picture beside the folders of the classes, cover.bmp." in data.notes


def test_many_pictures_beside_classes_are_refused_with_both_ways_out(tmp_path: Path) -> None:
    fill(tmp_path, {"a/1": 1, "b/2": 2, "3": 3, "4": 4})
    with pytest.raises(
        UserError, match=r"2 pictures beside the folders a, b, such as 3.bmp: --classes folders .* none"
    ):
        _files.load(tmp_path)
    assert len(_files.load(tmp_path, classes="none")) == 4
    assert _files.load(tmp_path, classes="none").labels is None
    folders = _files.load(tmp_path, classes="folders")
    assert (len(folders), folders.classes) == (2, ("a", "b"))
    assert "Left out: 2 pictures beside the folders of the classes, such as 3.bmp." in folders.notes


def test_two_pictures_of_one_name_in_a_pair_set_are_named(tmp_path: Path) -> None:
    fill(tmp_path, {"A/x": 1, "B/x": 2})
    Image.new("L", (8, 8), 3).save(tmp_path / "A" / "x.png")
    with pytest.raises(UserError, match=r"two pictures of one name, A/x.bmp and A/x.png: .* keep one"):
        _find.load(str(tmp_path), pairs="folders")
    with pytest.raises(UserError, match="two pictures of one name"):
        _find.load(str(tmp_path / "A"), str(tmp_path / "B"), pairs="folders")


def test_two_pictures_of_one_sample_in_a_shard_are_named(tmp_path: Path) -> None:
    pack(tmp_path / "a.tar", {"1": 1, "1.seg": 2, "2": 3, "2.seg": 4})
    with pytest.raises(UserError, match=r"2 pictures of which another with the same name .* such as 1.seg.bmp"):
        _files.load(tmp_path / "a.tar")
    pack(tmp_path / "b.tar", {**{str(index): index for index in range(120)}, "7.seg": 200})
    data = _files.load(tmp_path / "b.tar")
    assert shades(data) == list(range(120))
    assert "Left out: 1 name, 7.seg.bmp (another picture of a sample that has one)." in data.notes


def test_a_single_class_in_the_test_part_keeps_its_label(tmp_path: Path) -> None:
    fill(tmp_path, {"train/a/1": 1, "train/b/2": 2, "test/b/3": 3})
    test = _files.load(tmp_path, split="test")
    assert (test.classes, np.asarray(test.labels).tolist()) == (("a", "b"), [1])


def test_classes_of_columns_need_a_table(tmp_path: Path) -> None:
    fill(tmp_path, {"a/1": 1, "b/2": 2})
    with pytest.raises(UserError, match=r"--classes species names a column, and .* has no metadata.csv"):
        _files.load(tmp_path, classes="species")
    pack(tmp_path / "x.tar", {"1": 1})
    with pytest.raises(UserError, match="classes"):
        _files.load(tmp_path / "x.tar", classes="species")
    with pytest.raises(UserError, match="pairs have no classes"):
        _files.load(tmp_path, classes="none", pairs="folders")
    with pytest.raises(UserError, match="no folders that could be classes"):
        _files.load(tmp_path / "a", classes="folders")
