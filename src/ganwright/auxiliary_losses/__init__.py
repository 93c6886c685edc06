"""Auxiliary losses of either player: one file with a frozen dataclass each; see core/auxiliary_loss.py."""
