"""Drill down: from countries to customers, invoices and lines; from categories to products."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from core.i18n import N_
from dashboard.drill_down import head, level, ranked, words
from dashboard.explain import explain_dialogue
from dashboard.monthly import monthly_chart
from dashboard.page import PAGES, Page, Panel, View
from dashboard.tiles import kpi_tiles

_BARS = (
    ("primary", N_("Net sales")),
    ("strong", N_("Gross margin")),
    ("compared", N_("Compared period")),
)


def _tiles(view: View) -> tuple[Any, ...]:
    return (kpi_tiles(view, view.result.tables["monthly"]),)


def _months(view: View) -> tuple[Any, ...]:
    return (monthly_chart(view, ("net_sales", "gross_margin"), "margin_rate"),)


def _overlay() -> Component:
    return html.Div([words(), explain_dialogue()])


PAGES.add(
    Page(
        key="drill",
        title=N_("Drill down"),
        icon="drill",
        analysis="drill",
        order=16,
        head=head,
        overlay=_overlay,
        crossed=False,  # a mark leads down, by its menu
        panels=(
            Panel("kpis", N_("Key figures"), "kpis", "html", _tiles, bare=True),
            Panel("ranked", N_("The largest"), "ranked", "chart", ranked, 5, 340, legend=_BARS),
            Panel(
                "monthly",
                N_("By month"),
                "monthly",
                "chart",
                _months,
                7,
                340,
                legend=(*_BARS, ("line", N_("Margin on sales"))),
            ),
            Panel(
                "level",
                N_("All of this level"),
                "level",
                "grid",
                level,
                12,
                460,
                hint=N_("A name leads one level down, an invoice to its lines."),
            ),
        ),
    )
)
