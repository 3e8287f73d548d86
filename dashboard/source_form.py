"""The editor of an SQL source: its fields, what a trial found, and what is asked before it goes."""

from collections.abc import Mapping
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.models.arrivals import SqlSource
from core.models.schema import TABLES
from core.services.sql_source_desk import Trial
from dashboard.components import icon
from dashboard.intake_words import rows_text, table_name
from dashboard.presses import press

STORE = "source-pressed"
FIELD = "source-field"
_EXAMPLE = "postgresql://reader@host/shop"
_BEST = "*"  # the table that fits best


def source_frame() -> list[Component]:
    """Return the places above the list of sources; callbacks fill them."""
    return [
        html.Div(id="source-editor"),
        html.Div(id="source-said", role="status"),
        html.Div(press(STORE, _("New source…"), what="new", source=""), className="arrival-tools"),
        dcc.Store(id=STORE),
        dcc.Store(id="sources-changed"),
    ]


def source_editor(source: SqlSource | None) -> Component:
    """Return the form of a new source, or of one that is there."""
    found = source or SqlSource(name="", address="", query="")
    turn = "every" if found.every_minutes else "daily" if found.daily_at else "press"
    tables, modes, turns = _options()
    fields = [
        _text("name", _("Name of the source"), found.name, disabled=source is not None),
        _text(
            "address", _("Address of the database"), found.address, wide=True, placeholder=_EXAMPLE
        ),
        html.Label(
            [
                html.Span(_("Query: one SELECT")),
                dcc.Textarea(
                    id=_id("query"),
                    value=found.query,
                    rows=4,
                    className="form-control layout-text",
                    spellCheck=False,
                ),
            ],
            className="definition-field wide",
        ),
        _choice("table", _("Table"), found.table_name or _BEST, tables),
        _choice("mode", _("What becomes of earlier rows"), found.mode, modes),
        _choice("turn", _("When it runs"), turn, turns),
        _text("minutes", _("Minutes between two runs"), str(found.every_minutes or "")),
        _text("daily", _("Time of the day, as 06:30"), found.daily_at or ""),
    ]
    note = html.P(
        _(
            "A password is never stored: put an address that needs one into an environment "
            "variable of the server and write env:NAME here."
        ),
        className="muted",
    )
    what = "change" if source else "add"
    tools = [
        press(STORE, _("Save"), primary=True, what=what, source=found.name),
        press(STORE, _("Try it"), what="try", source=found.name),
        press(STORE, _("Cancel"), what="close", source=""),
    ]
    title = _("Source {name}", name=found.name) if source else _("New source")
    parts = [
        html.H3(title),
        html.Div(fields, className="definition-fields"),
        note,
        html.Div(tools, className="arrival-tools"),
    ]
    return html.Div(parts, className="source-form")


def _options() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Return what can be chosen: the table, what becomes of earlier rows, when it runs."""
    tables = {_BEST: _("the best fit"), **{key: translate(t.label) for key, t in TABLES.items()}}
    modes = {
        "append": _("adds to what is there"),
        "replace": _("replaces the whole table"),
        "upsert": _("replaces whole documents"),
    }
    turns = {
        "press": _("on a press only"),
        "every": _("every so many minutes"),
        "daily": _("every day at a time"),
    }
    return tables, modes, turns


def stated_source(fields: Mapping[str, Any], name: str = "") -> SqlSource:
    """Return the source a form states.

    Args:
        fields: values of the form by their names.
        name: of a source that is there; "" takes the one that was typed.
    """
    given = {key: str(value or "").strip() for key, value in fields.items()}
    turn = given.get("turn", "press")
    minutes = given.get("minutes", "")
    return SqlSource(
        name=name or given.get("name", ""),
        address=given.get("address", ""),
        query=given.get("query", ""),
        table_name=None if given.get("table") in {None, "", _BEST} else given["table"],
        mode=given.get("mode") or "append",
        every_minutes=(int(minutes) if minutes.isdecimal() else 0) if turn == "every" else None,
        daily_at=given.get("daily", "") if turn == "daily" else None,
    )


def ask_remove(name: str) -> Component:
    """Return the question before a source goes."""
    return html.Div(
        [
            html.P(_("Remove the source “{name}”? What it imported stays.", name=name)),
            html.Div(
                [
                    press(STORE, _("Remove"), primary=True, what="remove", source=name),
                    press(STORE, _("Cancel"), what="close", source=""),
                ],
                className="arrival-tools",
            ),
        ],
        className="source-form",
    )


def said(text: str) -> Component:
    """Return a plain sentence."""
    return html.P([icon("info"), " ", text])


def trial_view(trial: Trial) -> Component:
    """Return the first rows of a source and what would become of them."""
    if not trial.read:
        return said(_("The database answered; the query gives no rows now."))
    head = html.Tr([html.Th(name, scope="col") for name in trial.columns])
    body = [html.Tr([html.Td(cell) for cell in row]) for row in trial.rows]
    text = _("The database answered; looked at: {rows}.", rows=rows_text(trial.read))
    if trial.table:
        text += " " + _("They would become the table {table}.", table=table_name(trial.table))
    parts: list[Component] = [said(text)]
    if trial.doubts:
        doubts = [html.Li(str(doubt)) for doubt in trial.doubts]
        parts.append(html.Div([html.Strong(_("A run would be refused:")), html.Ul(doubts)]))
    table = html.Table([html.Thead(head), html.Tbody(body)], className="data-table")
    return html.Div([*parts, html.Div(table, className="stored-scroll")], className="source-trial")


def _id(name: str) -> dict[str, str]:
    return {"type": FIELD, "name": name}


def _text(name: str, label: str, value: str, *, wide: bool = False, **more: Any) -> Component:
    control = dcc.Input(
        id=_id(name), value=value, debounce=0.4, className="form-control",
        autoComplete="off", **more,
    )  # fmt: skip
    shape = "definition-field wide" if wide else "definition-field"
    return html.Label([html.Span(label), control], className=shape)


def _choice(name: str, label: str, value: str, choices: Mapping[str, str]) -> Component:
    options: Any = [{"value": key, "label": text} for key, text in choices.items()]
    control = dbc.Select(id=_id(name), value=value, options=options)
    return html.Label([html.Span(label), control], className="definition-field")
