"""Figures of the churn page: lift and gain, calibration, profit, drivers."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import _, translate
from core.models.formats import Format
from dashboard.charts import Figure, base_layout, money_axis, nice_ticks
from dashboard.page import View
from dashboard.theme import Palette, palette
from dashboard.wording import cell_text, shorten

Row = Mapping[str, Any]
_LABEL = 40
_BAR_ROW, _BAR_CHROME = 28, 44
_MOST_BARS = 15
_LEAST_WIDTH = 460  # on a phone the names would leave no room for bars
_DASHES = ("dot", "dash", "solid")


def ranking_curves(view: View, key: str) -> Figure:
    """Return a curve per model over the share of customers contacted, beside chance.

    Args:
        view: its table has model, share and `key`, in long form.
        key: `lift` or `gain`.
    """
    colours = palette(view.theme)
    layout = base_layout(view)
    values = [row[key] for row in view.table.rows() if row[key] is not None]
    by_chance = {"x": [0, 1], "y": [0, 1] if key == "gain" else [1, 1]}
    traces = [_chance(by_chance, colours)]
    for rows, style in _by_model(view, colours):
        drawn = [row for row in rows if row[key] is not None]
        hover = [_hover(row, view, ("share", key)) for row in drawn]
        xy = {"x": [row["share"] for row in drawn], "y": [row[key] for row in drawn]}
        traces.append(_line(xy, _model(rows[0], view), hover, style))
    layout["xaxis"] |= _shares(view, 1.0) | {"title": _title(view.table.column("share").name)}
    if key == "gain":
        layout["yaxis"] |= _shares(view, 1.0)
    else:
        layout["yaxis"] |= {"range": [0, max([1.2, *values]) * 1.05], "tickformat": ".1f"}
    layout["yaxis"] |= {"title": _title(view.table.column(key).name)}
    return {"data": traces, "layout": layout | _legend(colours)}


def calibration_chart(view: View) -> Figure:
    """Return the share that left over the predicted one, with intervals, beside equality."""
    colours = palette(view.theme)
    rows = [row for row in view.table.rows() if row["observed"] is not None]
    most = max([0.05, *(row[key] for row in rows for key in ("predicted", "observed"))])
    top = min(1.0, most * 1.1)
    traces: list[dict[str, Any]] = [
        _chance({"x": [0, top], "y": [0, top]}, colours) | {"name": _("Predicted = observed")}
    ]
    for model, style in _by_model(view, colours):
        drawn = [row for row in model if row["observed"] is not None]
        hover = [_hover(row, view, ("predicted", "observed", "customers")) for row in drawn]
        xy = {"x": [r["predicted"] for r in drawn], "y": [r["observed"] for r in drawn]}
        error = {
            "type": "data",
            "symmetric": False,
            "array": [row["high"] - row["observed"] for row in drawn],
            "arrayminus": [row["observed"] - row["low"] for row in drawn],
            "thickness": 1.2,
            "width": 3,
            "color": style["color"],
        }
        line = _line(xy, _model(model[0], view), hover, style)
        traces.append(line | {"mode": "lines+markers", "marker": {"size": 6}, "error_y": error})
    layout = base_layout(view)
    layout["xaxis"] |= _shares(view, top) | {"title": _title(view.table.column("predicted").name)}
    layout["yaxis"] |= _shares(view, top) | {"title": _title(view.table.column("observed").name)}
    return {"data": traces, "layout": layout | _legend(colours)}


def profit_chart(view: View) -> Figure:
    """Return the profit over the customers contacted, its largest value marked and named."""
    colours = palette(view.theme)
    rows = [row for row in view.table.rows() if row["profit"] is not None]
    hover = [_hover(row, view, ("customers", "share", "profit")) for row in rows]
    xy = {"x": [row["customers"] for row in rows], "y": [row["profit"] for row in rows]}
    style = {"color": colours.strong, "width": 2.5}
    layout = base_layout(view)
    layout["xaxis"] |= {"title": _title(view.table.column("customers").name), "rangemode": "tozero"}
    layout["xaxis"] |= {"tickformat": ",d", "showgrid": False}
    layout["yaxis"] |= money_axis(view, [row["profit"] for row in rows]) | {"zeroline": True}
    layout["yaxis"] |= {"zerolinecolor": colours.muted}
    best = next((row for row in rows if row["mark"]), None)
    traces = [_line(xy, str(view.table.column("profit").name), hover, style)]
    if best is not None:
        traces.append(_best(best, view, colours))
        layout["annotations"] = [_named_best(best, view, colours)]
        layout["shapes"] = [_upright(best["customers"], colours)]
    return {"data": traces, "layout": layout}


def driver_bars(view: View) -> Figure:
    """Return the strongest drivers by their share of the explanation."""
    colours = palette(view.theme)
    rows = list(reversed(view.table.rows()[:_MOST_BARS]))
    names = [translate(str(row["feature"]), view.language) for row in rows]
    places = list(range(len(rows)))
    hover = [
        "<br>".join(
            (
                f"<b>{name}</b>",
                *(
                    f"{view.table.column(key).name}: {cell_text(row, view.table.column(key), view)}"
                    for key in ("share", "direction")
                    if row[key] is not None
                ),
            )
        )
        for name, row in zip(names, rows, strict=True)
    ]
    layout = base_layout(view)
    layout["xaxis"] |= _shares(view, max([0.05, *(row["share"] or 0 for row in rows)]))
    layout["xaxis"] |= {"side": "top"}
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": places,
        "ticktext": [shorten(name, _LABEL) for name in names],
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"color": colours.text},
    }
    layout |= {"height": len(rows) * _BAR_ROW + _BAR_CHROME, "bargap": 0.4, "hovermode": "closest"}
    layout["meta"] = {"least_width": _LEAST_WIDTH}
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": [row["share"] for row in rows],
        "y": places,
        "marker": {"color": colours.strong},
        "customdata": hover,
        "hovertemplate": "%{customdata}<extra></extra>",
    }
    return {"data": [bars], "layout": layout}


def _by_model(view: View, colours: Palette) -> list[tuple[list[Row], dict[str, Any]]]:
    """Return the rows of each model with its line; the last one, which counts, is the strongest."""
    groups: dict[str, list[Row]] = {}
    for row in view.table.rows():
        groups.setdefault(row["model"], []).append(row)
    tints = (colours.muted, colours.series[1], colours.strong)[-len(groups) :]
    if len(groups) > len(tints):
        tints = (*colours.series[: len(groups) - len(tints)], *tints)
    dashes = ("dot",) * (len(groups) - len(_DASHES)) + _DASHES[-len(groups) :]
    last = len(groups) - 1
    return [
        (rows, {"color": tint, "dash": dash, "width": 2.5 if place == last else 1.8})
        for place, (rows, tint, dash) in enumerate(zip(groups.values(), tints, dashes, strict=True))
    ]


def _model(row: Row, view: View) -> str:
    return translate(str(row["model"]), view.language)


def _line(
    xy: Mapping[str, Any], name: str, hover: Sequence[str], style: Mapping[str, Any]
) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        **xy,
        "name": name,
        "line": dict(style),
        "customdata": list(hover),
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _chance(xy: Mapping[str, Any], colours: Palette) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        **xy,
        "name": _("By chance"),
        "line": {"color": colours.line, "width": 1.5},
        "hoverinfo": "skip",
    }


def _best(best: Row, view: View, colours: Palette) -> dict[str, Any]:
    hover = _hover(best, view, ("customers", "share", "profit"))
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [best["customers"]],
        "y": [best["profit"]],
        "marker": {
            "size": 11,
            "color": colours.surface,
            "line": {"width": 3, "color": colours.bad},
        },
        "customdata": [hover],
        "hovertemplate": "%{customdata}<extra></extra>",
    }


def _named_best(best: Row, view: View, colours: Palette) -> dict[str, Any]:
    """Return the largest profit and its threshold in words, in the free corner of the chart."""
    lines = [
        _("Largest profit: {profit}", profit=_text(best, "profit", view)),
        _("with {n} customers", n=_text(best, "customers", view)),
        _last_contact(view),
    ]
    return {
        "xref": "paper",
        "yref": "paper",
        "x": 0.98,
        "y": 0.06,
        "xanchor": "right",
        "yanchor": "bottom",
        "align": "right",
        "text": "<br>".join(line for line in lines if line),
        "showarrow": False,
        "bgcolor": colours.surface,
        "font": {"color": colours.text},
    }


def _last_contact(view: View) -> str:
    """Return the threshold the curve implies, in words; nothing where it is not known."""
    kpis = view.result.tables["kpis"]
    row = next((row for row in kpis.rows() if row["metric"] == "best_threshold"), None)
    if row is None or row["value"] is None:
        return ""
    amount = format_value(row["value"], Format.MONEY, view.language, currency=view.currency)
    return _("probability × value from {amount}", amount=amount)


def _upright(place: float, colours: Palette) -> dict[str, Any]:
    line = {"color": colours.bad, "width": 1, "dash": "dot"}
    return {
        "type": "line",
        "x0": place,
        "x1": place,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": line,
    }


def _hover(row: Row, view: View, keys: Sequence[str]) -> str:
    title = [f"<b>{_model(row, view)}</b>"] if "model" in row else []
    told = [f"{view.table.column(key).name}: <b>{_text(row, key, view)}</b>" for key in keys]
    if row.get("low") is not None:
        low, high = _text(row, "low", view), _text(row, "high", view)
        told.append(_("95% interval {low} to {high}", low=low, high=high))
    return "<br>".join([*title, *told])


def _text(row: Row, key: str, view: View) -> str:
    return cell_text(row, view.table.column(key), view, compact=key == "profit")


def _shares(view: View, top: float) -> dict[str, Any]:
    """Return an axis of percentages from 0 to `top`."""
    ticks = nice_ticks(0.0, top)
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": [format_value(t, Format.PERCENT, view.language, digits=0) for t in ticks],
        "range": [0, top * 1.02],
        "zeroline": False,
    }


def _title(name: object) -> dict[str, Any]:
    return {"text": str(name), "standoff": 8}


def _legend(colours: Palette) -> dict[str, Any]:
    legend = {
        "orientation": "h",
        "x": 0,
        "y": 1.02,
        "yanchor": "bottom",
        "itemclick": False,
        "itemdoubleclick": False,
        "font": {"color": colours.text},
    }
    return {"showlegend": True, "legend": legend, "hovermode": "closest"}
