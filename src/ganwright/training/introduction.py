"""What is printed before the first step: the data, the networks, the machine, the horizon."""

from __future__ import annotations

from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from ganwright.core.data import Data
from ganwright.core.draws import Draws
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.planning.network_summary import LayerSummary, summary, total

WIDTH = 96  # columns of a table


def introduction(recipe: Recipe, machine: Machine, horizon: int, path: Path, seed: int) -> list[str]:
    """Sentences for the start of a run, and network tables where the recipe wants them."""
    data, counts = recipe.data, {name: player.parameters for name, player in recipe.game.players.items()}
    sizes = [f"{name} {sum(p.numel() for p in counted):,} parameters" for name, counted in counts.items()]
    sentences = [
        f"Data: {data.name}, {_counted(data)}. Networks: {', '.join(sizes)}.",
        f"Training on {horizon:,} examples ({horizon / len(data):,.1f} epochs) on {machine.device}, "
        f"{torch.get_num_threads()} thread{'s' * (torch.get_num_threads() > 1)}, {machine.precision}. Output: {path}",
        *data.notes,
    ]
    if recipe.order.size(0, len(data)) > len(data):
        each = "the only sample" if len(data) == 1 else f"each of the {len(data):,} samples"
        sentences.append(f"A batch of {recipe.order.batch:,} contains {each} more than once.")
    sentences += recipe.notes
    if recipe.display.summaries:
        sentences += [network_tables(recipe, machine, seed)]
    return [*sentences, first_decision(recipe, machine, seed)]


def _counted(data: Data) -> str:
    """The number and kind of the samples."""
    what = data.domain.describe()
    return f"1 sample of {what}" if len(data) == 1 else f"{len(data):,} {what}"


def first_decision(recipe: Recipe, machine: Machine, seed: int) -> str:
    """The untrained discriminator's score of the untrained generator's first sample."""
    draws, condition = _one(recipe, machine, seed)
    score = recipe.game.score(recipe.game.sample(draws, condition), condition)
    probability = recipe.game.probability(score)
    words = "" if probability is None else f", probability {probability.item():.3f}"
    return f"Before training, the discriminator scores the generator's first sample {score.item():.4f}{words}."


def network_rows(recipe: Recipe, machine: Machine, seed: int = 0) -> dict[str, list[LayerSummary]]:
    """The layers of every player's network, for one example."""
    game, (draws, condition) = recipe.game, _one(recipe, machine, seed)
    sample = game.sample(draws, condition)
    return {
        name: summary(player.network, *game.inputs(name, sample, condition, draws))
        for name, player in game.players.items()
    }


def _one(recipe: Recipe, machine: Machine, seed: int) -> tuple[Draws, Tensor | None]:
    """The draws of one sample, and its condition."""
    draws = Draws(seed, 0, 0, 1, "sheet", machine.device, machine.dtype)
    return draws, recipe.condition.draw(draws.at("condition"))


def network_tables(recipe: Recipe, machine: Machine, seed: int = 0) -> str:
    """A table for each network: layer, output shape, parameters, multiply-adds of one sample."""
    console = Console(width=WIDTH, color_system=None, markup=False)
    with console.capture() as capture:
        for name, rows in network_rows(recipe, machine, seed).items():
            console.print(table(name, rows))
    return capture.get().rstrip()


def table(title: str, rows: list[LayerSummary]) -> Table:
    drawn = Table(title=title, title_justify="left", min_width=72)
    for heading in ("layer", "kind"):
        drawn.add_column(heading)
    for heading in ("output shape", "parameters", "not trained", "multiply-adds"):
        drawn.add_column(heading, justify="right")
    for row in rows:
        drawn.add_row(*_cells(row))
    drawn.add_section()
    drawn.add_row(*_cells(total(rows)))
    return drawn


def _cells(row: LayerSummary) -> tuple[str, ...]:
    shape = "x".join(map(str, row.shape)) or "scalar"
    return row.name, row.kind, shape, *(f"{n:,}" for n in (row.parameters, row.untrained, row.multiply_adds))
