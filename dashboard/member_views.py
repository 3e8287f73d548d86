"""What the panels of the pages of members show."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import groupby
from typing import Any

from dash import html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.analytics.members.kinds import MemberKind
from dashboard import presses
from dashboard.drill import way
from dashboard.facts import facts
from dashboard.grid import grid_columns, grid_rows, grouped_columns
from dashboard.monthly import monthly_chart
from dashboard.page import View
from dashboard.price_chart import price_chart
from dashboard.roi_charts import cumulated_chart
from dashboard.tiles import kpi_tiles

MOST = 500  # rows a list hands to the browser; search, sort and export know all of them
_DOCUMENT = ("day", "invoice", "customer_name", "net_sales", "gross_margin", "margin_rate")
_TOGETHER = ("product_name", "share_of_orders", "orders", "net_sales")


def listed(kind: MemberKind, view: View) -> tuple[Any, ...]:
    """Return the first rows of the list: name, code, figures, what changed."""
    table = first_rows(view.table)
    named = any(column.role == "label" for column in table.columns)
    shown = [c for c in table.columns if _is_listed(c)]
    columns = sorted(shown, key=lambda c: (c.role != "label", c.role != "dimension"))
    definitions = [_fitted(definition) for definition in grouped_columns(columns, view)]
    for definition in definitions:
        if named and definition.get("field") == kind.dimension:
            definition |= {"headerName": _("Code"), "flex": 1, "minWidth": 100}
    return grid_rows(table, columns, view), definitions


def _fitted(definition: dict[str, Any]) -> dict[str, Any]:
    """Return a column that takes no more room than its figures need."""
    if "children" in definition:
        children = [_fitted(child) for child in definition["children"]]
        return {**definition, "children": children}
    if definition.get("type") == "rightAligned":
        return {**definition, "minWidth": 84}
    return {**definition, "minWidth": min(definition.get("minWidth", 100), 180)}


def _is_listed(column: Column) -> bool:
    if column.role in ("dimension", "label", "metric"):
        return True
    if column.metric == "margin_rate":
        return column.role == "change"
    return column.role == "change_rate" and column.metric == "net_sales"


def first_rows(table: ResultTable) -> ResultTable:
    """Return as many rows of a table as a page shows."""
    return replace(table, data=table.data.slice(0, MOST))


def listed_text(rows: int) -> str:
    """Return how many members there are, and how many of them a page lists."""
    language = current_language()
    number = format_value(rows, Format.INTEGER, language)
    if rows <= MOST:
        return str(msg_n("{shown} row", "{shown} rows", rows, shown=number))
    return _(
        "The first {most} of {n}: search, sort or filter to see others; the export has all.",
        most=format_value(MOST, Format.INTEGER, language),
        n=number,
    )


def tiles(view: View) -> tuple[Any, ...]:
    """Return the key figures with their months."""
    return (kpi_tiles(view, view.result.tables["monthly"]),)


def apart_tiles(view: View) -> tuple[Any, ...]:
    """Return key figures of their own sources, without months."""
    own = view.result.tables.get("kpis")
    return (kpi_tiles(view, None, way(own, view) if own else None),)


def months(view: View) -> tuple[Any, ...]:
    """Return net sales and margin by month."""
    return (monthly_chart(view, ("net_sales", "gross_margin"), "margin_rate"),)


def prices(view: View) -> tuple[Any, ...]:
    """Return quantity and price by month."""
    return (price_chart(view),)


def cumulated(view: View) -> tuple[Any, ...]:
    """Return investment and contribution, cumulated."""
    return (cumulated_chart(view),)


def split(view: View) -> tuple[Any, ...]:
    """Return one of the member's splits: names, amounts, what changed."""
    named = any(column.role == "label" for column in view.table.columns)
    columns = [c for c in view.table.columns if _is_listed(c) and not _is_code(c, named=named)]
    return grid_rows(view.table, columns, view), grouped_columns(columns, view)


def _is_code(column: Column, *, named: bool) -> bool:
    return named and column.role == "dimension"


def documents(view: View) -> tuple[Any, ...]:
    """Return the last orders."""
    return _grid(view, _DOCUMENT)


def bought_together(view: View) -> tuple[Any, ...]:
    """Return what else is bought in the orders with the product."""
    return _grid(view, _TOGETHER)


def _grid(view: View, keys: Iterable[str]) -> tuple[Any, ...]:
    known = {column.key for column in view.table.columns}
    columns = [view.table.column(key) for key in keys if key in known]
    definitions = [_fitted(definition) for definition in grid_columns(columns, view)]
    return grid_rows(view.table, columns, view), definitions


def master_card(view: View) -> tuple[Any, ...]:
    """Return stored fields, and where each row of them stands in its file."""
    rows = view.table.rows()
    place = ("valid_from", "import_id", "sheet", "row", "file")
    parts: list[Component] = []
    for (since, *_place), found in groupby(rows, key=lambda row: tuple(row[k] for k in place)):
        fields = list(found)
        if since is not None:
            day = format_value(since, Format.DATE, view.language)
            parts.append(html.H3(_("Valid from {day}", day=day), className="member-since"))
        names = [
            (translate(row["field"], view.language), translate(row["value"], view.language))
            for row in fields
        ]
        parts += [facts(names), _came_from(fields[0])]
    return (parts,)


def _came_from(row: dict[str, Any]) -> Component:
    """Return where a row stands, with a button that shows it."""
    sheet = _("sheet {sheet}, ", sheet=row["sheet"]) if row["sheet"] else ""
    text = _(
        "From {file}, {sheet}row {row} (import {id}).",
        file=row["file"],
        sheet=sheet,
        row=row["row"],
        id=row["import_id"],
    )
    button = presses.press(
        "member-source-told",
        _("Show the row of the file"),
        import_id=row["import_id"],
        sheet=row["sheet"],
        row=row["row"],
        file=row["file"],
    )
    return html.P([text, " ", button], className="panel-hint member-from")
