"""Margins: what is earned where, the supplier × product matrix, unusual months."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from core.formats import UNKNOWN
from core.i18n import N_
from core.models.result import Column
from core.services.analytics.margins import (
    LEVELS,
    LIMIT_NAMES,
    SPLITS,
    UNUSUAL,
    UNUSUAL_NAMES,
)
from core.services.bridge import LEVELS as BRIDGE_LEVELS
from dashboard.bridge_chart import waterfall
from dashboard.drill import ROW
from dashboard.grid import grid_columns, grid_rows, grouped_columns
from dashboard.matrix import supplier_matrix
from dashboard.monthly import monthly_chart
from dashboard.page import PAGES, Choice, Page, Panel, View
from dashboard.price_volume import price_volume
from dashboard.tiles import kpi_tiles

_RARE = ("new", "ended", "unknown_cost", "returned", "no_unit")
_ANOMALIES = (
    "kind",
    "month",
    "product_name",
    "supplier_name",
    "channel",
    "margin_rate",
    "typical_rate",
    "gap",
    "impact",
    "sales",
)


_CLUSTERS = (
    "group",
    "month",
    "product_name",
    "supplier_name",
    "channel",
    "reasons",
    "margin_rate",
    "typical_rate",
    "impact",
    "sales",
)


def _tiles(view: View) -> tuple[Any, ...]:
    return (kpi_tiles(view, view.result.tables["monthly"]),)


def _months(view: View) -> tuple[Any, ...]:
    return (monthly_chart(view, ("gross_margin", "net_margin"), "margin_rate"),)


def _matrix(view: View) -> tuple[Any, ...]:
    return (supplier_matrix(view),)


def _prices(view: View) -> tuple[Any, ...]:
    return (price_volume(view),)


def _split(view: View) -> tuple[Any, ...]:
    """Return the split as a grid: names, amounts and rates, their changes beside them."""
    columns = [c for c in view.table.columns if _in_split(c, view)]
    return grid_rows(view.table, columns, view), grouped_columns(columns, view)


def _in_split(column: Column, view: View) -> bool:
    """Leave out codes that have a name, compared values, and what would only repeat a change."""
    if column.role == "dimension":
        return not any(c.role == "label" for c in view.table.columns)
    if column.role in ("label", "metric"):
        return True
    if column.metric == "margin_rate":
        return column.role == "change"
    return column.role == "change_rate" and column.metric in ("net_sales", "gross_margin")


def _low(view: View) -> tuple[Any, ...]:
    named = any(c.key == "product_name" for c in view.table.columns)
    columns = [c for c in view.table.columns if not (named and c.key == "product")]
    return grid_rows(view.table, columns, view), grid_columns(columns, view)


def _bridge(view: View) -> tuple[Any, ...]:
    return (waterfall(view),)


def _bridge_members(view: View) -> tuple[Any, ...]:
    """Return every member's effects; columns nothing stands in are left out."""
    named = any(c.role == "label" for c in view.table.columns)
    total = view.table.total or {}
    columns = [
        c
        for c in view.table.columns
        if not (named and c.role == "dimension")
        and (c.key not in _RARE or total.get(c.key) or any(_amounts(view, c)))
    ]
    return grid_rows(view.table, columns, view), grid_columns(columns, view)


def _amounts(view: View, column: Column) -> list[Any]:
    return list(view.table.data[column.key].to_pylist())


def _anomalies(view: View) -> tuple[Any, ...]:
    if any(column.key == "reasons" for column in view.table.columns):
        return _clusters(view)
    columns = [view.table.column(key) for key in _ANOMALIES]
    rows = grid_rows(view.table, columns, view)
    for row, level in zip(rows, view.table.data["level"].to_pylist(), strict=True):
        if level == LEVELS["supplier"]:  # about a supplier as a whole, not about unknown products
            row |= {"product_name": UNKNOWN, "channel": UNKNOWN, ROW: _of_supplier(row[ROW])}
    return rows, grid_columns(columns, view)


