"""Recipes, which assemble data, networks, losses and games: one file a family, found by its name."""

from ganwright.recipes._two_player import Rules, two_player

__all__ = ["Rules", "two_player"]
