"""This process: when it started, and how the idle threads of its OpenMP library wait."""

from __future__ import annotations

import os
import time

STARTED = time.monotonic()  # the command line counts --minutes from here: loading torch takes seconds

# Idle OpenMP threads that spin long starve other processes, and this one on a busy machine; threads that never spin
# sleep between any two operations. So they spin briefly (benchmarks/speed). Read when torch is loaded.
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ["OMP_WAIT_POLICY"] = "passive"
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")  # pauses, some 20 microseconds
os.environ.setdefault("KMP_BLOCKTIME", "0")  # the same for LLVM's and Intel's OpenMP, which some builds have
