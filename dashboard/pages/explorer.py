"""Sales explorer: any figures by any rows and columns, as a table or a chart."""

from collections.abc import Callable, Mapping
from typing import Any

from core.i18n import N_
from core.services.analytics.explorer import SHOW
from dashboard.charts import Figure
from dashboard.explorer_charts import Drawn, bars, drawn, heat, lines, multiples
from dashboard.explorer_grid import pivot_table
from dashboard.explorer_head import explorer_head
from dashboard.page import PAGES, Page, Panel, View

_CHARTS: Mapping[str, Callable[[Drawn], Figure]] = {
    "bars": bars,
    "lines": lines,
    "multiples": multiples,
    "heat": heat,
}


def _chart(view: View) -> tuple[Any, ...]:
    return (_CHARTS[str(view.result.headline[SHOW])](drawn(view)),)


def _table(view: View) -> tuple[Any, ...]:
    return (pivot_table(view),)


PAGES.add(
    Page(
        key="explorer",
        title=N_("Explorer"),
        icon="explorer",
        analysis="explorer",
        order=15,
        head=explorer_head,
        panels=(
            # What cannot be answered is said with the table, which is always there; on the page
            # the chart stands above it (`assets/explorer.css`).
            Panel("pivot", N_("Pivot table"), "pivot", "html", _table),
            Panel("chart", N_("Chart"), "chart", "chart", _chart),
        ),
    )
)
