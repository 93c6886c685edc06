"""Finds a module by its name on the command line: `--loss hinge` imports `ganwright/losses/hinge.py`."""

from __future__ import annotations

import importlib
import pkgutil
from types import ModuleType
from typing import Any

from ganwright.core.errors import UserError, nearest


def names(package: str) -> list[str]:
    """The public modules of `ganwright.<package>`, as written on the command line (with hyphens)."""
    path = importlib.import_module(f"ganwright.{package}").__path__
    files = [module.name for module in pkgutil.iter_modules(path)]
    return sorted(name.replace("_", "-") for name in files if not name.startswith("_"))


def load_module(package: str, name: str) -> ModuleType:
    """The module `name`. Raises UserError, with the nearest name, if there is none."""
    if name.replace("_", "-") not in names(package):
        known = ", ".join(names(package))
        raise UserError(f"There is no {name!r} among {package} ({known}).{nearest(name, names(package))}")
    return importlib.import_module(f"ganwright.{package}.{name.replace('-', '_')}")


def load_component(package: str, name: str) -> Any:
    """The class or function of the module `name`: `non_saturating` holds `NonSaturating` or `non_saturating`."""
    module = load_module(package, name)
    plain = name.replace("-", "_")
    camel = "".join(word.capitalize() for word in plain.split("_"))
    found = getattr(module, camel, None) or getattr(module, plain, None)
    if found is None:
        raise UserError(f"ganwright/{package}/{plain}.py has no class {camel}, nor a function {plain}.")
    return found
