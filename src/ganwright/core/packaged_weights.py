"""Weights shipped with the package: NAME.safetensors, and NAME.json with their description and hash."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from ganwright.core.errors import UserError


def read(name: str, folder: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The weights as float32, and their description. Raises UserError if they are missing or damaged."""
    try:
        described = json.loads((folder / f"{name}.json").read_text())
        stored = (folder / f"{name}.safetensors").read_bytes()
        if hashlib.sha256(stored).hexdigest() != described["sha256"]:
            raise ValueError("the sha256 does not agree")
        weights = {key: value.float() for key, value in load(stored).items()}
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise UserError(f"The weights {name} in {folder} are damaged ({error}): install ganwright again.") from error
    return weights, described


def write(name: str, network: nn.Module, described: dict[str, Any], folder: Path) -> None:
    """Writes matrices and convolutions as float16, vectors (batch norm, biases) as float32, and the description."""
    weights = {
        key: (value.half() if value.ndim > 1 else value.float()).contiguous()
        for key, value in network.state_dict().items()
        if value.ndim  # without the batch counters of batch norm
    }
    stored = save(weights)
    (folder / f"{name}.safetensors").write_bytes(stored)
    described = described | {"sha256": hashlib.sha256(stored).hexdigest()}
    (folder / f"{name}.json").write_text(json.dumps(described, indent=2) + "\n")


def into(network: nn.Module, weights: dict[str, Tensor]) -> None:
    """Copies the weights into their network, which is then frozen and in evaluation mode."""
    network.load_state_dict(network.state_dict() | weights)  # the counters of batch norm are not stored
    network.eval().requires_grad_(False)
