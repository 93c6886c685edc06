"""Derives the parts (train, test) and classes of pictures from their paths; no file is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ganwright.core.choices import Split
from ganwright.core.errors import UserError


@dataclass(frozen=True)
class Layout:
    """Indices of the selected pictures in the list of names, and their classes if there are any."""

    chosen: list[int]
    labels: np.ndarray | None  # int64, one per selected picture
    classes: tuple[str, ...]
    notes: tuple[str, ...]


def printable(name: str) -> str:
    """The name with undecodable bytes replaced by question marks, safe to print."""
    return name.encode(errors="replace").decode()


def layout(names: Sequence[str], split: Split, where: str) -> Layout:
    """Strips folders that all names share; `train` and `test` are the parts; other top-level folders are the classes.

    Raises UserError if the test part is requested and missing.
    """
    paths = below_common([(index, name.split("/")) for index, name in enumerate(names)])
    parts = {path[0].lower() for _, path in paths if len(path) > 1}
    notes: tuple[str, ...] = ()
    if {"train", "test"} <= parts:
        paths = below_common([(index, path[1:]) for index, path in paths if path[0].lower() == split])
        notes = (f"The {split} part: {len(paths):,} of {len(names):,} pictures.",)
    elif split == "test":
        raise UserError(f"{where} has no test part (folders train and test).")
    chosen = [index for index, _ in paths]
    if all(len(path) > 1 for _, path in paths):
        classes, labels = np.unique([path[0] for _, path in paths], return_inverse=True)
        if len(classes) > 1:
            return Layout(chosen, labels.astype(np.int64), tuple(printable(str(name)) for name in classes), notes)
    return Layout(chosen, None, (), notes)


def below_common(paths: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """The paths without the leading folders that all of them share."""
    while paths and all(len(path) > 1 and path[0] == paths[0][1][0] for _, path in paths):
        paths = [(index, path[1:]) for index, path in paths]
    return paths
