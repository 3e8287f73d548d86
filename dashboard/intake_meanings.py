"""Values of a file that are new or not recognised, and what a person says they mean."""

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.formats import country_names, format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.formats import Format
from core.services.ingest.targets import targets
from dashboard.attributes import attributes
from dashboard.intake_choices import (
    EVERYWHERE,
    NONE,
    TAKE,
    TAKE_ALL,
    TAKE_SURE,
    is_taken,
    value_name,
)
from dashboard.intake_sheet import SheetView
from dashboard.intake_words import rows_text

_CURRENCIES = ("EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "DKK", "SEK", "NOK", "PLN", "CZK",
               "MAD", "TND", "TRY", "CNY")  # fmt: skip


def values_section(sheet: SheetView, place: int) -> list[Component]:
    """Return a list of the values with a choice for each; nothing where all are known."""
    if not sheet.values:
        return []
    count = str(msg_n("{n} value", "{n} values", len(sheet.values)))
    title = _("Values that are new or unknown ({count})", count=count)
    head = html.Tr(
        [
            html.Th(_("Field"), scope="col"),
            html.Th(_("In the file"), scope="col"),
            html.Th(_("Rows"), scope="col", className="num"),
            html.Th(_("Means"), scope="col"),
            html.Th(_("Suggestion"), scope="col"),
        ]
    )
    rows = [_row(sheet, place, index, value) for index, value in enumerate(sheet.values)]
    where = html.Label(
        [
            html.Span(_("These meanings hold")),
            dbc.Select(
                id={"type": "intake-option", "sheet": place, "name": EVERYWHERE},
                options=[
                    {"label": _("in every file"), "value": "yes"},
                    {"label": _("in files of this layout"), "value": "no"},
                ],
                value="yes" if sheet.everywhere else "no",
            ),
        ],
        className="choice",
    )
    return [
        html.H4(title),
        html.Table([html.Thead(head), html.Tbody(rows)], className="mapping values"),
        html.Div([*_take(sheet, place), where], className="options"),
    ]


def _take(sheet: SheetView, place: int) -> list[Component]:
    """Return the choice to take suggestions together; nothing where none is open."""
    open_ = [value for value in sheet.values if not value["meant"]]
    sure = sum(is_taken(value, TAKE_SURE) for value in open_)
    every = sum(is_taken(value, TAKE_ALL) for value in open_)
    if not every:
        return []
    counted = [(sure, TAKE_SURE)] * bool(sure) + [(every, TAKE_ALL)] * (every > sure)
    words = {
        TAKE_SURE: _("take those that are sure: {n}", n=sure),
        TAKE_ALL: _("take all: {n}", n=every),
    }
    options = [{"label": words[name], "value": name} for _count, name in counted]
    select = dbc.Select(
        id={"type": "intake-option", "sheet": place, "name": TAKE},
        options=[{"label": _("leave as chosen"), "value": NONE}, *options],  # type: ignore[arg-type]
        value=NONE,
    )
    return [html.Label([html.Span(_("Suggestions")), select], className="choice")]


def _row(sheet: SheetView, place: int, index: int, value: Mapping[str, Any]) -> Component:
    label = translate(targets(sheet.table)[value["field"]].label)
    select = dbc.Select(
        id={"type": "intake-option", "sheet": place, "name": value_name(index)},
        options=_options(value),  # type: ignore[arg-type]
        value=value["meant"] or NONE,
    )
    hidden = html.Span(_("“{name}” means", name=value["written"]), className="visually-hidden")
    return html.Tr(
        [
            html.Td(label),
            html.Td(value["written"], className="column-name"),
            html.Td(rows_text(int(value["rows"])), className="num"),
            html.Td(html.Label([hidden, select], className="w-100"), className="target"),
            html.Td(_suggested(value), className="suggested"),
        ],
        **attributes({"data-value": value["written"]}),
    )


def _suggested(value: Mapping[str, Any]) -> str:
    if not value["suggestion"]:
        return ""
    sure = format_value(value["sure"], Format.PERCENT, current_language(), digits=0)
    return _("{name} ({sure} sure). {why}", name=_named(value, value["suggestion"]), sure=sure,
             why=value["why"])  # fmt: skip


def _options(value: Mapping[str, Any]) -> list[dict[str, str]]:
    field, suggestion = value["field"], value["suggestion"]
    known = {
        "country": list(country_names(current_language())),
        "currency": list(_CURRENCIES),
    }.get(field, list(value["choices"]))
    first = [name for name in (suggestion, value["meant"]) if name]
    listed = list(dict.fromkeys([*first, *sorted(known, key=lambda n: _named(value, n))]))
    kept = _("– as it stands in the file –")
    return [
        {"label": kept, "value": NONE},
        *({"label": _named(value, name), "value": name} for name in listed),
    ]


def _named(value: Mapping[str, Any], name: str) -> str:
    if value["field"] != "country":
        return name
    return format_value(name, Format.COUNTRY, current_language())
