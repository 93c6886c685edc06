"""Augmentation and mirroring, which are automatic for small image sets."""

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

MAX_AUGMENTED = 500  # examples up to which augmentation is automatic; measured in benchmarks/results/few-pictures.md
DEFAULT = "diffaugment"

Flip = Literal["auto", "yes", "no"]


@dataclass(frozen=True)
class SmallDataConfig:
    """The resolved settings for a data set: an augmentation, a view of real images, and notes for the user."""

    augmentation: Augmentation | None
    view: StageView
    notes: tuple[str, ...]


def small_data_config(
    data: Data, condition: Condition, augment: str | Augmentation, flip: Flip, batch: int, examples: int
) -> SmallDataConfig:
    """Resolves "auto": augments up to MAX_AUGMENTED images, and mirrors where the set is symmetric enough.

    "auto" does neither for other data, nor where conditions are derived from the images, which would have to be
    augmented as well; requesting it there is a UserError. ADA adapts every 4 batches, at most from 0 to 1 within
    `examples`.
    """
    supported, notes = data.domain.augmentable and not condition.needs_data, []
    if not supported and (flip == "yes" or augment not in ("auto", "none")) and isinstance(augment, str):
        reason = "samples as conditions" if condition.needs_data else data.domain.describe()
        raise UserError(f"--augment and --flip are for pictures, but {data.name} has {reason}; omit these options.")
    if augment == "auto" and supported and 0 < len(data) <= MAX_AUGMENTED:
        augment = DEFAULT
        notes.append(
            f"Small data set ({len(data):,} pictures): real and generated pictures are augmented by {DEFAULT}. "
            "Disable with --augment none."
        )
    augmentation = make_augmentation(augment, 4 * batch, examples) if isinstance(augment, str) else augment
    mirrors = flip == "yes"
    if flip == "auto" and supported and harmless(data):
        mirrors = True
        notes.append("Mirror images count as real: the data set is symmetric. Disable with --flip no.")
    return SmallDataConfig(augmentation, mirrored if mirrors else same, tuple(notes))


def make_augmentation(name: str, every: int, examples: int) -> Augmentation | None:
    """An augmentation by its name: a dataclass whose init fields are among `every` and `examples`."""
    if name in ("auto", "none"):
        return None
    kind, values = load_component("augmentations", name), {"every": every, "examples": examples}
    return kind(**{field.name: values[field.name] for field in fields(kind) if field.init})  # type: ignore[no-any-return]
