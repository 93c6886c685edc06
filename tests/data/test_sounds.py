"""Sound from WAV files: folders, classes, parts, one recording, conversions, and what is refused."""

import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ganwright.core.errors import MissingPartError, UserError
from ganwright.data import _find
from ganwright.data._sounds import default_window
from ganwright.domains._wav import wav
from ganwright.domains.points import Points
from ganwright.domains.waveforms import Waveforms


def sound(seed: int, length: int = 1_024) -> np.ndarray:
    return np.random.default_rng(seed).integers(-9_000, 9_000, length).astype(np.int16)


def save(path: Path, seed: int = 0, length: int = 1_024, rate: int = 8_000) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(wav(sound(seed, length), rate))


def floats(values: np.ndarray, channels: int = 1, rate: int = 8_000) -> bytes:
    content = values.astype("<f4").tobytes()
    described = struct.pack("<HHIIHH", 3, channels, rate, 4 * rate * channels, 4 * channels, 32)
    riff = b"WAVEfmt " + struct.pack("<I", 16) + described + b"data" + struct.pack("<I", len(content)) + content
    return b"RIFF" + struct.pack("<I", len(riff)) + riff


def test_a_folder_of_clips_of_one_form_is_read_unchanged(tmp_path: Path) -> None:
    for seed in range(3):
        save(tmp_path / f"{seed}.wav", seed)
    data = _find.load(str(tmp_path))
    assert data.domain == Waveforms(1_024, 8_000)
    assert np.array_equal(data.samples, np.stack([sound(seed) for seed in range(3)]))
    assert data.labels is None
    assert data.notes == ()
    assert data.name == tmp_path.name


def test_folders_are_classes_and_parts(tmp_path: Path) -> None:
    for place, name in enumerate(("train/b/1", "train/a/2", "train/a/3", "test/b/4")):
        save(tmp_path / f"{name}.WAV", place)
    train, test = (_find.load(str(tmp_path), split=part) for part in ("train", "test"))
    assert train.classes == test.classes == ("a", "b")
    assert train.labels is not None
    assert test.labels is not None
    assert (train.labels.tolist(), test.labels.tolist()) == ([0, 0, 1], [1])
    assert np.array_equal(test.samples, [sound(3)])
    assert "Read is the train part: 3 of 4 files (test 1)." in train.notes
    assert _find.load(str(tmp_path), classes="none").labels is None
    with pytest.raises(MissingPartError, match="no validation part"):
        _find.load(str(tmp_path), split="validation")


def test_every_conversion_is_said(tmp_path: Path) -> None:
    save(tmp_path / "a.wav", 0, 2_000)
    save(tmp_path / "b.wav", 1, 100)
    save(tmp_path / "c.wav", 2, 9_999, 44_100)
    stereo = np.stack([np.linspace(-1, 1, 1_024), np.zeros(1_024)], axis=1)
    (tmp_path / "d.wav").write_bytes(floats(stereo, channels=2))
    loud = np.zeros(1_024)
    loud[5] = 1.5
    (tmp_path / "e.wav").write_bytes(floats(loud))
    (tmp_path / "notes.txt").write_text("recorded at home")
    data = _find.load(str(tmp_path), window=1_024)
    assert data.domain == Waveforms(1_024, 8_000)
    assert np.array_equal(data.samples[0], sound(0, 2_000)[:1_024])
    assert np.array_equal(data.samples[1], np.pad(sound(1, 100), (0, 924)))
    assert data.samples[4, 5] == 32_767
    assert set(data.notes) == {
        "2 of 5 files were cut to the first 1,024 samples (such as from 2,000).",
        "1 of 5 files was padded with silence to 1,024 samples (from 100).",
        "1 of 5 files was resampled to 8,000 Hz (from 44,100 Hz).",
        "1 of 5 files was mixed down to mono (from 2 channels).",
        "2 of 5 files were rounded to 16 bits (from 32-bit float).",
        "1 of 5 files was clipped to full scale (at 1 samples).",
        "Ignored 1 file that is not a .wav, notes.txt.",
    }


def test_a_sampling_rate_is_chosen_or_that_of_most_files(tmp_path: Path) -> None:
    for place, rate in enumerate((8_000, 16_000, 16_000)):
        save(tmp_path / f"{place}.wav", place, rate=rate)
    assert _find.load(str(tmp_path)).domain == Waveforms(1_024, 16_000)
    assert _find.load(str(tmp_path), sampling_rate=4_000).domain == Waveforms(1_024, 4_000)


def test_the_default_window_is_a_power_of_two_from_the_median_length_on() -> None:
    assert [default_window([length]) for length in (1, 1_024, 1_025, 4_000, 16_000, 10**6)] == [
        1_024, 1_024, 2_048, 4_096, 16_384, 16_384,
    ]  # fmt: skip


