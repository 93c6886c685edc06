"""What many tests need: small data sets, and where real data lie if the machine has them."""

import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import settings
from torch import Tensor, nn

from ganwright.core.batch import Batch
from ganwright.core.column import Column
from ganwright.core.data import Data
from ganwright.core.forward_pass import ForwardPass, Outputs
from ganwright.domains._own_range import OwnRange
from ganwright.domains.images import Images
from ganwright.domains.points import Points
from ganwright.domains.series import Series
from ganwright.health import monitor

os.environ.setdefault("OMP_NUM_THREADS", "1")  # for the processes that tests start, and runs that would try more
_configuration = tempfile.TemporaryDirectory()  # not the user's own, for the processes that tests start too
os.environ["XDG_CONFIG_HOME"] = _configuration.name

settings.register_profile("deterministic", deadline=None, derandomize=True)
settings.load_profile("deterministic")


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(autouse=True, scope="session")
def _quick_health_checks() -> None:
    """Features of 128 real samples at the start of a run, not of 1,024, in the many short runs of the tests."""
    monitor.MAX_SEEN = 128


@pytest.fixture
def real_data() -> Path:
    """The first folder of GANWRIGHT_DATA; the test is skipped where it is not set."""
    folders = os.environ.get("GANWRIGHT_DATA")
    if not folders:
        pytest.skip("GANWRIGHT_DATA is not set: no real data on this machine")
    return Path(folders.split(os.pathsep)[0])


def forward_pass(
    real: Tensor, fake: Tensor | None = None, condition: Tensor | None = None, **outputs: tuple[Tensor, Tensor]
) -> ForwardPass:
    """A forward pass with the discriminator's named outputs for real samples and fakes; a second pass halves them."""
    of_real, of_fake = (Outputs({name: pair[place] for name, pair in outputs.items()}) for place in (0, 1))

    def discriminate(samples: Tensor) -> Outputs:
        return Outputs({name: value / 2 for name, value in of_real.items()})

    return ForwardPass(Batch(real, condition), real if fake is None else fake, of_real, of_fake, discriminate)


def series(count: int = 48, steps: int = 9) -> Data:
    """Walks of at most `steps` steps, each with a range of its own, a category over time and two static features."""
    random = np.random.default_rng(0)
    size = np.arange(count) % 2
    walks = (1 + 9 * size[:, None]) * random.standard_normal((count, steps)).cumsum(1)
    up = np.diff(walks, axis=1, prepend=0.0) > 0
    static = np.broadcast_to(np.stack([size, random.normal(size=count)], 1)[:, None], (count, steps, 2))
    stored = np.concatenate([walks[:, :, None], up[:, :, None], static], 2).astype(np.float32)
    stored[np.arange(steps) >= random.integers(1, steps + 1, count)[:, None]] = np.nan
    walk = Column.spanning("walk", walks.ravel())
    own = OwnRange.of("walk", stored[:, :, 0], 1e-4)
    size_column, level = Column("size", ("small", "large")), Column("level", shift=1.0, scale=2.0)
    columns = (walk, Column("direction", ("down", "up"))), (size_column, level)
    return Data("walks", Series(steps, *columns, True, (own,)), stored)


def pictures(count: int = 96, size: int = 8, channels: int = 1) -> Data:
    """Blurred noise: uint8 [count, size, size, channels]."""
    noise = np.random.default_rng(0).integers(0, 256, (count, size, size, channels), dtype=np.uint8)
    return Data("noise", Images(size, size, channels), noise, np.arange(count) % 10, tuple("0123456789"))


def pairs(count: int = 96, size: int = 8, channels: int = 1) -> Data:
    """The pictures of blurred noise with their negatives, in grey, as conditions."""
    data = pictures(count, size, channels)
    return replace(data, conditions=255 - data.samples[..., :1], condition_domain=Images(size, size, 1))


def points(count: int = 200) -> Data:
    """Standard normal points, float32 [count, 2]."""
    drawn = np.random.default_rng(0).standard_normal((count, 2)).astype(np.float32)
    return Data("cloud", Points.plain(2), drawn, np.zeros(count, dtype=np.int64), ("one",))


class Constant(nn.Module):
    """A generator that makes the same point of every latent."""

    def __init__(self) -> None:
        super().__init__()
        self.point = nn.Parameter(torch.zeros(2))

    def forward(self, latent: Tensor) -> Tensor:
        return self.point + 0 * latent[:, :2]


SMALL: dict[str, Any] = {
    "batch": 32,
    "latent": 2,
    "generator_sizes": (8,),
    "discriminator_sizes": (8,),
    "loss": "non-saturating",
    "penalty": "none",
    "lr_schedule": "constant",
    "quiet": True,
}


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of pictures, 128 images long; to be copied before it is changed."""
    import ganwright

    folder = tmp_path_factory.mktemp("runs") / "trained"
    ganwright.train("vanilla", "digits", folder, examples=128, **SMALL)
    return folder


@pytest.fixture
def run_folder(trained: Path, tmp_path: Path) -> Path:
    """A copy of `trained` that a test may spoil."""
    return Path(shutil.copytree(trained, tmp_path / "run"))
