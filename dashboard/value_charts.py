"""Charts of the lifetime value: totals with intervals, concentration, and the models' check."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from core.formats import format_day, format_value
from core.models.formats import Format
from core.models.result import Column
from dashboard.charts import Figure, base_layout, money_axis, nice_ticks
from dashboard.page import View
from dashboard.theme import Palette, palette
from dashboard.wording import cell_text, shorten

MOST_BARS = 24
_ROW, _CHROME, _LEAST = 28, 56, 5
_BAR = 0.66
_MOST_LABELS = 6
_LONG_COUNT = 100_000
Row = Mapping[str, Any]


def total_bars(view: View) -> Figure:
    """Return the lifetime value of the groups of the table's first column, with intervals."""
    rows = view.table.rows()[:MOST_BARS]
    group = view.table.columns[0]
    columns = [c for c in view.table.columns if c.role == "metric"]
    names = [cell_text(row, group, view) for row in rows]
    layout = base_layout(view)
    values = [row[key] for row in rows for key in ("clv", "clv_low", "clv_high")]
    layout["xaxis"] |= {**money_axis(view, values), "side": "top", "zeroline": True}
    layout["yaxis"] |= _names(names, view)
    layout["height"] = max(len(rows), _LEAST) * _ROW + _CHROME
    bars = _bars(
        [row["clv"] for row in rows],
        [_hover(name, row, columns, view) for name, row in zip(names, rows, strict=True)],
        palette(view.theme).primary,
    )
    bars["error_x"] = _error(rows, "clv", "clv_low", "clv_high", palette(view.theme))
    return {"data": [bars], "layout": layout}


def capture_bars(view: View) -> Figure:
    """Return the share that each ranking's best tenth brought; the model's own stands out."""
    rows = view.table.rows()
    column = view.table.column
    names = [cell_text(row, column("ranking"), view) for row in rows]
    shares = [row["captured"] for row in rows]
    colours = palette(view.theme)
    bars = _bars(
        shares,
        [
            _hover(name, row, [column("captured")], view)
            for name, row in zip(names, rows, strict=True)
        ],
        colours.primary,
    )
    bars["marker"] = {"color": [colours.strong] + [colours.primary] * (len(rows) - 1)}
    bars |= {
        "text": [format_value(share, Format.PERCENT, view.language, digits=0) for share in shares],
        "textposition": "outside",
        "cliponaxis": False,
        "textfont": {"color": colours.text},
    }
    layout = base_layout(view)
    layout["xaxis"] |= {**percent_axis(view, 1.0), "range": [0, 1.08], "side": "top"}
    layout["yaxis"] |= _names(names, view)
    return {"data": [bars], "layout": layout}


def concentration_curve(view: View) -> Figure:
    """Return the share of the value that the best customers hold, against an even spread."""
    rows = view.table.rows()
    colours = palette(view.theme)
    shares = [row["customers_share"] for row in rows]
    columns = list(view.table.columns)
    hover = [_hover("", row, columns, view).removeprefix("<b></b><br>") for row in rows]
    even = _line(shares, shares, colours.muted, width=1.5, dash="dash") | {"hoverinfo": "skip"}
    past = _line(shares, [row["past_share"] for row in rows], colours.compared, dash="dot")
    value = _line(shares, [row["clv_share"] for row in rows], colours.strong, width=2.5)
    for trace in (past, value):
        trace |= {"customdata": hover, "hovertemplate": "%{customdata}<extra></extra>"}
    layout = base_layout(view)
    layout |= {"hovermode": "closest", "hoverdistance": 40}
    layout["xaxis"] |= {**percent_axis(view, 1.0), "title": _title(str(columns[0].name))}
    layout["yaxis"] |= percent_axis(view, 1.0)
    return {"data": [even, past, value], "layout": layout}


def tracking_lines(view: View) -> Figure:
    """Return actual and expected repeat orders, cumulated; the holdout is shaded."""
    rows = view.table.rows()
    colours = palette(view.theme)
    place = list(range(len(rows)))
    part = view.table.column("part")
    columns = [c for c in view.table.columns if c.role == "metric"]
    hover = [
        _hover(
            f"{cell_text(row, view.table.column('week'), view)} · {cell_text(row, part, view)}",
            row,
            columns,
            view,
        )
        for row in rows
    ]
    actual = _line(place, [row["actual"] for row in rows], colours.strong, width=2.5)
    expected = _line(place, [row["expected"] for row in rows], colours.compared, dash="dot")
    for trace in (actual, expected):
        trace |= {"customdata": hover, "hovertemplate": "%{customdata}<extra></extra>"}
    layout = base_layout(view)
    layout |= {"hovermode": "closest", "hoverdistance": 40}
    layout["xaxis"] |= _weeks_axis(rows, view)
    most = max([1.0, *(row[key] for row in rows for key in ("actual", "expected"))])
    layout["yaxis"] |= _axis(
        most, lambda t: format_value(t, Format.INTEGER, view.language, compact=most >= _LONG_COUNT)
    )
    held = [i for i, row in enumerate(rows) if row["part"] != rows[0]["part"]]
    if held:
        layout |= _shaded(held[0] - 0.5, len(rows) - 1, cell_text(rows[held[0]], part, view), view)
    return {"data": [actual, expected], "layout": layout}


