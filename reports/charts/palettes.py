"""Colours that people with any colour vision can tell apart, on light and on dark paper."""

from __future__ import annotations

from reports.charts.definition import Palette

# Okabe and Ito, "Color Universal Design", 2008; without black, which dark paper would swallow.
_OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
_CIVIDIS = ("#1F4E8C", "#575D6D", "#7C7B78", "#A59C74", "#D2C060", "#FDEA45")
_VIRIDIS = ("#482878", "#3E4989", "#26828E", "#1F9E89", "#6ECE58", "#FDE725")
_GREY = ("#5A5A5A", "#8C8C8C", "#B4B4B4", "#707070", "#A0A0A0")

COLOURS: dict[Palette, tuple[str, ...]] = {
    Palette.OKABE_ITO: _OKABE_ITO,
    Palette.CIVIDIS: _CIVIDIS,
    Palette.VIRIDIS: _VIRIDIS,
    Palette.GREY: _GREY,
}
# From little to much, for heatmaps: each gets brighter all the way.
SCALES: dict[Palette, tuple[str, ...]] = {
    Palette.OKABE_ITO: _CIVIDIS,
    Palette.CIVIDIS: _CIVIDIS,
    Palette.VIRIDIS: _VIRIDIS,
    Palette.GREY: ("#3A3A3A", "#D8D8D8"),
}
LINE = "#D55E00"


def colour(palette: Palette, position: int) -> str:
    colours = COLOURS[palette]
    return colours[position % len(colours)]


def turn(palette: Palette, position: int) -> int:
    """How often the colours have been used up: each time another pattern is drawn on them."""
    return position // len(COLOURS[palette])
