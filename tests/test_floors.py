"""Who may import whom: no arrow upward, no shelf that knows another, no file that everybody must pass."""

import ast
from pathlib import Path

import pytest

import ganwright

ROOT = Path(ganwright.__file__).parent
SHELVES = {"augmentations", "nets", "losses", "penalties", "guides", "metrics", "features", "data"}
ALLOWED = {
    "core": {"core"},
    "games": {"core", "games"},
    **{shelf: {"core", shelf} for shelf in SHELVES},
    "health": {"core", "health"},
    "recipes": {"core", "games", "recipes", *SHELVES - {"metrics", "features"}},
}
ROOMS = {"judging"}  # of the top floor, besides its files
PROGRAMS = {"cli.py", "__main__.py"}
FILES = sorted(ROOT.rglob("*.py"))


def imports(path: Path) -> set[str]:
    """The parts of ganwright that a file names in its import statements: `core`, `nets`, or a file of the top floor."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ganwright":
            parts = node.module.split(".")[1:]
            found |= {parts[0]} if parts else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {name.split(".")[1] for a in node.names if (name := a.name).startswith("ganwright.")}
    return found


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_arrows_point_downward(path: Path) -> None:
    floor = path.relative_to(ROOT).parts[0]
    if floor in ALLOWED:
        assert imports(path) <= ALLOWED[floor]
    elif floor not in PROGRAMS:
        assert "cli" not in imports(path)
    if floor.endswith(".py") or floor in ROOMS:
        assert floor in {*PROGRAMS, "__init__.py"} or "verbs" not in imports(path)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_opens_with_one_sentence(path: Path) -> None:
    first = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n")[0]
    assert first.endswith((".", ":", "?"))


def test_there_is_no_circle_on_the_top_floor() -> None:
    files = {path.stem: imports(path) for path in ROOT.glob("*.py") if path.name not in {*PROGRAMS, "__init__.py"}}
    files |= {room: set().union(*(imports(path) for path in (ROOT / room).glob("*.py"))) - {room} for room in ROOMS}
    done: set[str] = set()
    while left := {name for name, needed in files.items() if name not in done and not (needed & files.keys()) - done}:
        done |= left
    assert done == files.keys()
