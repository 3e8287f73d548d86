"""Colours of the charts in every theme; the style sheet's tokens are the same values."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Palette:
    """Colours of one theme, as `#rrggbb`.

    Attributes:
        series: categorical colours that stay apart for colour-blind readers.
        rates: low → middle → high, for margin rates; vermilion against teal, not red and green.
    """

    surface: str
    text: str
    muted: str
    line: str
    primary: str
    strong: str
    compared: str
    good: str
    bad: str
    series: tuple[str, ...]
    rates: tuple[str, str, str]


PALETTES: Mapping[str, Palette] = {
    "light": Palette(
        surface="#ffffff",
        text="#23261c",
        muted="#5c6153",
        line="#e6e6de",
        primary="#c3cd96",
        strong="#5b6f1e",
        compared="#8c6d9e",
        good="#0b7567",
        bad="#b5431a",
        series=("#5b6f1e", "#0072b2", "#e69f00", "#cc79a7", "#56b4e9", "#d55e00", "#7a7a6e"),
        rates=("#d1602f", "#f5f3e8", "#2f8f83"),
    ),
    "dark": Palette(
        surface="#20231b",
        text="#e8e9de",
        muted="#a8ad9b",
        line="#363a2e",
        primary="#56632f",
        strong="#b3c768",
        compared="#c0a3d1",
        good="#4fc3b0",
        bad="#f08a5d",
        series=("#b3c768", "#5aa9e6", "#f2b84b", "#e29cc3", "#8fd0f5", "#f08a5d", "#a8a898"),
        rates=("#b4512a", "#2f332a", "#2c8478"),
    ),
    "contrast": Palette(
        surface="#ffffff",
        text="#000000",
        muted="#2b2b2b",
        line="#8a8a8a",
        primary="#7f8f4a",
        strong="#2c3a00",
        compared="#5b2a7a",
        good="#004d40",
        bad="#8f1d00",
        series=("#2c3a00", "#004c80", "#8a4b00", "#8a2a5e", "#00607f", "#8f2f00", "#3d3d3d"),
        rates=("#b03a10", "#ffffff", "#006355"),
    ),
}
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif'


def palette(theme: str) -> Palette:
    """Return the colours of a theme; an unknown one is light."""
    return PALETTES.get(theme, PALETTES["light"])


def rate_colour(theme: str, place: float) -> str:
    """Return a colour between low (0), middle (0.5) and high (1) of a theme's rates."""
    low, middle, high = palette(theme).rates
    place = min(max(place, 0.0), 1.0)
    ends = (low, middle) if place < 0.5 else (middle, high)  # noqa: PLR2004 - the middle
    share = (place % 0.5) * 2 if place < 1 else 1.0
    parts = zip(_parts(ends[0]), _parts(ends[1]), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in parts)


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def theme_of(resolved: str | None) -> Literal["light", "dark", "contrast"]:
    """Return the theme a browser names; light where it names none that there is."""
    return "dark" if resolved == "dark" else "contrast" if resolved == "contrast" else "light"
