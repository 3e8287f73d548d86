"""Pages of products, customers, suppliers and countries: the list and one page per member."""

import json
from functools import partial
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import N_, _, translate
from core.models.members import MEMBER_PAGES, SPLIT
from core.services.analytics.members.kinds import MemberKind
from core.services.analytics.members.listing import sorts
from dashboard.attributes import attributes
from dashboard.components import icon
from dashboard.facts import model_card
from dashboard.member_views import (
    apart_tiles,
    bought_together,
    cumulated,
    documents,
    listed,
    master_card,
    months,
    prices,
    split,
    tiles,
)
from dashboard.page import Choice, Page, Panel
from dashboard.source_dialogue import source_dialogue

DIRECTORY = N_("Directory")  # a group of the navigation
_BARS = (
    ("primary", N_("Net sales")),
    ("strong", N_("Gross margin")),
    ("compared", N_("Compared period")),
    ("line", N_("Margin on sales")),
)
OPEN = {
    "product": N_("Open the product’s page"),
    "customer": N_("Open the customer’s page"),
    "supplier": N_("Open the supplier’s page"),
    "country": N_("Open the country’s page"),
}


def member_page(kind: MemberKind, icon_name: str, order: int) -> Page:
    """Return the page of a kind of members."""
    key = kind.place.page
    return Page(
        key=key,
        title=kind.title,
        icon=icon_name,
        analysis=key,
        order=order,
        group=DIRECTORY,
        head=partial(_head, kind),
        overlay=words if key == "products" else None,
        panels=_panels(kind),
    )


def _panels(kind: MemberKind) -> tuple[Panel, ...]:
    """Return the list, then everything about one member; what does not apply hides itself."""
    choice = Choice(SPLIT, kind.split_names, own=True)
    found = [
        Panel("list", kind.title, "members", "grid", partial(listed, kind), 12, 620),
        Panel("kpis", N_("Key figures"), "kpis", "html", tiles, bare=True),
        Panel("monthly", N_("By month"), "monthly", "chart", months, 8, 320, legend=_BARS),
        Panel("facts", N_("At a glance"), "facts", "html", model_card, 4),
    ]
    if kind.priced:
        legend = (("primary", N_("Units sold")), ("line", N_("Average net price")))
        found.append(
            Panel("prices", N_("Quantity and price"), "monthly", "chart", prices, 12, 280,
                  legend=legend, needs="units")
        )  # fmt: skip
    if kind.invested:
        legend = (("strong", N_("Contribution")), ("low", N_("Investment")))
        name = N_("Investment and contribution, cumulated")
        found.append(
            Panel("cumulated", name, "cumulated", "chart", cumulated, 12, 320, legend=legend)
        )
    found.append(Panel("by", N_("Split by"), "by_{choice}", "grid", split, 12, 420, choice=choice))
    wide = 7 if kind.together else 12
    found.append(Panel("orders", N_("Last orders"), "orders", "grid", documents, wide, 380))
    if kind.together:
        name = N_("Bought in the same orders")
        found.append(Panel("together", name, "together", "grid", bought_together, 5, 380))
    if kind.scores:
        found.append(Panel("scores", N_("Scores"), "scores", "html", apart_tiles))
    if kind.stock:
        found.append(Panel("stock", N_("Stock"), "stock", "html", apart_tiles))
    if kind.place.table:
        found.append(Panel("master", N_("Master data"), "master", "html", master_card))
    return tuple(found)


def _head(kind: MemberKind) -> list[Component]:
    """Return search and order of the list, and the place of a member's name."""
    page = kind.place.page
    search, order = f"{page}-member-search", f"{page}-member-sort"
    orders: Any = [{"value": key, "label": str(name)} for key, name in sorts(kind).items()]
    controls = [
        html.Div(
            [
                html.Label(_("Search"), htmlFor=search),
                dcc.Input(
                    id=search,
                    type="search",
                    debounce=False,
                    autoComplete="off",
                    placeholder=_("Part of the name or code"),
                    className="form-control",
                ),
            ],
            className="field member-search",
        ),
        html.Div(
            [html.Label(_("Sort by"), htmlFor=order), dbc.Select(id=order, options=orders)],
            className="field member-sort",
        ),
    ]
    return [
        dcc.Store(id=f"{page}-member-filled"),
        html.Div(
            [
                *controls,
                html.P(id=f"{page}-member-count", className="member-count-text", role="status"),
            ],
            id=f"{page}-member-tools",
            className="member-tools",
        ),
        html.Div(id=f"{page}-member-head", className="member-head"),
    ]


def heading(kind: MemberKind, name: str, code: str, ways: dict[str, str]) -> list[Component]:
    """Return a member's name with the way back to the list and the ways on.

    Args:
        kind: of the member.
        name: what people call it.
        code: "" where the name says it all.
        ways: addresses of the `list`, of all pages filtered to it (`filter`), of its `lines`.
    """
    back = dcc.Link(
        [icon("back"), translate(kind.title)], href=ways["list"], className="member-back"
    )
    title = html.H2([name, html.Span(code, className="member-code")] if code else name)
    links = [
        dcc.Link(
            [icon("filter"), _("Filter everything to it")],
            href=ways["filter"],
            className="btn btn-sm btn-outline-primary",
        ),
        dcc.Link(
            [icon("lines"), _("Its lines")],
            href=ways["lines"],
            className="btn btn-sm btn-outline-primary",
        ),
    ]
    return [
        back,
        html.Div([title, html.Div(links, className="member-ways")], className="member-is"),
    ]


def words() -> Component:
    """Return what the scripts know of pages of members, and the dialogue with a row of a file."""
    pages = {
        found.dimension: {"page": found.page, "open": translate(OPEN[found.dimension])}
        for found in MEMBER_PAGES.values()
    }
    return html.Div([_words(pages), _dialogue()])


def _words(pages: dict[str, Any]) -> Component:
    return html.Div(
        id="member-words",
        hidden=True,
        **attributes({"data-pages": json.dumps(pages, ensure_ascii=False)}),
    )


def _dialogue() -> Component:
    title = _("Where these master data come from")
    told, shown = dcc.Store(id="member-source-told"), html.Div(id="member-source")
    return source_dialogue("member-source", title, "member-dialog", told, shown)
