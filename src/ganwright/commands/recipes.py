"""The command `recipes`: lists the recipes with a thumbnail each, or explains one."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files

import numpy as np
from rich.color import Color
from rich.console import Console
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ganwright.commands.option_table import option_table
from ganwright.config import data_source
from ganwright.config.options import as_words
from ganwright.config.recipe import find_recipe
from ganwright.core.discovery import load_module, names
from ganwright.core.machine import Machine
from ganwright.domains._pictures import opened
from ganwright.training.introduction import network_tables

GROUPS = ("pictures", "pairs", "low-resolution pictures", "points", "series", "sound")  # listed first


def list_all() -> None:
    """Prints a line for each recipe, by kind of data; with a thumbnail of its samples in a terminal with colours."""
    console = Console(markup=False)
    for heading, members in grouped().items():
        console.print(Text(f"\nFor {heading}", style="bold"))
        console.print(listing(members, with_thumbnails=shows_colours(console)))
    print("\nExplain one: ganwright recipes NAME. Train one: ganwright train NAME. Your own: ganwright train ./FILE.py")


def grouped() -> dict[str, list[str]]:
    """The names of the recipes by their modules' `FOR`, in the order of GROUPS, then alphabetically."""
    wanted = {name: str(getattr(load_module("recipes", name), "FOR", "other data")) for name in names("recipes")}
    others = sorted(set(wanted.values()) - set(GROUPS))
    groups = {heading: [name for name in wanted if wanted[name] == heading] for heading in (*GROUPS, *others)}
    return {heading: members for heading, members in groups.items() if members}


def listing(members: list[str], with_thumbnails: bool) -> Table:
    """A row for each recipe: thumbnail, name, first sentence, default data."""
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
    """Whether the terminal can show pictures made of half blocks."""
    return console.is_terminal and not console.no_color and console.color_system is not None and _has_blocks(console)


def _has_blocks(console: Console) -> bool:
    return console.encoding.startswith("utf")


def thumbnail(name: str) -> Text:
    """The packaged picture of a recipe's samples; empty if there is none."""
    packaged = files("ganwright.recipes").joinpath("thumbnails", f"{name}.png")
    if not packaged.is_file():
        return Text()
    with packaged.open("rb") as file, opened(file) as picture:
        return half_blocks(np.asarray(picture.convert("RGB")))


def half_blocks(pixels: np.ndarray) -> Text:
    """Pixels uint8 [2 rows, columns, 3] as `rows` lines: each half block shows the upper pixel on the lower one."""
    return Text("\n").join(
        Text.assemble(*_line(upper, lower)) for upper, lower in pixels.reshape(-1, 2, *pixels.shape[1:])
    )


def _line(upper: np.ndarray, lower: np.ndarray) -> Iterator[tuple[str, Style]]:
    for above, below in zip(upper.tolist(), lower.tolist(), strict=True):
        yield "\N{UPPER HALF BLOCK}", Style(color=Color.from_rgb(*above), bgcolor=Color.from_rgb(*below))


def explain(name: str, data: str | None, as_source: bool) -> None:
    """Prints a recipe's docstring, its options, and its networks, which need the data."""
    spec = find_recipe(name, as_source)
    console = Console(markup=False)
    console.print(spec.explanation, highlight=False, markup=False)
    if options := option_table("Options of ganwright train", spec.options.values()):
        console.print("", options, "")
    for preset, values in spec.presets.items():
        console.print(f"--preset {preset}: {as_words(values)}\n", highlight=False, markup=False)
    source = data_source.find(data or spec.data, {})
    recipe = spec.resolve(0, {}).build(source.data)
    print(network_tables(recipe, Machine.chosen("cpu")))
    print(f"\nBuilt for {source.data.name}. Default horizon: {recipe.examples:,} examples.")
