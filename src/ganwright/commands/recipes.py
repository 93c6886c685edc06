"""The recipes, listed with a thumbnail each, or one of them explained: what it is, its options, its networks."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import numpy as np
from PIL import Image
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ganwright.config import data_source
from ganwright.config.options import Option
from ganwright.config.recipe import find_recipe, resolve_recipe
from ganwright.core.discovery import names, take
from ganwright.core.machine import Machine
from ganwright.training.introduction import network_tables

GROUPS = ("pictures", "pairs", "low-resolution pictures", "points", "series", "sound", "table")


def list_all() -> None:
    """The recipes by what the user has: a line for each and, in a terminal with colours, a thumbnail of its samples."""
    console = Console()
    for heading, members in grouped().items():
        console.print(Text(f"\nFor {heading}", style="bold"))
        console.print(listing(members, with_thumbnails=shows_colours(console)))
    print("\nExplain one: ganwright recipes NAME. Train one: ganwright train NAME. Your own: ganwright train ./FILE.py")


def grouped() -> dict[str, list[str]]:
    """The names of the recipes by their modules' `FOR`, in the order of GROUPS and then of the others' names."""
    wanted = {name: str(take("recipes", name).FOR) for name in names("recipes")}
    others = sorted(set(wanted.values()) - set(GROUPS))
    groups = {heading: [name for name in wanted if wanted[name] == heading] for heading in (*GROUPS, *others)}
    return {heading: members for heading, members in groups.items() if members}


def listing(members: list[str], with_thumbnails: bool) -> Table:
    """A row for each recipe: its thumbnail if wanted and there, name, first sentence, data unless told."""
    table = Table.grid(padding=(0, 2, int(with_thumbnails), 0))
    for name in members:
        spec = find_recipe(name)
        words = (Text(name, style="bold"), Text(spec.title), Text(f"--data {spec.data}", style="dim"))
        if with_thumbnails:
            table.add_row(thumbnail(name), Text("\n").join(words))
        else:
            table.add_row(*words)
    return table


def shows_colours(console: Console) -> bool:
    """Whether it is a terminal that can show pictures made of half blocks."""
    return console.is_terminal and not console.no_color and console.color_system is not None and _has_blocks(console)


def _has_blocks(console: Console) -> bool:
    return console.encoding.startswith("utf")


def thumbnail(name: str) -> Text:
    """The packaged picture of a recipe's samples, or nothing where there is none yet."""
    packaged = files("ganwright.recipes").joinpath("thumbnails", f"{name}.png")
    if not packaged.is_file():
        return Text()
    with packaged.open("rb") as file, Image.open(file) as picture:
        return half_blocks(np.asarray(picture.convert("RGB")))


def half_blocks(pixels: np.ndarray) -> Text:
    """Pixels uint8 [2 rows, columns, 3] as `rows` lines: the upper pixel is a half block, the lower one its ground."""
    return Text("\n").join(
        Text.assemble(*_line(upper, lower)) for upper, lower in pixels.reshape(-1, 2, *pixels.shape[1:])
    )


def _line(upper: np.ndarray, lower: np.ndarray) -> Iterator[tuple[str, Style]]:
    for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
        yield "\N{UPPER HALF BLOCK}", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))


def explain(name: str, data: str | None, as_source: bool) -> None:
    """Everything about one recipe; its networks, for which the data are needed, at the end."""
    spec = find_recipe(name, as_source)
    console = Console()
    console.print(spec.explanation, highlight=False, markup=False)
    shown = [option for option in spec.options.values() if option.on_command_line]
    if shown:
        console.print("", options_table(shown), "")
    source = data_source.find(data or spec.data, {})
    request = resolve_recipe(name, as_source, 0, {})
    recipe = request.build(source.data)
    print(network_tables(recipe, Machine.chosen("cpu")))
    print(f"\nBuilt for {source.data.name}; {recipe.examples:,} images unless told otherwise.")


def options_table(options: list[Option]) -> Table:
    table = Table("option", "default", "what it is", title="Options of ganwright train", title_justify="left")
    for option in options:
        table.add_row(option.flag, _word(option.default), option.help)
    return table


def _word(value: Any) -> str:
    return ",".join(map(str, value)) if isinstance(value, tuple) else "none" if value is None else str(value)