def test_long_files_are_cut_into_clips_with_their_class(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.wav", 0, 2_500)
    save(tmp_path / "b" / "2.wav", 1, 512)
    data = _find.load(str(tmp_path), window=1_000, cut="all")
    assert data.labels is not None
    assert data.labels.tolist() == [0, 0, 0, 1]
    assert np.array_equal(data.samples[:3], [sound(0, 2_500)[at : at + 1_000] for at in (0, 1_000, 1_500)])
    assert "1 of 2 files was cut into clips of 1,000 samples (from 2,500 samples)." in data.notes


def test_one_recording_is_cut_and_its_end_is_the_test_part(tmp_path: Path) -> None:
    save(tmp_path / "tape.wav", 0, 10_000)
    path, whole = str(tmp_path / "tape.wav"), sound(0, 10_000)
    train, test = (_find.load(path, window=1_000, split=part) for part in ("train", "test"))
    assert np.array_equal(train.samples, whole[:8_000].reshape(8, 1_000))
    assert np.array_equal(test.samples, whole[8_000:].reshape(2, 1_000))
    assert "8 for training and 2 for the test, the last 20%." in train.notes[0]
    assert len(_find.load(path, window=1_000, test_share=0.0).samples) == 10
    assert len(_find.load(path, window=1_000, cut="first").samples) == 1
    padded = _find.load(path, window=16_384)
    assert np.array_equal(padded.samples, np.pad(whole, (0, 6_384))[None])
    assert padded.notes == ("tape.wav was padded with silence to 16,384 samples (from 10,000).",)
    with pytest.raises(UserError, match="is one recording of 10,000 samples: say --window"):
        _find.load(path)
    with pytest.raises(MissingPartError, match=r"tape.wav has no test part.*no clip of 3,000"):
        _find.load(path, window=3_000, split="test")


def test_silent_clips_are_counted_and_silence_alone_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0.wav").write_bytes(wav(np.zeros(1_024, np.int16), 8_000))
    with pytest.raises(UserError, match="holds silence only: 1 clip without"):
        _find.load(str(tmp_path))
    with pytest.raises(UserError, match="holds silence only"):
        _find.load(str(tmp_path / "0.wav"), window=512)
    save(tmp_path / "1.wav")
    assert _find.load(str(tmp_path)).notes == ("1 of 2 clips is silent, 0.wav.",)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b"ID3 not what it seems" * 9, "it is an MP3 file, not a WAV file"),
        (wav(sound(0), 8_000)[:999], "it is truncated: of 2,048 bytes of sound 955 are there"),
        (wav(sound(0)[:0], 8_000), "it has no samples"),
        (floats(np.full(99, np.nan)), "values that are not finite .*: 99 of 99"),
        (floats(np.full(99, 9_000.0)), "floats up to 9,000"),
    ],
)
def test_an_unusable_file_is_named_and_few_of_many_are_left_out(content: bytes, reason: str, tmp_path: Path) -> None:
    save(tmp_path / "good.wav")
    (tmp_path / "x.wav").write_bytes(content)
    with pytest.raises(UserError, match=rf"cannot be used: 1 of 2 files cannot be read, x.wav \(.*{reason}"):
        _find.load(str(tmp_path))
    with pytest.raises(UserError, match=rf"x.wav cannot be read: .*{reason}"):
        _find.load(str(tmp_path / "x.wav"), window=64)
    for place in range(100):
        save(tmp_path / f"{place}.wav", length=64)
    data = _find.load(str(tmp_path), window=64)
    assert len(data) == 101
    assert any(note.startswith("Left out: 1 of 102 files cannot be read, x.wav (") for note in data.notes)


def test_the_more_frequent_kind_of_files_is_read(tmp_path: Path) -> None:
    save(tmp_path / "a.wav")
    (tmp_path / "a.png").write_bytes(b"one")
    (tmp_path / "b.png").write_bytes(b"two")
    with pytest.raises(UserError, match="cannot be used"):
        _find.load(str(tmp_path))  # as pictures
    assert "Ignored 2 files that are not .wav, such as a.png." in _find.load(str(tmp_path), cut="first").notes
    save(tmp_path / "b.wav")
    save(tmp_path / "c.wav")
    assert len(_find.load(str(tmp_path))) == 3


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling_rate": 10}, "--sampling-rate must be at least 100"),
        ({"sampling_rate": 10**6}, "--sampling-rate must be at most"),
        ({"window": 0}, "--window must be at least 16"),
        ({"cut": "some"}, "cut must be one of first, all"),
        ({"classes": "genre"}, r"classes \(of sound\) must be one of"),
        ({"classes": "folders"}, "no folders that could be classes"),
        ({"size": 64}, "is read as sound: --size is an option of pictures, tar shards and arrays; those of sound are "),
        ({"key": "a", "header": "no"}, "is read as sound: --key and --header are options of columns"),
        ({"test_share": 0.5}, "--test-share divides one recording"),
        ({"split": "test"}, "no test part"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, object], message: str, tmp_path: Path) -> None:
    save(tmp_path / "a.wav")
    with pytest.raises(UserError, match=message):
        _find.load(str(tmp_path), **options)


