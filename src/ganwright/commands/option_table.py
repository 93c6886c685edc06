"""A table of options for the terminal: flag, default value, meaning."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table

from ganwright.config.options import Option, as_word


def option_table(title: str, options: Iterable[Option]) -> Table | None:
    """The options that can be written on the command line; None if there are none."""
    table = Table("option", "default", "meaning", title=title, title_justify="left")
    for option in options:
        if option.on_command_line:
            table.add_row(option.flag, as_word(option.default), option.help)
    return table if table.rows else None
