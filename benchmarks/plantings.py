"""The runs on which the verdict is tried: diseases planted on purpose, and healthy runs.

What each planting must be called is decided by what it does to the run, and stands here beside it.
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
from ganwright.core.turn import Schedule, View
from ganwright.health.verdict import COLLAPSE, DISCRIMINATOR, DIVERGED, GENERATOR, HEALTHY
from ganwright.losses.non_saturating import NonSaturating

Planting = Callable[[Recipe], Recipe]
NOTHING = 1e-12  # a rate at which nothing moves


@dataclass(frozen=True)
class Case:
    """A run: its recipe and data, what is wrong with it, and what it must be called, with the reason.

    `options` are the recipe's own; a `planting` changes the recipe in a way that no option can.
    """

    name: str
    recipe: str
    data: str
    expected: str = HEALTHY
    why: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    planting: Planting | None = None
    as_source: bool = False
    examples: int | None = None  # the horizon; without it the recipe's own

    def planted(self, seed: int) -> RecipeFunction:
        """The recipe function of the planted disease."""
        planting = self.planting
        assert planting is not None

        def recipe(data: Data) -> Recipe:
            return planting(resolve_recipe(self.recipe, self.as_source, seed, self.options).build(data))

        return recipe

    def folder(self, seed: int) -> str:
        return f"{self.recipe}-{self.data}-{self.name}-{seed}".replace(" ", "-").replace("/", "-")


# -- plantings ---------------------------------------------------------------------------------------------------


def viewed(view: Callable[[Recipe], View]) -> Planting:
    """Every stage shows the real batch through this view."""

    def plant(recipe: Recipe) -> Recipe:
        seen = view(recipe)
        return replace(recipe, stages=tuple(replace(stage, view=seen) for stage in recipe.stages))

    return plant


def one_class(recipe: Recipe) -> View:
    """The discriminator meets the samples of class 3 alone."""
    mine = recipe.data.samples[recipe.data.labels == 3]
    encoded = recipe.data.domain.encode(torch.from_numpy(mine))
    return lambda batch, draws: Batch(encoded[torch.randint(len(encoded), (len(batch),))], batch.condition)


def unscaled(recipe: Recipe) -> View:
    """Real pictures are shown in [0, 255], generated ones in [-1, 1]."""
    return lambda batch, draws: Batch((batch.real + 1) / 2 * 255, batch.condition)


def few_latents(count: int) -> Planting:
    """Whatever is drawn, the generator gets the same few latents again and again."""

    def plant(recipe: Recipe) -> Recipe:
        latents = recipe.game.latent(Draws(0, 0, 0, count, "few"))  # type: ignore[attr-defined]
        recipe.game.latent = lambda draws: latents[torch.arange(len(draws)) % count]  # type: ignore[attr-defined]
        return recipe

    return plant


def turned(schedule: Callable[[Recipe], Schedule]) -> Planting:
    """Every stage turns this knob too."""

    def plant(recipe: Recipe) -> Recipe:
        schedules = schedule(recipe)
        return replace(
            recipe, stages=tuple(replace(stage, schedules=(*stage.schedules, schedules)) for stage in recipe.stages)
        )

    return plant


def poisoned(after: float) -> Planting:
    """One weight of the generator is no number any more after this part of the run."""

    def schedule(recipe: Recipe) -> Schedule:
        weight = recipe.game.players["generator"].parameters[0]

        def turn(progress: float) -> None:
            if progress >= after:
                weight.data.view(-1)[0] = torch.nan

        return turn

    return turned(schedule)


class WrongSign(NonSaturating):
    """The generator is taught to be found out."""

    def generator(self, real_score: Tensor, fake_score: Tensor) -> Tensor:
        return -super().generator(real_score, fake_score)


class Deaf(nn.Module):
    """A generator of points in the plane that hardly hears its latent: one point, and a breath around it."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, latent: Tensor) -> Tensor:
        point: Tensor = self.layers(1e-3 * latent)
        return point


# -- diseases ----------------------------------------------------------------------------------------------------

FROZEN_GENERATOR = {"generator_lr": NOTHING}
FROZEN_DISCRIMINATOR = {"discriminator_lr": NOTHING}
FAST = {"generator_lr": 0.1, "discriminator_lr": 0.1}
PLAIN = {"loss": "non-saturating", "penalty": "none"}
ONE = "no other class is ever shown, so none is generated"
SAME = "all samples fall on one point"
RUNS_AWAY = "the steps are so long that all samples run away from the data together"
HOPS = "all samples go where the discriminator is highest, before it can answer"
LEARNS_NOTHING = "the generator never learns while the discriminator tells all samples apart"
TEACHES_NOTHING = "the discriminator never learns, so the generator runs to whatever it happens to like"
TOO_SMALL = "a discriminator that sees one direction of the data cannot tell the samples from them"
NO_NUMBER = "weights are no numbers any more"

