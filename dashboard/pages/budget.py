"""Budget: finished months against what was planned for them."""

from functools import partial
from typing import Any

from core.i18n import N_, translate
from core.models.result import Column
from dashboard.breakdown import breakdown
from dashboard.grid import grid_rows, grouped_columns
from dashboard.monthly import monthly_chart
from dashboard.page import PAGES, Choice, Page, Panel, View
from dashboard.tiles import kpi_tiles

SPLITS = {"country": N_("Country"), "category": N_("Category"), "channel": N_("Channel")}
_BARS = (
    ("primary", N_("Net sales")),
    ("strong", N_("Gross margin")),
    ("compared", N_("Budget of net sales")),
)


_HEADS = {
    "compared": N_("Budget"),
    "change": N_("Variance"),
    "change_rate": N_("Variance in %"),
}


def _tiles(view: View) -> tuple[Any, ...]:
    return (kpi_tiles(view, view.result.tables["monthly"]),)


def _months(view: View) -> tuple[Any, ...]:
    return (monthly_chart(view, ("net_sales", "gross_margin"), "margin_rate"),)


def _ranked(view: View, dimension: str) -> tuple[Any, ...]:
    return (breakdown(view, dimension, "net_sales", "gross_margin"),)


def _split(view: View) -> tuple[Any, ...]:
    columns = [c for c in view.table.columns if _is_shown(c, view)]
    return grid_rows(view.table, columns, view), _named(grouped_columns(columns, view), columns)


def _named(groups: list[dict[str, Any]], columns: list[Column]) -> list[dict[str, Any]]:
    """Name what stands under a metric: its value, its budget and its variance."""
    roles = {column.key: column.role for column in columns}
    for definition in (child for group in groups for child in group.get("children", ())):
        name = _HEADS.get(roles[definition["field"]])
        if name:
            definition["headerName"] = translate(name)
    return groups


def _is_shown(column: Column, view: View) -> bool:
    """Leave out what nothing was planned for: its comparison would be empty columns."""
    if column.role in ("dimension", "label", "metric"):
        return True
    planned = view.table.data[f"{column.metric}_compared"]
    return planned.null_count < len(planned)


PAGES.add(
    Page(
        key="budget",
        title=N_("Budget"),
        icon="budget",
        analysis="budget",
        order=35,
        panels=(
            Panel("kpis", N_("Key figures against the budget"), "kpis", "html", _tiles, bare=True),
            Panel(
                "monthly",
                N_("Budget by month"),
                "monthly",
                "chart",
                _months,
                7,
                330,
                legend=(*_BARS, ("line", N_("Margin on sales"))),
            ),
            Panel(
                "countries",
                N_("Budget by country"),
                "by_country",
                "chart",
                partial(_ranked, dimension="country"),
                5,
                330,
                legend=_BARS,
            ),
            Panel(
                "by",
                N_("Variance by"),
                "by_{choice}",
                "grid",
                _split,
                12,
                440,
                choice=Choice("split", SPLITS),
            ),
        ),
    )
)
