"""Segments: who the customers are, who moved, and what to do next."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import UNKNOWN, format_value
from core.i18n import N_, _, translate
from core.models.formats import Format
from dashboard.facts import model_card
from dashboard.grid import grid_columns, grid_rows, grouped_columns
from dashboard.page import CUSTOMERS, PAGES, Page, Panel, View
from dashboard.segment_charts import moves, score_map, share_bars
from dashboard.segment_rules import rules_editor, rules_list
from dashboard.tiles import resting
from dashboard.wording import delta_text

_LISTED = 2_000  # more rows are left to the export
_LONG_TEXTS = ("advice", "verdict", "reason", "outlier", "cluster_name")
_LONG_AMOUNT = 10_000
_MORE_IS_BETTER = {"customers", "active_share", "sales_per_active", "top_sales"}
_WIDTHS: Mapping[str, dict[str, Any]] = {
    "customer_name": {"flex": 0, "width": 190, "minWidth": 140},
    "segment_name": {"flex": 2, "minWidth": 160},
    "previous_name": {"flex": 2, "minWidth": 160},
    "cluster": {"flex": 0, "width": 84, "minWidth": 84, "filter": False},
    "k": {"flex": 0, "width": 100, "minWidth": 100, "filter": False},
    "scores": {"flex": 0, "width": 96, "minWidth": 96},
}
_SEGMENT_COLUMNS = (
    "segment_name", "customers", "customers_change", "share", "net_sales", "net_sales_share",
    "margin_rate", "recency", "frequency", "monetary",
)  # fmt: skip
_CUSTOMER_COLUMNS = (
    "customer_name", "customer", "segment_name", "previous_name", "scores", "recency", "frequency",
    "monetary", "net_sales", "net_sales_before", "cluster", "outlier", "country", "channel",
    "last_day",
)  # fmt: skip


def _tiles(view: View) -> tuple[Any, ...]:
    return (
        [html.Div([_tile(row, view) for row in view.table.rows()], className="tiles tiles-six")],
    )


def _tile(row: Mapping[str, Any], view: View) -> Component:
    kind = Format(row["format"])
    name = translate(row["metric_name"], view.language)
    texts = [
        format_value(
            row[key], kind, view.language, currency=view.currency,
            compact=kind is Format.MONEY and abs(row[key] or 0) >= _LONG_AMOUNT,
        )
        for key in ("value", "compared")
    ]  # fmt: skip
    full = format_value(row["value"], kind, view.language, currency=view.currency)
    return html.Article(
        [
            html.H3(name, className="tile-name", title=name),
            html.Div(resting(texts[0], full, view), className="tile-main"),
            _change(row, kind, texts[1], view),
        ],
        className="tile",
    )


def _change(row: Mapping[str, Any], kind: Format, before: str, view: View) -> Component:
    period = view.result.compared
    if row["compared"] is None or period is None:
        return html.P(_note(row, view), className="tile-note")
    change = row["change"] or 0.0
    better = change if row["metric"] in _MORE_IS_BETTER else 0.0
    side = "good" if better > 0 else "bad" if better < 0 else "flat"
    arrow = "▲" if change > 0 else "▼" if change < 0 else "■"
    day = format_value(period.end, Format.DATE, view.language)
    return html.P(
        [
            html.Span(f"{arrow} {delta_text(row, kind, view)}", className=f"delta {side}"),
            html.Span(_("from {value}", value=before), className="before"),
        ],
        className="tile-note",
        title=_("Compared with {period}", period=day),
    )


def _note(row: Mapping[str, Any], view: View) -> str:
    """Return what stands in the place of a comparison."""
    period = view.result.compared
    if row["value"] is None or period is None:
        return _("No comparison")
    return _("since {day}", day=format_value(period.end, Format.DATE, view.language))


def _bars(view: View) -> tuple[Any, ...]:
    return (share_bars(view),)


def _moves(view: View) -> tuple[Any, ...]:
    return (moves(view),)


def _map(view: View, value: str) -> tuple[Any, ...]:
    return (score_map(view, value),)


def _rules(view: View) -> tuple[Any, ...]:
    return (rules_list(view),)


def _grid(view: View, keys: Sequence[str] = (), *, grouped: bool = False) -> tuple[Any, ...]:
    """Return a table as a grid: these columns, or all but codes nobody reads."""
    columns = [view.table.column(key) for key in keys] or [
        c for c in view.table.columns if c.role != "flag" or c.translate
    ]
    kept = view.table.data.slice(0, _LISTED)
    rows = grid_rows(_cut(view, kept).table, columns, view)
    definitions = grouped_columns(columns, view) if grouped else grid_columns(columns, view)
    return rows, [_wrapped(d) for d in definitions]


def _cut(view: View, data: Any) -> View:
    from dataclasses import replace

    return replace(view, table=replace(view.table, data=data))


def _wrapped(definition: dict[str, Any]) -> dict[str, Any]:
    """Let long sentences take several lines; codes and numbers keep narrow columns."""
    if definition.get("field") in _LONG_TEXTS:
        return definition | {"wrapText": True, "autoHeight": True, "cellClass": "wrapped"}
    return definition | _WIDTHS.get(definition.get("field", ""), {})


def _scores(view: View) -> tuple[Any, ...]:
    """Return which values lead to which score, one column per scale."""
    rows = view.table.rows()
    scales = list(dict.fromkeys(row["scale"] for row in rows))
    texts = {(row["scale"], row["score"]): _limits(row, view) for row in rows}
    head = [html.Th(_("Score"), scope="col"), *(
        html.Th(translate(scale, view.language), scope="col", className="num") for scale in scales
    )]  # fmt: skip
    body = [
        html.Tr(
            [
                html.Th(str(score), scope="row"),
                *(html.Td(texts.get((scale, score), UNKNOWN), className="num") for scale in scales),
            ]
        )
        for score in sorted({row["score"] for row in rows}, reverse=True)
    ]
    table = html.Table(
        [html.Thead(html.Tr(head)), html.Tbody(body)], className="data-table scores-table"
    )
    return (html.Div(table, className="table-scroll", tabIndex=0),)


def _limits(row: Mapping[str, Any], view: View) -> str:
    kind = Format(row["format"])
    low, high = (
        format_value(row[key], kind, view.language, digits=0, currency=view.currency)
        for key in ("low", "high")
    )
    return low if low == high else f"{low} – {high}"


PAGES.add(
    Page(
        key="segments",
        title=N_("Segments"),
        icon="segments",
        analysis="rfm",
        order=30,
        group=CUSTOMERS,
        overlay=rules_editor,
        panels=(
            Panel(
                "kpis",
                N_("Key figures"),
                "kpis",
                "html",
                _tiles,
                bare=True,
            ),
            Panel(
                "shares",
                N_("Customers and net sales by segment"),
                "segments",
                "chart",
                _bars,
                5,
                hint=N_("All purchases up to the end of the period count, whenever it begins."),
                legend=(
                    ("primary", N_("Share of customers")),
                    ("strong", N_("Share of net sales, last 12 months")),
                ),
            ),
            Panel(
                "migration",
                N_("Moves between the segments"),
                "migration",
                "chart",
                _moves,
                7,
                hint=N_(
                    "As wide as the number of customers; the same rules on both days, the scores "
                    "of each day."
                ),
            ),
            Panel(
                "segments",
                N_("Segments"),
                "segments",
                "grid",
                partial(_grid, keys=_SEGMENT_COLUMNS, grouped=True),
                12,
                480,
            ),
            Panel(
                "customers_map",
                N_("Customers by score"),
                "grid",
                "chart",
                partial(_map, value="customers"),
                4,
                330,
            ),
            Panel(
                "sales_map",
                N_("Net sales by score"),
                "grid",
                "chart",
                partial(_map, value="net_sales"),
                4,
                330,
            ),
            Panel(
                "scores",
                N_("What the scores mean"),
                "scores",
                "html",
                _scores,
                4,
                hint=N_(
                    "Days since the last purchase, purchase days, net sales per purchase day; "
                    "fifths of the customers, equals share a score."
                ),
            ),
            Panel(
                "rules",
                N_("Rules of the segments, and what to do next"),
                "rules",
                "html",
                _rules,
                12,
                hint=N_("The first rule that takes a customer's scores gives the segment."),
            ),
            Panel(
                "clusters",
                N_("Groups found in the data"),
                "clusters",
                "grid",
                _grid,
                12,
                390,
                hint=N_(
                    "Customers alike in recency, frequency and amount, whatever the rules say."
                ),
            ),
            Panel(
                "ks",
                N_("Why so many groups"),
                "ks",
                "grid",
                _grid,
                12,
                360,
                hint=N_(
                    "The largest number of groups that new samples of the same customers confirm; "
                    "the silhouette alone would set a handful of giants apart from everybody else."
                ),
            ),
            Panel(
                "outliers",
                N_("Unusual customers"),
                "outliers",
                "grid",
                _grid,
                12,
                340,
                hint=N_(
                    "Customers alone in the crowd and far from what is usual; check their data."
                ),
            ),
            Panel(
                "customers",
                N_("Customers"),
                "customers",
                "grid",
                partial(_grid, keys=_CUSTOMER_COLUMNS),
                12,
                520,
                hint=N_("The 2,000 with the highest net sales; the export has all of them."),
            ),
            Panel("card", N_("Model card"), "model_card", "html", model_card, 12),
        ),
    )
)
