"""What the names of pictures say: which part they belong to, and which class; nothing is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganwright.core.errors import UserError
from ganwright.data._choices import Split

SUFFIXES = {
    *(".png", ".apng", ".jpg", ".jpeg", ".jpe", ".jfif", ".mpo", ".webp", ".avif", ".gif", ".bmp", ".dib"),
    *(".tif", ".tiff", ".ppm", ".pgm", ".pbm", ".pnm", ".pfm", ".tga", ".jp2", ".j2k", ".jpx", ".ico"),
}


@dataclass(frozen=True)
class Layout:
    """The chosen pictures as places in the list of names, with a class for each or none at all."""

    chosen: list[int]
    labels: np.ndarray | None  # int64, one for each chosen
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def is_picture(name: str) -> bool:
    """By its suffix; what is hidden, or what a Mac adds to a zip, is none."""
    return name[name.rfind(".") :].lower() in SUFFIXES and not hidden(name.split("/"))


def hidden(parts: Sequence[str]) -> bool:
    return any(part == "__MACOSX" or (part.startswith(".") and part not in (".", "..")) for part in parts)


def printable(name: str) -> str:
    """A name that any terminal can show: bytes that are no text become question marks."""
    return name.encode(errors="replace").decode()


def layout(names: Sequence[str], split: Split, where: str) -> Layout:
    """Folders that hold everything are passed through; `train` and `test` are the parts; other folders are classes.

    A UserError when the test part is asked for and there is none.
    """
    paths = below_common([(place, name.split("/")) for place, name in enumerate(names)])
    parts = {path[0].lower() for _, path in paths if len(path) > 1}
    notes: tuple[str, ...] = ()
    if {"train", "test"} <= parts:
        paths = below_common([(place, path[1:]) for place, path in paths if path[0].lower() == split])
        notes = (f"The {split} part: {len(paths):,} of {len(names):,} pictures.",)
    elif split == "test":
        raise UserError(f"{where} has no test part: it would have the folders train and test.")
    chosen = [place for place, _ in paths]
    if all(len(path) > 1 for _, path in paths):
        classes, labels = np.unique([path[0] for _, path in paths], return_inverse=True)
        if len(classes) > 1:
            return Layout(chosen, labels.astype(np.int64), tuple(printable(str(name)) for name in classes), notes)
    return Layout(chosen, None, (), notes)


def below_common(paths: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Without the leading folders that all share."""
    while paths and all(len(path) > 1 and path[0] == paths[0][1][0] for _, path in paths):
        paths = [(place, path[1:]) for place, path in paths]
    return paths
