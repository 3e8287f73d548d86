"""The dialogue that explains a change: sentences, and tables whose parts add up to it."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_period, format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.catalogue import METRICS
from core.models.formats import Format
from core.models.lines import CELL, METRIC, SIDE, Pair, spelled
from core.models.query import NO_VALUE
from core.models.result import AnalysisResult, Column, ResultTable
from core.services.change_parts import can_be_explained
from dashboard.attributes import attributes
from dashboard.components import caveat_notice
from dashboard.drill import PATH
from dashboard.page import View
from dashboard.runs import notes_list
from dashboard.source_dialogue import source_dialogue
from dashboard.wording import cell_text, member_name

SHOWN = 6  # rows of a table; the others stand in one row below them
_LONG = 10_000  # amounts from here on are shown as k and M; their lines have the cents
_PLAIN = ("whole",)  # told above the tables


@dataclass(frozen=True)
class Told:
    """What is explained.

    Attributes:
        figure: the metric's name.
        inside: names of what the figure speaks of.
        pairs: of the address of its lines, without the metric.
        metric: key of the metric.
    """

    figure: str
    inside: Sequence[str]
    pairs: Sequence[Pair]
    metric: str

    def lines(self, *more: Pair, metric: str = "") -> str:
        """Return the address of lines, those of a part of the figure or of another metric."""
        return f"{PATH}?" + urlencode([*self.pairs, (METRIC, metric or self.metric), *more])


def explain_dialogue() -> Component:
    """Return the dialogue, closed and empty, with what its script knows."""
    known = [key for key, metric in METRICS.items() if can_be_explained(metric)]
    told = {"metrics": known, "offer": _("Explain the change…")}
    return html.Div(
        [
            html.Div(
                id="explain-words",
                hidden=True,
                **attributes({"data-told": json.dumps(told, ensure_ascii=False)}),
            ),
            source_dialogue(
                "explain",
                _("What drove the change"),
                "explain-dialog",
                dcc.Store(id="explain-told"),
                html.Div(id="explain-body"),
                html.P(_("Comparing the two periods…"), className="explain-waiting", role="status"),
            ),
        ]
    )


def explained(result: AnalysisResult, told: Told, view: View) -> list[Component | None]:
    """Return the content of the dialogue."""
    tables = [
        _section(key, str(result.titles[key]), table, told, view)
        for key, table in result.tables.items()
        if key not in _PLAIN
    ]
    return [
        html.P([html.Strong(told.figure), *(f" · {name}" for name in told.inside)]),
        html.P(_periods(result), className="panel-hint"),
        notes_list(result.notes),
        caveat_notice(result.caveats),
        html.Div(tables, className="explain-tables"),
    ]


def _periods(result: AnalysisResult) -> str:
    language = current_language()
    named = [
        format_period(period.start, period.end, language)
        for period in (result.period, result.compared)
        if period
    ]
    return _("{period} compared with {compared}", period=named[0], compared=named[-1])


def _section(key: str, title: str, table: ResultTable, told: Told, view: View) -> Component:
    """Return a table of parts: the largest ones, the others in one row, their sum."""
    dimension = next(c for c in table.columns if c.role == "dimension")
    figures = [c for c in table.columns if c.role not in ("dimension", "label", "flag")]
    rows = table.rows()
    widest = max((abs(float(row["part"])) for row in rows), default=0.0) or 1.0
    body = [
        _row(row, dimension.key, figures, told, view, widest, lined=key.startswith(("by_", "ex")))
        for row in rows[:SHOWN]
    ]
    rest = rows[SHOWN:]
    if rest:
        name = str(msg_n("{n} other", "{n} others", len(rest)))
        body.append(_sum(name, rest, figures, view))
    if table.total:
        body.append(_total(table.total, figures, view))
    head = [html.Th("", scope="col"), *(_head(column) for column in figures)]
    return html.Section(
        [
            html.H3(title),
            html.Div(
                html.Table(
                    [html.Thead(html.Tr(head)), html.Tbody(body)], className="data-table explain"
                ),
                className="table-scroll",
                tabIndex=0,
            ),
        ]
    )


def _head(column: Column) -> Component:
    return html.Th(str(column.name), scope="col", className="num")


def _row(
    row: Mapping[str, Any],
    key: str,
    figures: Sequence[Column],
    told: Told,
    view: View,
    widest: float,
    *,
    lined: bool,
) -> Component:
    value = row[key]
    named = f"{key}_name" in row and key == "effect"
    name = translate(row["effect_name"]) if named else member_name(row, key, view.language)
    cell = (CELL, spelled((key, NO_VALUE if value is None else str(value))))
    now = told.lines(cell) if lined else told.lines(metric=str(row.get("metric") or ""))
    ways = {"part": now, "now": now, "before": told.lines(cell, (SIDE, "compared"))}
    cells = [
        html.Td(
            _figure(row, column, ways.get(column.key) if column.role != "extra" else None, view),
            className="num",
        )
        for column in figures
    ]
    return html.Tr([html.Th([name, _bar(float(row["part"]) / widest)], scope="row"), *cells])


def _bar(share: float) -> Component:
    """Return a bar from the middle: to the right what grew, to the left what shrank."""
    side = "gain" if share > 0 else "loss"
    return html.Span(
        html.Span(className=f"explain-bar {side}", style={"width": f"{abs(share) * 50:.1f}%"}),
        className="explain-scale",
        **attributes({"aria-hidden": "true"}),
    )


def _figure(
    row: Mapping[str, Any], column: Column, href: str | None, view: View
) -> Component | str:
    text = _text(row, column, view)
    if href is None:
        return text
    return html.A(text, href=href, className="drill-link", title=_("Show lines"))


def _text(row: Mapping[str, Any], column: Column, view: View) -> str:
    value, change = row[column.key], column.role == "change"
    long = column.format is Format.MONEY and abs(float(value or 0)) >= _LONG
    if not change and not long:
        return cell_text(row, column, view)
    return format_value(
        value, column.format, view.language, compact=long, signed=change, currency=view.currency
    )


def _sum(name: str, rows: Sequence[Any], figures: Sequence[Column], view: View) -> Component:
    """Return the parts of many rows together; ratios of several are no sum."""
    parts = {c.key: sum(row[c.key] or 0 for row in rows) for c in figures if c.role == "change"}
    cells = [
        html.Td(_text(parts, c, view) if c.key in parts else "", className="num") for c in figures
    ]
    return html.Tr([html.Th(name, scope="row"), *cells])


def _total(total: Mapping[str, Any], figures: Sequence[Column], view: View) -> Component:
    cells = [
        html.Td(_text(total, c, view) if total.get(c.key) is not None else "", className="num")
        for c in figures
    ]
    return html.Tr([html.Th(_("All together"), scope="row"), *cells], className="is-total")
