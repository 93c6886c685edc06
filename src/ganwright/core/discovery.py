"""Finds a part by its name: a name on the command line is a file on a shelf, found by one import."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from ganwright.core.errors import UserError, nearest


def names(shelf: str) -> list[str]:
    """What stands on `ganwright.<shelf>`, as written on the command line (with hyphens)."""
    package = importlib.import_module(f"ganwright.{shelf}")
    files = [module.name for module in pkgutil.iter_modules(package.__path__)]
    return sorted(name.replace("_", "-") for name in files if not name.startswith("_"))


def load_module(shelf: str, name: str) -> ModuleType:
    """The module called `name`; a UserError that suggests the nearest name when there is none."""
    if name.replace("_", "-") not in names(shelf):
        known = ", ".join(names(shelf))
        raise UserError(f"There is no {name!r} among {shelf} ({known}).{nearest(name, names(shelf))}")
    return importlib.import_module(f"ganwright.{shelf}.{name.replace('-', '_')}")


def load_component(shelf: str, name: str) -> Any:
    """The class or function of the file `name`: `non_saturating` holds `NonSaturating` or `non_saturating`."""
    module = load_module(shelf, name)
    plain = name.replace("-", "_")
    camel = "".join(word.capitalize() for word in plain.split("_"))
    return getattr(module, camel, None) or getattr(module, plain)
