"""The introduction: data, networks, machine and horizon, before the first step."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from conftest import pictures, points
from ganwright.core.draws import Draws
from ganwright.core.machine import Machine
from ganwright.core.recipe import DisplayConfig, Recipe
from ganwright.training.introduction import WIDTH, first_decision, introduction, network_rows, network_tables
from training.sessions import configured

CPU = Machine(torch.device("cpu"))


@pytest.fixture(scope="module")
def recipe() -> Recipe:
    return replace(configured(data=pictures(40)).build(), notes=("A note.",))


def introduced(recipe: Recipe, machine: Machine = CPU) -> list[str]:
    return introduction(recipe, machine, 100, Path("runs/x"), 0)


def test_data_networks_machine_and_horizon_are_introduced(recipe: Recipe) -> None:
    data, training, note, decision = introduced(recipe)
    counts = {name: sum(p.numel() for p in player.parameters) for name, player in recipe.game.players.items()}
    assert data == (
        f"Data: noise, 40 {recipe.data.domain.describe()}. Networks: generator {counts['generator']:,} parameters, "
        f"discriminator {counts['discriminator']:,} parameters."
    )
    assert training == "Training on 100 examples (2.5 epochs) on cpu, 1 thread, float32. Output: runs/x"
    assert note == "A note."
    assert decision == first_decision(recipe, CPU, 0)


def test_notes_of_the_data_are_introduced(recipe: Recipe) -> None:
    data = replace(recipe.data, notes=("How it was read.", "What was left out."))
    assert introduced(replace(recipe, data=data))[2:5] == ["How it was read.", "What was left out.", "A note."]


def test_threads_and_precision_are_those_in_use(recipe: Recipe) -> None:
    torch.set_num_threads(2)
    try:
        assert "on cpu, 2 threads, bfloat16." in introduced(recipe, Machine(CPU.device, autocast=torch.bfloat16))[1]
    finally:
        torch.set_num_threads(1)


@pytest.mark.parametrize(("count", "repeats"), [(20, True), (31, True), (32, False)])
def test_a_batch_larger_than_the_data_is_reported(count: int, repeats: bool) -> None:
    sentence = f"A batch of 32 contains each of the {count} samples more than once."
    assert (sentence in introduced(configured(data=pictures(count)).build())) == repeats


def test_a_single_sample_is_counted_in_the_singular() -> None:
    said = introduced(configured(data=pictures(1)).build())
    assert "1 sample of pictures of 8x8, grey." in said[0]
    assert "A batch of 32 contains the only sample more than once." in said


@pytest.mark.parametrize("summaries", [False, True])
def test_network_tables_are_included_where_the_recipe_has_them(summaries: bool, recipe: Recipe) -> None:
    sentences = introduced(replace(recipe, display=DisplayConfig(summaries=summaries)))
    assert (network_tables(recipe, CPU) in sentences) == summaries


def test_the_untrained_discriminator_scores_the_generators_first_sample(recipe: Recipe) -> None:
    score = recipe.game.score(recipe.game.sample(Draws(3, 0, 0, 1, "sheet")))
    assert first_decision(recipe, CPU, 3) == (
        f"Before training, the discriminator scores the generator's first sample {score.item():.4f}, "
        f"probability {torch.sigmoid(score).item():.3f}."
    )


def test_a_loss_without_probabilities_reports_the_score_alone() -> None:
    recipe = configured("ring", points(), loss="wasserstein").build()
    assert "probability" not in first_decision(recipe, CPU, 0)


def test_rows_count_every_parameter_once(recipe: Recipe) -> None:
    rows = network_rows(recipe, CPU)
    for name, player in recipe.game.players.items():
        assert sum(row.parameters for row in rows[name]) == sum(p.numel() for p in player.parameters)


def test_tables_fit_their_width_and_end_with_totals(recipe: Recipe) -> None:
    lines = network_tables(recipe, CPU).splitlines()
    assert max(map(len, lines)) <= WIDTH
    assert [line.strip() for line in lines if line.strip() in recipe.game.players] == ["generator", "discriminator"]
    count = sum(p.numel() for p in recipe.game.players["discriminator"].parameters)
    assert f" {count:,} " in lines[-2]


def test_the_introduction_changes_no_weights(recipe: Recipe) -> None:
    players = recipe.game.players.values()
    before = [{name: value.clone() for name, value in player.weights().items()} for player in players]
    introduced(replace(recipe, display=DisplayConfig(summaries=True)))
    for saved, player in zip(before, players, strict=True):
        assert all(torch.equal(value, saved[name]) for name, value in player.weights().items())
