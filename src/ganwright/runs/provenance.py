"""Provenance of a run: the machine and the versions that recipe.json records."""

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


def machine_words(machine: Machine, execution: Mapping[str, Any]) -> dict[str, Any]:
    """Describes the machine as this process uses it, and how steps are executed (`ExecutionMode.to_dict`)."""
    return {
        "device": str(machine.device),
        "name": _name(machine.device),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "processes": ranks.size(),
        "precision": machine.precision,
        "micro_batch": machine.micro_batch,
        **execution,
    }


def versions() -> dict[str, str]:
    """Returns the versions that results depend on."""
    return {
        "ganwright": __version__,
        "torch": torch.__version__,
        "numpy": np.__version__,
        "python": platform.python_version(),
    }


def no_longer_equal(machine: Machine, execution: Mapping[str, Any], recorded: Mapping[str, Any]) -> list[str]:
    """Returns a message if a resumed run cannot reproduce an uninterrupted one bit for bit."""
    now = {**machine_words(machine, execution), **versions()}
    then = {**recorded["machine"], **recorded["versions"]}
    changed = [f"{name} was {then[name]}, is {now[name]}" for name in then if now.get(name) != then[name]]
    return (
        [f"The resumed run will not equal an uninterrupted one bit for bit: {'; '.join(changed)}."] if changed else []
    )


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return platform.processor() or platform.machine()
