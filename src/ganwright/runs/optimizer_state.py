"""Restores an optimizer from a file, once names, shapes and types are those that the recipe's optimizer makes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from ganwright.core.errors import DamagedError
from ganwright.core.player import Player
from ganwright.execution import compiler_free

# how torch carries out the same update; it differs between devices
EXECUTION = ("foreach", "fused", "capturable", "differentiable")

Entry = tuple[torch.Size, torch.dtype] | type


def restore(player: Player, tensors: Mapping[str, Tensor], rest: Mapping[str, Any], where: str) -> None:
    """Loads what `Player.optimizer_state` returned into the player's optimizer; a DamagedError says `where`.

    The kernels of an optimizer don't check its state: one of another shape makes them read beyond its memory.
    """
    _check_state(player, {**rest["others"], **tensors}, where)
    groups = player.optimizer.param_groups
    if len(rest["groups"]) != len(groups):
        raise DamagedError(where, f"the optimizer has {len(rest['groups'])} parameter groups instead of {len(groups)}")
    recorded = [_group(group, saved, where) for group, saved in zip(groups, rest["groups"], strict=True)]
    player.load_optimizer_state(tensors, {**rest, "groups": recorded})


def _check_state(player: Player, state: Mapping[str, Any], where: str) -> None:
    """Every parameter has either no entries, because it was never updated, or those that an update makes."""
    found: dict[int, dict[str, Entry]] = {}
    for key, value in state.items():
        place, _, name = key.partition(".")
        if not re.fullmatch("[0-9]{1,9}", place) or int(place) >= len(player.parameters):
            raise DamagedError(where, f"the optimizer's entry {key!r} belongs to no parameter")
        found.setdefault(int(place), {})[name] = _entry(value)
    expected: dict[Any, dict[str, Entry]] = {}
    for index, entries in found.items():
        parameter = player.parameters[index]
        kind = parameter.shape, parameter.dtype
        if kind not in expected:
            expected[kind] = _expected(player, parameter)
        if entries != expected[kind]:
            wrong = sorted(entries.items() ^ expected[kind].items(), key=str)[0][0]
            raise DamagedError(where, f"the optimizer's entry {index}.{wrong} has another shape or type, or is missing")


def _entry(value: Any) -> Entry:
    """What must agree; floating-point numbers of another precision are converted."""
    if not isinstance(value, Tensor):
        return type(value)
    return value.shape, torch.float32 if value.is_floating_point() else value.dtype


def _expected(player: Player, parameter: nn.Parameter) -> dict[str, Entry]:
    """The entries that one update of such a parameter makes, of a copy with a gradient of zeros."""
    copy = nn.Parameter(torch.zeros_like(parameter))
    copy.grad = torch.zeros_like(copy)
    optimizer = player.make_optimizer([copy])
    compiler_free.use_plain_step(optimizer)
    optimizer.step()
    return {name: _entry(value) for name, value in optimizer.state[copy].items()}


def _group(group: Mapping[str, Any], saved: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The saved numbers of a parameter group, which schedules change; all else must be as the recipe sets it.

    Another version of torch may have written fewer entries.
    """
    own = {name: value for name, value in group.items() if name != "params"}
    numbers = {name for name, value in own.items() if _is_number(value) or isinstance(value, (tuple, list))}
    for name in sorted(numbers - saved.keys()) + sorted(saved.keys() - own.keys()):
        raise DamagedError(where, f"the optimizer's {name} is {'missing' if name in own else 'unknown'}")
    for name in (saved.keys() & own.keys()) - set(EXECUTION):
        if not _alike(own[name], saved[name]):
            raise DamagedError(where, f"the optimizer's {name} cannot be {saved[name]!r:.40}")
    return own | {name: saved[name] for name in numbers}


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _alike(own: Any, saved: Any) -> bool:
    if isinstance(own, (tuple, list)):
        return isinstance(saved, (tuple, list)) and len(own) == len(saved) and all(map(_alike, own, saved))
    if _is_number(own):
        return _is_number(saved) and math.isfinite(saved) and saved >= 0
    return type(own) is type(saved) and bool(own == saved)
