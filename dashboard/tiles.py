"""Key figures: value, like-for-like change, a small curve of the months."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import UNKNOWN, format_period, format_value
from core.i18n import _, translate
from core.models.catalogue import METRICS
from core.models.formats import Format
from core.models.lines import DEFAULT_METRIC
from core.models.result import ResultTable
from core.services.change_parts import can_be_explained
from core.services.metric_stock import is_stocked
from core.services.vocabulary import in_sentence
from dashboard.attributes import aria, attributes
from dashboard.drill import Way, address, way
from dashboard.page import View
from dashboard.theme import palette
from dashboard.wording import delta_text, number

_WIDTH, _HEIGHT, _MARGIN = 96, 30, 3
_LONGEST_AMOUNT, _LONGEST_COUNT = 10_000, 1_000_000
_FULL = 0.9995  # coverage above it reads 100 %


def kpi_tiles(view: View, trend: ResultTable | None, lines: Way | None = None) -> list[Component]:
    """Return one tile per row of a `kpis` table, with curves from a monthly table.

    Args:
        view: with the table.
        trend: the months; None: no curves.
        lines: the way to what the figures rest on, where the table itself does not say.
    """
    months = trend.rows() if trend else []
    rows = {row["metric"]: row for row in view.table.rows()}
    coverage = rows.get("cost_coverage", {}).get("value")
    lines = lines or way(view.table, view)
    tiles = [
        _tile(
            row, [number(m.get(key)) for m in months], view, _uncovered(key, coverage, view), lines
        )
        for key, row in rows.items()
    ]
    return [html.Div(tiles, className="tiles")]


def _uncovered(metric: str, coverage: float | None, view: View) -> str | None:
    """Return the remark a margin needs while part of the sales has no known cost."""
    concerned = "margin" in metric or metric in ("contribution", "markup_rate")
    if not concerned or coverage is None or coverage >= _FULL:
        return None
    share = format_value(coverage, Format.PERCENT, view.language)
    return _("Over the {share} of product sales whose cost is known.", share=share)


def _tile(
    row: Mapping[str, Any],
    curve: Sequence[float | None],
    view: View,
    remark: str | None,
    lines: Way,
) -> Component:
    metric = METRICS[row["metric"]]
    kind = Format(row["format"])
    full = format_value(row["value"], kind, view.language, currency=view.currency)
    long = _shortens(row["value"], kind)
    short = format_value(
        row["value"],
        kind,
        view.language,
        compact=long,
        currency=view.currency,
    )
    name = translate(metric.name)
    mark = [html.Span("*", className="remark", title=remark)] if remark else []
    return html.Article(
        [
            html.H3([name, *mark], className="tile-name", title=translate(metric.definition)),
            html.Div(
                [
                    _value(short, full, row["metric"], lines),
                    _curve(curve, view, name),
                ],
                className="tile-main",
            ),
            _change(row, kind, view, lines),
            _target(row, kind, view, lines),
        ],
        className="tile",
    )


def _value(short: str, full: str, metric: str, lines: Way) -> Component:
    """Return the figure, as a link to its lines, or to the rows of another table it rests on."""
    if metric in lines.metrics:
        return figure_link(short, full, lines.figure(metric), _("Show lines"))
    if is_stocked(METRICS[metric]):
        return figure_link(short, full, lines.rows("stock_counts"), _("Show rows of the stock"))
    return figure_link(short, full, lines.figure(DEFAULT_METRIC), _("Show the lines this rests on"))


def resting(short: str, full: str, view: View) -> Component:
    """Return a figure of no single question, as a link to the lines its table rests on."""
    lines = way(view.table, view)
    return figure_link(short, full, lines.figure(DEFAULT_METRIC), _("Show the lines this rests on"))


def figure_link(short: str, full: str, found: str, offer: str) -> Component:
    """Return a tile's figure as a link to an address of lines."""
    title = " · ".join(dict.fromkeys((full, offer)))
    return html.A(short, href=address(found), className="tile-value drill-link", title=title)


