"""Runs for testing the verdict: runs with an injected fault, and healthy runs.

The expected verdict of each fault follows from its effect on the run and is stated beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import torch
from torch import Tensor, nn

from ganwright.config.recipe import resolve_recipe
from ganwright.core.batch import Batch
from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.recipe import Recipe, RecipeFunction
from ganwright.core.turn import Schedule, StageView
from ganwright.health.verdict import COLLAPSE, DISCRIMINATOR, DIVERGED, GENERATOR, HEALTHY
from ganwright.losses.non_saturating import NonSaturating

Fault = Callable[[Recipe], Recipe]
NO_LR = 1e-12  # a learning rate so small that the player does not move


@dataclass(frozen=True)
class Case:
    """A run: its recipe and data, the injected fault, the expected verdict and the reason.

    `options` are options of the recipe; `fault` changes the recipe where no option can.
    """

    name: str
    recipe: str
    data: str
    expected: str = HEALTHY
    why: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    fault: Fault | None = None
    as_source: bool = False
    examples: int | None = None  # the horizon (default: the recipe's)

    def faulty_recipe(self, seed: int) -> RecipeFunction:
        """The recipe function with the fault injected."""
        fault = self.fault
        assert fault is not None

        def recipe(data: Data) -> Recipe:
            return fault(resolve_recipe(self.recipe, self.as_source, seed, self.options).build(data))

        return recipe

    def folder(self, seed: int) -> str:
        return f"{self.recipe}-{self.data}-{self.name}-{seed}".replace(" ", "-").replace("/", "-")


# -- faults ------------------------------------------------------------------------------------------------------


def with_view(view: Callable[[Recipe], StageView]) -> Fault:
    """Every stage applies this view to the real batch."""

    def inject(recipe: Recipe) -> Recipe:
        stage_view = view(recipe)
        return replace(recipe, stages=tuple(replace(stage, view=stage_view) for stage in recipe.stages))

    return inject


def one_class(recipe: Recipe) -> StageView:
    """The discriminator sees real samples of class 3 only."""
    samples = recipe.data.samples[recipe.data.labels == 3]
    encoded = recipe.data.domain.encode(torch.from_numpy(samples))
    return lambda batch, draws: Batch(encoded[torch.randint(len(encoded), (len(batch),))], batch.condition)


def unscaled(recipe: Recipe) -> StageView:
    """Real pictures lie in [0, 255], generated ones in [-1, 1]."""
    return lambda batch, draws: Batch((batch.real + 1) / 2 * 255, batch.condition)


def few_latents(count: int) -> Fault:
    """The generator always receives the same `count` latents."""

    def inject(recipe: Recipe) -> Recipe:
        latents = recipe.game.latent(Draws(0, 0, 0, count, "few"))  # type: ignore[attr-defined]
        recipe.game.latent = lambda draws: latents[torch.arange(len(draws)) % count]  # type: ignore[attr-defined]
        return recipe

    return inject


def with_schedule(schedule: Callable[[Recipe], Schedule]) -> Fault:
    """Adds a schedule to every stage."""

    def inject(recipe: Recipe) -> Recipe:
        added = schedule(recipe)
        return replace(
            recipe, stages=tuple(replace(stage, schedules=(*stage.schedules, added)) for stage in recipe.stages)
        )

    return inject


def nan_weight(after: float) -> Fault:
    """Sets one weight of the generator to NaN after this share of the run."""

    def schedule(recipe: Recipe) -> Schedule:
        weight = recipe.game.players["generator"].parameters[0]

        def set_nan(progress: float) -> None:
            if progress >= after:
                weight.data.view(-1)[0] = torch.nan

        return set_nan

    return with_schedule(schedule)


class WrongSign(NonSaturating):
    """The generator's loss has the wrong sign."""

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return -super().generator(real_score, fake_score)


