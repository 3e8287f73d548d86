"""Countries on a map: outlines that ship with the product, filled by a rate; no map server."""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from core.formats import format_value
from core.models.formats import Format
from core.paths import assets_dir
from dashboard.charts import Figure, base_layout
from dashboard.drill import points
from dashboard.monthly import hover_lines
from dashboard.page import View
from dashboard.theme import palette, rate_colour
from dashboard.wording import member_name

LEFT, TOP, WIDTH, HEIGHT = -2656, 1305, 5312, 2332  # of the picture, see assets/geo/README.txt
_PICTURE = "/assets/geo/world.svg?v=1"
_KEYS = ("roi", "roi_low", "roi_high", "investment", "contribution", "net_sales", "status")
_SMALLEST, _LARGEST = 7, 22  # diameters of the dots in pixels; the area stands for net sales
_ROOM, _LEAST = 0.06, 40  # around the countries: a share of their width, and units of the map
_FULL = 1.0  # a return of ±100 % has the full colour
Ring = Sequence[int]


def world_map(view: View) -> Figure:
    """Return the countries of a table: filled by their return on investment, dots by net sales.

    A country without an investment of its own has no return and keeps the colour of the land.

    Args:
        view: its table has `roi` and `net_sales` by `country` (ISO 3166 codes).
    """
    rows = [row for row in view.table.rows() if row["country"]]
    layout = base_layout(view)
    bare = {"visible": False, "fixedrange": True}
    across, upwards = _frame([str(row["country"]) for row in rows])
    layout["xaxis"] = {**bare, "range": across}
    layout["yaxis"] = {**bare, "range": upwards, "scaleanchor": "x"}
    layout |= {
        "hovermode": "closest",
        "images": [
            {
                "source": _PICTURE, "xref": "x", "yref": "y", "x": LEFT, "y": TOP,
                "sizex": WIDTH, "sizey": HEIGHT, "sizing": "stretch", "layer": "below",
            }
        ],
    }  # fmt: skip
    fills = [_fill(row, view) for row in rows if row["roi"] is not None]
    return {"data": [*(f for f in fills if f), _dots(rows, view)], "layout": layout}


@lru_cache(maxsize=1)
def _outlines() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((assets_dir() / "geo" / "countries.json").read_text())
    return found


def place_of(code: str) -> tuple[float, float] | None:
    """Return where a country's dot stands on the map; None where it is not on it."""
    shape = _shape(code)
    if shape is None:
        point = _outlines()["points"].get(code)
        return (float(point[0]), float(point[1])) if point else None
    return _middle(max(shape, key=lambda ring: abs(_area(ring))))


def _frame(codes: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the part of the map that shows all these countries, with some room around."""
    rings = [max(shape, key=lambda r: abs(_area(r))) for c in codes if (shape := _shape(c))]
    x = [value for ring in rings for value in ring[::2]] or [LEFT, LEFT + WIDTH]
    y = [value for ring in rings for value in ring[1::2]] or [TOP - HEIGHT, TOP]
    room = _LEAST + (max(x) - min(x)) * _ROOM
    return (
        [max(min(x) - room, LEFT), min(max(x) + room, LEFT + WIDTH)],
        [max(min(y) - room, TOP - HEIGHT), min(max(y) + room, TOP)],
    )


def _shape(code: str) -> list[Ring] | None:
    found: list[Ring] | None = _outlines()["shapes"].get(code)
    return found


def _corners(ring: Ring) -> list[tuple[int, int, int, int]]:
    """Return each edge of a closed ring as x, y, next x, next y."""
    x, y = ring[::2], ring[1::2]
    return list(zip(x, y, [*x[1:], x[0]], [*y[1:], y[0]], strict=True))


def _area(ring: Ring) -> float:
    return sum(x * ny - nx * y for x, y, nx, ny in _corners(ring)) / 2


def _middle(ring: Ring) -> tuple[float, float]:
    """Return the centre of a ring's area."""
    area = _area(ring) or 1.0
    edges = [(x, y, nx, ny, x * ny - nx * y) for x, y, nx, ny in _corners(ring)]
    across = sum((x + nx) * cross for x, _y, nx, _ny, cross in edges)
    upwards = sum((y + ny) * cross for _x, y, _nx, ny, cross in edges)
    return across / (6 * area), upwards / (6 * area)


def _fill(row: Mapping[str, Any], view: View) -> dict[str, Any] | None:
    """Return a country's outline, filled by its return; None where it has no outline."""
    shape = _shape(row["country"])
    if shape is None:
        return None
    x: list[int | None] = []
    y: list[int | None] = []
    for ring in shape:
        x += [*ring[::2], None]
        y += [*ring[1::2], None]
    return {
        "type": "scatter",
        "mode": "lines",
        "fill": "toself",
        "fillcolor": colour_of(float(row["roi"]), view),
        "line": {"width": 0.6, "color": palette(view.theme).surface},
        "x": x,
        "y": y,
        "hoverinfo": "skip",
    }


def colour_of(roi: float, view: View) -> str:
    """Return the colour of a return: through the middle colour at zero, full at ±100 %."""
    share = min(abs(roi) / _FULL, 1.0)
    share = (0.25 + 0.75 * share) / 2  # a small return is told from none
    return rate_colour(view.theme, 0.5 + share if roi >= 0 else 0.5 - share)


def _dots(rows: Sequence[Mapping[str, Any]], view: View) -> dict[str, Any]:
    """Return a dot on each country, as large as its net sales; its hover tells the figures."""
    colours = palette(view.theme)
    placed = [(row, place) for row in rows if (place := place_of(str(row["country"])))]
    most = max((float(row["net_sales"] or 0) for row, _p in placed), default=0.0) or 1.0
    sizes = [max(float(row["net_sales"] or 0), 0.0) / most for row, _p in placed]
    names = [member_name(row, "country", view.language) for row, _p in placed]
    hover = [
        f"<b>{name}</b><br>{hover_lines(row, view.table, _KEYS, view)}"
        for name, (row, _p) in zip(names, placed, strict=True)
    ]
    returns = [row["roi"] for row, _place in placed]
    texts = [format_value(r, Format.PERCENT, view.language, digits=0) for r in returns]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [place[0] for _row, place in placed],
        "y": [place[1] for _row, place in placed],
        "text": texts,
        "marker": {
            "size": [_SMALLEST + (_LARGEST - _SMALLEST) * size**0.5 for size in sizes],
            "color": [colours.line if r is None else colour_of(float(r), view) for r in returns],
            "line": {"width": 1, "color": colours.muted},
        },
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
        **points(view.table, view, "net_sales", [row for row, _place in placed]),
    }
