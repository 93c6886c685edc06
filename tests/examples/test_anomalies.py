"""examples/anomalies.py: what is held out, the scores and their AUROC, and the whole, shrunk."""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import anomalies
import ganwright


def test_the_class_is_held_out_and_no_test_picture_is_trained_on() -> None:
    data = ganwright.load_data("digits")
    training, normal, odd = anomalies.parts(data, "3", 50, seed=0)
    assert (len(normal), len(odd)) == (50, 50)
    assert len(training) == sum(data.class_counts) - data.class_counts[3] - 50
    assert training.class_counts[3] == 0
    threes = {picture.tobytes() for picture in data.samples[data.labels == 3]}
    assert {picture.tobytes() for picture in odd} <= threes
    assert not {picture.tobytes() for picture in normal} & threes


def test_auroc_of_order_ties_and_reverse() -> None:
    low, high = np.array([0.0, 1.0]), np.array([2.0, 3.0])
    assert anomalies.auroc(low, high) == 1
    assert anomalies.auroc(high, low) == 0
    assert anomalies.auroc(low, low) == 0.5


def test_the_projection_finds_what_a_generator_can_make() -> None:
    generator = nn.Sequential(nn.Linear(2, 4, bias=False), nn.Tanh())
    with torch.no_grad():
        generator[0].weight.copy_(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, -1.0]]))
    generator.requires_grad_(False)
    can = generator(torch.tensor([[0.5, -0.5]]))
    cannot = torch.tensor([[0.9, 0.9, -0.9, -0.9]])
    both = torch.cat([can, cannot])
    error = (anomalies.projected(generator, both, 2, 50, 0) - both).square().mean(1)
    assert error[0] < 1e-3
    assert error[1] > 0.1


def test_pictures_that_were_trained_on_are_at_no_distance_of_themselves() -> None:
    pictures = ganwright.load_data("digits").samples[:80]
    assert np.allclose(anomalies.from_nearest(pictures, pictures), 0, atol=1e-2)
    noise = np.random.default_rng(0).integers(0, 256, pictures.shape, np.uint8)
    for score in (anomalies.from_nearest, anomalies.from_components):
        assert anomalies.auroc(score(pictures, pictures), score(noise, pictures)) == 1


def test_it_trains_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = anomalies.main(tmp_path, "digits", "0", examples=64, count=20, steps=3, threads=1)
    assert figures["nearest training picture"] > 0.9
    assert len(figures) == 4
    printed = capsys.readouterr().out
    assert all(name in printed for name in figures)
    assert (tmp_path / "without-0.png").exists()
