"""ganwright trains, judges and ships generative adversarial networks."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Any

from ganwright.version import __version__

if TYPE_CHECKING:
    from ganwright.commission import CallbackOptions as CallbackOptions
    from ganwright.commission import Hardware as Hardware
    from ganwright.core.errors import UserError as UserError
    from ganwright.judging.card import Card as Card
    from ganwright.run import Run as Run
    from ganwright.run import open_run as open
    from ganwright.verbs.judge import judge as judge
    from ganwright.verbs.plan import Plan as Plan
    from ganwright.verbs.plan import plan as plan
    from ganwright.verbs.sweep import sweep as sweep
    from ganwright.verbs.train import train as train

BEGAN = time.monotonic()  # what the program `ganwright` counts its minutes from: to load torch takes seconds

# Idle OpenMP threads that spin long starve other processes, and ours on a busy machine; those that never spin sleep
# between any two operations. So they spin briefly (docs/performance.md). Read when torch is loaded.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "passive"
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # pauses, some 20 microseconds
os.environ.setdefault("KMP_BLOCKTIME", "0")  # the same for LLVM's and Intel's OpenMP, which some builds have

_HOMES = {
    "train": "ganwright.verbs.train:train",
    "judge": "ganwright.verbs.judge:judge",
    "plan": "ganwright.verbs.plan:plan",
    "sweep": "ganwright.verbs.sweep:sweep",
    "open": "ganwright.run:open_run",
    "Card": "ganwright.judging.card:Card",
    "Plan": "ganwright.verbs.plan:Plan",
    "Run": "ganwright.run:Run",
    "Reporting": "ganwright.commission:Reporting",
    "Hardware": "ganwright.commission:Hardware",
    "UserError": "ganwright.core.errors:UserError",
}
__all__ = [
    "Card",
    "Hardware",
    "Plan",
    "Reporting",
    "Run",
    "UserError",
    "__version__",
    "judge",
    "open",
    "plan",
    "sweep",
    "train",
]


def __getattr__(name: str) -> Any:
    """Finds the public names when they are first used, so that `import ganwright` loads no torch."""
    if name not in _HOMES:
        raise AttributeError(f"module 'ganwright' has no attribute {name!r}")
    import importlib

    module, attribute = _HOMES[name].split(":")
    return getattr(importlib.import_module(module), attribute)
