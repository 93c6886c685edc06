"""The machine: device, precision, and micro-batch size."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import torch

from ganwright.core import ranks
from ganwright.core.errors import UserError, nearest

PRECISIONS = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}


@dataclass(frozen=True)
class Machine:
    """`dtype` is that of the weights, `autocast` a lower one for forward passes on GPUs."""

    device: torch.device
    dtype: torch.dtype = torch.float32
    autocast: torch.dtype | None = None
    micro_batch: int | None = None  # samples per forward pass of a process; None: its whole share

    @classmethod
    def chosen(cls, device: str = "auto", precision: str = "float32", micro_batch: int | None = None) -> Machine:
        """The requested machine; the device "auto" is CUDA, MPS or the CPU, the best one available."""
        place = device_called(device)
        if precision not in PRECISIONS:
            known = ", ".join(PRECISIONS)
            raise UserError(f"There is no precision {precision!r} ({known}).{nearest(precision, PRECISIONS)}")
        if precision == "bfloat16" and place.type != "cuda":
            raise UserError("bfloat16 is slower on a CPU and needs a GPU: leave --precision out, or use float32.")
        if place.type == "cuda":  # cuDNN's deterministic algorithms, without TF32, which rounds to ten bits
            torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
            torch.backends.cudnn.allow_tf32 = False
        autocast = torch.bfloat16 if precision == "bfloat16" else None
        return cls(place, PRECISIONS[precision], autocast, micro_batch)

    def casting(self) -> AbstractContextManager[object]:
        """The autocast context of a turn's forward pass."""
        return nullcontext() if self.autocast is None else torch.autocast(self.device.type, self.autocast)

    @property
    def single_cpu_process(self) -> bool:
        """Whether this is the only process, and computes on the CPU."""
        return self.device.type == "cpu" and ranks.size() == 1

    @property
    def precision(self) -> str:
        return str(self.autocast or self.dtype).removeprefix("torch.")


def device_called(name: str) -> torch.device:
    """The device named `name`; "auto" is the best one available. Raises UserError if it cannot be used."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    try:
        device = torch.device(name)
        if device.type == "cuda" and device.index is None:
            device = torch.device("cuda", ranks.environment_number("LOCAL_RANK", 0))
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError):
        raise UserError(f"The device {name!r} cannot be used here; try --device auto or --device cpu.") from None
    return device


def full_precision(device: torch.device) -> AbstractContextManager[object]:
    """Disables autocast, for terms that need full precision (penalties)."""
    return torch.autocast(device.type, enabled=False) if torch.is_autocast_enabled(device.type) else nullcontext()
