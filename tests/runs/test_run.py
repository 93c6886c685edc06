"""A run: reopened unchanged, to sample and to score."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import ganwright
from conftest import SMALL
from ganwright.core.errors import DamagedError, Notice, UserError
from ganwright.runs import checkpoint
from ganwright.runs.run import CHUNK, Run


def test_a_sample_depends_on_its_index_and_the_seed_only(trained: Path) -> None:
    run = ganwright.open(trained)
    assert run.sample(3).shape == (3, 8, 8)
    assert run.sample(3).dtype == np.uint8
    assert np.array_equal(run.sample(3, 1), run.sample(CHUNK + 2, 1)[:3])
    assert not np.array_equal(run.sample(3, 1), run.sample(3, 2))
    with pytest.raises(UserError, match="at least 1, not 0"):
        run.sample(0)


def test_training_and_opening_give_the_same_samples(tmp_path: Path) -> None:
    run = ganwright.train("vanilla", "digits", tmp_path / "run", examples=32, **SMALL)
    assert np.array_equal(run.sample(5), ganwright.open(tmp_path / "run").sample(5))


def test_scores_accept_the_shapes_that_sample_returns(trained: Path) -> None:
    run = ganwright.open(trained)
    samples = run.sample(5)
    scores = run.score(samples)
    assert scores.shape == (5,)
    assert np.array_equal(run.score(samples[..., None]), scores)
    assert np.allclose(run.score(samples[:2]), scores[:2], atol=1e-6)
    assert np.allclose(run.score(samples.astype(np.float64)), scores, atol=1e-6)
    probability = run.probability(scores)
    assert probability is not None
    assert np.allclose(probability, 1 / (1 + np.exp(-scores)), atol=1e-6)
    with pytest.raises(UserError, match=r"pictures of 8x8, grey, but holds uint8 \[2, 9, 9\]"):
        run.score(np.zeros((2, 9, 9)))
    with pytest.raises(UserError, match="holds no samples"):
        run.score(samples[:0])


def test_damaged_checkpoints_are_reported(run_folder: Path) -> None:
    weights = run_folder / "checkpoint" / "00000128" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"no intact checkpoint\. .*00000128/weights\.safetensors is damaged"):
        ganwright.open(run_folder).sample(1)


def test_an_older_checkpoint_is_used_with_a_notice(run_folder: Path) -> None:
    run = Run(run_folder)
    found = checkpoint.load(run.checkpoints / "00000128")
    clock = found.state["clock"] | {"examples": 96}
    older = replace(found, state=found.state | {"clock": clock})
    (run.checkpoints / "00000128").rename(run.checkpoints / "kept")
    checkpoint.save(run.checkpoints, 96, older)
    (run.checkpoints / "kept").rename(run.checkpoints / "00000128")
    weights = run.checkpoints / "00000128" / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    with pytest.warns(
        Notice, match=r"00000128/weights\.safetensors is damaged .* The older .*00000096 is used instead"
    ):
        assert run.sample(2).shape == (2, 8, 8)


def test_sampling_does_not_need_the_optimizer(run_folder: Path) -> None:
    expected = Run(run_folder).sample(2)
    (run_folder / "checkpoint" / "00000128" / "optimizer.safetensors").unlink()
    assert np.array_equal(Run(run_folder).sample(2), expected)


def test_a_damaged_marked_checkpoint_is_one_sentence(run_folder: Path) -> None:
    (run_folder / "checkpoint" / "marks.json").write_text('{"best": 128}')
    assert Run(run_folder, checkpoint="best").sample(1).shape == (1, 8, 8)
    (run_folder / "checkpoint" / "00000128" / "state.json").write_text("{")
    with pytest.raises(DamagedError, match=r"state\.json is damaged \(it is no JSON"):
        Run(run_folder, checkpoint="best").sample(1)


@pytest.mark.parametrize("marks", ["{", "[1]", '{"best": "x"}', '{"best": -1}', '{"best": 1e30}'])
def test_damaged_marks_are_one_sentence(marks: str, run_folder: Path) -> None:
    (run_folder / "checkpoint" / "marks.json").write_text(marks)
    with pytest.raises(DamagedError, match=r"marks\.json is damaged"):
        Run(run_folder, checkpoint="best").sample(1)
