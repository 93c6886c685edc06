"""Times the three classic programs written in plain eager PyTorch, in the style of its tutorials.

python benchmarks/speed/torch_programs.py vanilla|dcgan|curve MNIST.npy --seconds 10 --warm-up 5

A DataLoader, an optimizer for each player, the discriminator's step on real and on detached fakes, then the
generator's on the same fakes; a loss is read every 50 steps. Prints one line of JSON.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, TensorDataset

Loss = Callable[[Tensor], Tensor]  # of scores


class Program:
    """Networks, losses of real and fake scores, and the data of one program."""

    def __init__(
        self,
        generator: nn.Module,
        discriminator: nn.Module,
        optimizer: Callable[..., torch.optim.Optimizer],
        losses: tuple[Loss, Loss, Loss],
        latent: Callable[[int], Tensor],
        samples: Tensor,
        batch: int,
    ) -> None:
        self.generator, self.discriminator, self.latent, self.batch = generator, discriminator, latent, batch
        self.optimizers = optimizer(discriminator.parameters()), optimizer(generator.parameters())
        self.real_loss, self.fake_loss, self.generator_loss = losses
        self.loader = DataLoader(TensorDataset(samples), batch, shuffle=True, drop_last=True)
        self.batches, self.steps = self.endless(), 0

    def endless(self) -> Iterator[Tensor]:
        for _ in itertools.count():
            for (real,) in self.loader:
                yield real

    def step(self) -> None:
        real = next(self.batches)
        fake = self.generator(self.latent(len(real)))
        self.optimizers[0].zero_grad()
        loss = self.real_loss(self.discriminator(real)) + self.fake_loss(self.discriminator(fake.detach()))
        loss.backward()
        self.optimizers[0].step()
        self.optimizers[1].zero_grad()
        generator_loss = self.generator_loss(self.discriminator(fake))
        generator_loss.backward()
        self.optimizers[1].step()
        self.steps += 1
        if self.steps % 50 == 0:
            loss.item(), generator_loss.item()


def labelled(label: float) -> Loss:
    return lambda score: F.binary_cross_entropy_with_logits(score, torch.full_like(score, label))


def dense(*sizes: int) -> list[nn.Module]:
    pairs = [(nn.Linear(*pair), nn.LeakyReLU(0.2)) for pair in itertools.pairwise(sizes)]
    return [layer for pair in pairs for layer in pair][:-1]


def vanilla(pictures: np.ndarray) -> Program:
    samples = torch.from_numpy(pictures[5_000:].reshape(-1, 784).astype(np.float32)).div(127.5).sub(1)
    return Program(
        nn.Sequential(*dense(100, 128, 128, 784), nn.Tanh()),
        nn.Sequential(*dense(784, 128, 128, 1)),
        lambda parameters: torch.optim.Adam(parameters, 1e-3),
        (labelled(0.9), labelled(0.0), labelled(1.0)),
        lambda count: torch.rand(count, 100) * 2 - 1,
        samples,
        100,
    )


def dcgan(pictures: np.ndarray) -> Program:
    def up(inputs: int, outputs: int, stride: int) -> nn.Module:
        return nn.ConvTranspose2d(inputs, outputs, 5, stride, 2, output_padding=stride - 1, bias=False)

    def normed(norm: nn.Module) -> list[nn.Module]:
        return [norm, nn.LeakyReLU(0.3)]

    def down(inputs: int, outputs: int) -> list[nn.Module]:
        return [nn.Conv2d(inputs, outputs, 5, 2, 2), nn.LeakyReLU(0.3), nn.Dropout(0.3)]

    generator = nn.Sequential(
        nn.Linear(100, 12_544, bias=False),
        *normed(nn.BatchNorm1d(12_544, 1e-3, 0.01)),
        nn.Unflatten(1, (256, 7, 7)),
        *(up(256, 128, 1), *normed(nn.BatchNorm2d(128, 1e-3, 0.01))),
        *(up(128, 64, 2), *normed(nn.BatchNorm2d(64, 1e-3, 0.01))),
        *(up(64, 1, 2), nn.Tanh()),
    )
    return Program(
        generator,
        nn.Sequential(*down(1, 64), *down(64, 128), nn.Flatten(), nn.Linear(6_272, 1)),
        lambda parameters: torch.optim.Adam(parameters, 1e-4, eps=1e-7),
        (labelled(1.0), labelled(0.0), labelled(1.0)),
        lambda count: torch.randn(count, 100),
        torch.from_numpy(pictures[:, None].astype(np.float32)).sub(127.5).div(127.5),
        256,
    )


def curve(pictures: np.ndarray) -> Program:
    x = 10 * (torch.rand(1_000) - 0.5)
    return Program(
        nn.Sequential(*dense(2, 10, 10, 2)),
        nn.Sequential(*dense(2, 10, 10, 1), nn.Sigmoid()),
        lambda parameters: torch.optim.Adam(parameters, 1e-3),
        (
            lambda d_real: -(d_real + 1e-12).log().mean(),
            lambda d_fake: -(1 - d_fake + 1e-12).log().mean(),
            lambda d_fake: -(d_fake + 1e-12).log().mean(),
        ),
        lambda count: torch.rand(count, 2) * 2 - 1,
        torch.stack([x, x**2 + 5], 1),
        32,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("program", choices=["vanilla", "dcgan", "curve"])
    parser.add_argument("pictures", help="MNIST's training pictures as .npy")
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--warm-up", type=float, default=5)
    options = parser.parse_args()
    program = {"vanilla": vanilla, "dcgan": dcgan, "curve": curve}[options.program](np.load(options.pictures))
    for seconds in (options.warm_up, options.seconds):
        start, before = time.perf_counter(), program.steps
        while time.perf_counter() < start + seconds:
            program.step()
        steps = (program.steps - before) / (time.perf_counter() - start)
    print(json.dumps({"steps": steps, "batch": program.batch, "version": f"torch {torch.__version__}"}))


if __name__ == "__main__":
    main()
