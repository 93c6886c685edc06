"""What is decided before the first step, on recipes that are thrown away: threads, and how rounds are played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ganwright.config.training_config import TrainingConfig
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.execution import compile_heuristic, threads
from ganwright.execution.mode import EAGER, ExecutionMode


def make_feed(config: TrainingConfig, recipe: Recipe, machine: Machine) -> Feed:
    """The feed of a recipe, whose players go to where they will play."""
    for player in recipe.game.players.values():
        player.to(machine.device, machine.dtype)
    return Feed(recipe.data, recipe.order, config.recipe.seed, machine, recipe.condition)


def choose_threads(config: TrainingConfig, recipe: Recipe, machine: Machine) -> int:
    """The threads of a new run: those that were asked for, or what a trial finds, on a recipe that is thrown away."""
    asked = config.horizon
    if config.hardware.threads is not None:
        return config.hardware.threads

    def tried() -> tuple[Recipe, Feed]:
        other = config.build()
        return other, make_feed(config, other, machine)

    seconds = None if asked.minutes is None else 60 * asked.minutes
    steps = asked.in_examples(recipe) / recipe.order.batch
    return threads.chosen(tried, steps, seconds)


def with_threads(config: TrainingConfig, count: int) -> TrainingConfig:
    return replace(config, hardware=replace(config.hardware, threads=count))


def choose_execution_mode(
    config: TrainingConfig,
    machine: Machine,
    steps: float,
    seconds: float | None,
    begun: bool = False,
    per_call: int | None = None,
    say: Callable[[str], None] | None = None,
) -> ExecutionMode:
    """How rounds are to be played: as asked for, as the run has played them so far, or as is fastest.

    So many rounds lie ahead, or so many seconds where they were asked for; a run that has begun has `per_call`. Threads
    that nobody asked for may become more: compiled rounds can gain from them what plain ones cannot. Before a compiler
    begins its work, which takes a while, that is said.
    """
    wish = config.hardware.compile
    auto = per_call is None and wish != "on"
    if wish == "off" or (auto and (begun or not compile_heuristic.possible(machine, steps, seconds))):
        return EAGER

    def tried() -> tuple[Recipe, Feed]:
        recipe = config.build()
        return recipe, make_feed(config, recipe, machine)

    plain = 0.0
    if auto:
        recipe, feed = tried()
        plain = compile_heuristic.speed(recipe, feed)
        seconds = steps * recipe.order.batch / plain if seconds is None else seconds
        if not compile_heuristic.is_promising(recipe, feed, plain, seconds):
            return EAGER
    if say is not None:
        say("Compiling the rounds first, which may take a minute or two (--compile off: not).")
    from ganwright.execution import compilation  # imports torch's compiler

    free = config.hardware.threads is None and not begun
    most = (threads.told() or threads.cores()) if free else 0
    if auto:
        assert seconds is not None
        return compilation.fastest_mode(tried, plain, seconds, most)
    return compilation.compile_steps(tried, per_call, seconds, most)
