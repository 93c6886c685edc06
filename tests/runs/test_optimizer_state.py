"""An optimizer is restored only from names, shapes and values that its recipe makes."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import nn
from torch.optim import SGD, Adam, RMSprop

from ganwright.core.errors import DamagedError
from ganwright.core.player import Player
from ganwright.runs import optimizer_state

OPTIMIZERS: dict[str, Any] = {
    "adam": partial(Adam, lr=0.1, fused=True),
    "rmsprop": partial(RMSprop, lr=0.1, momentum=0.5, centered=True),
    "sgd": partial(SGD, lr=0.1, momentum=0.9, nesterov=True),
    "plain sgd": partial(SGD, lr=0.1),
}


def player(name: str = "adam", steps: int = 1) -> Player:
    torch.manual_seed(0)
    made = Player(nn.Linear(3, 2), OPTIMIZERS[name])
    for _ in range(steps):
        made.network(torch.ones(1, 3)).sum().backward()
        made.optimizer.step()
    return made


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("steps", [0, 2])
def test_what_an_optimizer_saved_is_restored(name: str, steps: int) -> None:
    tensors, rest = player(name, steps).optimizer_state()
    fresh = player(name, 0)
    optimizer_state.restore(fresh, tensors, rest, "here")
    again, rest_again = fresh.optimizer_state()
    assert again.keys() == tensors.keys()
    assert all(torch.equal(again[key], tensors[key]) for key in tensors)
    assert rest_again == rest


def longer(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    tensors["0.exp_avg"] = torch.zeros(10_000_000)


def shorter(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    tensors["0.exp_avg_sq"] = torch.zeros(1)


def integer(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    tensors["1.exp_avg"] = tensors["1.exp_avg"].long()


def step_missing(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    del tensors["0.step"]


def of_no_parameter(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    tensors["2.exp_avg"] = torch.zeros(2)


def of_a_negative_parameter(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    tensors["-1.exp_avg"] = torch.zeros(2)


def unnamed(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    tensors[""] = torch.zeros(2)


def infinite_rate(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    rest["groups"][0]["lr"] = float("inf")


def negative_rate(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    rest["groups"][0]["lr"] = -1


def rate_of_words(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    rest["groups"][0]["lr"] = "fast"


def one_beta(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    rest["groups"][0]["betas"] = [0.9]


def another_algorithm(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    rest["groups"][0]["amsgrad"] = True


def unknown_entry(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    rest["groups"][0]["another"] = 1


def no_group(tensors: dict[str, Any], rest: dict[str, Any]) -> None:
    rest["groups"] = []


@pytest.mark.parametrize(
    "spoil",
    [
        longer, shorter, integer, step_missing, of_no_parameter, of_a_negative_parameter, unnamed, infinite_rate,
        negative_rate, rate_of_words, one_beta, another_algorithm, unknown_entry, no_group,
    ],
)  # fmt: skip
def test_anything_else_is_damage(spoil: Callable[[dict[str, Any], dict[str, Any]], None]) -> None:
    tensors, rest = player().optimizer_state()
    spoil(tensors, rest)
    with pytest.raises(DamagedError, match=r"^here is damaged \(the optimizer"):
        optimizer_state.restore(player(steps=0), tensors, rest, "here")


def test_kernels_are_those_of_this_machine() -> None:
    tensors, rest = player().optimizer_state()
    rest["groups"][0] |= {"fused": None, "foreach": True}
    fresh = player(steps=0)
    optimizer_state.restore(fresh, tensors, rest, "here")
    assert fresh.optimizer.param_groups[0]["fused"] is True
    assert fresh.optimizer.param_groups[0]["foreach"] is None
