"""The control of a customer list: choose a file, then which column says what, with examples."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.formats import format_value
from core.i18n import N_, _, current_language, msg_n, translate
from core.models.formats import Format
from core.services.labelled import NO_COLUMN
from core.services.labelled_columns import KINDS, NUMBER, ListColumn
from core.services.labelled_label import possible_labels
from core.services.labelled_list import CustomerList
from dashboard.attributes import attributes
from dashboard.components import error_notice, icon

BODY = "labelled-body"
SUFFIXES = ".csv,.tsv,.txt,.xlsx,.xlsm,.xlsb,.xls,.ods"
LABELS: Mapping[str, str] = {
    "label": N_("Column that says who left"),
    "left_value": N_("What stands there for those who left"),
    "identifier": N_("Column with the customer code"),
    "value_column": N_("Column with the monthly value"),
}
PROPOSED = "*"  # chosen in a control: what titles and values say
_MOST_COLUMNS = 500


def labelled_parts() -> list[Component]:
    """Return the frame; a callback fills it with the list, or says what is looked at instead."""
    return [html.Div(id=BODY, className="labelled-none")]


def purchases_hint() -> list[Component]:
    """Return what the analysis of purchases looks at."""
    said = _("All purchases up to the end of the period count, whenever it begins.")
    return [html.P(said, className="panel-hint")]


def no_list() -> list[Component]:
    """Return what is said before a file was chosen."""
    return [
        html.Div(
            [
                html.Strong(_("Customer list")),
                html.P(
                    _(
                        "A file with one row per customer: a column says who left (such as Yes "
                        "and No), the others what is known of each, such as the contract, the "
                        "price, since when."
                    )
                ),
            ],
            className="labelled-text",
        ),
        _chooser(_("Choose a file"), primary=True),
    ]


def bad_list(error: PicholineError, sha256: str) -> list[Component]:
    """Return why a file cannot be read, with the way to another one."""
    return [_name(sha256), error_notice(error), _chooser(_("Choose another file"))]


def list_control(found: CustomerList, chosen: Mapping[str, str], sha256: str) -> list[Component]:
    """Return the file with its columns to choose from.

    Args:
        found: the list.
        chosen: values of `LABELS` in the URL; what is missing is proposed.
        sha256: of the file.
    """
    counted = msg_n(
        "{count} customer, {columns} columns",
        "{count} customers, {columns} columns",
        len(found.rows),
        count=format_value(len(found.rows), Format.INTEGER, current_language()),
        columns=len(found.columns),
    )
    return [
        html.Div(
            [_name(sha256), html.Span(str(counted), className="muted")], className="labelled-text"
        ),
        _chooser(_("Choose another file")),
        html.Div([_field(name, found, chosen) for name in LABELS], className="labelled-fields"),
        _columns(found),
    ]


def _name(sha256: str) -> Component:
    """Return the file's name; the browser that uploaded it knows it."""
    return html.Strong(
        _("Customer list"), className="labelled-name", **attributes({"data-sha": sha256})
    )


def _chooser(label: str, *, primary: bool = False) -> Component:
    look = "btn-primary" if primary else "btn-outline-primary"
    texts = {
        "data-accept": SUFFIXES,
        "data-sending": _("Sending…"),
        "data-failed": _("The file did not arrive. Try again."),
    }
    return html.Div(
        [
            html.Button(
                [icon("upload"), html.Span(label)],
                type="button",
                className=f"btn btn-sm {look} labelled-choose",
                **attributes(texts),
            ),
            html.Span(className="labelled-progress", role="status"),
        ],
        className="labelled-file",
    )


def _field(name: str, found: CustomerList, chosen: Mapping[str, str]) -> Component:
    options, proposed = _options(name, found, chosen)
    offered: list[Any] = [{"label": _automatic(proposed), "value": PROPOSED}, *options]
    value = next((o["value"] for o in options if _same(o["value"], chosen.get(name, ""))), PROPOSED)
    select = dbc.Select(
        id={"type": "labelled-choice", "name": name},
        options=offered,
        value=value,
        size="sm",
    )
    label = html.Label([translate(LABELS[name]), select])
    return html.Div(label, className="labelled-field")


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.strip().casefold() != ""


def _automatic(proposed: str) -> str:
    return _("Proposed: {name}", name=proposed) if proposed else _("None proposed")


def _options(
    name: str, found: CustomerList, chosen: Mapping[str, str]
) -> tuple[list[dict[str, str]], str]:
    """Return the choices of a control, with examples, and what is proposed."""
    proposed = found.proposed
    if name == "label":
        return _choices(possible_labels(found.columns)), proposed.label
    if name == "left_value":
        label = chosen.get("label", "") or proposed.label
        column = next((c for c in found.columns if _same(c.name, label)), None)
        values = column.different()[:20] if column else []
        shown = proposed.positive if column and column.name == proposed.label else ""
        return [{"label": value, "value": value} for value in values], shown
    if name == "identifier":
        return _choices([c for c in found.columns if c.is_unique]), proposed.identifier
    none = {"label": _("None"), "value": NO_COLUMN}
    return [none, *_choices([c for c in found.columns if c.kind == NUMBER])], proposed.value


def _choices(columns: Sequence[ListColumn]) -> list[dict[str, str]]:
    return [
        {"label": f"{column.name} ({', '.join(column.examples)})", "value": column.name}
        for column in columns[:_MOST_COLUMNS]
    ]


def _columns(found: CustomerList) -> Component:
    """Return every column with what it was taken for."""
    head = [_("Column"), _("Taken for"), _("Different values"), _("Empty"), _("Examples")]
    rows = [
        html.Tr(
            [
                html.Td(column.name),
                html.Td(translate(KINDS[column.kind])),
                *(
                    html.Td(format_value(n, Format.INTEGER, current_language()), className="num")
                    for n in (column.distinct, column.missing)
                ),
                html.Td(", ".join(column.examples)),
            ]
        )
        for column in found.columns[:_MOST_COLUMNS]
    ]
    titles: list[Any] = [html.Th(text, scope="col") for text in head]
    table = html.Table([html.Thead(html.Tr(titles)), html.Tbody(rows)], className="data-table")
    return html.Details(
        [
            html.Summary(_("How the columns are read")),
            html.Div(table, className="table-scroll", tabIndex=0),
        ],
        className="labelled-columns",
    )
