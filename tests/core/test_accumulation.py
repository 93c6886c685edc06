"""Gradient accumulation: what a batch in parts computes equals the whole batch, and what does not is said."""

from pathlib import Path

import pytest
import torch
from torch import nn

import ganwright
from conftest import SMALL, points
from core import ranks_program
from core.ranks_program import KINDS, train
from ganwright.core import accumulation, ranks
from ganwright.core.batch import Batch
from ganwright.core.draws import Draws
from ganwright.core.game import split
from ganwright.core.machine import Machine
from ganwright.core.recipe import Recipe
from ganwright.nets.growing import MinibatchDeviation

EQUAL = ["penalty", "ada", "adam", "dragan", "pool", "levels-dragan"]


def machine(micro_batch: int | None) -> Machine:
    return Machine(torch.device("cpu"), micro_batch=micro_batch)


def without_batch_norm(recipe: Recipe) -> Recipe:
    """The recipe with batch norms that use their running statistics, which no part changes."""
    for player in recipe.game.players.values():
        for module in player.network.modules():
            if isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.track_running_stats, module.momentum = True, 0.0
                module.eval().train = lambda mode=True, module=module: module  # type: ignore[method-assign, misc]
    return recipe


@pytest.mark.parametrize("kind", EQUAL)
@pytest.mark.parametrize("micro_batch", [1, 6])
def test_parts_equal_the_whole_batch(kind: str, micro_batch: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Batch norm, which cannot be equal, is left out of the generators; ADA adapts at the end of the third step."""
    made = KINDS[kind]
    monkeypatch.setitem(KINDS, kind, lambda: without_batch_norm(made()))
    monkeypatch.setattr(ranks_program, "ADA_STATE", {"probability": 0.5, "examples_seen": 16, "signs": 3.0})
    whole, parts = train(kind, steps=4), train(kind, micro_batch, steps=4)
    assert parts.keys() == whole.keys()
    for name, value in whole.items():
        assert (parts[name].double() - value.double()).abs().max() <= 1e-8, name


def test_a_classifiers_gradient_is_equal_for_any_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Labels, consistency, adversarial loss; there are fewer fakes than real samples, and parts differ in labels."""
    made = KINDS["some-labels"]
    monkeypatch.setitem(KINDS, "some-labels", lambda: without_batch_norm(made()))
    whole = train("some-labels", steps=1)
    for micro_batch in (5, 6, 10):
        parts = train("some-labels", micro_batch, steps=1)
        for name in (name for name in whole if name.startswith("gradient.discriminator")):
            torch.testing.assert_close(parts[name], whole[name], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("real", "fakes", "micro_batch", "sizes"),
    [
        (96, 256, 64, [(63, 168), (33, 88)]),  # the last batch of the DCGAN program
        (80, 64, 16, [(15, 12)] * 5 + [(5, 4)]),
        (10, 10, 4, [(4, 4), (4, 4), (2, 2)]),
        (7, 3, 4, [(4, 1), (3, 2)]),  # no part of four has a whole number of fakes
    ],
)
def test_a_part_has_its_exact_share_of_the_fakes(
    real: int, fakes: int, micro_batch: int, sizes: list[tuple[int, int]]
) -> None:
    parts = list(split(Batch(torch.arange(float(real))), Draws(0, 0, 0, fakes), micro_batch))
    assert [(len(part), len(draws)) for part, draws in parts] == sizes
    assert torch.cat([part.real for part, _ in parts]).equal(torch.arange(float(real)))
    if all(n * fakes == m * real for n, m in sizes):  # then a real sample's draws are those of its row
        rows = torch.cat([draws.sized(len(part)).uniform() for part, draws in parts])
        assert torch.equal(rows, Draws(0, 0, 0, fakes).sized(real).uniform())


def test_a_part_knows_its_whole_batch_through_changes_of_rows() -> None:
    whole = Batch(torch.arange(6.0), torch.arange(6))
    part = whole.rows(slice(2, 4)).rows(slice(0, 1)).mapped(lambda batch: Batch(2 * batch.real, batch.condition))
    assert part.real.tolist() == [4.0]
    assert part.whole.real.tolist() == [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    assert whole.whole is whole


# -- what is said


def notes(recipe: Recipe, micro_batch: int | None) -> str:
    return " ".join(accumulation.notes(recipe.game, recipe.order.batch, machine(micro_batch)))


@pytest.mark.parametrize(
    ("kind", "micro_batch", "said"),
    [
        ("batch-norm", 8, "With --micro-batch 8 a batch of 16 is played in parts, and results differ"),
        ("batch-norm", 8, "batch norm uses the statistics of a part"),
        ("some-labels", 5, "feature matching compares the mean features of a part"),
        ("growing-dragan", 6, "the minibatch deviation has groups of 4, which 6 cuts"),
        ("ada-wasserstein", 4, "the augmentation's margin is above the mean fake score of a part"),
    ],
)
def test_what_parts_change_is_said(kind: str, micro_batch: int, said: str) -> None:
    assert said in notes(KINDS[kind](), micro_batch)


@pytest.mark.parametrize(
    ("kind", "micro_batch"), [("batch-norm", None), ("batch-norm", 16), ("growing-dragan", 4), ("pool", 2)]
)
def test_nothing_is_said_where_parts_change_nothing(kind: str, micro_batch: int | None) -> None:
    assert notes(KINDS[kind](), micro_batch) == ""


def test_the_order_of_exchanges_in_several_processes_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = KINDS["pool"]()
    monkeypatch.setattr(ranks, "size", lambda: 2)
    assert "the pools exchange their fakes in another order" in notes(recipe, 4)


@pytest.mark.parametrize(("processes", "cut"), [(2, False), (8, True)])
def test_groups_that_processes_cut_are_said(processes: int, cut: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The published batch of 16 on 8 GPUs has pairs instead of groups of four."""
    recipe = KINDS["growing-dragan"]()
    monkeypatch.setattr(ranks, "size", lambda: processes)
    said = "Each of 8 processes has 2 of a batch of 16, and results differ from those of one process: "
    assert notes(recipe, None) == (f"{said}the minibatch deviation has groups of 4, which 2 cuts." if cut else "")


def test_batch_norm_over_processes_is_that_of_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = KINDS["batch-norm"]()
    monkeypatch.setattr(ranks, "size", lambda: 2)
    assert notes(recipe, None) == ""
    assert "batch norm uses the statistics of a part" in notes(recipe, 4)


def test_a_margin_that_no_augmentation_uses_is_not_mentioned() -> None:
    recipe = KINDS["ada-wasserstein"]()
    recipe.game.augmentation = None  # type: ignore[attr-defined]
    assert "margin" not in notes(recipe, 4)


def test_a_run_in_parts_says_and_logs_what_they_change(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    norms = nn.Sequential(nn.Linear(2, 4), nn.BatchNorm1d(4), nn.Linear(4, 2))
    run = ganwright.train(
        "ring", points(), tmp_path, examples=64, micro_batch=16, generator=norms, **SMALL | {"quiet": False}
    )
    said = "With --micro-batch 16 a batch of 32 is played in parts"
    assert said in " ".join(capsys.readouterr().err.split()) + " ".join(run.log()[0]["notes"])
    assert said in run.log()[0]["notes"][0]


def test_a_minibatch_deviation_of_whole_groups_is_equal_in_parts() -> None:
    layer, x = MinibatchDeviation(), torch.randn(16, 2, 3, 3)
    assert torch.equal(torch.cat([layer(part) for part in x.split(8)]), layer(x))