def _clusters(view: View) -> tuple[Any, ...]:
    """Return the months outside the crowd; their reasons have the room to be read."""
    columns = [view.table.column(key) for key in _CLUSTERS]
    definitions = grid_columns(columns, view)
    for definition in definitions:
        if definition["field"] == "reasons":
            definition |= {"minWidth": 420, "flex": 6, "wrapText": True, "autoHeight": True}
        elif definition["field"] in ("group", "channel"):
            definition |= {"minWidth": 104, "flex": 1}
        elif definition["field"].endswith("_name"):
            definition |= {"minWidth": 180, "flex": 2}
    return grid_rows(view.table, columns, view), definitions


def _of_supplier(pairs: str) -> str:
    """Return the way to the lines of a supplier's month: of all its products and channels."""
    return urlencode([p for p in parse_qsl(pairs) if p[1].startswith(("supplier:", "month:"))])


PAGES.add(
    Page(
        key="margins",
        title=N_("Margins"),
        icon="margins",
        analysis="margins",
        order=20,
        panels=(
            Panel("kpis", N_("Key figures"), "kpis", "html", _tiles, bare=True),
            Panel(
                "monthly",
                N_("Margin by month"),
                "monthly",
                "chart",
                _months,
                12,
                300,
                needs="gross_margin",
                legend=(
                    ("primary", N_("Gross margin")),
                    ("strong", N_("Net margin")),
                    ("compared", N_("Compared period")),
                    ("line", N_("Margin on sales")),
                ),
            ),
            Panel(
                "bridge",
                N_("Margin bridge"),
                "bridge",
                "chart",
                _bridge,
                12,
                340,
                choice=Choice("bridge", BRIDGE_LEVELS, own=True),
                hint=N_(
                    "From the compared period to this one: quantities at the margins of then "
                    "(volume), shifts between the rows (mix), net prices and costs of what is sold "
                    "now; new and ended rows apart. The bars add up exactly."
                ),
            ),
            Panel(
                "bridge_members",
                N_("Margin bridge in detail"),
                "bridge_members",
                "grid",
                _bridge_members,
                12,
                340,
            ),
            Panel(
                "by",
                N_("Margin by"),
                "by_{choice}",
                "grid",
                _split,
                12,
                440,
                choice=Choice("split", SPLITS, own=True),
            ),
            Panel(
                "price_volume",
                N_("Price and volume by product"),
                "price_volume",
                "chart",
                _prices,
                12,
                420,
                hint=N_(
                    "Average net price and units, both in powers of ten; the area stands for net "
                    "sales, lines lead from the compared period for the twelve largest. Each "
                    "product counts in its own unit."
                ),
                legend=(
                    ("low", N_("0% or less")),
                    ("middle", N_("25%")),
                    ("high", N_("50% or more")),
                    ("compared", N_("Compared period")),
                ),
            ),
            Panel(
                "matrix",
                N_("Supplier × product"),
                "matrix",
                "chart",
                _matrix,
                needs="margin_rate",
                hint=N_(
                    "Margin on sales of the products with the highest sales; empty: not bought "
                    "from this supplier in the period."
                ),
                legend=(
                    ("low", N_("0% or less")),
                    ("middle", N_("25%")),
                    ("high", N_("50% or more")),
                ),
            ),
            Panel(
                "low",
                N_("Low and negative margins"),
                "low_{choice}",
                "grid",
                _low,
                12,
                380,
                choice=Choice("low", LIMIT_NAMES),
                hint=N_(
                    "Products in countries whose margin on sales is under the limit; what is "
                    "missing to the limit, largest first. Each figure leads to its lines."
                ),
            ),
            Panel(
                "anomalies",
                N_("Margin anomalies"),
                "{choice}",
                "grid",
                _anomalies,
                12,
                420,
                choice=Choice(UNUSUAL, UNUSUAL_NAMES),
                hint=N_(
                    "By margin alone: months far from the usual margin of a supplier, or of a "
                    "product in a channel, and sales below cost. By clustering: months unlike all "
                    "others in margin, price, cost, quantity and discount together; “alike” months "
                    "are off in the same way. The largest effect first."
                ),
            ),
        ),
    )
)
