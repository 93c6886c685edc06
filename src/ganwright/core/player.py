"""A player: a network with its optimizer, EMA and weight constraint."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import UninitializedParameter
from torch.optim import Optimizer

from ganwright.core.ema import Ema
from ganwright.core.errors import UserError
from ganwright.core.reducer import Reducer
from ganwright.core.sync_batch_norm import share_batch_norm

MakeOptimizer = Callable[[Iterable[nn.Parameter]], Optimizer]


class Player:
    """One side of a game.

    `optimizer` is called with the parameters; `ema_half_life` is the half-life of the weights' EMA in examples (None:
    no EMA); `gradient_clip` is the maximum gradient norm; `constraint` is called with the network after each step.
    """

    def __init__(
        self,
        network: nn.Module,
        optimizer: MakeOptimizer,
        *,
        ema_half_life: float | None = None,
        gradient_clip: float | None = None,
        constraint: Callable[[nn.Module], None] | None = None,
    ) -> None:
        _check(network)
        self.network = network
        self.make_optimizer = optimizer
        self.parameters = [p for p in network.parameters() if p.requires_grad]
        self.optimizer = optimizer(self.parameters)
        for group in self.optimizer.param_groups:
            group["initial_lr"] = group["lr"]
        self.ema = Ema(network, ema_half_life) if ema_half_life else None
        self.gradient_clip = gradient_clip
        self.constraint = constraint
        self.reducer = Reducer(self.parameters)
        share_batch_norm(network)
        self.buffers = list(network.buffers())

    @property
    def sampling_network(self) -> nn.Module:
        """The network for sampling: the EMA if there is one."""
        return self.network if self.ema is None else self.ema.network

    @property
    def lr(self) -> float:
        return float(self.optimizer.param_groups[0]["lr"])

    def scale_lr(self, factor: float) -> None:
        """Sets every learning rate to `factor` times its initial value."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * factor

    def to(self, device: torch.device, dtype: torch.dtype) -> None:
        """Moves the networks to a device and dtype; to be called before the first step."""
        self.network.to(device, dtype)
        self.buffers = list(self.network.buffers())
        if self.ema is not None:
            self.ema.network.to(device, dtype)

    def set_trainable(self, trainable: bool) -> None:
        """Sets `requires_grad` of all parameters."""
        for parameter in self.parameters:
            parameter.requires_grad_(trainable)

    def zero_grad(self) -> None:
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Updates the weights by their gradients."""
        self.reducer.finish()
        if self.gradient_clip is not None:
            nn.utils.clip_grad_norm_(self.parameters, self.gradient_clip)
        self.optimizer.step()
        if self.constraint is not None:
            self.constraint(self.network)

    def average(self, examples: int, batch: int) -> None:
        """Updates the EMA after a step, however many updates the step had; `examples` counts its `batch`."""
        if self.ema is not None:
            self.ema.update(self.network, examples, batch)

    def gradient_norm(self) -> Tensor:
        """The Euclidean norm of all gradients, a scalar."""
        return nn.utils.get_total_norm([p.grad for p in self.parameters if p.grad is not None])

    def weights(self) -> dict[str, Tensor]:
        """All tensors of the networks, by name."""
        state = {f"network.{name}": value for name, value in self.network.state_dict().items()}
        if self.ema is not None:
            state |= {f"ema.{name}": value for name, value in self.ema.network.state_dict().items()}
        return state

    def load_weights(self, weights: Mapping[str, Tensor], where: str) -> None:
        """Loads tensors by name. Raises UserError, which mentions `where`, if names, shapes or kinds of numbers differ.

        Floating-point numbers of another precision are converted.
        """
        mine = self.weights()
        if mine.keys() != weights.keys():
            odd = sorted(mine.keys() ^ weights.keys())[0]
            raise UserError(f"{where} holds different networks from those of this recipe: {odd} is not in both.")
        for name, value in mine.items():
            saved = weights[name]
            if value.shape != saved.shape:
                shapes = f"{list(saved.shape)} instead of {list(value.shape)}"
                raise UserError(f"{where} holds networks of another size: {name} is {shapes}.")
            if value.dtype != saved.dtype and not (value.is_floating_point() and saved.is_floating_point()):
                raise UserError(f"{where} holds other networks: {name} is {saved.dtype} instead of {value.dtype}.")
        with torch.no_grad():
            for name, value in mine.items():
                value.copy_(weights[name])

    def optimizer_state(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """The optimizer's tensors by "parameter.name", and the rest, JSON-serialisable."""
        state = self.optimizer.state_dict()
        tensors: dict[str, Tensor] = {}
        others: dict[str, Any] = {}
        for index, entries in state["state"].items():
            for name, value in entries.items():
                (tensors if isinstance(value, Tensor) else others)[f"{index}.{name}"] = value
        groups = [{k: v for k, v in group.items() if k != "params"} for group in state["param_groups"]]
        return tensors, {"groups": groups, "others": others}

    def load_optimizer_state(self, tensors: Mapping[str, Tensor], rest: Mapping[str, Any]) -> None:
        """Restores an optimizer; state tensors get the memory format of their weights.

        Files hold contiguous tensors, but a fused optimizer iterates over weight, gradient and moments in memory order:
        it would combine the elements of a channels-last weight with the moments of others.
        """
        state: dict[int, dict[str, Any]] = {}
        for key, value in [*tensors.items(), *rest["others"].items()]:
            index, name = key.split(".", 1)
            state.setdefault(int(index), {})[name] = value
        for index, entries in state.items():
            entries |= {name: _like(value, self.parameters[index]) for name, value in entries.items()}
        groups = self.optimizer.state_dict()["param_groups"]
        for group, saved in zip(groups, rest["groups"], strict=True):
            group.update({k: tuple(v) if isinstance(v, list) else v for k, v in saved.items()})
        self.optimizer.load_state_dict({"state": state, "param_groups": groups})


def _check(network: Any) -> None:
    """A UserError unless it is a network that can be trained."""
    kind = getattr(network, "__name__", None) or type(network).__name__
    if not isinstance(network, nn.Module):
        raise UserError(f"The network {kind} is no torch.nn.Module: pass an object of a class of modules.")
    lazy = [name for name, p in network.named_parameters() if isinstance(p, UninitializedParameter)]
    if lazy:
        raise UserError(
            f"The network {kind} has lazy layers, {lazy[0]} has no shape yet: give their sizes, or run it once before."
        )
    if not any(p.requires_grad for p in network.parameters()):
        raise UserError(f"The network {kind} has no parameters to train.")


def _like(value: Any, parameter: nn.Parameter) -> Any:
    """A tensor of the parameter's shape, copied to its strides; other values unchanged."""
    if not isinstance(value, Tensor) or value.shape != parameter.shape:
        return value
    return torch.empty_like(parameter, dtype=value.dtype, requires_grad=False).copy_(value)


@contextmanager
def frozen(players: Iterable[Player]) -> Iterator[None]:
    """Inside the context, players get no gradients; their buffers are restored at the end."""
    players = list(players)
    buffers = [buffer for player in players for buffer in player.buffers]
    saved = [buffer.clone() for buffer in buffers]
    for player in players:
        player.set_trainable(False)
    try:
        yield
    finally:
        for buffer, value in zip(buffers, saved, strict=True):
            buffer.data.copy_(value)  # .data: the backward pass may still hold the buffer
        for player in players:
            player.set_trainable(True)
