"""Compares the speed of training steps with FFT convolutions, where they are allowed, and with direct ones.

python benchmarks/speed/convolutions.py [--names r3gan dcgan dcgan:source] [--sizes 8 28 32 64] [--everywhere]
    [--blocks 10] [--seconds 2] [--threads 1]

Each name is a recipe, `:source` the classic program (at 28 pixels only). Blocks of steps by either method alternate in
one process, in changing order; the output is the ratio of speeds, FFT over direct, as the median of the pairs with
their quartiles. By default FFT convolutions are those of the layers in nets/keras.py, which are in the classic program
alone; with `--everywhere` torch's own layers may use them too, as the multiplications decide
(nets/convolution.py:GAIN).
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable
from unittest.mock import patch

import numpy as np

from ganwright.config.recipe import resolve_recipe  # before torch: ganwright sets how idle threads wait

import torch  # isort: skip
from torch import Tensor, nn

from ganwright.core.clock import Clock
from ganwright.core.data import Data
from ganwright.core.feed import Feed
from ganwright.core.horizon import FAR
from ganwright.core.machine import Machine
from ganwright.domains.images import Images
from ganwright.execution.eager import eager_step
from ganwright.nets import convolution

COUNT = 2_560  # pictures of noise
SOURCE_SIZE = 28  # pixels
COLOURS = {32: 3, 64: 3}  # channels, by size; otherwise grey


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--names", nargs="+", default=["r3gan", "dcgan", "dcgan:source"])
    parser.add_argument("--sizes", nargs="+", type=int, default=[8, 28, 32, 64])
    parser.add_argument("--everywhere", action="store_true")
    parser.add_argument("--blocks", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(f"{options.threads} thread(s), {os.cpu_count()} cores, torch {torch.__version__}")
    if options.everywhere:
        allow_everywhere()
    for name in options.names:
        for size in [SOURCE_SIZE] if name.endswith(":source") else options.sizes:
            compare(name, size, options.blocks, options.seconds)


def compare(name: str, size: int, blocks: int, seconds: float) -> None:
    """Prints the paired ratio of steps per second, and how many convolutions of a step are FFT convolutions."""
    gains = {"fft": convolution.GAIN, "direct": float("inf")}
    play = {method: player(name, size) for method in gains}
    used = fft_convolutions(play["fft"])
    play["direct"]()
    speeds: dict[str, list[float]] = {method: [] for method in gains}
    load = [os.getloadavg()[0]]
    for block in range(blocks):
        for method in list(gains)[:: 1 if block % 2 else -1]:
            with patch.object(convolution, "GAIN", gains[method]):
                speeds[method].append(speed(play[method], seconds))
    load.append(os.getloadavg()[0])
    low, middle, high = np.quantile(np.divide(speeds["fft"], speeds["direct"]), [0.25, 0.5, 0.75])
    print(
        f"{name} {size}x{size}: FFT over direct {middle:.3f} ({low:.3f} to {high:.3f}); FFT "
        f"{np.median(speeds['fft']):.2f} steps/s, direct {np.median(speeds['direct']):.2f}; {used} FFT convolutions in "
        f"the first step; load {load[0]:.1f} to {load[1]:.1f}",
        flush=True,
    )


def player(name: str, size: int) -> Callable[[], None]:
    """A function that plays the next step of the recipe on pictures of noise."""
    short, _, source = name.partition(":")
    channels = COLOURS.get(size, 1)
    pictures = np.random.default_rng(0).integers(0, 256, (COUNT, size, size, channels), dtype=np.uint8)
    data = Data("noise", Images(size, size, channels), pictures)
    recipe = resolve_recipe(short, source == "source", 0, {}).build(data)
    feed = Feed(recipe.data, recipe.order, 0, Machine(torch.device("cpu")), recipe.condition)
    stage, clock = recipe.stages[-1], Clock()

    def step() -> None:
        eager_step(recipe.game, stage, clock, feed, FAR)

    return step


def speed(step: Callable[[], None], seconds: float) -> float:
    """Steps per second."""
    start, count = time.perf_counter(), 0
    while (elapsed := time.perf_counter() - start) < seconds or not count:
        step()
        count += 1
    return count / elapsed


def fft_convolutions(step: Callable[[], None]) -> int:
    """Plays a step; the number of its FFT convolutions in forward passes."""
    count, products = 0, convolution._products

    def counted(*arguments: Tensor) -> Tensor:
        nonlocal count
        count += 1
        return products(*arguments)

    with patch.object(convolution, "_products", counted):
        step()
    return count


def allow_everywhere() -> None:
    """Lets torch's convolution layers choose an FFT too, where their padding can be written as one of ours."""
    direct, direct_transpose = nn.Conv2d._conv_forward, nn.ConvTranspose2d.forward

    def conv(layer: nn.Conv2d, pictures: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        (kernel, other), stride, padding = layer.kernel_size, layer.stride[0], layer.padding
        plain = layer.groups == 1 and kernel == other and not isinstance(padding, str) and padding[0] == padding[1]
        places = (
            [(side + 2 * int(layer.padding[0]) - kernel) // stride + 1 for side in pictures.shape[2:]] if plain else []
        )
        if not plain or places != [-(-side // stride) for side in pictures.shape[2:]]:
            return direct(layer, pictures, weight, bias)
        return convolution.conv2d(pictures, weight, bias, stride, tuple(padding), layer.training)

    def transpose(layer: nn.ConvTranspose2d, pictures: Tensor, output_size: list[int] | None = None) -> Tensor:
        kernel, stride, padding = layer.kernel_size[0], layer.stride[0], layer.padding
        if layer.groups > 1 or kernel - 2 * int(padding[0]) != stride:
            return direct_transpose(layer, pictures, output_size)
        return convolution.conv_transpose2d(pictures, layer.weight, layer.bias, stride, tuple(padding), layer.training)

    nn.Conv2d._conv_forward, nn.ConvTranspose2d.forward = conv, transpose


if __name__ == "__main__":
    main()
