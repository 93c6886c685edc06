"""The nearest size of pictures that a recipe can train on, for its refusals."""

from __future__ import annotations


def nearest_size(height: int, width: int, multiple: int = 1, least: int = 1) -> str:
    """The option for the sides nearest to these that are multiples of `multiple` and at least `least`."""
    smallest = -(-least // multiple) * multiple
    sides = (max(smallest, (side + multiple // 2) // multiple * multiple) for side in (height, width))
    return f"--size {'x'.join(map(str, sides))}"
