"""What is decided before the first step, on recipes that are thrown away: threads, and how rounds are played."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ganwright import threads, worth
from ganwright.commission import Commission
from ganwright.core.feed import Feed
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.way import PLAIN, Way


def fed(commission: Commission, recipe: Recipe, machine: Machine) -> Feed:
    """The feed of a recipe, whose players go to where they will play."""
    for player in recipe.game.players.values():
        player.to(machine.device, machine.dtype)
    return Feed(recipe.data, recipe.order, commission.request.seed, machine, recipe.condition)


def threads_of(commission: Commission, recipe: Recipe, machine: Machine) -> int:
    """The threads of a new run: those that were asked for, or what a trial finds, on a recipe that is thrown away."""
    asked = commission.asked
    if commission.hardware.threads is not None:
        return commission.hardware.threads

    def tried() -> tuple[Recipe, Feed]:
        other = commission.build()
        return other, fed(commission, other, machine)

    seconds = None if asked.minutes is None else 60 * asked.minutes
    rounds = asked.whole(recipe.images, len(recipe.data)) / recipe.order.batch
    return threads.chosen(tried, rounds, seconds)


def with_threads(commission: Commission, count: int) -> Commission:
    return replace(commission, hardware=replace(commission.hardware, threads=count))


def way_of(
    commission: Commission,
    machine: Machine,
    rounds: float,
    seconds: float | None,
    begun: bool = False,
    per_call: int | None = None,
    say: Callable[[str], None] | None = None,
) -> Way:
    """How rounds are to be played: as asked for, as the run has played them so far, or as is fastest.

    So many rounds lie ahead, or so many seconds where they were asked for; a run that has begun has `per_call`. Threads
    that nobody asked for may become more: compiled rounds can gain from them what plain ones cannot. Before a compiler
    begins its work, which takes a while, that is said.
    """
    wish = commission.hardware.compile
    auto = per_call is None and wish != "on"
    if wish == "off" or (auto and (begun or not worth.possible(machine, rounds, seconds))):
        return PLAIN

    def tried() -> tuple[Recipe, Feed]:
        recipe = commission.build()
        return recipe, fed(commission, recipe, machine)

    plain = 0.0
    if auto:
        recipe, feed = tried()
        plain = worth.speed(recipe, feed)
        seconds = rounds * recipe.order.batch / plain if seconds is None else seconds
        if not worth.hopeful(recipe, feed, plain, seconds):
            return PLAIN
    if say is not None:
        say("Compiling the rounds first, which may take a minute or two (--compile off: not).")
    from ganwright import acceleration  # imports torch's compiler

    free = commission.hardware.threads is None and not begun
    most = (threads.told() or threads.cores()) if free else 0
    if auto:
        assert seconds is not None
        return acceleration.fastest(tried, plain, seconds, most)
    return acceleration.accelerated(tried, per_call, seconds, most)
