"""Drawings of the Segments page: shares, heat maps of scores, moves between two days."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import _, translate
from core.models.formats import Format
from core.models.result import Column
from dashboard.charts import Figure, base_layout, nice_ticks
from dashboard.drill import points
from dashboard.page import View
from dashboard.sankey import Flow, Node, sankey
from dashboard.theme import palette
from dashboard.wording import cell_text, number, shorten

Row = Mapping[str, Any]
_SCORES = (1, 2, 3, 4, 5)
_BAR_ROW, _BAR_CHROME = 36, 40
_WIDE, _SLIM = 0.68, 0.28
_NAME = 22
_NODE = 20
_THOUSAND = 1000


def share_bars(view: View) -> Figure:
    """Return each segment's share of the customers, and of the net sales as an inner bar."""
    colours = palette(view.theme)
    rows = list(reversed(view.table.rows()))
    layout = base_layout(view)
    places = list(range(len(rows)))
    shares = [number(r[key]) or 0.0 for r in rows for key in ("share", "net_sales_share")]
    ticks = nice_ticks(0.0, max([*shares, 0.01]))
    layout["xaxis"] |= {
        "side": "top",
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [format_value(t, Format.PERCENT, view.language, digits=0) for t in ticks],
        "range": [0, max([*shares, 0.01]) * 1.03],
    }
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [shorten(translate(r["segment_name"], view.language), _NAME) for r in rows],
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"color": colours.text},
        "range": [-0.6, len(rows) - 0.4],
    }
    layout |= {
        "barmode": "overlay",
        "hovermode": "closest",
        "height": len(rows) * _BAR_ROW + _BAR_CHROME,
    }
    hover = [_hover(row, view, "segment_name", _TOLD) for row in rows]
    bars = [
        _bars(places, [number(r[key]) for r in rows], hover, colour, width)
        | points(view.table, view, key, rows)
        for key, colour, width in (
            ("share", colours.primary, _WIDE),
            ("net_sales_share", colours.strong, _SLIM),
        )
    ]
    return {"data": bars, "layout": layout}


_TOLD = (
    "customers", "customers_change", "share", "net_sales", "net_sales_share", "margin_rate",
    "recency", "frequency", "monetary",
)  # fmt: skip


def _bars(
    places: list[int], values: list[float | None], hover: list[str], colour: str, width: float
) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": places,
        "width": width,
        "marker": {"color": colour},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _hover(row: Row, view: View, title: str, keys: Sequence[str]) -> str:
    lines = [
        f"{column.name}: <b>{cell_text(row, column, view)}</b>"
        for column in view.table.columns
        if column.key in keys
    ]
    return "<br>".join([f"<b>{translate(row[title], view.language)}</b>", *lines])


def score_map(view: View, value: str) -> Figure:
    """Return customers or net sales by frequency score (across) and recency score (down).

    Args:
        view: its table is the grid of scores.
        value: `customers` or `net_sales`.
    """
    colours = palette(view.theme)
    cells = {(row["r"], row["f"]): row for row in view.table.rows()}
    grid = [[cells.get((r, f)) for f in _SCORES] for r in _SCORES]
    column = view.table.column(value)
    layout = base_layout(view)
    for axis, name in (("xaxis", _("Frequency score")), ("yaxis", _("Recency score"))):
        layout[axis] |= {
            "tickmode": "array",
            "tickvals": list(_SCORES),
            "ticktext": [str(score) for score in _SCORES],
            "showgrid": False,
            "zeroline": False,
            "title": {"text": name, "standoff": 12},
            "range": [0.5, 5.5],
        }
    told = ("customers", "share", "net_sales", "net_sales_share")
    trace = {
        "type": "heatmap",
        "x": list(_SCORES),
        "y": list(_SCORES),
        "z": [[number(row[value]) if row else None for row in line] for line in grid],
        "zmin": 0,
        "colorscale": [[0, colours.surface], [0.02, colours.line], [1, colours.primary]],
        "xgap": 2,
        "ygap": 2,
        "text": [
            [_short(row[value], column, view) if row else "" for row in line] for line in grid
        ],
        "texttemplate": "%{text}",
        "textfont": {"size": 11, "color": colours.text},
        "customdata": [
            [_hover(row, view, "segment_name", told) if row else "" for row in line]
            for line in grid
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
        "showscale": False,
    }
    return {"data": [trace], "layout": layout}


def _short(value: Any, column: Column, view: View) -> str:
    """Return a value that fits a cell of the map: no cents, thousands shortened."""
    large = abs(value) >= _THOUSAND
    return format_value(
        value, column.format, view.language, compact=large, digits=None if large else 0,
        currency=view.currency,
    )  # fmt: skip


def moves(view: View) -> Figure:
    """Return who went from which segment to which, as bands as wide as their customers."""
    rows = view.table.rows()
    order = [row["segment_key"] for row in view.result.tables["segments"].rows()]
    colour = _colours(view, order)
    days = [
        format_value(period.end, Format.DATE, view.language) if period else ""
        for period in (view.result.compared, view.result.period)
    ]
    columns = [
        _nodes(rows, side, order, colour, day, view)
        for side, day in zip(("from", "to"), days, strict=True)
    ]
    flows = [
        Flow(row["from_key"], row["to_key"], float(row["customers"]), _move_text(row, view))
        for row in rows
    ]
    return sankey(view, columns[0], columns[1], flows, (days[0], days[1]))


def _colours(view: View, order: Sequence[str]) -> Mapping[str, str]:
    """Return a colour for each segment; after the palette's end come its paler shades."""
    found = palette(view.theme)
    shades = [*found.series, *(_mixed(colour, found.surface) for colour in found.series)]
    return {key: shades[i % len(shades)] for i, key in enumerate(order)}


def _mixed(colour: str, other: str) -> str:
    """Return the colour half-way between two."""
    pairs = [(int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{(a + b) // 2:02x}" for a, b in pairs)


def _nodes(
    rows: Sequence[Row],
    side: str,
    order: Sequence[str],
    colours: Mapping[str, str],
    day: str,
    view: View,
) -> list[Node]:
    """Return one node per segment in the rules' order; who was no customer yet stands last."""
    sizes: dict[str, int] = {}
    names: dict[str, str] = {}
    for row in rows:
        key = row[f"{side}_key"]
        sizes[key] = sizes.get(key, 0) + row["customers"]
        names[key] = translate(row[f"{side}_name"], view.language)
    place = {key: i for i, key in enumerate(order)}
    muted = palette(view.theme).muted
    found: list[Node] = []
    for key in sorted(sizes, key=lambda k: place.get(k, len(order))):
        count = format_value(sizes[key], Format.INTEGER, view.language)
        text = _("{count} customers on {day}", count=count, day=day)
        found.append(
            Node(
                key, f"{shorten(names[key], _NODE)} · {count}", f"<b>{names[key]}</b><br>{text}",
                colours.get(key, muted),
            )
        )  # fmt: skip
    return found


def _move_text(row: Row, view: View) -> str:
    names = [translate(row[key], view.language) for key in ("from_name", "to_name")]
    told = [c for c in view.table.columns if c.role in ("metric", "compared", "change")]
    lines = [f"{c.name}: <b>{cell_text(row, c, view)}</b>" for c in told]
    return "<br>".join([f"<b>{names[0]} → {names[1]}</b>", *lines])
