"""Plots strings: some of each set as text, and the distributions of lengths and symbols of all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from ganwright.core.domain import Stored
from ganwright.domains._figure import COLOURS, figure
from ganwright.domains._symbols import BREAK, lengths_of

LINES = 32  # strings of each set that are shown
COLUMN, PANEL, HEIGHT = 300, 330, 480  # pixels: the width of a set's strings, that of the plots, the height
LETTERS = 40  # of a string that are shown
FONT, SIZE = "DejaVu Sans Mono", 8  # comes with matplotlib
MAX_BARS = 40  # of lengths, and of symbols
MARGIN, BESIDE = 8, 52  # pixels: of the texts, of the plots
NO_GLYPH = "\N{WHITE SQUARE}"
VISIBLE = {" ": "\N{OPEN BOX}", BREAK: "\N{RETURN SYMBOL}", "\t": "\N{RIGHTWARDS ARROW TO BAR}"}


def overview(texts: Mapping[str, Sequence[str]], sets: Mapping[str, Stored], vocabulary: Sequence[str]) -> Any:
    """A column of up to LINES texts for each of the sets "real" and, if present, "generated"; lengths; symbols.

    `sets` are stored strings [n, length]. A line of the picture is a string, with a sign for the end of its lines, cut
    after LETTERS; a character that the font lacks is a square. The symbols are the most frequent ones of the real set.
    """
    width = COLUMN * len(texts) + PANEL
    plot = figure(width, HEIGHT, "plotting strings")
    shown = sorted(texts, key=list(COLOURS).index, reverse=True)  # generated, real
    for place, name in enumerate(shown):
        left = (place * COLUMN + MARGIN) / width
        plot.text(left, 1 - 4 / HEIGHT, name, fontsize=9, va="top", color=COLOURS[name])
        plot.text(
            left,
            1 - 22 / HEIGHT,
            "\n".join(map(_line, texts[name][:LINES])),
            family=FONT,
            fontsize=SIZE,
            va="top",
            linespacing=1.15,
            parse_math=False,
        )
    left = (width - PANEL + 40) / width
    panels = [plot.add_axes((left, bottom, (PANEL - BESIDE) / width, 0.38)) for bottom in (0.56, 0.06)]
    _lengths(panels[0], sets, len(vocabulary))
    _symbols(panels[1], sets, vocabulary)
    return plot


def _line(text: str) -> str:
    """One line of the picture for a text."""
    visible = text.replace(BREAK, VISIBLE[BREAK]).replace("\t", VISIBLE["\t"])
    cut = visible if len(visible) <= LETTERS else visible[: LETTERS - 1] + "\N{HORIZONTAL ELLIPSIS}"
    return "".join(sign if ord(sign) in _glyphs() else NO_GLYPH for sign in cut)


@lru_cache(maxsize=1)
def _glyphs() -> frozenset[int]:
    """The code points that the font has."""
    from matplotlib import font_manager

    return frozenset(font_manager.get_font(font_manager.findfont(FONT)).get_charmap())


def _lengths(axes: Any, sets: Mapping[str, Stored], end: int) -> None:
    """The shares of lengths, of several neighbouring ones in a bar where there are many."""
    longest = next(iter(sets.values())).shape[1]
    each = -(-longest // MAX_BARS)
    edges = np.arange(1, longest + each + 1, each)
    shares = {name: np.histogram(lengths_of(codes, end), edges)[0] / len(codes) for name, codes in sets.items()}
    _bars(axes, shares, edges[:-1] + (each - 1) / 2, each)
    axes.set_title("lengths, in symbols", fontsize=8, pad=3)


def _symbols(axes: Any, sets: Mapping[str, Stored], vocabulary: Sequence[str]) -> None:
    """The frequencies of the most frequent symbols."""
    counts = {
        name: np.bincount(codes[codes < len(vocabulary)], minlength=len(vocabulary)) for name, codes in sets.items()
    }
    most = np.argsort(-counts["real"], kind="stable")[:MAX_BARS]
    shares = {name: of[most] / max(of.sum(), 1) for name, of in counts.items()}
    _bars(axes, shares, np.arange(len(most)), 1)
    names = [VISIBLE.get(vocabulary[code], _line(vocabulary[code][:8])) for code in most]
    turned = 90 if any(len(name) > 1 for name in names) else 0
    axes.set_xticks(np.arange(len(most)), names, family=FONT, fontsize=6, rotation=turned, parse_math=False)
    title = "frequencies of symbols" if len(most) == len(vocabulary) else f"the {len(most)} most frequent symbols"
    axes.set_title(title, fontsize=8, pad=3)


def _bars(axes: Any, shares: Mapping[str, Any], places: Any, each: int) -> None:
    """Bars of the sets beside each other, as thick lines, which are drawn faster."""
    width = 0.8 * each / len(shares)
    low, high = places[0] - each, places[-1] + each
    points = 0.72 * (PANEL - BESIDE) * width / (high - low)
    for place, (name, values) in enumerate(shares.items()):
        offset = (place - (len(shares) - 1) / 2) * width
        axes.vlines(places + offset, 0, values, colors=COLOURS[name], linewidth=points)
    axes.tick_params(labelsize=6, length=2, pad=1)
    axes.locator_params(axis="y", nbins=4)
    axes.set(xlim=(low, high), ylim=(0, None))
