"""Definitions: what every number means, metrics and dimensions of one's own, any split of them."""

from typing import Any

from core.i18n import N_
from dashboard.definitions import definitions_head
from dashboard.explore import explored
from dashboard.grid import grid_rows, grouped_columns
from dashboard.page import PAGES, Page, Panel, View


def _chart(view: View) -> tuple[Any, ...]:
    return (explored(view),)


def _table(view: View) -> tuple[Any, ...]:
    """Return the answer as a grid; keys with names are left to the export."""
    named = {c.key.removesuffix("_name") for c in view.table.columns if c.role == "label"}
    columns = [
        c for c in view.table.columns if c.role not in {"compared", "flag"} and c.key not in named
    ]
    return grid_rows(view.table, columns, view), grouped_columns(columns, view)


PAGES.add(
    Page(
        key="definitions",
        title=N_("Definitions"),
        icon="help",
        analysis="explore",
        order=910,
        head=definitions_head,
        panels=(
            Panel("chart", N_("The chosen metric"), "answer", "chart", _chart, 12, 320),
            Panel("table", N_("The chosen metric as a table"), "answer", "grid", _table, 12, 420),
        ),
    )
)
