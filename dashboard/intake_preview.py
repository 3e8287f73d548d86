"""The preview panel: per sheet the target table, the mapping, options, counts and first rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.formats import UNKNOWN, format_value
from core.i18n import _, current_language, translate
from core.models.formats import Format
from core.models.schema import TABLES, FieldDef, Kind
from core.services.ingest.modes import Mode, possible
from core.services.ingest.targets import targets
from dashboard.attributes import aria, attributes
from dashboard.components import icon
from dashboard.import_effect import differences_panel, effect_panel
from dashboard.intake_choices import NONE, shown_option
from dashboard.intake_layout import layout_controls, year_doubt
from dashboard.intake_meanings import values_section
from dashboard.intake_parts import column_label, constants_section, split_choice
from dashboard.intake_sheet import ColumnView, SheetView
from dashboard.intake_words import count_tiles, problem_list, rows_text
from dashboard.quality_preview import control_choice, profile, refusal_notices, score_text
from dashboard.value_text import NUMBERS, cell_text

_CURRENCIES = (
    "EUR", "USD", "GBP", "CHF", "JPY", "CAD", "AUD", "DKK", "SEK", "NOK", "PLN", "CZK", "MAD",
    "TND", "TRY", "CNY",
)  # fmt: skip
_SHOWN_EXAMPLES = 3
_PRICES = {"unit_price", "unit_price_incl_vat", "line_amount", "line_amount_incl_vat"}


def preview_body(
    sheets: Sequence[SheetView], base_currency: str, effect: Mapping[str, Any] | None = None
) -> list[Component]:
    """Return the body of the panel: the effect of the file, and one section per sheet."""
    return [
        html.Div(
            effect_panel(effect, _("What changes in the numbers"), "effect"),
            className="effect-panel",
        ),
        *(_sheet(sheet, place, len(sheets), base_currency) for place, sheet in enumerate(sheets)),
    ]


def again_note(import_id: int) -> list[Component]:
    """Return what confirming means for the import whose file is read again; nothing without."""
    if not import_id:
        return []
    text = _(
        "The file of import {id} is read again. When you confirm, that import is undone and this "
        "one counts instead, both at once.",
        id=import_id,
    )
    return [html.P(text, className="again-note")]


def preview_actions(sheets: Sequence[SheetView]) -> list[Component]:
    """Return the button that confirms, saying how many rows will be imported."""
    chosen = [sheet for sheet in sheets if sheet.include]
    open_question = any(sheet.ambiguous for sheet in chosen)
    possible = bool(chosen) and not any(
        sheet.missing or sheet.refusals or year_doubt(sheet) for sheet in chosen
    )
    return [
        html.Span(_state(chosen), className="muted"),
        html.Button(
            [icon("check"), _("Use these columns") if open_question else _("Import")],
            id={"type": "intake-confirm", "name": "import"},
            n_clicks=0,
            type="button",
            disabled=not possible,
            className="btn btn-primary",
        ),
    ]


def _state(chosen: Sequence[SheetView]) -> str:
    if not chosen:
        return _("No sheet is chosen")
    if any(sheet.missing for sheet in chosen):
        return _("A required column is missing")
    if any(year_doubt(sheet) for sheet in chosen):
        return _("The year of the months is not stated")
    if any(sheet.ambiguous for sheet in chosen):
        return _("Columns are in doubt")
    if any(sheet.refusals for sheet in chosen):
        return _("The file is refused")
    return rows_text(sum(sheet.accepted for sheet in chosen))


def _sheet(sheet: SheetView, place: int, total: int, base_currency: str) -> Component:
    tables = [{"label": translate(t.label), "value": key} for key, t in TABLES.items()]
    head = [
        html.H3(sheet.name),
        _option(sheet, place, "table", _("Import as"), tables),
    ]
    if not asks(sheet):
        head += _modes(sheet, place)
    head += layout_controls(sheet, place)
    if total > 1:
        choice = [
            {"label": _("Import this sheet"), "value": "yes"},
            {"label": _("Leave it out"), "value": "no"},
        ]
        head.append(_option(sheet, place, "include", _("Sheet"), choice))
    parts: list[Component] = [html.Div(head, className="sheet-head")]
    parts += [html.P(note, className="muted") for note in sheet.notes]
    if doubt := _doubt(sheet):
        parts.append(doubt)
    else:
        counts = (sheet.read, sheet.accepted, sheet.quarantined, sheet.already_there)
        parts.append(count_tiles(*counts))
        parts += refusal_notices(sheet)
        if score := score_text(sheet.quality):
            parts.append(html.P(score, className="muted"))
        parts += differences_panel(sheet.differences, sheet.table, asks=sheet.mode == "append")
        if asks(sheet):
            parts.append(html.Div(_modes(sheet, place), className="options difference-question"))
        if problems := problem_list(sheet.reasons, sheet.warnings, sheet.texts):
            parts += [html.H4(_("Problems and remarks")), problems]
    parts += [html.H4(_("Columns")), _mapping(sheet, place)]
    parts += [html.H4(_("How values are read")), _reading(sheet, place, base_currency)]
    parts += constants_section(sheet, place)
    parts += values_section(sheet, place)
    if sheet.rows:
        parts += [html.H4(_("First rows as they will be stored")), _stored(sheet)]
    return html.Section(parts, className="sheet", **attributes({"data-sheet": sheet.name}))


def asks(sheet: SheetView) -> bool:
    """Whether rows are stored otherwise, so that a person has to say which of them count."""
    found = sheet.differences
    return bool(found and found["differing"]) and sheet.mode in ("append", "upsert")


def _modes(sheet: SheetView, place: int) -> list[Component]:
    """Return what becomes of earlier rows, with the days of a period that is replaced."""
    words = {
        Mode.APPEND: _("Keep what is stored; set the new rows aside")
        if asks(sheet)
        else _("Add to what is there"),
        Mode.UPSERT: _("Take the new rows; whole documents are replaced")
        if asks(sheet)
        else _("Update by key; whole documents are replaced"),
        Mode.PERIOD: _("Replace the period"),
        Mode.REPLACE: _("Replace the whole table"),
    }
    modes = [{"label": words[mode], "value": mode.value} for mode in possible(sheet.table)]
    label = _("Which rows count") if asks(sheet) else _("Earlier rows")
    found = [_option(sheet, place, "mode", label, modes)]
    if sheet.mode == Mode.PERIOD:
        found += [
            _day(sheet, place, "first_day", _("From")),
            _day(sheet, place, "last_day", _("To")),
        ]
    return found


def _day(sheet: SheetView, place: int, name: str, label: str) -> Component:
    return html.Label(
        [
            html.Span(label),
            dbc.Input(
                id={"type": "intake-option", "sheet": place, "name": name},
                value=shown_option(sheet, name),
                debounce=True,
                **attributes({"type": "date"}),
                size="sm",
            ),
        ],
        className="choice day",
        title=_("Empty: the first and the last day of the file"),
    )


def _doubt(sheet: SheetView) -> Component | None:
    """Return why the rows were not counted: columns are missing or in doubt."""
    known = targets(sheet.table)
    if year := year_doubt(sheet):
        title, remedy = year
    elif sheet.missing:
        names = ", ".join(translate(known[key].label) for key in sheet.missing)
        title = _("Still missing: {names}.", names=names)
        remedy = _("Choose below which columns hold it, or import as another table.")
    elif sheet.ambiguous:
        names = ", ".join(sheet.ambiguous)
        title = _("More than one column could be the same field: {names}.", names=names)
        remedy = _("Look at the columns below, correct them, and confirm that they are right.")
    else:
        return None
    words = html.Div([html.Strong(title), html.Span(remedy)])
    return html.Div([icon("warning"), words], className="error", role="alert")


def _option(sheet: SheetView, place: int, name: str, label: str, options: Any) -> Component:
    """Return a labelled choice; the value is what the server read the sheet with."""
    return html.Label(
        [
            html.Span(label),
            dbc.Select(
                id={"type": "intake-option", "sheet": place, "name": name},
                options=options,
                value=shown_option(sheet, name),
            ),
        ],
        className="choice",
    )


def _mapping(sheet: SheetView, place: int) -> Component:
    head = html.Tr(
        [
            html.Th(_("Column in the file"), scope="col"),
            html.Th(_("First values"), scope="col"),
            html.Th(_("Becomes"), scope="col"),
            html.Th(_("Confidence"), scope="col"),
        ]
    )
    taken = {column.field: column.title for column in sheet.columns if column.field}
    fields = sorted(targets(sheet.table).values(), key=lambda field: not field.required)
    rows = [
        _column(column, (place, index), fields, taken, sheet)
        for index, column in enumerate(sheet.columns)
        if column.title
    ]
    return html.Table([html.Thead(head), html.Tbody(rows)], className="mapping")


def _column(
    column: ColumnView,
    where: tuple[int, int],
    fields: Sequence[FieldDef],
    taken: Mapping[str, str],
    sheet: SheetView,
) -> Component:
    options: Any = [{"label": _("– not imported –"), "value": NONE}]
    options += [
        {"label": _field_label(field, column, taken), "value": field.key} for field in fields
    ]
    select = dbc.Select(
        id={"type": "intake-field", "sheet": where[0], "column": where[1]},
        options=options,
        value=column.field or NONE,
    )
    title = column_label(column, sheet)
    hidden = html.Span(_("Column {name} becomes", name=title), className="visually-hidden")
    sure = _("set") if column.field else ""
    if column.field and column.confidence is not None:
        sure = format_value(column.confidence, Format.PERCENT, current_language(), digits=0)
    examples = " · ".join(column.examples[:_SHOWN_EXAMPLES])
    kind = next((field.kind for field in fields if field.key == column.field), None)
    return html.Tr(
        [
            html.Td(title, className="column-name"),
            html.Td(
                [html.Div(examples or UNKNOWN, className="examples-shown"), profile(column, kind)],
                className="examples",
                title=examples,
            ),
            html.Td(
                [
                    html.Label([hidden, select], className="w-100"),
                    *split_choice(column, *where, sheet.table),
                ],
                className="target",
            ),
            html.Td(html.Span(sure, className=f"sure {column.level}") if sure else ""),
        ],
        className="" if column.field else "unused",
        **attributes({"data-column": column.title}),
    )


def _field_label(field: FieldDef, column: ColumnView, taken: Mapping[str, str]) -> str:
    """Return a field's name, marked when required, with the column that holds it now."""
    name = translate(field.label) + (" *" if field.required else "")
    holder = taken.get(field.key)
    return f"{name} ← {holder}" if holder and holder != column.title else name


