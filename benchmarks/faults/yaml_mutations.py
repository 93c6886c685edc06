"""Mutations of a YAML file with options: other characters, values, nesting and aliases, and damaged bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator

OPTIONS = """# a comment
recipe: ring
data: ring
batch: 64
generator-sizes: &sizes [8, 8]
discriminator_sizes: *sizes
lr-schedule: "cosine"
quiet: yes
sweep: {generator-lr: [1e-3, 3e-3]}
"""
PIECES = (
    "[", "]", "{", "}", ": ", "- ", "? ", "*sizes", "&a ", "*a", "<<: ", "!!python/object:os.system ", "!!int ", "!x ",
    "|\n", ">\n", "'", '"', "\t", "\n", "---\n", "...\n", "%YAML 9.9\n", "\x00", "\ufeff", "\u2028", "~", "010", "1:30",
    ".nan", "2026-99-99", "=", "@", "`", "#", "on", "0x1F", "1_000", "[" * 2_000, "{a: " * 500, "a: &b [*b]\n",
)  # fmt: skip


def mutations(rng: random.Random, count: int) -> Iterator[bytes]:
    """Damaged files; some are hardly damaged."""
    for _ in range(count):
        text = OPTIONS
        for _ in range(rng.choice((1, 1, 2, 5))):
            start = rng.randrange(len(text) + 1)
            stop = start + rng.choice((0, 0, 1, 5))
            text = text[:start] + rng.choice(PIECES) * rng.choice((1, 1, 1, 30)) + text[stop:]
        content = bytearray(text.encode())
        if rng.random() < 0.2:
            content[rng.randrange(len(content))] ^= rng.randrange(1, 256)
        if rng.random() < 0.2:
            del content[rng.randrange(len(content)) :]
        yield bytes(content)