@pytest.mark.parametrize("name", ["a.csv", "a.npy", "folder"])
def test_options_of_sound_are_refused_elsewhere(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name == "folder":
        path.mkdir()
    elif name == "a.npy":
        np.save(path, np.zeros((5, 2)))
    else:
        path.write_text("1,2\n3,4\n")
    with pytest.raises(UserError, match="--cut is an option of sound"):
        _find.load(str(path), cut="all")


def test_a_zip_is_read_as_its_folder(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for place, name in enumerate(("train/b/1", "train/a/2", "test/b/4")):
            save(tmp_path / "all" / f"{name}.wav", place)
            archive.write(tmp_path / "all" / f"{name}.wav", f"{name}.wav")
        archive.writestr("train/a/notes.txt", "x")
    folder, packed = (_find.load(str(tmp_path / name)) for name in ("all", "all.zip"))
    assert (packed.name, packed.domain, packed.classes) == ("all", folder.domain, ("a", "b"))
    assert np.array_equal(packed.samples, folder.samples)
    assert np.array_equal(packed.labels, folder.labels)  # type: ignore[arg-type]
    assert packed.notes == (*folder.notes, "Ignored 1 file that is not a .wav, train/a/notes.txt.")
    assert len(_find.load(str(tmp_path / "all.zip"), split="test")) == 1


def test_folders_without_sound_are_named(tmp_path: Path) -> None:
    for name in ("a", "b"):
        save(tmp_path / name / "1.wav")
    (tmp_path / "empty" / "below").mkdir(parents=True)
    assert "Left out: 1 name, empty (a folder without .wav files)." in _find.load(str(tmp_path)).notes


def test_damaged_members_of_a_zip_are_counted(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.wav", wav(sound(0), 8_000))
        archive.writestr("b.wav", wav(sound(1), 8_000))
    content = (tmp_path / "all.zip").read_bytes()
    inside = content.index(sound(1).tobytes())
    (tmp_path / "all.zip").write_bytes(content[:inside] + b"\0" * 9 + content[inside + 9 :])
    with pytest.raises(UserError, match=r"all\.zip cannot be used: 1 of 2 files cannot be read, b\.wav \(Bad CRC-32"):
        _find.load(str(tmp_path / "all.zip"))


@pytest.mark.parametrize("suffix", [".npy", ".npz"])
def test_arrays_are_sound_if_their_sampling_rate_is_given(suffix: str, tmp_path: Path) -> None:
    clips, path = np.stack([sound(0), sound(1)]), tmp_path / f"a{suffix}"
    if suffix == ".npy":
        np.save(path, clips)
    else:
        np.savez(path, samples=clips / np.float32(32_768), labels=np.array(["dog", "cat"]))
    data = _find.load(str(path), sampling_rate=8_000)
    assert data.domain == Waveforms(1_024, 8_000)
    assert np.array_equal(data.samples, clips)
    assert data.classes == (() if suffix == ".npy" else ("cat", "dog"))
    assert data.notes == (() if suffix == ".npy" else ("Floats in [-1, 1] are rounded to 16 bits.",))
    assert _find.load(str(path), sampling_rate=8_000, classes="none").labels is None
    assert isinstance(_find.load(str(path)).domain, Points)
    with pytest.raises(MissingPartError, match="has no test part"):
        _find.load(str(path), sampling_rate=8_000, split="test")
    with pytest.raises(UserError, match="is read as arrays of sound: --window is an option of columns and sound"):
        _find.load(str(path), sampling_rate=8_000, window=64)


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 64), np.uint8), r"holds uint8 \[3, 64\]; clips of sound are int16 \[N, samples\]"),
        (np.zeros(64, np.int16), r"holds int16 \[64\]; clips of sound are"),
        (np.full((3, 64), 1.5), "holds floats up to 1.5"),
        (np.zeros((3, 64), np.int16), "holds silence only: 3 clips"),
        (np.ones((3, 8), np.int16), "the samples of a clip must be at least 16"),
    ],
)
def test_other_arrays_are_no_sound(array: np.ndarray, message: str, tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", array)
    with pytest.raises(UserError, match=message):
        _find.load(str(tmp_path / "a.npy"), sampling_rate=8_000)
