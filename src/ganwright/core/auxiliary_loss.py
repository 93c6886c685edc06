"""Auxiliary losses: losses of either player besides the adversarial one."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from ganwright.core.forward_pass import ForwardPass


class AuxiliaryLoss:
    """The base class: named scalars that are added to a player's loss, and logged; by default none for either player.

    All turns of a game use all of its auxiliary losses. The names of a game's terms are different, also those of its
    two players.
    """

    def generator(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        """What is added to the generator's loss."""
        return {}

    def discriminator(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        """What is added to the discriminator's loss. The fakes may be without a gradient, or of earlier steps."""
        return {}

    def over_parts(self, size: int) -> str:
        """What differs in micro-batches of a size, for a note; empty for means over rows, which do not."""
        return ""

    def report(self, forward: ForwardPass) -> Mapping[str, Tensor]:
        """Other values to log in the discriminator's turns, computed without gradients."""
        return {}
