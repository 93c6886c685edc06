"""The user's system: the home folder, and the memory."""

from __future__ import annotations

import os
from pathlib import Path

from ganwright.core.errors import UserError


def expanded(path: str | Path) -> Path:
    """The path with the home folder for a ~ at its beginning; a UserError where that is not known."""
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UserError(f"{path}: the home folder is not known; give the path without ~.") from None


def physical_memory() -> int | None:
    """The machine's memory in bytes; None where it is not known."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # Windows
        return None
