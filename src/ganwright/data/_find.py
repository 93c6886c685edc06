"""Loads data by name or path: a data set of this package, or a user's file or folder."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ganwright.core import discovery
from ganwright.core.data import Data
from ganwright.core.errors import UserError, nearest
from ganwright.core.system import expanded
from ganwright.data import _files, _paired, _picture_files
from ganwright.domains._pictures import FIT, Fit


def load(name_or_path: str, other: str | None = None, **chosen: Any) -> Data:
    """Loads the data set of that name, otherwise the file at that path; a name wins, so `./mnist` is a folder `mnist`.

    `chosen` are the loader's options.

    other: a second data set, whose pictures are the samples; the first ones are their conditions, unpaired or, with
        `--pairs folders`, paired by name.

    Raises UserError for an unknown name, path or option, with the nearest match.
    """
    if other is None:
        return _one(name_or_path, **chosen)
    if chosen.get("pairs") == "folders" and not _is_name(name_or_path) and not _is_name(other):
        fit = {name: value for name, value in chosen.items() if name in FIT}
        return _picture_files.load_pairs(name_or_path, other, Fit(**fit), chosen.get("split", "train"))
    if chosen.get("pairs", "none") != "none":
        raise UserError("--other supports only --pairs folders, with two folders of your own.")
    first, known = _one(name_or_path, **chosen), options(other)
    shared = {name: value for name, value in chosen.items() if name in known}
    alike = {name: value for name, value in first.domain.loader_options.items() if name in known}
    shared |= {name: value for name, value in alike.items() if shared.get(name) is None}
    return _paired.unpaired(first, _one(other, **shared))


def _one(name_or_path: str, **chosen: Any) -> Data:
    _check(name_or_path, chosen)
    if not _is_name(name_or_path):
        return _files.load(name_or_path, **chosen)
    data: Data = discovery.load_module("data", name_or_path).load(**chosen)
    if Path(name_or_path).exists():
        note = f"Using the built-in data set {data.name}; the path of that name is .{os.sep}{name_or_path}."
        data = replace(data, notes=(*data.notes, note))
    return data


def loader(name_or_path: str) -> Callable[..., Data]:
    """The function that loads it; raises UserError for an unknown name that is not a path."""
    function: Callable[..., Data] = (
        discovery.load_module("data", name_or_path).load if _is_name(name_or_path) else _files.load
    )
    return function


def options(name_or_path: str) -> dict[str, inspect.Parameter]:
    """The loader's options by name, with defaults and resolved types.

    Raises UserError for an unknown name that is not a path.
    """
    parameters = inspect.signature(loader(name_or_path), eval_str=True).parameters
    return {name: parameter for name, parameter in parameters.items() if parameter.default is not parameter.empty}


def _is_name(name_or_path: str) -> bool:
    """Whether it names a data set rather than a path; raises UserError if it is neither."""
    known = discovery.names("data")
    if name_or_path.replace("_", "-") in known:
        return True
    separators = [separator for separator in ("/", os.sep, os.altsep) if separator]
    if Path(name_or_path).suffix or any(separator in name_or_path for separator in separators):
        return False
    if expanded(name_or_path).exists():
        return False
    hint = nearest(name_or_path, known)
    raise UserError(
        f"There is no data set {name_or_path!r} ({', '.join(known)}), nor a file or folder of that name.{hint}"
    )


def _check(name_or_path: str, chosen: dict[str, Any]) -> None:
    known = options(name_or_path)
    for option in chosen:
        if option not in known:
            offered = ", ".join(known)
            raise UserError(f"{name_or_path} has no option {option!r} ({offered}).{nearest(option, known)}")