class LatentIgnored(nn.Module):
    """A generator of 2-D points that scales its latent by 0.001: all samples lie near one point."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, latent: Tensor) -> Tensor:
        point: Tensor = self.layers(1e-3 * latent)
        return point


# -- cases -------------------------------------------------------------------------------------------------------

FROZEN_GENERATOR = {"generator_lr": NO_LR}
FROZEN_DISCRIMINATOR = {"discriminator_lr": NO_LR}
FAST = {"generator_lr": 0.1, "discriminator_lr": 0.1}
PLAIN = {"loss": "non-saturating", "penalty": "none"}
ONE = "the real data holds one class, so only that class is generated"
SAME = "all samples fall on one point"
RUNS_AWAY = "the steps are so long that all samples move away from the data together"
HOPS = "all samples move to the maximum of the discriminator before it can adapt"
LEARNS_NOTHING = "the generator never learns while the discriminator separates all samples"
TEACHES_NOTHING = "the discriminator never learns, so the generator follows its random initial preference"
TOO_SMALL = "a discriminator that sees one direction of the data cannot separate the samples from it"
NO_NUMBER = "weights become NaN"

FAULTS = [
    Case("one class shown", "dcgan", "digits", COLLAPSE, ONE, fault=with_view(one_class)),
    Case("one class shown", "vanilla", "mnist", COLLAPSE, ONE, fault=with_view(one_class)),
    Case(
        "one class shown", "ring", "ring", COLLAPSE, "the real data holds one mode of eight", fault=with_view(one_class)
    ),
    Case("one latent", "dcgan", "digits", COLLAPSE, SAME, fault=few_latents(1)),
    Case("one latent", "vanilla", "digits", COLLAPSE, SAME, fault=few_latents(1)),
    Case("four latents", "dcgan", "digits", COLLAPSE, "there are four samples", fault=few_latents(4)),
    Case("four latents", "grid", "grid", COLLAPSE, "there are four samples", fault=few_latents(4)),
    Case("latent ignored", "ring", "ring", COLLAPSE, SAME, {"generator": LatentIgnored()}),
    Case("learning rates x 20", "ring", "ring", DIVERGED, RUNS_AWAY, {"generator_lr": 0.1, "discriminator_lr": 0.06}),
    Case("20 generator updates", "ring", "ring", COLLAPSE, HOPS, {**PLAIN, "generator_updates": 20}),
    Case("frozen generator", "dcgan", "digits", DISCRIMINATOR, LEARNS_NOTHING, FROZEN_GENERATOR),
    Case("frozen generator", "vanilla", "mnist", DISCRIMINATOR, LEARNS_NOTHING, FROZEN_GENERATOR),
    Case("frozen generator", "grid", "grid", DISCRIMINATOR, LEARNS_NOTHING, FROZEN_GENERATOR),
    Case(
        "saturated discriminator",
        "vanilla",
        "digits",
        DISCRIMINATOR,
        "log(1 - D) has no gradient where D is certain, and D is trained first, at a higher learning rate",
        {"loss": "minimax", "penalty": "none", "discriminator_lr": 1e-2, "discriminator_warmup": 20_000},
    ),
    Case(
        "real pictures not scaled",
        "dcgan",
        "digits",
        DISCRIMINATOR,
        "tanh never reaches [0, 255], so that every sample is easily recognised",
        fault=with_view(unscaled),
    ),
    Case(
        "wrong sign",
        "vanilla",
        "digits",
        DISCRIMINATOR,
        "the generator learns to lower its own scores",
        {"loss": WrongSign(), "penalty": "none"},
    ),
    Case("frozen discriminator", "dcgan", "digits", GENERATOR, TEACHES_NOTHING, FROZEN_DISCRIMINATOR),
    Case("frozen discriminator", "vanilla", "mnist", GENERATOR, TEACHES_NOTHING, FROZEN_DISCRIMINATOR),
    Case("frozen discriminator", "ring", "ring", GENERATOR, TEACHES_NOTHING, FROZEN_DISCRIMINATOR),
    Case("one hidden unit", "vanilla", "digits", GENERATOR, TOO_SMALL, {"discriminator_sizes": (1,)}),
    Case("NaN weight", "dcgan", "digits", DIVERGED, NO_NUMBER, fault=nan_weight(0.2)),
    Case("NaN weight", "grid", "grid", DIVERGED, NO_NUMBER, fault=nan_weight(0.05)),
    Case(
        "SGD, learning rate 10",
        "ring",
        "ring",
        DIVERGED,
        "each step overshoots by more than the last",
        {"optimizer": "sgd", "generator_lr": 10.0, "discriminator_lr": 10.0},
    ),
    Case(
        "Wasserstein by SGD",
        "vanilla",
        "digits",
        DIVERGED,
        "without penalty and clipping nothing bounds the scores, nor the steps along their gradient",
        {"loss": "wasserstein", "penalty": "none", "optimizer": "sgd"} | FAST,
    ),
]

SOURCE = [
    Case("the classic program", "vanilla", "mnist", COLLAPSE, "one to three digits after five epochs", as_source=True)
]

HEALTHY_RUNS = [
    Case("default", "curve", "curve"),
    Case("default", "ring", "ring"),
    Case("default", "grid", "grid"),
    Case("default", "stacked-mnist", "stacked-mnist"),
    Case("default", "dcgan", "digits"),
    Case("on other data", "curve", "ring"),
    Case("default, shorter", "vanilla", "digits", examples=200_000),
    Case("hinge", "dcgan", "digits", options={"loss": "hinge", "penalty": "none"}, examples=80_000),
    Case("least squares", "vanilla", "digits", options={"loss": "least-squares", "penalty": "r1"}, examples=100_000),
    Case("the classic program, shorter", "curve", "curve", as_source=True, examples=250_000),
    Case("default, shorter", "vanilla", "mnist", examples=40_000),
    Case("default, shorter", "vanilla", "fashion_mnist", examples=40_000),
    Case("default, shorter", "dcgan", "mnist", examples=30_000),
    Case("default, shorter", "dcgan", "fashion_mnist", examples=30_000),
]

HIGH = {"generator_lr": 0.015, "discriminator_lr": 0.015, "lr_schedule": "constant"}
DENSE = {"generator_sizes": (128,) * 3, "gain": None, "fourier_features": 0, "batch": 256, "discriminator_updates": 1}
BREAKING = [
    Case(
        "learning rates that are too high",
        "grid",
        "grid",
        options={**PLAIN, **HIGH, **DENSE},
        examples=200_000,
    ),
]
