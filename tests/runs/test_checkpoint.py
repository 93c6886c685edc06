"""Checkpoints: written atomically, verified by hash, pruned."""

import errno
import json
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from ganwright.core.errors import DamagedError, UserError
from ganwright.runs import checkpoint
from ganwright.runs.checkpoint import OPTIMIZER, STATE, WEIGHTS, Checkpoint
from run_entries import state


def example(value: float = 1.0, examples: int = 1) -> Checkpoint:
    weights = {"generator.network.w": torch.full((2, 3), value), "generator.network.n": torch.tensor(3)}
    return Checkpoint(weights, {"generator.0.step": torch.tensor(value)}, state(examples))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_saved_checkpoint_is_loaded_unchanged(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, 7, example(2.5, 7))
    path, found, damaged_ones = checkpoint.newest(tmp_path)
    assert path == tmp_path / "00000007"
    assert found is not None
    assert damaged_ones == []
    assert found.state["clock"] == state(7)["clock"]
    assert torch.equal(found.weights["generator.network.w"], torch.full((2, 3), 2.5))
    assert torch.equal(found.optimizer["generator.0.step"], torch.tensor(2.5))


@pytest.mark.parametrize("file", [WEIGHTS, OPTIMIZER, STATE])
def test_a_truncated_file_is_detected_and_the_previous_checkpoint_is_used(file: str, tmp_path: Path) -> None:
    checkpoint.save(tmp_path, 1, example(1))
    checkpoint.save(tmp_path, 2, example(2, 2))
    damaged = tmp_path / "00000002" / file
    damaged.write_bytes(damaged.read_bytes()[:-2])
    path, found, damaged_ones = checkpoint.newest(tmp_path)
    assert path == tmp_path / "00000001"
    assert found is not None
    assert len(damaged_ones) == 1
    assert file in damaged_ones[0]


@given(st.sampled_from([WEIGHTS, OPTIMIZER, STATE]), st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_any_changed_byte_is_detected(file: str, place: float, change: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        checkpoint.save(Path(folder), 1, example())
        path = Path(folder) / "00000001"
        content = bytearray((path / file).read_bytes())
        content[int(place * len(content))] ^= change
        (path / file).write_bytes(content)
        try:
            found = checkpoint.load(path)
        except (DamagedError, UserError):
            return
        assert found.state == pytest.approx(example().state | {"format": 2, "keep": False}, nan_ok=True)  # white space


@pytest.mark.parametrize("file", [WEIGHTS, OPTIMIZER, STATE])
def test_a_missing_file_is_damage(file: str, tmp_path: Path) -> None:
    checkpoint.save(tmp_path, 1, example())
    (tmp_path / "00000001" / file).unlink()
    with pytest.raises(DamagedError, match=rf"{file} is damaged \(it cannot be read: no such file"):
        checkpoint.load(tmp_path / "00000001")


def test_another_format_is_refused(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, 1, example())
    file = tmp_path / "00000001" / STATE
    file.write_text(file.read_text().replace('"format": 2', '"format": 99'))
    with pytest.raises(UserError, match="format 99"):
        checkpoint.newest(tmp_path)


def test_pruning_spares_the_newest_two_and_those_saved_with_keep(tmp_path: Path) -> None:
    for examples in range(1, 8):
        checkpoint.save(tmp_path, examples, example(examples=examples), keep=examples == 2)
    assert names(tmp_path) == ["00000002", "00000006", "00000007"]


def test_an_existing_checkpoint_is_not_overwritten(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, 1, example(1))
    checkpoint.save(tmp_path, 1, example(2))
    assert checkpoint.load(tmp_path / "00000001").weights["generator.network.w"][0, 0] == 1


def test_a_full_disk_leaves_earlier_checkpoints_intact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    checkpoint.save(tmp_path, 1, example(1))

    def full(tensors: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise checkpoint.SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(UserError, match=r"00000002 failed \(no space left on device\): free some space"):
        checkpoint.save(tmp_path, 2, example(2, 2))
    assert names(tmp_path) == ["00000001"]
    assert errno.ENOSPC == 28


def test_clearing_removes_unfinished_and_newer_checkpoints(tmp_path: Path) -> None:
    for examples in (1, 2):
        checkpoint.save(tmp_path, examples, example(examples=examples))
    (tmp_path / ".00000003.partial").mkdir()
    checkpoint.clear_after(tmp_path, 1)
    assert names(tmp_path) == ["00000001"]
    checkpoint.clear_after(tmp_path / "none", 1)


def test_the_state_is_plain_json(tmp_path: Path) -> None:
    checkpoint.save(tmp_path, 1, example())
    written = json.loads((tmp_path / "00000001" / STATE).read_text())
    assert set(written["sha256"]) == {WEIGHTS, OPTIMIZER, STATE}


def test_what_a_killed_process_left_of_a_checkpoint_is_replaced(tmp_path: Path) -> None:
    unfinished = tmp_path / ".00000001.partial"
    unfinished.mkdir()
    (unfinished / "weights.safetensors.tmp").write_text("half")
    checkpoint.save(tmp_path, 1, example())
    assert names(tmp_path) == ["00000001"]


def test_removing_a_checkpoint_keeps_files_of_others_and_follows_no_link(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    folder = tmp_path / "checkpoint"
    for examples in (1, 2):
        checkpoint.save(folder, examples, example(examples=examples))
    (folder / "00000002" / "notes.txt").write_text("mine")
    (folder / "00000003").symlink_to(outside)
    (folder / ".00000004.partial").symlink_to(outside)
    checkpoint.clear_after(folder, 0)
    assert names(folder) == [".00000004.partial", "00000002", "00000003"]
    assert names(folder / "00000002") == ["notes.txt"]
    assert names(outside) == ["precious"]
