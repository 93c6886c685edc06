"""The layers of the code: each package imports lower ones alone, there is no circle, and nothing else lies on top."""

import ast
from collections import defaultdict
from pathlib import Path

import pytest

import ganwright

ROOT = Path(ganwright.__file__).parent
SHELVES = {"augmentations", "auxiliary_losses", "data", "features", "games", "losses", "metrics", "nets", "penalties"}
# From the bottom up. A package may import those of lower layers; packages of one layer don't import each other.
LAYERS = (
    {"core"},
    {"domains", "execution", "health"},
    SHELVES,
    {"recipes"},
    {"config"},
    {"runs"},
    {"judging"},
    {"callbacks"},
    {"planning"},
    {"training"},
    {"commands"},
)
LAYER_OF = {package: layer for layer, packages in enumerate(LAYERS) for package in packages}
ENTRY_POINTS = {"__init__.py", "__main__.py", "cli.py", "version.py", "py.typed"}
KNOWS_NO_METRICS = {"recipes"}  # what is trained doesn't depend on how it is judged
FILES = sorted(ROOT.rglob("*.py"))
PACKAGED = [path for path in FILES if path.parent != ROOT]


def imports(path: Path) -> set[str]:
    """The packages of ganwright that a file names in its import statements, or a file of the top level."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ganwright":
            parts = node.module.split(".")[1:]
            found |= {parts[0]} if parts else {alias.name for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {name.split(".")[1] for a in node.names if (name := a.name).startswith("ganwright.")}
    return found


def test_only_entry_points_lie_on_the_top_level() -> None:
    assert {path.name for path in ROOT.iterdir() if path.is_file()} == ENTRY_POINTS


def test_every_package_has_its_layer() -> None:
    packages = {path.name for path in ROOT.iterdir() if (path / "__init__.py").is_file()}
    assert packages == LAYER_OF.keys()


@pytest.mark.parametrize("path", PACKAGED, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_point_downward(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    for imported in imports(path) - {package, "version"}:
        assert imported in LAYER_OF, f"{imported} is an entry point: nothing imports it"
        assert LAYER_OF[imported] < LAYER_OF[package]
        assert not (package in KNOWS_NO_METRICS and imported in {"metrics", "features"})


def test_no_files_of_a_package_form_a_circle() -> None:
    needed: dict[Path, set[Path]] = defaultdict(set)
    for path in PACKAGED:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("ganwright"):
                if (path, node.lineno) in TYPES_ONLY:
                    continue
                base = ROOT.joinpath(*node.module.split(".")[1:])
                targets = [base.with_suffix(".py"), *(base / f"{alias.name}.py" for alias in node.names)]
                needed[path] |= {target for target in targets if target in PACKAGED}
    done: set[Path] = set()
    while left := {path for path in PACKAGED if path not in done and not needed[path] - done}:
        done |= left
    assert set(PACKAGED) == done


def type_checking_only() -> set[tuple[Path, int]]:
    """The lines of imports that only a type checker makes."""
    found = set()
    for path in PACKAGED:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
                found |= {(path, inner.lineno) for inner in node.body}
    return found


TYPES_ONLY = type_checking_only()


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_opens_with_one_sentence(path: Path) -> None:
    first = (ast.get_docstring(ast.parse(path.read_text())) or "").split("\n")[0]
    assert first.endswith((".", ":", "?"))


def test_no_two_classes_share_a_name() -> None:
    places = defaultdict(list)
    for path in FILES:
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    assert {name: found for name, found in places.items() if len(found) > 1} == {}
