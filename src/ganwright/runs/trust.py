"""Recipe files that this user trained with: only these are executed when a run folder or a config file names them.

Run folders travel, and a recipe file is a program. Training with a file named on the command line or in Python is the
user's own decision; it is remembered by the SHA-256 of the file and of the modules that it imports from its folder.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from ganwright.core.errors import DamagedError, UserError
from ganwright.core.system import expanded
from ganwright.runs import atomic_files, foreign_files

MAX_SOURCE = 16 * 2**20  # bytes of a Python file

Hashes = dict[str, str]  # SHA-256 by path, relative to the recipe's folder


def require(recipe: str, named_by: Path, trusted: bool) -> None:
    """Raises a UserError if the recipe that `named_by` names is a file with which this user has not trained."""
    if not recipe.endswith(".py"):
        return
    path = Path(recipe)
    if not path.is_absolute():
        raise DamagedError(named_by, f"its recipe {recipe} is a relative path")
    if not path.is_file():
        raise UserError(f"{named_by} names the recipe file {path}, which does not exist.")
    if not trusted and not is_remembered(path):
        raise UserError(
            f"{named_by} names the recipe file {path}, with which you have not trained as it is now: "
            "read it, since it is a program, and then add --trust (trust=True in Python)."
        )


def remember(recipe: Path) -> list[str]:
    """Remembers a recipe file that was imported; returns a sentence if that fails."""
    folder = recipe.parent
    try:
        known = _known()
        known[str(recipe)] = _hashes(folder, {recipe, *_imported(recipe), *_loaded(folder)})
        store().parent.mkdir(parents=True, exist_ok=True)
        atomic_files.write_json(store(), known)
    except (OSError, UserError) as error:
        return [f"{recipe.name} cannot be remembered ({error}): sampling this run will need --trust."]
    return []


def is_remembered(recipe: Path) -> bool:
    """Whether the file and all modules that it imports from its folder are as they were when it was remembered."""
    expected = _known().get(str(recipe))
    if expected is None:
        return False
    folder = recipe.parent
    now = {recipe, *_imported(recipe)}
    return _hashes(folder, now | {folder / name for name in expected}) == expected


def store() -> Path:
    """`ganwright/trusted-recipes.json` in `$XDG_CONFIG_HOME`, by default `~/.config`."""
    folder = expanded(os.environ.get("XDG_CONFIG_HOME") or "~/.config").absolute()
    return folder / "ganwright" / "trusted-recipes.json"


def _known() -> dict[str, Hashes]:
    """The remembered files; none if the store is missing or not as `remember` writes it."""
    try:
        known = foreign_files.read_json(store())
    except UserError:
        return {}
    return known if isinstance(known, dict) and all(isinstance(hashes, dict) for hashes in known.values()) else {}


def _hashes(folder: Path, files: set[Path]) -> Hashes:
    return {os.path.relpath(file, folder): _hash(file) for file in sorted(files)}


def _hash(file: Path) -> str:
    try:
        return hashlib.sha256(file.read_bytes()).hexdigest()
    except OSError:
        return "missing"


def _loaded(folder: Path) -> set[Path]:
    """The files that modules of this process were imported from, as modules of the folder."""
    files = ((name, getattr(module, "__file__", None)) for name, module in list(sys.modules.items()))
    paths = {Path(file): name.partition(".")[0] for name, file in files if isinstance(file, str)}
    inside = ((path, name) for path, name in paths.items() if path.is_relative_to(folder))
    return {path for path, name in inside if path.relative_to(folder).parts[0].partition(".")[0] == name}


def _imported(recipe: Path) -> set[Path]:
    """The files in the recipe's folder that it imports, directly or through one another, as their text has it."""
    found: set[Path] = set()
    waiting = [recipe]
    while waiting:
        for file in _candidates(waiting.pop(), recipe.parent):
            if file not in found and file != recipe:
                found.add(file)
                waiting.append(file)
    return found


def _candidates(file: Path, folder: Path) -> Iterator[Path]:
    """The existing files that the import statements of `file` may stand for."""
    for root, name in _import_statements(file, folder):
        parts = [part for part in name.split(".") if part]
        for depth in range(len(parts) + 1):
            place = root.joinpath(*parts[:depth])
            yield from (path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file())


def _import_statements(file: Path, folder: Path) -> Iterator[tuple[Path, str]]:
    """What a file imports: a dotted name and the folder that it counts from."""
    try:
        tree = ast.parse(foreign_files.read(file, MAX_SOURCE))
    except (UserError, SyntaxError, ValueError, RecursionError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((folder, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            root = folder if not node.level else file.parents[min(node.level, len(file.parents)) - 1]
            yield from ((root, f"{node.module or ''}.{alias.name}") for alias in node.names)
