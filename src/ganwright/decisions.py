"""What is decided before the first step, on recipes that are thrown away: threads, and how rounds are played."""

from __future__ import annotations

from dataclasses import replace

from ganwright import threads
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
    images: int,
    seconds: float | None,
    begun: bool = False,
    per_call: int | None = None,
) -> Way:
    """How rounds are to be played: as asked for, as the run has played them so far, or as is fastest.

    So many images lie ahead, or so many seconds where they were asked for; a run that has begun has `per_call`.
    """
    wish = commission.hardware.compile
    if wish == "off" or (per_call is None and (wish is None or (wish == "auto" and begun))):
        return PLAIN
    from ganwright import acceleration  # imports torch's compiler

    def tried() -> tuple[Recipe, Feed]:
        recipe = commission.build()
        return recipe, fed(commission, recipe, machine)

    if wish == "auto" and per_call is None:
        return acceleration.fastest(tried, images, seconds)
    return acceleration.accelerated(tried, per_call, seconds)
