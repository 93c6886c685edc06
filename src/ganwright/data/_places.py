"""Where data lie: the user's own folders (GANWRIGHT_DATA), and the cache for what is fetched or prepared."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ganwright.core.errors import UserError


def cache() -> Path:
    """`$GANWRIGHT_CACHE`, else `$XDG_CACHE_HOME/ganwright`, else `~/.cache/ganwright`; it may not exist yet."""
    if own := os.environ.get("GANWRIGHT_CACHE"):
        return Path(own).expanduser().absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser().absolute() / "ganwright"


def local(folders: Iterable[str], names: Iterable[str]) -> Path | None:
    """The first of `<place>/<folder>/<name>` that exists, over the places that GANWRIGHT_DATA lists."""
    places = [Path(place).expanduser() for place in os.environ.get("GANWRIGHT_DATA", "").split(os.pathsep) if place]
    paths = (place / folder / name for place in places for folder in folders for name in names)
    return next((path for path in paths if path.exists()), None)


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turns a full disk or a folder that cannot be written into one sentence."""
    try:
        yield
    except OSError as error:
        raise UserError(
            f"The cache folder {folder} cannot be written ({error.strerror or error}): "
            "make room there, or name another folder in GANWRIGHT_CACHE."
        ) from error
