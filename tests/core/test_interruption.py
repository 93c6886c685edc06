"""Ctrl-C in the program, at any time: exit code 130 and one sentence."""

import os
import signal
import subprocess
import sys

import pytest

from ganwright.core import interruption

PROGRAM = """
import os, signal, sys
from ganwright import __main__
from ganwright.core import interruption

{before}
__main__.main()
"""
TWICE = "os.kill(os.getpid(), signal.SIGINT); os.kill(os.getpid(), signal.SIGINT)"
CASES = {
    "while a command runs": f"""
import ganwright.cli
def main():
    {TWICE.split(";")[0]}
    while True: pass
ganwright.cli._print_help = lambda *_: main()
""",
    "twice at once": f"""
import ganwright.cli
def main():
    {TWICE}
    while True: pass
ganwright.cli._print_help = lambda *_: main()
""",
    "while the first is answered": f"""
import ganwright.cli
def main():
    try:
        {TWICE.split(";")[0]}
        while True: pass
    finally:
        {TWICE.split(";")[0]}
        while True: pass
ganwright.cli._print_help = lambda *_: main()
""",
    "while modules are imported": f"""
import importlib.abc
class Interrupting(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "typer":
            {TWICE.split(";")[0]}
sys.modules.pop("ganwright.cli", None), sys.modules.pop("typer", None)
sys.meta_path.insert(0, Interrupting())
""",
    "while the interpreter ends": f"""
import atexit, ganwright.cli
ganwright.cli._print_help = lambda *_: atexit.register(lambda: {TWICE.split(";")[0]})
""",
}


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize("moment", CASES)
def test_an_interruption_is_one_sentence(moment: str) -> None:
    words = [sys.executable, "-c", PROGRAM.format(before=CASES[moment]), "version"]
    finished = subprocess.run(words, capture_output=True, text=True, timeout=60)
    assert (finished.returncode, finished.stderr) == (130, f"{interruption.SENTENCE}\n")


def test_an_interrupt_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        interruption.install()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
