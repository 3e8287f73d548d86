"""Return on investment: by country, over time, and when it had come back."""

from typing import Any

from core.i18n import N_
from core.models.result import Column
from core.services.analytics.roi import PARTS, SPLIT_NAMES
from dashboard.grid import grid_columns, grid_rows
from dashboard.page import PAGES, Choice, Page, Panel, View
from dashboard.quadrant import quadrant
from dashboard.roi_charts import cumulated_chart, roi_bars
from dashboard.tiles import kpi_tiles
from dashboard.world_map import world_map

_SHOWN = ("metric", "flag")


def _tiles(view: View) -> tuple[Any, ...]:
    return (kpi_tiles(view, view.result.tables["monthly"]),)


def _countries(view: View) -> tuple[Any, ...]:
    return (roi_bars(view, "country"),)


def _map(view: View) -> tuple[Any, ...]:
    return (world_map(view),)


def _quadrant(view: View) -> tuple[Any, ...]:
    return (quadrant(view, "country"),)


def _cumulated(view: View) -> tuple[Any, ...]:
    return (cumulated_chart(view),)


def _split(view: View) -> tuple[Any, ...]:
    """Return the split as a grid: names, amounts, returns and payback, without comparisons."""
    labelled = {c.key.removesuffix("_name") for c in view.table.columns if c.role == "label"}
    shown = [c for c in view.table.columns if _is_shown(c, labelled)]
    columns = sorted(shown, key=_place)  # names, what can be said at all, then the figures
    return grid_rows(view.table, columns, view), grid_columns(columns, view)


def _place(column: Column) -> int:
    return 0 if column.role in ("dimension", "label") else 1 if column.key == "status" else 2


def _is_shown(column: Column, labelled: set[str]) -> bool:
    if column.role == "dimension":
        return column.key not in labelled
    return column.role in (*_SHOWN, "label")


PAGES.add(
    Page(
        key="roi",
        title=N_("Return on investment"),
        icon="roi",
        analysis="roi",
        order=30,
        panels=(
            Panel("kpis", N_("Key figures"), "kpis", "html", _tiles, bare=True),
            Panel(
                "countries",
                N_("Return on investment by country"),
                "by_country",
                "chart",
                _countries,
                5,
                380,
                hint=N_(
                    "(Contribution − investment) ÷ investment of the countries that investments "
                    "name; the others have no return to show. Thin lines: 95% intervals from the "
                    "months, which are taken as independent; none below six months."
                ),
            ),
            Panel(
                "cumulated",
                N_("Investment and contribution, cumulated"),
                "cumulated",
                "chart",
                _cumulated,
                7,
                380,
                legend=(("strong", N_("Contribution")), ("bad", N_("Investment"))),
            ),
            Panel(
                "map",
                N_("Countries on the map"),
                "map_{choice}",
                "chart",
                _map,
                7,
                360,
                choice=Choice("map", PARTS),
                hint=N_(
                    "Filled by the return on investment; dots by net sales. Countries without an "
                    "investment of their own keep the colour of the land: no investment recorded."
                ),
                legend=(
                    ("low", N_("−100% or less")),
                    ("middle", N_("0%")),
                    ("high", N_("100% or more")),
                ),
            ),
            Panel(
                "quadrant",
                N_("Return on investment and growth"),
                "by_country",
                "chart",
                _quadrant,
                5,
                360,
                needs="net_sales_change_rate",
                hint=N_("Each country by growth and return; the area stands for the investment."),
            ),
            Panel(
                "by",
                N_("Return on investment by"),
                "by_{choice}",
                "grid",
                _split,
                12,
                440,
                choice=Choice("split", SPLIT_NAMES, own=True),
                hint=N_(
                    "Payback: the first month in which the contribution since the first investment "
                    "has made up for what was invested. Marginal: the return on what was invested "
                    "more than in the compared period."
                ),
            ),
        ),
    )
)
