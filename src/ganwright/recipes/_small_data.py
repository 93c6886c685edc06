"""What is done about few pictures: the discriminator sees them augmented, and mirror images count as real ones."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Literal

from ganwright.augmentations._mirror import harmless, mirrored
from ganwright.core.condition import Condition
from ganwright.core.data import Data
from ganwright.core.discovery import load_component
from ganwright.core.errors import UserError
from ganwright.core.turn import StageView, same
from ganwright.games.two_player import Augmentation

FEW = 500  # pictures, up to which the discriminator sees them augmented; docs/gallery.md has what was measured
USUAL = "diffaugment"

Flip = Literal["auto", "yes", "no"]


@dataclass(frozen=True)
class FewPictures:
    """What was decided for a set: an augmentation, a view of the real pictures, and the sentences that say so."""

    augmentation: Augmentation | None
    view: StageView
    notes: tuple[str, ...]


def decided(
    data: Data, condition: Condition, augment: str | Augmentation, flip: Flip, batch: int, examples: int
) -> FewPictures:
    """Unless told otherwise augmented up to FEW pictures, and mirror images where they could be the set's own.

    Neither for other data, nor where conditions are made of the pictures, which would have to be augmented with them: a
    UserError where that is asked for. ADA takes a step every 4 batches, and `examples` from 0 to 1.
    """
    alone, notes = "pictures" in data.domain.views and not condition.needs_data, []
    if not alone and (flip == "yes" or augment not in ("auto", "none")) and isinstance(augment, str):
        why = "whose conditions are made of them" if condition.needs_data else "none"
        raise UserError(f"--augment and --flip are for pictures, and {data.name} has {why}: leave them out.")
    if augment == "auto" and alone and 0 < len(data) <= FEW:
        augment = USUAL
        notes.append(
            f"There are few pictures ({len(data):,}): the discriminator sees all of them, and the samples, through "
            f"{USUAL} (--augment none shows them as they are)."
        )
    augmentation = made(augment, 4 * batch, examples) if isinstance(augment, str) else augment
    mirrors = flip == "yes"
    if flip == "auto" and alone and harmless(data):
        mirrors = True
        notes.append("Mirror images count as real pictures, too: they could be the set's own (--flip no: they don't).")
    return FewPictures(augmentation, mirrored if mirrors else same, tuple(notes))


def made(name: str, every: int, examples: int) -> Augmentation | None:
    """An augmentation by its name: a dataclass, which gets what of `every` and `examples` it has as a field."""
    if name in ("auto", "none"):
        return None
    kind, known = load_component("augmentations", name), {"every": every, "examples": examples}
    return kind(**{field.name: known[field.name] for field in fields(kind) if field.init})  # type: ignore[no-any-return]
