"""Imports recipe files and the modules beside them from their text: compiled files may be older, or another's."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import FileFinder, ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any


class SourceLoader(SourceFileLoader):
    """Neither reads nor writes __pycache__, whose files name code that the source may not have."""

    def path_stats(self, path: str) -> Any:
        raise OSError(f"no compiled file of {path} is used")


class RecipeFolder:
    """Finds modules beside a recipe file, after those that are installed, and those in packages there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        """For the import system (`importlib.abc.MetaPathFinder`)."""
        if path is None:
            return None if _is_installed(name) else _found(name, self.folder)
        inside = (one for one in path if Path(one).is_relative_to(self.folder))
        return next((spec for one in inside if (spec := _found(name, Path(one))) is not None), None)


def _is_installed(name: str) -> bool:
    return name in sys.builtin_module_names or PathFinder.find_spec(name) is not None


def _found(name: str, folder: Path) -> ModuleSpec | None:
    return FileFinder(str(folder), (SourceLoader, [".py"])).find_spec(name)


def prepared_module(path: Path) -> ModuleType:
    """A recipe file's module, which `run` executes; the modules beside it can be imported from now on."""
    name = f"recipe in {path}"
    spec = spec_from_file_location(name, path, loader=SourceLoader(name, str(path)))
    assert spec is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses look up their annotations there
    if not any(isinstance(one, RecipeFolder) and one.folder == path.parent for one in sys.meta_path):
        sys.meta_path.insert(0, RecipeFolder(path.parent))
    return module


def run(module: ModuleType) -> None:
    """Executes a prepared module."""
    assert module.__spec__ is not None
    assert module.__spec__.loader is not None
    module.__spec__.loader.exec_module(module)
