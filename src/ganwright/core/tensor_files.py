"""Reads a .safetensors file, also under a name that is not UTF-8, which the library itself refuses."""

from __future__ import annotations

from pathlib import Path

from safetensors import torch as safetensors
from torch import Tensor


def load_file(path: Path) -> dict[str, Tensor]:
    """The tensors in a file, by name; raises what safetensors raises."""
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return safetensors.load(path.read_bytes())
    return safetensors.load_file(path)
