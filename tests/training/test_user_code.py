"""Networks, losses, domains and recipes of the user's own that fail: a sentence with the user's own line."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from conftest import pictures
from ganwright.core.data import Data
from ganwright.core.errors import UserError
from ganwright.domains.points import Points
from training.sessions import go

HERE = Path(__file__).name


class Generator(nn.Module):
    """Dense; `then` changes what it makes of the digits' 8x8 pixels."""

    def __init__(self, then: Callable[[Tensor], Any] = lambda fake: fake) -> None:
        super().__init__()
        self.layers, self.then = nn.Sequential(nn.Linear(2, 64), nn.Tanh(), nn.Unflatten(1, (1, 8, 8))), then

    def forward(self, latent: Tensor) -> Any:
        return self.then(self.layers(latent))


class Discriminator(nn.Module):
    """Dense; `then` changes its scores."""

    def __init__(self, then: Callable[[Tensor], Any] = lambda score: score) -> None:
        super().__init__()
        self.layers, self.then = nn.Sequential(nn.Flatten(), nn.Linear(64, 1), nn.Flatten(0)), then

    def forward(self, samples: Tensor) -> Any:
        return self.then(self.layers(samples))


def fail(*_: Any) -> Any:
    raise ValueError("so it is.")


def leave(*_: Any) -> Any:
    sys.exit(0)


class Later:
    """Passes a tensor on until it is called for the `calls`-th time in training, and then fails."""

    def __init__(self, calls: int) -> None:
        self.left = calls

    def __call__(self, value: Tensor) -> Tensor:
        self.left -= value.requires_grad
        return value if self.left else fail()


class Lossy:
    """A loss whose methods return what they are told to."""

    def __init__(self, returned: Callable[..., Any]) -> None:
        self.returned = returned

    def discriminator(self, real_score: Tensor, fake_score: Tensor) -> Any:
        return self.returned(real_score, fake_score)

    generator = discriminator


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"generator": Generator(lambda fake: (fake, 1))}, "The generator returned a tuple: return a tensor"),
        ({"generator": Generator(lambda fake: None)}, "The generator returned a NoneType"),
        ({"generator": Generator(lambda fake: fake[:1])}, "The generator made 1 samples of 2 latents"),
        ({"generator": Generator(lambda fake: fake[:, :, :4])}, r"shape \[1, 4, 8\], not \[1, 8, 8\]"),
        ({"generator": Generator(lambda fake: fake / 0)}, r"samples are not finite \(NaN or infinity\) before"),
        ({"generator": Generator(lambda fake: fake.long())}, "samples are torch.int64 before any training"),
        ({"generator": Generator(fail)}, rf"The generator failed: ValueError: so it is \(.*{HERE}:\d+, in fail\)\."),
        ({"generator": Generator(leave)}, rf"The generator called sys.exit\(0\) \(.*{HERE}:\d+, in leave\)\."),
        ({"generator": Generator(torch.detach)}, "The loss of the generator has no gradient"),
        ({"generator": nn.Flatten()}, "The network Flatten has no parameters to train"),
        ({"generator": nn.LazyLinear(64)}, "The network LazyLinear has lazy layers, weight has no shape yet"),
        ({"generator": Generator}, "--generator cannot be <class .*instance of Module"),
        ({"generator": lambda latent: latent}, "--generator cannot be <function .*instance of Module"),
        ({"discriminator": Discriminator(lambda score: (score, 1))}, "The discriminator returned a tuple"),
        ({"discriminator": Discriminator(lambda score: score[:1])}, "The discriminator of samples of the shape"),
        ({"discriminator": Discriminator(lambda score: score / 0)}, "scores are not finite"),
        ({"discriminator": Discriminator(torch.detach)}, "The loss of the discriminator has no gradient"),
        ({"discriminator": Discriminator(fail)}, rf"ValueError: so it is \(.*{HERE}:\d+, in fail\)\."),
        ({"discriminator": nn.Flatten()}, "The network Flatten has no parameters to train"),
        ({"loss": Lossy(fail)}, rf"The recipe vanilla failed: ValueError: so it is \(.*{HERE}:\d+, in fail\)\."),
        ({"loss": Lossy(lambda real, fake: real.mean().detach())}, "The loss of the discriminator has no gradient"),
        ({"loss": Lossy(lambda real, fake: 3.0)}, "The loss of the discriminator is a float: return a tensor"),
        ({"loss": Lossy(lambda real, fake: (real.mean(), 1))}, "The loss of the discriminator is a tuple"),
        ({"loss": Lossy(lambda real, fake: real)}, r"The loss of the discriminator is a \[32\]"),
        ({"loss": object()}, "--loss cannot be"),
        ({"penalty": fail, "penalty_with_batch_norm": True}, rf"{HERE}:\d+, in fail"),
    ],
)
def test_own_networks_and_losses(given: dict[str, Any], sentence: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=sentence) as caught:
        go(tmp_path / "run", **given)
    assert "\n" not in str(caught.value)


def test_an_error_in_a_later_step_names_the_line_and_keeps_its_cause(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError, match=rf"The recipe vanilla failed: ValueError: so it is \(.*{HERE}") as caught:
        go(tmp_path, generator=Generator(Later(5)), compile="off", checkpoint_seconds=0, examples=320)
    assert isinstance(caught.value.__cause__, ValueError)
    assert "Failed after 128 examples. What was saved before is intact." in capsys.readouterr().out
    generator = Generator(Later(1000))
    assert go(tmp_path, generator=generator, compile="off", examples=320).log()[-1]["examples"] == 320


def test_an_exit_in_a_step_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"The recipe vanilla called sys\.exit\(0\)"):
        go(tmp_path, loss=Lossy(leave))


class Odd(Points):
    """Points of which one method fails."""


@pytest.mark.parametrize("method", ["encode", "render", "preview", "describe", "decode"])
def test_own_domains(method: str, tmp_path: Path) -> None:
    domain = type("Own", (Points,), {method: fail, "__module__": "mine"})((0.0, 0.0), (1.0, 1.0))
    data = Data("mine", domain, np.random.default_rng(0).normal(size=(64, 2)).astype(np.float32))
    with pytest.raises(UserError, match=rf"ValueError: so it is \(.*{HERE}:\d+, in fail\)\."):
        go(tmp_path / "run", "ring", data)


class Rows:
    """An array-like whose rows can be read until item 90."""

    def __init__(self) -> None:
        self.shape, self.dtype, self.nbytes = (96, 8, 8, 1), np.dtype(np.uint8), 96 * 64

    def __len__(self) -> int:
        return 96

    def __getitem__(self, rows: Any) -> Any:
        if np.max(rows) == 90:
            fail()
        return np.zeros((*np.shape(rows), 8, 8, 1), np.uint8)


def test_an_array_like_that_fails(tmp_path: Path) -> None:
    data = Data("mine", pictures().domain, Rows())  # type: ignore[arg-type]
    with pytest.raises(UserError, match=rf"ValueError: so it is \(.*{HERE}:\d+, in fail\)\."):
        go(tmp_path / "run", "vanilla", data)
