"""Figures are freed after plotting, and need no backend."""

import gc
import os
import subprocess
import sys

import numpy as np
import pytest

from ganwright.domains._figure import release_figures
from ganwright.domains.points import Points


def test_figures_are_freed_at_the_end_of_the_context() -> None:
    figures = pytest.importorskip("matplotlib.figure")
    points = np.random.default_rng(0).standard_normal((50, 2)).astype(np.float32)
    gc.collect()
    for _ in range(3):
        with release_figures():
            picture = Points.plain(2).render(points, points, lambda places: places[:, 0])
        assert picture.size == (480, 440)
        assert figures.Figure not in map(type, gc.get_objects())
    assert gc.isenabled()


def test_a_backend_that_does_not_exist_is_not_needed() -> None:
    pytest.importorskip("matplotlib")
    program = "from ganwright.domains._figure import figure, to_image; print(to_image(figure(20, 10, '')).size)"
    environment = {**os.environ, "MPLBACKEND": "nope"}
    finished = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, env=environment)
    assert (finished.stdout, finished.stderr) == ("(20, 10)\n", "")
