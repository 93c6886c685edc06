"""This process: its start time, and how idle OpenMP threads wait."""

from __future__ import annotations

import os
import time

STARTED = time.monotonic()  # --minutes count from here, since importing torch takes seconds

# Idle OpenMP threads that spin for long starve other processes, and this one on a busy machine; threads that never
# spin sleep between any two operations. So they spin briefly (benchmarks/speed). Torch reads this when imported.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "passive"
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # pauses, about 20 microseconds
os.environ.setdefault("KMP_BLOCKTIME", "0")  # the same for LLVM's and Intel's OpenMP
