"""Sentences about what was changed in samples in order to read them, with how many of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

DETAIL = " ("  # a change ends with its detail, which differs between samples: `reduced to 8x8 (from 16x16)`


def counted(changes: Iterable[Sequence[str]], of: str) -> Iterator[str]:
    """A sentence for each kind of change, with one detail: `3 of 5 files were reduced to 8x8 (such as from 16x16).`

    `changes` holds those of each sample, and `of` is what follows the count.
    """
    kinds = Counter[str]()
    details: dict[str, dict[str, None]] = {}
    for change in (change for one in changes for change in one):
        kind, _, detail = change.partition(DETAIL)
        kinds[kind] += 1
        details.setdefault(kind, {})[detail.removesuffix(")")] = None
    for kind, count in kinds.items():
        first, *others = (detail for detail in details[kind] if detail) if any(details[kind]) else [""]
        shown = f"{DETAIL}{'such as ' if others else ''}{first})" if first else ""
        yield f"{count:,} of {of} {'was' if count == 1 else 'were'} {kind}{shown}."


def of_files(files: Sequence[Path], changes: Sequence[Sequence[str]], what: str) -> Iterator[str]:
    """Sentences about the changes of each of some files: `what` they are, or the name of the only one."""
    if len(files) > 1:
        yield from counted(changes, f"{len(files):,} {what}")
    else:
        yield from (f"{file} was {change}." for file, of_file in zip(files, changes, strict=True) for change in of_file)
