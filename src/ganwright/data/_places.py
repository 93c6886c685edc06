"""Locates data: folders listed in GANWRIGHT_DATA, and the cache of downloaded and prepared files."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ganwright.core.errors import UserError
from ganwright.core.system import expanded


def cache() -> Path:
    """`$GANWRIGHT_CACHE`, else `$XDG_CACHE_HOME/ganwright`, else `~/.cache/ganwright`; not created."""
    if own := os.environ.get("GANWRIGHT_CACHE"):
        return expanded(own).absolute()
    return expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache").absolute() / "ganwright"


def local(folders: Iterable[str], names: Iterable[str]) -> Path | None:
    """The first existing `<root>/<folder>/<name>` over the roots listed in GANWRIGHT_DATA, or None."""
    roots = [expanded(root) for root in os.environ.get("GANWRIGHT_DATA", "").split(os.pathsep) if root]
    paths = (root / folder / name for root in roots for folder in folders for name in names)
    return next((path for path in paths if path.exists()), None)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Converts an OSError of a block that writes to the cache into a UserError."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"The cache folder {folder} cannot be written ({error.strerror or error}): "
            "free disk space, or set GANWRIGHT_CACHE to another folder."
        ) from error