DISEASES = [
    Case("one class shown", "dcgan", "digits", COLLAPSE, ONE, planting=viewed(one_class)),
    Case("one class shown", "vanilla", "mnist", COLLAPSE, ONE, planting=viewed(one_class)),
    Case("one class shown", "ring", "ring", COLLAPSE, "one mode of eight is ever shown", planting=viewed(one_class)),
    Case("one latent", "dcgan", "digits", COLLAPSE, SAME, planting=few_latents(1)),
    Case("one latent", "vanilla", "digits", COLLAPSE, SAME, planting=few_latents(1)),
    Case("four latents", "dcgan", "digits", COLLAPSE, "there are four samples", planting=few_latents(4)),
    Case("four latents", "grid", "grid", COLLAPSE, "there are four samples", planting=few_latents(4)),
    Case("deaf generator", "ring", "ring", COLLAPSE, SAME, {"generator": Deaf()}),
    Case("rates x 20", "ring", "ring", DIVERGED, RUNS_AWAY, {"generator_lr": 0.1, "discriminator_lr": 0.06}),
    Case("20 generator turns", "ring", "ring", COLLAPSE, HOPS, {**PLAIN, "generator_updates": 20}),
    Case("frozen generator", "dcgan", "digits", DISCRIMINATOR, LEARNS_NOTHING, FROZEN_GENERATOR),
    Case("frozen generator", "vanilla", "mnist", DISCRIMINATOR, LEARNS_NOTHING, FROZEN_GENERATOR),
    Case("frozen generator", "grid", "grid", DISCRIMINATOR, LEARNS_NOTHING, FROZEN_GENERATOR),
    Case(
        "saturated discriminator",
        "vanilla",
        "digits",
        DISCRIMINATOR,
        "log(1 - D) has no gradient where D is certain, and D is trained first, at a higher rate",
        {"loss": "minimax", "penalty": "none", "discriminator_lr": 1e-2, "discriminator_warmup": 20_000},
    ),
    Case(
        "real pictures not scaled",
        "dcgan",
        "digits",
        DISCRIMINATOR,
        "tanh never reaches [0, 255], so that every sample is told apart at a glance",
        planting=viewed(unscaled),
    ),
    Case(
        "wrong sign",
        "vanilla",
        "digits",
        DISCRIMINATOR,
        "the generator learns to be found out",
        {"loss": WrongSign(), "penalty": "none"},
    ),
    Case("frozen discriminator", "dcgan", "digits", GENERATOR, TEACHES_NOTHING, FROZEN_DISCRIMINATOR),
    Case("frozen discriminator", "vanilla", "mnist", GENERATOR, TEACHES_NOTHING, FROZEN_DISCRIMINATOR),
    Case("frozen discriminator", "ring", "ring", GENERATOR, TEACHES_NOTHING, FROZEN_DISCRIMINATOR),
    Case("one hidden unit", "vanilla", "digits", GENERATOR, TOO_SMALL, {"discriminator_sizes": (1,)}),
    Case("not a number", "dcgan", "digits", DIVERGED, NO_NUMBER, planting=poisoned(0.2)),
    Case("not a number", "grid", "grid", DIVERGED, NO_NUMBER, planting=poisoned(0.05)),
    Case(
        "SGD at rate 10",
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
        "with neither penalty nor clip nothing bounds the scores, nor the steps that follow their gradient",
        {"loss": "wasserstein", "penalty": "none", "optimizer": "sgd"} | FAST,
    ),
]

SOURCE = [
    Case("the classic program", "vanilla", "mnist", COLLAPSE, "one to three digits after five epochs", as_source=True)
]

HEALTHY_RUNS = [
    Case("as it is", "curve", "curve"),
    Case("as it is", "ring", "ring"),
    Case("as it is", "grid", "grid"),
    Case("as it is", "stacked-mnist", "stacked-mnist"),
    Case("as it is", "dcgan", "digits"),
    Case("on other data", "curve", "ring"),
    Case("as it is, shorter", "vanilla", "digits", examples=200_000),
    Case("hinge", "dcgan", "digits", options={"loss": "hinge", "penalty": "none"}, examples=80_000),
    Case("least squares", "vanilla", "digits", options={"loss": "least-squares", "penalty": "r1"}, examples=100_000),
    Case("the classic program, shorter", "curve", "curve", as_source=True, examples=250_000),
    Case("as it is, shorter", "vanilla", "mnist", examples=40_000),
    Case("as it is, shorter", "vanilla", "fashion_mnist", examples=40_000),
    Case("as it is, shorter", "dcgan", "mnist", examples=30_000),
    Case("as it is, shorter", "dcgan", "fashion_mnist", examples=30_000),
]

HIGH = {"generator_lr": 0.015, "discriminator_lr": 0.015, "lr_schedule": "constant"}
DENSE = {"generator_sizes": (128,) * 3, "gain": None, "waves": 0, "batch": 256, "discriminator_updates": 1}
BREAKING = [
    Case(
        "rates that are too high",
        "grid",
        "grid",
        options={**PLAIN, **HIGH, **DENSE},
        examples=200_000,
    ),
]
