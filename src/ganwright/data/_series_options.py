"""The loader options of series, and what of them does not go together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Literal

from ganwright.core.choices import at_least, check, flagged
from ganwright.core.errors import UserError, nearest
from ganwright.domains._steps import Roles
from ganwright.domains._text import Text

Scaling = Literal["auto", "global", "own"]

TEST_SHARE = 0.2


@dataclass(frozen=True)
class SeriesOptions:
    """See `_files.load`."""

    window: int | None = None
    key: str | None = None
    time: str | None = None
    static: tuple[str, ...] | None = None
    conditions: tuple[str, ...] = ()
    given: int | None = None
    scaling: Scaling = "auto"
    test_share: float | None = None

    @property
    def chosen(self) -> bool:
        """Whether a text is read as series."""
        return self.window is not None or self.key is not None

    @property
    def share(self) -> float:
        return TEST_SHARE if self.test_share is None else self.test_share

    def check(self, where: str) -> None:
        """Raises UserError, which begins with `where`, for options that do not go together."""
        check("scaling", self.scaling, Scaling)
        at_least("window", 1 if self.window is None else self.window, 1)
        at_least("given", 1 if self.given is None else self.given, 1)
        if not 0 <= self.share < 1:
            raise UserError(f"--test-share must be from 0 to below 1, not {self.test_share!r}.")
        given = [field.name for field in fields(self) if getattr(self, field.name) != field.default]
        if given and not self.chosen:
            raise UserError(
                f"{where}: {flagged(given[0])} is an option of series: say --window 24 for windows of one series, or "
                "--key COLUMN for several series."
            )
        if self.key is None and (self.static or self.conditions):
            one = "static" if self.static else "conditions"
            raise UserError(f"{where}: --{one} needs --key COLUMN, the column that tells several series apart.")
        if self.conditions and self.given is not None:
            raise UserError(f"{where}: --conditions and --given exclude each other.")
        if self.window is not None and self.given is not None and self.given >= self.window:
            raise UserError(f"{where}: --given {self.given} leaves nothing to draw of a --window of {self.window}.")


def roles_of(text: Text, options: SeriesOptions, categories: Sequence[str]) -> Roles:
    """The columns of keys and times; raises UserError for unknown names, and for columns that are given two roles."""
    parts: dict[str, tuple[str, ...]] = {
        "key": () if options.key is None else (options.key,),
        "time": () if options.time is None else (options.time,),
        "static": options.static or (),
        "conditions": options.conditions,
        "categories": tuple(categories),
    }
    for option, names in parts.items():
        for name in names:
            if name not in text.names:
                raise UserError(f"{text.path} has no column {name!r} for --{option}.{nearest(name, text.names)}")
    roles = Roles.of(text, options.key, options.time)
    taken: dict[str, str] = {}
    for option in ("key", "time"):
        for name in parts[option]:
            if name in taken:
                raise UserError(f"{text.path}: column {name} cannot be both key and time.")
            taken[name] = option
    for option in ("static", "conditions", "categories"):
        for name in parts[option]:
            place = text.names.index(name)
            if place in roles.others:
                role = "key" if place == roles.key else "time"
                raise UserError(f"{text.path}: column {name} is the {role}, and cannot be one of --{option} too.")
    return roles
