"""The domain of sound: forms, files, and arrays."""

from pathlib import Path

import numpy as np
import pytest
import torch

from ganwright.core.errors import UserError
from ganwright.domains._clips import clips, windowed
from ganwright.domains._wav import format_of, mixed, wav
from ganwright.domains.waveforms import Waveforms

DOMAIN = Waveforms(400, 8_000)
CLIPS = np.random.default_rng(0).integers(-32_768, 32_768, (5, 400)).astype(np.int16)


def test_decoding_inverts_encoding_for_every_value() -> None:
    every = np.arange(-32_768, 32_768).astype(np.int16)[None]
    domain = Waveforms(65_536, 8_000)
    encoded = domain.encode(torch.from_numpy(every))
    assert encoded.shape == (1, 1, 65_536)
    assert (encoded.min(), encoded.max()) == (-1, 32_767 / 32_768)
    assert np.array_equal(domain.decode(encoded), every)


def test_values_beyond_full_scale_are_clipped() -> None:
    assert Waveforms(3, 8_000).decode(torch.tensor([[[-7.0, 0.0, 1.0]]])).tolist() == [[-32_768, 0, 32_767]]


def test_clips_are_written_to_files_and_read_again(tmp_path: Path) -> None:
    DOMAIN.write_folder(CLIPS, np.array(["a", "b", "a", "b", "b"]), tmp_path / "set")
    read = DOMAIN.read(tmp_path / "set")
    order = [0, 2, 1, 3, 4]
    assert np.array_equal(read.samples, CLIPS[order])
    assert read.conditions is not None
    assert read.conditions.tolist() == ["a", "a", "b", "b", "b"]
    assert read.notes == ()


def test_one_file_holds_all_clips_with_pauses_between_them(tmp_path: Path) -> None:
    DOMAIN.writers[".wav"](CLIPS, None, tmp_path / "all.wav")
    content = (tmp_path / "all.wav").read_bytes()
    form = format_of(content)
    values = mixed(content, form) * 32_768
    assert (form.rate, len(values)) == (8_000, 5 * 400 + 4 * 2_000)
    assert np.array_equal(values[2_400:2_800], CLIPS[1])
    assert not values[400:2_400].any()
    assert np.array_equal(DOMAIN.read(tmp_path / "all.wav", {"cut": "all"}).samples[0], CLIPS[0])


def test_a_file_of_another_form_is_refused_or_converted_with_a_note(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_bytes(wav(CLIPS[0] // 4, 16_000))
    with pytest.raises(
        UserError, match=r"a.wav holds 400 samples at 16,000 Hz, and expected are clips of sound of 400"
    ):
        DOMAIN.read(tmp_path / "a.wav")
    read = DOMAIN.read(tmp_path / "a.wav", {})
    assert read.samples.shape == (1, 400)
    assert [note.partition("a.wav was ")[2] for note in read.notes] == [
        "resampled to 8,000 Hz (from 16,000 Hz).",
        "padded with silence to 400 samples (from 200).",
    ]
    (tmp_path / "b.wav").write_bytes(b"words")
    with pytest.raises(UserError, match=r"b.wav cannot be read: it is text, not a WAV file."):
        DOMAIN.read(tmp_path / "b.wav", {})


def test_the_beginning_of_a_long_file_is_that_of_the_whole_resampled() -> None:
    sound = np.random.default_rng(1).integers(-9_000, 9_000, 50_000).astype(np.int16)
    content = wav(sound, 44_100)
    assert np.array_equal(clips(content, 1_000, 8_000).values[0], clips(content, 1_000, 8_000, "all").values[0])


def test_windows_follow_one_another_and_the_last_one_ends_with_the_sound() -> None:
    assert windowed(np.arange(10), 4).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [6, 7, 8, 9]]
    assert windowed(np.arange(8), 4).tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]


def test_arrays_are_16_bit_integers_or_floats_in_one() -> None:
    assert np.array_equal(DOMAIN.from_array(CLIPS.astype(np.int64), "it"), CLIPS)
    stored, notes = DOMAIN.converted(CLIPS / 32_768, "it")
    assert np.array_equal(stored, CLIPS)
    assert notes == ("Floats in [-1, 1] are rounded to 16 bits.",)
    with pytest.raises(UserError, match=r"it holds floats up to 2: sound is floats in \[-1, 1\], or 16-bit"):
        DOMAIN.from_array(np.full((1, 400), 2.0), "it")
    with pytest.raises(UserError, match="not finite"):
        DOMAIN.from_array(np.full((1, 400), np.nan), "it")
    with pytest.raises(UserError, match="values that int16 does not"):
        DOMAIN.from_array(np.full((1, 400), 40_000), "it")


def test_clips_of_another_rate_cannot_be_compared() -> None:
    assert DOMAIN.comparable(Waveforms(400, 8_000))
    assert not DOMAIN.comparable(Waveforms(400, 16_000))


def test_clips_are_rendered_as_spectrograms_without_matplotlib() -> None:
    both, alone = DOMAIN.render(CLIPS[:4], CLIPS), DOMAIN.preview(CLIPS[:4])
    assert both.mode == alone.mode == "RGB"
    assert both.width > alone.width > 0
