"""Drilling down a hierarchy: the page's panels, its breadcrumbs, and what the menus know of it."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.models.catalogue import DIMENSIONS
from core.models.lines import CELL, spelled
from core.models.query import NO_VALUE
from core.models.result import ResultTable
from core.services.analytics.drill import ALONG, LISTED, WAY
from core.services.hierarchies import HIERARCHIES, LAST, LEVEL_NAMES
from dashboard.attributes import aria, attributes
from dashboard.breakdown import breakdown
from dashboard.components import choice_tabs, icon
from dashboard.grid import grid_columns, grid_rows
from dashboard.member_views import split
from dashboard.page import View

DOWN = "_down"  # the key under which a grid's row holds the address of the level below it
_INVOICE = ("day", LAST, "customer_name", "net_sales", "gross_margin", "margin_rate", "returns")
Crumb = tuple[str, str]


def level_of(table: ResultTable) -> str:
    """Return the dimension whose members a table lists."""
    keys = [column.key for column in table.columns if column.role == "dimension"]
    return LAST if LAST in keys else keys[0]


def ranked(view: View) -> tuple[Any, ...]:
    """Return the level's largest members as bars."""
    return (breakdown(view, level_of(view.table), "net_sales", "gross_margin"),)


def level(view: View) -> tuple[Any, ...]:
    """Return the level's members as a grid; each name leads one level down."""
    table = replace(view.table, data=view.table.data.slice(0, LISTED))
    view, key = replace(view, table=table), level_of(table)
    if key == LAST:
        known = {column.key for column in table.columns}
        columns = [table.column(name) for name in _INVOICE if name in known]
        rows, definitions = grid_rows(table, columns, view), grid_columns(columns, view)
    else:
        rows, definitions = split(view)
    named = key if any(d.get("field") == key for d in definitions) else f"{key}_name"
    values = table.data[key].to_pylist()
    found = [
        {**row, DOWN: _below(view, key, value)} for row, value in zip(rows, values, strict=True)
    ]
    return found, [_led(definition, named) for definition in definitions]


def _led(definition: dict[str, Any], named: str) -> dict[str, Any]:
    """Let the column of the names lead down, not to the pages of members."""
    if definition.get("field") != named:
        return definition
    return {**definition, "cellRenderer": "PcDrill", "cellRendererParams": {}}


def _below(view: View, key: str, value: Any) -> str:
    """Return the address of what is inside a member; of an invoice, its lines."""
    chosen = parse_qsl(str(view.result.headline[WAY]))
    cell = (CELL, spelled((key, NO_VALUE if value is None else str(value))))
    page = "lines" if key == LAST else "drill"
    kept = [pair for pair in chosen if pair[0] != ALONG or page == "drill"]
    return f"/{page}?" + urlencode([*view.filters.to_pairs(), *kept, cell])


def head() -> list[Component]:
    """Return the place of the breadcrumbs; a callback fills it."""
    return [html.Div(id="drill-head", className="drill-head")]


def crumbs(path: Sequence[Crumb], below: str) -> Component:
    """Return the way from the top to where the page stands; each step leads back to it.

    Args:
        path: name and address of every level above, the top first.
        below: dimension of the level that is listed.
    """
    *above, last = path
    steps = [html.Li(dcc.Link(name, href=href)) for name, href in above]
    here = html.Li(html.Span(last[0], **aria(current="page")))
    level = html.Li(html.Span(translate(LEVEL_NAMES[below]), className="drill-level"))
    return html.Nav(
        html.Ol([*steps, here, *([level] if above else [])]),
        className="drill-crumbs",
        **aria(label=_("Breadcrumbs")),
    )


def hierarchies(links: Sequence[tuple[str, str, bool]]) -> Component:
    """Return the hierarchies to choose from: name, address, whether it is the chosen one."""
    return html.Div(
        [html.Span(_("Start from"), className="muted"), *choice_tabs(list(links))],
        className="drill-starts",
        role="group",
        **aria(label=_("Start from")),
    )


def restricted(links: Sequence[tuple[str, str, str]]) -> Component | None:
    """Return what else restricts the levels: dimension, value, address without it."""
    if not links:
        return None
    chips = [
        dcc.Link(
            [html.Span(_("{dimension}:", dimension=label), className="muted"), name, icon("close")],
            href=href,
            className="chip",
            title=_("Remove: {dimension} {name}", dimension=label, name=name),
        )
        for label, name, href in links
    ]
    return html.Div(chips, className="drill-inside")


def words() -> Component:
    """Return the hierarchies for the menus of figures, in the reader's language."""
    told = {
        "hierarchies": HIERARCHIES,
        "levels": {key: translate(name) for key, name in LEVEL_NAMES.items()},
        "own": [CELL, ALONG, "only", "without"],
        "down": _("Drill down: {level}"),
    }
    return html.Div(
        id="drill-down-words",
        hidden=True,
        **attributes({"data-told": json.dumps(told, ensure_ascii=False)}),
    )


def dimension_name(key: str) -> str:
    """Return what a dimension is called."""
    return translate(DIMENSIONS[key].name) if key in DIMENSIONS else key
