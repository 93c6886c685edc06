"""ganwright trains, judges and ships generative adversarial networks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ganwright.core import process as process  # first: it sets what torch reads when it is loaded
from ganwright.version import __version__

if TYPE_CHECKING:
    from ganwright.commands.human_eval import HumanEval as HumanEval
    from ganwright.commands.human_eval import human_eval as human_eval
    from ganwright.commands.judge import judge as judge
    from ganwright.commands.plan import Plan as Plan
    from ganwright.commands.plan import plan as plan
    from ganwright.commands.sweep import sweep as sweep
    from ganwright.commands.train import train as train
    from ganwright.config.training_config import CallbackOptions as CallbackOptions
    from ganwright.config.training_config import Hardware as Hardware
    from ganwright.core.errors import UserError as UserError
    from ganwright.data._find import load as load_data
    from ganwright.judging.card import Card as Card
    from ganwright.runs.run import Run as Run
    from ganwright.runs.run import open_run as open

_HOMES = {
    "CallbackOptions": "ganwright.config.training_config:CallbackOptions",
    "train": "ganwright.commands.train:train",
    "judge": "ganwright.commands.judge:judge",
    "plan": "ganwright.commands.plan:plan",
    "human_eval": "ganwright.commands.human_eval:human_eval",
    "sweep": "ganwright.commands.sweep:sweep",
    "open": "ganwright.runs.run:open_run",
    "load_data": "ganwright.data._find:load",
    "Card": "ganwright.judging.card:Card",
    "Plan": "ganwright.commands.plan:Plan",
    "Run": "ganwright.runs.run:Run",
    "HumanEval": "ganwright.commands.human_eval:HumanEval",
    "Hardware": "ganwright.config.training_config:Hardware",
    "UserError": "ganwright.core.errors:UserError",
}
__all__ = [
    "CallbackOptions",
    "Card",
    "Hardware",
    "HumanEval",
    "Plan",
    "Run",
    "UserError",
    "__version__",
    "human_eval",
    "judge",
    "load_data",
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
