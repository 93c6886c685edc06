"""examples/solids.py: the made solids, their pictures, domain and figures, and both trainings, shrunk."""

from pathlib import Path

import numpy as np
import pytest
import torch

import solids


@pytest.mark.parametrize("kind", solids.KINDS)
def test_a_made_solid_stands_on_the_floor_in_one_piece(kind: str) -> None:
    random = np.random.default_rng(0)
    some = np.stack([solids.made(kind, 12, random) for _ in range(8)]).astype(np.uint8)
    assert some[..., 0].any((1, 2)).all()
    assert solids.in_one_piece(some).all()


def test_two_corners_apart_are_not_one_piece() -> None:
    apart = np.zeros((2, 6, 6, 6), np.uint8)
    apart[0, 0, 0, 0] = apart[0, 5, 5, 5] = 1
    assert not solids.in_one_piece(apart).any()  # the second is empty


def test_encoding_and_decoding_keep_solids() -> None:
    data = solids.solids(10, 8, 0)
    data.check()
    assert np.array_equal(data.domain.decode(data.domain.encode(torch.from_numpy(data.samples))), data.samples)


def test_a_picture_shows_the_top_of_a_full_cube_brightest_and_nothing_of_an_empty_one() -> None:
    cube = np.ones((1, 8, 8, 8), np.uint8)
    seen = solids.picture(np.concatenate([cube, 0 * cube]), 32)
    assert set(np.unique(seen[0])) == {0, *solids.BRIGHT.tolist()}
    rows = [np.argwhere(seen[0] == bright)[:, 0].mean() for bright in solids.BRIGHT]
    assert rows[2] < min(rows[:2])  # the top face lies above both others
    assert not seen[1].any()


def test_overlaps_are_those_of_sets() -> None:
    some = solids.solids(10, 8, 0).samples
    pairs = solids.overlaps(some, some)
    assert np.allclose(np.diag(pairs), 1)
    assert np.allclose(pairs[:, 3], solids.overlap(some, np.broadcast_to(some[3], some.shape)))


def test_a_model_of_one_voxel_has_the_six_faces_of_a_cube(tmp_path: Path) -> None:
    one = np.zeros((1, 4, 4, 4), np.uint8)
    one[0, 1, 2, 3] = 1
    solids.save_obj(one, None, tmp_path / "one.obj")
    lines = (tmp_path / "one.obj").read_text().splitlines()
    corners = np.array([line.split()[1:] for line in lines if line.startswith("v")], float).reshape(6, 4, 3)
    assert (corners.min((0, 1)) == (1, 2, 3)).all()
    assert (corners.max((0, 1)) == (2, 3, 4)).all()
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1])
    assert ((normals * (corners.mean(1) - (1.5, 2.5, 3.5))).sum(1) > 0).all()  # they look outward


def test_it_trains_prints_and_writes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = solids.main(tmp_path, examples=32, count=40, size=8, width=2, threads=1)
    assert all(0 <= value <= 1 for value in figures.values())
    printed = capsys.readouterr().out
    assert all(name in printed for name in figures)
    for name in ("from-latents.png", "from-pictures.png", "from-pictures.obj"):
        assert (tmp_path / name).exists()