def _shortens(value: float | None, kind: Format) -> bool:
    """Tell whether a value needs k and M to fit a tile."""
    longest = _LONGEST_COUNT if kind is Format.INTEGER else _LONGEST_AMOUNT
    return value is not None and abs(value) >= longest


def _change(row: Mapping[str, Any], kind: Format, view: View, lines: Way) -> Component:
    period = view.result.compared
    if row["value"] is None:
        return html.P(_("Unknown"), className="tile-note")
    if period is None or row["compared"] is None:
        return html.P(_("No comparison"), className="tile-note")
    text = delta_text(row, kind, view)
    before = format_value(
        row["compared"],
        kind,
        view.language,
        compact=_shortens(row["compared"], kind),
        currency=view.currency,
    )
    named = format_period(period.start, period.end, view.language)
    change = (row["change"] or 0.0) if any(c in "123456789" for c in text) else 0.0
    good = {"up": 1, "down": -1, "none": 0}[METRICS[row["metric"]].good] * change
    side = "good" if good > 0 else "bad" if good < 0 else "flat"
    arrow = "▲" if change > 0 else "▼" if change < 0 else "■"
    shown = text if text == UNKNOWN else f"{arrow} {text}"
    return html.P(
        [
            _delta(shown, side, row["metric"], lines),
            html.Span(_("from {value}", value=before), className="before"),
        ],
        className="tile-note",
        title=_("Compared with {period}", period=named),
    )


def _delta(shown: str, side: str, metric: str, lines: Way) -> Component:
    """Return a change; as a button that explains it, where it is a sum of parts."""
    if metric not in lines.metrics or not lines.compared or not can_be_explained(METRICS[metric]):
        return html.Span(shown, className=f"delta {side}")
    name = _("Explain the change of {metric}", metric=str(in_sentence(METRICS[metric])))
    return html.Button(
        shown,
        type="button",
        className=f"delta {side} explain-open",
        title=name,
        **aria(label=f"{shown} {name}"),
        **attributes({"data-explain": address(lines.figure(metric))}),
    )


def _target(row: Mapping[str, Any], kind: Format, view: View, lines: Way) -> Component | None:
    """Return the budget of the finished months and what was reached of it; None without one."""
    target = row.get("target")
    if target is None:
        return None
    money = format_value(
        target, kind, view.language, compact=_shortens(target, kind), currency=view.currency
    )
    planned = address(lines.rows("budgets", row["metric"]))
    text = _("Target {value}", value=money)
    offer = _("Show rows of the budget")
    parts: list[Component] = [html.A(text, href=planned, className="drill-link", title=offer)]
    if row.get("attained") is not None:
        share = format_value(row["attained"], Format.PERCENT, view.language, digits=0)
        parts.append(html.Span(_("{share} reached", share=share), className="before"))
    return html.P(
        parts, className="tile-note", title=_("Budget of the finished months of the period")
    )


def _curve(values: Sequence[float | None], view: View, name: str) -> Component | None:
    """Return the months as a small picture; its text alternative is the chart below."""
    known = [(i, v) for i, v in enumerate(values) if v is not None]
    if len(known) < 2:  # noqa: PLR2004 - one point is no curve
        return None
    low, high = min(v for _i, v in known), max(v for _i, v in known)
    span = (high - low) or 1.0
    step = (_WIDTH - 2 * _MARGIN) / (len(values) - 1)
    points = [
        (_MARGIN + i * step, _HEIGHT - _MARGIN - (v - low) / span * (_HEIGHT - 2 * _MARGIN))
        for i, v in known
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    colour = palette(view.theme).strong
    end_x, end_y = points[-1]
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}">'
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.6" '
        f'stroke-linejoin="round"/><circle cx="{end_x:.1f}" cy="{end_y:.1f}" r="2.4" '
        f'fill="{colour}"/></svg>'
    )
    return html.Img(
        src="data:image/svg+xml;base64," + b64encode(svg.encode()).decode(),
        alt=_("Curve of the months: {name}", name=name),
        className="spark",
        width=_WIDTH,
        height=_HEIGHT,
    )
