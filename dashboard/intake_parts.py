"""Columns that hold several things, and fields with the same value in every row."""

from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.models.schema import FieldDef
from core.services.ingest.targets import targets
from core.services.ingest.ways import WAYS
from dashboard.intake_choices import (
    NONE,
    constant_name,
    constant_value_name,
    shown_constants,
    split_name,
)
from dashboard.intake_sheet import ColumnView, SheetView


def split_choice(column: ColumnView, place: int, index: int, table: str) -> list[Component]:
    """Return the choice to take a column apart; nothing where it holds one thing."""
    if not column.splits:
        return []
    options: Any = [{"label": _("Keep it in one piece"), "value": NONE}]
    options += [{"label": _into(way, table), "value": way} for way in column.splits]
    hidden = html.Span(_("Take column {name} apart", name=column.title),
                       className="visually-hidden")  # fmt: skip
    select = dbc.Select(
        id={"type": "intake-option", "sheet": place, "name": split_name(index)},
        options=options,
        value=column.split or NONE,
        size="sm",
        className="split",
    )
    return [html.Label([hidden, select], className="w-100")]


def _into(way: str, table: str) -> str:
    known = targets(table)
    names = [translate(known[field].label) for field in WAYS[way].fields_in(table).values()]
    return _("Take it apart: {parts}", parts=", ".join(names))


def column_label(column: ColumnView, sheet: SheetView) -> str:
    """Return a column's title; a part is named by its column and what it holds."""
    if not column.part:
        return column.title
    for whole in sheet.columns:
        if whole.split and column.title.startswith(whole.title):
            field = WAYS[whole.split].fields_in(sheet.table).get(column.part)
            if field:
                return f"{whole.title} › {translate(targets(sheet.table)[field].label)}"
    return column.title


def constants_section(sheet: SheetView, place: int) -> list[Component]:
    """Return the fields with the same value in every row, and an empty one to add another."""
    stated = shown_constants(sheet)
    taken = {column.field for column in sheet.columns}
    free = [f for key, f in targets(sheet.table).items() if key not in taken and key not in stated]
    rows = [*stated.items(), (NONE, "")]
    return [
        html.H4(_("The same in every row")),
        html.P(
            _("Choose a field and type its value, such as the channel of this file. Where a row "
              "has a cell of its own, that cell counts."),
            className="muted",
        ),
        *(_constant(sheet, place, number, chosen, free) for number, chosen in enumerate(rows)),
    ]  # fmt: skip


def _constant(
    sheet: SheetView, place: int, number: int, chosen: tuple[str, str], free: list[FieldDef]
) -> Component:
    field, value = chosen
    new = field == NONE
    own = [] if new else [targets(sheet.table)[field]]
    options: Any = [{"label": _("– choose a field –") if new else _("– remove –"), "value": NONE}]
    options += [{"label": translate(f.label), "value": f.key} for f in [*own, *free]]
    return html.Div(
        [
            html.Label(
                [
                    html.Span(_("Field")),
                    dbc.Select(
                        id={"type": "intake-option", "sheet": place, "name": constant_name(number)},
                        options=options,
                        value=field,
                    ),
                ],
                className="choice",
            ),
            html.Label(
                [
                    html.Span(_("Value in every row")),
                    dbc.Input(
                        id={
                            "type": "intake-option",
                            "sheet": place,
                            "name": constant_value_name(number),
                        },
                        value=value,
                        debounce=True,
                        size="sm",
                    ),
                ],
                className="choice",
            ),
        ],
        className="options constant",
    )
