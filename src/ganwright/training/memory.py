"""Out of memory: finds what would fit, and says so in one sentence."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import torch

from ganwright.core import ranks
from ganwright.core.clock import Clock
from ganwright.core.errors import UserError, ran_out_of_memory
from ganwright.core.feed import Feed
from ganwright.core.loop import play_step
from ganwright.core.recipe import Recipe


@contextmanager
def enough() -> Iterator[None]:
    """Within it, running out of memory raises a UserError."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not ran_out_of_memory(error):
            raise
        raise UserError("Out of memory: choose smaller networks or a smaller --batch.") from error


def peak(device: torch.device) -> int | None:
    """Peak memory in bytes: of tensors on a GPU, else of this process; None where it is not known."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    try:
        import resource
    except ImportError:  # Windows
        return None
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def let_go(error: BaseException) -> None:
    """Frees what an error's frames still reference, so that something smaller can be tried."""
    traceback.clear_frames(error.__traceback__)
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def what_fits(recipe: Recipe, clock: Clock, feed: Feed) -> str:
    """A sentence with the largest micro-batch that fits, found by halving it until a step succeeds."""
    machine = feed.machine
    whole = machine.micro_batch or recipe.order.batch // ranks.size()
    part = whole // 2
    while part >= 1:
        feed.machine = replace(machine, micro_batch=part)
        try:
            play_step(recipe.game, recipe.stages[clock.stage], clock, feed, clock.examples + feed.size(clock))
        except (RuntimeError, MemoryError) as error:
            if not ran_out_of_memory(error):
                raise
            let_go(error)
            part //= 2
        except ValueError:  # batch norm refuses a part that is left with one sample
            part //= 2
        else:
            return (
                f"Out of memory on {machine.device} with {whole} samples at once; {part} fit: "
                f"add --micro-batch {part} (the same batch in parts; batch norm, where there is one, sees a part)."
            )
    return f"Out of memory on {machine.device} even with one sample at once: choose smaller networks."