def _shaded(start: float, end: float, label: str, view: View) -> dict[str, Any]:
    colours = palette(view.theme)
    return {
        "shapes": [
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": start,
                "x1": end,
                "y0": 0,
                "y1": 1,
                "line": {"width": 0},
                "fillcolor": colours.primary,
                "opacity": 0.22,
                "layer": "below",
            }
        ],
        "annotations": [
            {
                "x": (start + end) / 2,
                "y": 1,
                "yref": "paper",
                "yanchor": "top",
                "text": label,
                "showarrow": False,
                "font": {"size": 12, "color": colours.text},
            }
        ],
    }


def frequency_bars(view: View) -> Figure:
    """Return expected orders as bars and actual ones as points with their interval."""
    rows = view.table.rows()
    colours = palette(view.theme)
    column = view.table.column
    names = [cell_text(row, column("repeats"), view) for row in rows]
    columns = [c for c in view.table.columns if c.role == "metric"]
    hover = [
        _hover(f"{column('repeats').name}: {name}", row, columns, view)
        for name, row in zip(names, rows, strict=True)
    ]
    shown = {"customdata": hover, "hovertemplate": "%{customdata}<extra></extra>"}
    place = list(range(len(rows)))
    bars = {
        "type": "bar",
        "x": place,
        "y": [row["expected"] for row in rows],
        "width": _BAR,
        "marker": {"color": colours.primary},
        **shown,
    }
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": place,
        "y": [row["actual"] for row in rows],
        "marker": {"size": 8, "color": colours.strong},
        "error_y": _error(rows, "actual", "low", "high", colours),
        **shown,
    }
    layout = base_layout(view)
    layout |= {"hovermode": "closest"}
    layout["xaxis"] |= {
        "tickmode": "array",
        "tickvals": place,
        "ticktext": names,
        "title": _title(str(column("repeats").name)),
        "showgrid": False,
        "zeroline": False,
    }
    most = max([v for row in rows for v in (row["expected"], row["actual"], row["high"] or 0.0)])
    digits = 0 if most >= _LEAST else 1
    layout["yaxis"] |= _axis(
        most, lambda t: format_value(t, Format.NUMBER, view.language, digits=digits)
    )
    return {"data": [bars, points], "layout": layout}


def percent_axis(view: View, most: float) -> dict[str, Any]:
    """Return an axis from 0 to `most` in whole percent."""
    return _axis(most, lambda t: format_value(t, Format.PERCENT, view.language, digits=0))


def _axis(most: float, text: Callable[[float], str]) -> dict[str, Any]:
    ticks = nice_ticks(0.0, most)
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [text(tick) for tick in ticks],
        "range": [0, most * 1.03],
    }


def _bars(values: Sequence[float | None], hover: Sequence[str], colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "orientation": "h",
        "x": list(values),
        "y": list(range(len(values))),
        "width": _BAR,
        "marker": {"color": colour},
        "customdata": list(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _names(names: Sequence[str], view: View) -> dict[str, Any]:
    """Return the axis of named rows, the first on top; few rows stay slim and on top."""
    return {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [shorten(name) for name in names],
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"color": palette(view.theme).text},
        "range": [max(len(names), _LEAST) - 0.4, -0.6],
    }


def _error(rows: Sequence[Row], key: str, low: str, high: str, colours: Palette) -> dict[str, Any]:
    """Return whiskers from the low to the high end; none where they are unknown."""

    def reach(row: Row, end: str) -> float | None:
        known = row[key] is not None and row[end] is not None
        return abs(row[end] - row[key]) if known else None

    return {
        "type": "data",
        "symmetric": False,
        "array": [reach(row, high) for row in rows],
        "arrayminus": [reach(row, low) for row in rows],
        "color": colours.strong,
        "thickness": 1.5,
        "width": 4,
    }


def _line(
    x: Sequence[float],
    y: Sequence[float | None],
    colour: str,
    width: float = 2.0,
    dash: str = "solid",
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(x),
        "y": list(y),
        "line": {"width": width, "color": colour, "dash": dash},
    }


def _weeks_axis(rows: Sequence[Row], view: View) -> dict[str, Any]:
    step = max(1, -(-len(rows) // _MOST_LABELS))
    ticks = list(range(0, len(rows), step))
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [format_day(rows[t]["week"], Format.MONTH, view.language) for t in ticks],
        "showgrid": False,
        "zeroline": False,
        "range": [-0.5, max(len(rows) - 1, 1)],
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 8, "font": {"size": 12}}


def _hover(name: str, row: Row, columns: Sequence[Column], view: View) -> str:
    lines = [f"{c.name}: <b>{cell_text(row, c, view)}</b>" for c in columns]
    return "<br>".join([f"<b>{name}</b>", *lines])
