"""A run: reopened unchanged, to sample and to score."""

from pathlib import Path

import numpy as np
import pytest

import ganwright
from conftest import SMALL
from ganwright.core.errors import UserError
from ganwright.runs.run import CHUNK


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
