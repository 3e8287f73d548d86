"""Overview: key figures, months, countries, categories, products, values of orders."""

from functools import partial
from typing import Any

from dash.development.base_component import Component

from core.i18n import N_
from core.services.analytics.overview import DRIVERS
from dashboard.breakdown import breakdown
from dashboard.changes import changes_frame, changes_overlay
from dashboard.monthly import monthly_chart
from dashboard.movers import movers_chart
from dashboard.order_values import order_histogram
from dashboard.page import PAGES, Choice, Page, Panel, View
from dashboard.quality_notices import notices_frame
from dashboard.tiles import kpi_tiles
from dashboard.welcome import welcome_frame

_BARS = (
    ("primary", N_("Net sales")),
    ("strong", N_("Gross margin")),
    ("compared", N_("Compared period")),
)
_MONTHS = (*_BARS, ("line", N_("Margin on sales")))


def _tiles(view: View) -> tuple[Any, ...]:
    return (kpi_tiles(view, view.result.tables["trend"]),)


def _months(view: View) -> tuple[Any, ...]:
    return (monthly_chart(view, ("net_sales", "gross_margin"), "margin_rate"),)


def _split(view: View, dimension: str, *, others: bool = True) -> tuple[Any, ...]:
    return (breakdown(view, dimension, "net_sales", "gross_margin", others=others),)


def _drivers(view: View) -> tuple[Any, ...]:
    return (movers_chart(view),)


def _orders(view: View) -> tuple[Any, ...]:
    return (order_histogram(view),)


def _head() -> list[Component]:
    return [welcome_frame(), changes_frame(), *notices_frame()]


PAGES.add(
    Page(
        key="overview",
        title=N_("Overview"),
        icon="overview",
        analysis="overview",
        order=10,
        head=_head,
        overlay=changes_overlay,
        panels=(
            Panel("kpis", N_("Key figures"), "kpis", "html", _tiles, bare=True),
            Panel(
                "trend",
                N_("Net sales and margin by month"),
                "trend",
                "chart",
                _months,
                7,
                330,
                legend=_MONTHS,
            ),
            Panel(
                "categories",
                N_("Net sales by category"),
                "categories",
                "chart",
                partial(_split, dimension="category"),
                5,
                330,
                legend=_BARS,
            ),
            Panel(
                "drivers",
                N_("What drove the change"),
                "drivers_{choice}",
                "chart",
                _drivers,
                12,
                330,
                choice=Choice("drivers", DRIVERS),
                hint=N_(
                    "Net sales of the period less those of the compared one, by member; the bars "
                    "add up to the whole change. By product and supplier without postage and fees."
                ),
            ),
            Panel(
                "countries",
                N_("Net sales by country"),
                "countries",
                "chart",
                partial(_split, dimension="country"),
                6,
                360,
                legend=_BARS,
            ),
            Panel(
                "products",
                N_("Top products"),
                "products",
                "chart",
                partial(_split, dimension="product", others=False),
                6,
                360,
                legend=_BARS,
            ),
            Panel(
                "order_values",
                N_("Order values"),
                "order_values",
                "chart",
                _orders,
                12,
                300,
                hint=N_(
                    "Number of orders by what they are worth: the net sales of an order’s sold "
                    "lines inside the filters; returns do not count. The steps widen; dotted: the "
                    "quartiles."
                ),
            ),
        ),
    )
)
