"""FFT convolutions against torch's, and a DCGAN's training steps with both."""

from itertools import product

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from conftest import pictures
from ganwright.core.clock import Clock
from ganwright.core.feed import Feed
from ganwright.core.horizon import Horizon
from ganwright.core.loop import loop
from ganwright.core.machine import Machine
from ganwright.core.order import Stream
from ganwright.execution.eager import eager_step
from ganwright.nets import convolution
from ganwright.nets.convolution import Axis, conv2d, conv_transpose2d, matrices, rank
from ganwright.recipes import dcgan

SHAPES = [
    (kernel, stride, before, size)
    for kernel, stride, size in product((1, 3, 4, 5), (1, 2, 3), ((7, 7), (14, 9)))
    for before in range((kernel - stride) // 2 + 1)
]


@pytest.fixture(params=[0.0, float("inf")], ids=["fft", "direct"])
def both_methods(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convolution, "GAIN", request.param)


def draw(*shape: int, seed: int = 0) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator, dtype=torch.float64).requires_grad_()


def plain(x: Tensor, weight: Tensor, bias: Tensor, stride: int, before: int) -> Tensor:
    """Torch's convolution, padded after each side and cropped to ceil(size / stride) positions."""
    kernel, (height, width) = weight.shape[2], (-(-size // stride) for size in x.shape[2:])
    padded = F.pad(x, (before, kernel + stride, before, kernel + stride))
    return F.conv2d(padded, weight, bias, stride)[..., :height, :width]


@pytest.mark.usefixtures("both_methods")
@pytest.mark.parametrize(("kernel", "stride", "before", "size"), SHAPES)
def test_both_methods_equal_torchs_convolution(kernel: int, stride: int, before: int, size: tuple[int, int]) -> None:
    x, weight, bias = draw(2, 3, *size), draw(4, 3, kernel, kernel, seed=1), draw(4, seed=2)
    torch.testing.assert_close(
        conv2d(x, weight, bias, stride, (before, before), True), plain(x, weight, bias, stride, before)
    )
    weight = draw(3, 4, kernel, kernel, seed=1)  # of the transpose
    whole = F.conv_transpose2d(x, weight, bias, stride, before)[..., : size[0] * stride, : size[1] * stride]
    torch.testing.assert_close(conv_transpose2d(x, weight, bias, stride, (before, before), True), whole)


@pytest.mark.parametrize("function", [conv2d, conv_transpose2d])
def test_derivatives_of_fft_convolutions(function, monkeypatch: pytest.MonkeyPatch) -> None:
    x, weight = draw(2, 3, 6, 5), draw(3, 3, 4, 4, seed=1)

    def derivatives() -> list[Tensor]:
        """Both first derivatives, and that of a gradient penalty."""
        y = function(x, weight, None, 2, (1, 1), True)
        first = torch.autograd.grad(y.tanh().sum(), (x, weight), create_graph=True)
        return [*first, *torch.autograd.grad(first[0].square().sum(), weight)]

    monkeypatch.setattr(convolution, "GAIN", 0.0)
    fft = derivatives()
    monkeypatch.setattr(convolution, "GAIN", float("inf"))
    for actual, expected in zip(fft, derivatives(), strict=True):
        torch.testing.assert_close(actual, expected)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 4), (5, 8)])
def test_the_bilinear_form(size: tuple[int, int]) -> None:
    rows, columns = (Axis(places, 3, 1, 1) for places in size)
    into, kernel, out = matrices(rows, columns, torch.float64)
    assert len(into) == len(kernel) == len(out) == rank(rows.around, columns.around)
    x, weight = draw(*size), draw(3, 3, seed=1)
    y = out.t() @ ((into @ x.flatten()) * (kernel @ weight.flatten()))
    expected = F.conv2d(x[None, None], weight[None, None], padding=1)
    torch.testing.assert_close(y.view(size), expected[0, 0])


def test_the_error_in_single_precision_is_about_that_of_torch() -> None:
    """Measured at the DCGAN program's coarse end, 40 of its 52 million multiply-adds."""
    x, weight = draw(16, 256, 7, 7), draw(256, 128, 5, 5, seed=1)
    exact = F.conv_transpose2d(x, weight, padding=2)
    ours = conv_transpose2d(x.float(), weight.float(), None, 1, (2, 2), True)
    torchs = F.conv_transpose2d(x.float(), weight.float(), padding=2)
    assert not torch.equal(ours, torchs)
    assert (ours - exact).square().mean() < 4 * (torchs - exact).square().mean()


@pytest.mark.parametrize(
    ("n", "inputs", "outputs", "kernel", "stride", "size", "chosen"),
    [
        (256, 256, 128, 5, 1, 7, True),
        (256, 128, 64, 5, 2, 7, True),
        (256, 64, 1, 5, 2, 14, False),
        (1, 256, 128, 5, 1, 7, False),  # the kernel's transform costs as much as a batch's
        (32, 64, 32, 4, 2, 7, False),
    ],
)
def test_fft_is_chosen_only_where_it_is_much_cheaper(n, inputs, outputs, kernel, stride, size, chosen) -> None:
    x, weight = torch.empty(n, inputs, size, size), torch.empty(inputs, outputs, kernel, kernel)
    before = (kernel - stride) // 2, (kernel - stride) // 2
    phases = convolution.Phases.of(weight, stride, before, (size, size))
    assert phases.fft_convolution(x, weight) == chosen
    assert not phases.fft_convolution(x.to("meta"), weight.to("meta"))


def test_steps_of_the_dcgan_program_agree_with_direct_convolutions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two steps of batch 24: losses to 1e-5; weights to 1e-8 on average, where Adam moves them by 1e-4 a step."""
    data = pictures(size=28)

    def play() -> tuple[dict[str, Tensor], list[Tensor]]:
        torch.manual_seed(0)
        recipe, terms = dcgan.as_source(data), {}
        feed = Feed(data, Stream(24), 0, Machine(torch.device("cpu")))
        loop(
            recipe.game,
            recipe.stages,
            Clock(),
            feed,
            Horizon(48),
            [lambda clock, played: terms.update(played.terms)],
            eager_step,
        )
        return terms, [parameter for player in recipe.game.players.values() for parameter in player.parameters]

    monkeypatch.setattr(convolution, "GAIN", 1.2)  # so that a small batch takes the path of a batch of 256
    terms, weights = play()
    monkeypatch.setattr(convolution, "GAIN", float("inf"))
    direct_terms, direct_weights = play()
    for name, value in direct_terms.items():
        torch.testing.assert_close(terms[name], value, rtol=1e-5, atol=1e-5)
    differences = torch.cat([(a - b).flatten() for a, b in zip(weights, direct_weights, strict=True)])
    assert 0 < differences.abs().mean() < 1e-8
