"""The recipes, listed, or one of them explained: what it is, its options, its networks."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table

from ganwright import assemble, sources
from ganwright.core.machine import Machine
from ganwright.core.shelf import names
from ganwright.introduction import network_tables
from ganwright.options import Option


def list_all() -> None:
    """A line for each recipe."""
    table = Table("recipe", "what it is", "data unless told")
    for name in names("recipes"):
        family = assemble.family(name)
        table.add_row(name, family.title, family.data)
    Console().print(table)
    print("Explain one: ganwright recipes NAME. Train one: ganwright train NAME. Your own: ganwright train ./FILE.py")


def explain(name: str, data: str | None, as_source: bool) -> None:
    """Everything about one recipe; its networks, for which the data are needed, at the end."""
    family = assemble.family(name, as_source)
    console = Console()
    console.print(family.explanation, highlight=False, markup=False)
    shown = [option for option in family.options.values() if option.on_command_line]
    if shown:
        console.print("", options_table(shown), "")
    source = sources.find(data or family.data, {})
    request = assemble.request(name, as_source, 0, {})
    recipe = request.build(source.data)
    print(network_tables(recipe, Machine.chosen("cpu")))
    print(f"\nBuilt for {source.data.name}; {recipe.images:,} images unless told otherwise.")


def options_table(options: list[Option]) -> Table:
    table = Table("option", "default", "what it is", title="Options of ganwright train", title_justify="left")
    for option in options:
        table.add_row(option.flag, _word(option.default), option.help)
    return table


def _word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else "none" if value is None else str(value)
