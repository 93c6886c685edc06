"""What a run leaves to look at."""

import io
from pathlib import Path

import pytest
from PIL import Image

from ganwright.callbacks import artefacts
from ganwright.callbacks.artefacts import FRAMES, LAST_FRAME_MS, animation, chosen, curves, leave, side_by_side
from ganwright.core.errors import MissingExtraError
from ganwright.runs.run import Run


@pytest.mark.parametrize("count", [0, 1, FRAMES, FRAMES + 1, 1000])
def test_frames_are_few_and_hold_both_ends(count: int) -> None:
    frames = chosen(range(count))
    assert len(frames) == min(count, FRAMES)
    assert frames == sorted(set(frames))
    assert not count or (frames[0], frames[-1]) == (0, count - 1)


def test_the_last_frame_is_shown_longer() -> None:
    sample_grids = [Image.new("RGB", (16, 16), (80 * place, 0, 0)) for place in range(3)]
    with Image.open(io.BytesIO(animation(sample_grids, "WEBP"))) as moving:
        assert moving.n_frames == 3  # type: ignore[attr-defined]
        moving.seek(2)
        moving.load()
        assert moving.info["duration"] == LAST_FRAME_MS


def test_side_by_side() -> None:
    both = side_by_side(Image.new("RGB", (10, 20)), Image.new("RGB", (30, 5)))
    assert both.size == (10 + 24 + 30, 20)


def test_curves_pass_over_what_is_missing() -> None:
    pytest.importorskip("matplotlib")
    terms = [{"generator": 1.0, "D(x)": 0.5}, {"generator": None, "D(x)": 0.6}, {"generator": 2.0, "V(D,G)": -1.4}]
    log = [{"examples": place, "terms": one} for place, one in enumerate(terms)]
    for shown in (log, []):
        assert curves(shown).startswith(b"\x89PNG")


def test_without_an_extra_the_rest_is_left(run_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(log: object) -> bytes:
        raise MissingExtraError("plots", "drawing curves")

    monkeypatch.setattr(artefacts, "curves", missing)
    (run_folder / "animation.gif").unlink()
    assert leave(Run(run_folder)) == [
        "losses.png is missing: drawing curves needs an optional dependency: pip install 'ganwright[plots]'"
    ]
    assert (run_folder / "animation.gif").exists()
