"""Words for what a loader found, left out or took for something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

NAMED = 10  # names listed in a message


def printable(name: str) -> str:
    """The name with undecodable bytes and control characters escaped, safe to print on a terminal."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    if text.isprintable():
        return text
    return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)


def counted(count: int, noun: str) -> str:
    """`1 picture`, `1,200 pictures`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def such_as(names: Sequence[str]) -> str:
    """The first of the names, as the end of a phrase that counts them: `, a.png` or `, such as a.png`."""
    return printable(f", {'such as ' if len(names) > 1 else ''}{names[0]}")


def listed(names: Sequence[str], most: int = NAMED) -> str:
    """The names, up to `most` of them, and how many more there are."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return printable(f"{', '.join(names[:most])}{more}")


def left_out(skipped: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """A sentence for each reason: how many names were left out for it, and the first one."""
    for reason, names in skipped.items():
        if names:
            yield f"Left out: {counted(len(names), 'name')}{such_as(names)} ({reason})."
