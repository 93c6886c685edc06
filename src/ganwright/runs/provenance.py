"""What a run was made on and with: the machine and the versions, as recipe.json records them."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch

from ganwright.core import ranks
from ganwright.core.machine import Machine
from ganwright.version import __version__


def machine_words(machine: Machine, per_call: int | None) -> dict[str, Any]:
    """The machine, as this process uses it now; so many rounds are compiled to a call (None: they are not compiled)."""
    return {
        "device": str(machine.device),
        "name": _name(machine.device),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "processes": ranks.size(),
        "precision": machine.precision,
        "micro_batch": machine.micro_batch,
        "compiled_steps_per_call": per_call,
    }


def versions() -> dict[str, str]:
    return {
        "ganwright": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def no_longer_equal(machine: Machine, per_call: int | None, recorded: Mapping[str, Any]) -> list[str]:
    """A sentence when a run that goes on here cannot repeat the bits of an unbroken one."""
    now = {**machine_words(machine, per_call), **versions()}
    then = {**recorded["machine"], **recorded["versions"]}
    changed = [f"{name} was {then[name]}, is {now[name]}" for name in then if now.get(name) != then[name]]
    return [f"No longer bit for bit what the unbroken run would be: {'; '.join(changed)}."] if changed else []


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()