def _reading(sheet: SheetView, place: int, base_currency: str) -> Component:
    """Return the options that fit this sheet: signs, order of dates, VAT, currency."""
    found = [
        _option(sheet, place, "decimal", _("Decimal sign in texts"), [
            {"label": _("As the column shows"), "value": NONE},
            {"label": _("Comma: 1 234,56"), "value": ","},
            {"label": _("Point: 1,234.56"), "value": "."},
        ]),
        _option(sheet, place, "date_order", _("Dates written as text"), [
            {"label": _("As the column shows"), "value": NONE},
            {"label": _("Day first: 31/03/2025"), "value": "dmy"},
            {"label": _("Month first: 03/31/2025"), "value": "mdy"},
        ]),
    ]  # fmt: skip
    mapped = {column.field for column in sheet.columns}
    if sheet.table == "sales" and mapped & _PRICES:
        found.append(_option(sheet, place, "prices", _("Prices"), [
            {"label": _("As the column says"), "value": NONE},
            {"label": _("Without VAT"), "value": "excl"},
            {"label": _("Including VAT"), "value": "incl"},
        ]))  # fmt: skip
        found.append(_rate(sheet, place))
    has_currency = any(field.kind is Kind.CURRENCY for field in TABLES[sheet.table].fields)
    if has_currency and "currency" not in mapped:
        codes = [{"label": code, "value": code} for code in _CURRENCIES]
        base = {"label": _("{code} (base currency)", code=base_currency), "value": NONE}
        found.append(_option(sheet, place, "currency", _("Currency of all rows"), [base, *codes]))
    found += control_choice(sheet, place)
    return html.Div(found, className="options")


