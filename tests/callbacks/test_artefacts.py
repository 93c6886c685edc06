"""Artefacts of a run: animations and loss curves."""

import io
from pathlib import Path

import pytest
from PIL import Image

from ganwright.callbacks import artefacts
from ganwright.callbacks.artefacts import (
    FRAMES,
    LAST_FRAME_MS,
    animation,
    evenly_spaced,
    plot_terms,
    side_by_side,
    write_artefacts,
)
from ganwright.core.errors import MissingExtraError
from ganwright.runs.run import Run


@pytest.mark.parametrize("count", [0, 1, FRAMES, FRAMES + 1, 1000])
def test_frames_are_limited_and_include_the_first_and_the_last(count: int) -> None:
    frames = evenly_spaced(range(count))
    assert len(frames) == min(count, FRAMES)
    assert frames == sorted(set(frames))
    assert not count or (frames[0], frames[-1]) == (0, count - 1)


def test_the_last_frame_is_displayed_longer() -> None:
    sample_grids = [Image.new("RGB", (16, 16), (80 * place, 0, 0)) for place in range(3)]
    with Image.open(io.BytesIO(animation(sample_grids, "WEBP"))) as moving:
        assert moving.n_frames == 3  # type: ignore[attr-defined]
        moving.seek(2)
        moving.load()
        assert moving.info["duration"] == LAST_FRAME_MS


def test_two_pictures_side_by_side() -> None:
    both = side_by_side(Image.new("RGB", (10, 20)), Image.new("RGB", (30, 5)))
    assert both.size == (10 + 24 + 30, 20)


def test_plots_skip_missing_values() -> None:
    pytest.importorskip("matplotlib")
    terms = [{"generator": 1.0, "D(x)": 0.5}, {"generator": None, "D(x)": 0.6}, {"generator": 2.0, "V(D,G)": -1.4}]
    log = [{"examples": place, "terms": one} for place, one in enumerate(terms)]
    for lines in (log, []):
        assert plot_terms(lines).startswith(b"\x89PNG")


def test_without_matplotlib_the_other_artefacts_are_written(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(log: object) -> bytes:
        raise MissingExtraError("plots", "plotting losses")

    monkeypatch.setattr(artefacts, "plot_terms", missing)
    (run_folder / "animation.gif").unlink()
    assert write_artefacts(Run(run_folder)) == [
        "losses.png is missing: plotting losses needs an optional dependency: pip install 'ganwright[plots]'"
    ]
    assert (run_folder / "animation.gif").exists()


def test_a_torn_sample_grid_is_left_out_and_said(run_folder: Path) -> None:
    grids = Run(run_folder).sample_grids()
    grids[0].write_bytes(grids[0].read_bytes()[:100])
    (said,) = write_artefacts(Run(run_folder))
    assert said.startswith(f"The animation lacks a sample grid: {grids[0]} is damaged (it cannot be read as a picture")
    with Image.open(run_folder / "animation.gif") as moving:
        assert getattr(moving, "n_frames", 1) <= len(grids) - 1


def test_a_grid_of_another_size_is_left_out_and_said(run_folder: Path) -> None:
    grids = Run(run_folder).sample_grids()
    Image.new("L", (2_000, 3)).save(grids[1])
    (said,) = write_artefacts(Run(run_folder))
    assert said == f"The animation lacks a sample grid: {grids[1]} has another size than the last one."


def test_a_grid_with_too_many_pixels_is_not_decoded(run_folder: Path) -> None:
    grids = Run(run_folder).sample_grids()
    Image.new("1", (9_000, 9_000)).save(grids[0])
    (said,) = write_artefacts(Run(run_folder))
    assert "00000000.png is damaged (it cannot be read as a picture: it has 9000x9000 pixels)" in said


def test_names_of_terms_are_no_formulas_and_the_number_of_curves_is_limited() -> None:
    line = {"examples": 1, "terms": {"$\\frac{$": 1.0, **{f"term {place}": 1.0 for place in range(300)}}}
    pytest.importorskip("matplotlib")
    assert plot_terms([line, line | {"examples": 2}]).startswith(b"\x89PNG")