def _rate(sheet: SheetView, place: int) -> Component:
    return html.Label(
        [
            html.Span(_("VAT rate of all rows, %")),
            dbc.Input(
                id={"type": "intake-option", "sheet": place, "name": "vat_rate"},
                value=shown_option(sheet, "vat_rate"),
                debounce=True,
                **attributes({"inputmode": "decimal"}),
                placeholder=_("none"),
                size="sm",
            ),
        ],
        className="choice rate",
    )


def _stored(sheet: SheetView) -> Component:
    known = targets(sheet.table)
    keys = [key for key in known if any(row.get(key) is not None for row in sheet.rows)]
    head = [
        html.Th(translate(known[key].label), scope="col", className=_align(known[key].kind))
        for key in keys
    ]
    body = [
        html.Tr([html.Td(cell_text(row.get(k), known[k].kind), className=_align(known[k].kind))
                 for k in keys])
        for row in sheet.rows
    ]  # fmt: skip
    table = html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], className="data-table")
    return html.Div(
        table,
        className="stored-scroll",
        tabIndex=0,
        role="region",
        **aria(label=_("First rows as they will be stored")),
    )


def _align(kind: Kind) -> str:
    return "num" if kind in NUMBERS or kind in (Kind.INTEGER, Kind.FRACTION) else ""
