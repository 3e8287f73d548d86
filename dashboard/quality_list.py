"""The page of data-quality rules: every rule with its switch, severity, and who breaks it."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.formats import format_value
from core.i18n import _, current_language, translate
from core.models.formats import Format
from core.models.quality import Severity
from core.models.schema import TABLES
from core.services.quality.bodies import RuleBody
from core.services.quality.service import Place, RuleVersion, Tested
from dashboard import presses
from dashboard.attributes import aria, attributes
from dashboard.components import icon
from dashboard.intake_words import rows_text, whole
from dashboard.value_text import cell_text


def rules_frame() -> Component:
    """Return the page; callbacks fill editor and list."""
    tools = [
        html.P(
            _("Files are checked by these rules before anything is stored. Rows that lack a "
              "required value, or hold a cell that is no value, are always set aside."),
            className="muted",
        ),
        html.Div(className="spacer"),
        html.Button(
            _("Test all against the stored data"), id="rules-test-all", n_clicks=0, type="button",
            className="btn btn-sm btn-outline-primary",
        ),
        press("new", "", _("New rule"), primary=True),
    ]  # fmt: skip
    return html.Div(
        [
            dcc.Store(id="rules-changed", data=0),
            dcc.Store(id="rules-pressed"),
            dcc.Store(id="rule-row-pressed"),
            dcc.Store(id="rule-opened"),
            dcc.Store(id="rule-shown"),
            html.Div(tools, className="rules-tools"),
            html.Div(id="rules-said", className="rules-said", role="status", **aria(live="polite")),
            html.Section(
                [html.Div(id="rule-editor"), html.Div(id="rule-tried", role="status")],
                className="rule-editor",
            ),
            html.Div(id="rules-list", className="rules-list"),
            html.Div(id="rule-row"),
        ],
        className="rules",
    )


def press(action: str, key: str, label: str, *, primary: bool = False) -> Component:
    """Return a button that does something with a rule; "" is a new one."""
    return presses.press("rules-pressed", label, primary=primary, action=action, key=key)


def severity_name(severity: Severity) -> str:
    """Return what happens to a row, in the reader's language."""
    names = {
        Severity.BLOCK: _("refuse the file"),
        Severity.QUARANTINE: _("set the row aside"),
        Severity.WARN: _("keep it, with a warning"),
    }
    return names[severity]


def severity_options() -> Any:
    """Return the choices of a severity."""
    return [{"label": severity_name(one), "value": one.value} for one in reversed(Severity)]


def rule_list(
    versions: Sequence[RuleVersion], broken: Mapping[str, PicholineError]
) -> list[Component]:
    """Return the rules, a company's own first.

    Args:
        versions: as they hold now.
        broken: rules that cannot be asked any more, with why.
    """
    own = [v for v in versions if not v.body.shipped]
    shipped = [v for v in versions if v.body.shipped]
    found: list[Component] = []
    for title, listed in ((_("Rules of your own"), own), (_("Rules that ship"), shipped)):
        if listed:
            found.append(html.H2(title, className="rules-kind"))
            rows = [_rule(version, broken.get(version.body.key)) for version in listed]
            found.append(html.Ul(rows, className="rules-group"))
    return found


def _rule(version: RuleVersion, error: PicholineError | None) -> Component:
    body = version.body
    name = str(body.title)
    switch = dbc.Switch(
        id={"type": "rule-switch", "key": body.key},
        value=body.enabled,
        label=name,
        className="rule-name",
    )
    does = html.Span(_("What “{name}” does with a row", name=name), className="visually-hidden")
    choice = dbc.Select(
        options=severity_options(),
        value=body.severity.value,
        size="sm",
    )
    severity = html.Label([does, choice], className="m-0")
    test = html.Button(
        _("Test"),
        id={"type": "rule-test", "key": body.key},
        n_clicks=0,
        type="button",
        className="btn btn-sm btn-outline-primary",
        **aria(label=_("Test “{name}” against the stored data", name=name)),
    )
    tables = ", ".join(translate(TABLES[key].label) for key in body.tables)
    asks = what_it_asks(body)
    part = html.Span if body.shipped else html.Code
    about = [html.Span(tables), *([part(asks)] if asks else [])]
    faults = [html.P([icon("warning"), str(error)], className="rule-broken")] if error else []
    parts = [
        html.Div([switch, html.Div(about, className="rule-about"), *faults], className="rule-what"),
        html.Div([severity, test, press("edit", body.key, _("Edit"))], className="rule-tools"),
        html.Div(
            id={"type": "rule-tested", "key": body.key}, className="rule-tested", role="status"
        ),
    ]
    state = "rule" if body.enabled else "rule is-off"
    return html.Li(parts, className=state, **attributes({"data-rule": body.key}))


def what_it_asks(body: RuleBody) -> str:
    """Return an own rule's expression, or a shipped one's thresholds."""
    if not body.shipped:
        return body.expression
    return " · ".join(
        f"{translate(t.label)} {_number(body.threshold(t.key))}" for t in body.shipped.thresholds
    )


def _number(value: float) -> str:
    digits = 0 if value == int(value) else 2
    return format_value(value, Format.NUMBER, current_language(), digits=digits)


def tested_parts(found: Tested) -> list[Component]:
    """Return how many stored rows break a rule, with the first of them."""
    if not found.rows:
        return [
            html.P(
                _("There are no rows of this table yet: import a file that has them."),
                className="muted",
            )
        ]
    share = format_value(found.count / found.rows, Format.PERCENT, current_language(), digits=2)
    said = (
        _("{broken} of {rows} ({share})", broken=whole(found.count),
          rows=rows_text(found.rows), share=share)
        if found.count
        else _("None of {rows}", rows=rows_text(found.rows))
    )  # fmt: skip
    mark = "rule-count bad" if found.count else "rule-count good"
    parts: list[Component] = [html.P(said, className=mark)]
    if found.places:
        listed = [_example(place) for place in found.places]
        parts.append(html.Ul(listed, className="rule-examples"))
    return parts


def _example(place: Place) -> Component:
    value = cell_text(place.value, place.kind) if place.kind else ""
    column = translate(place.label) if place.label else ""
    cell = _("{name}: {value}", name=column, value=value) if column else ""
    where = [place.file_name, place.sheet or "", _("row {row}", row=place.row)]
    shown = html.Button(
        _("Show the row"),
        type="button",
        className="btn btn-link btn-sm",
        **presses.tells(
            "rule-row-pressed",
            **{"import": place.import_id, "sheet": place.sheet, "row": place.row or 0},
        ),
    )
    return html.Li(
        [
            html.Span(" · ".join(part for part in where if part)),
            html.Strong(cell),
            dcc.Link(
                _("Import {id}", id=place.import_id), href=f"/imports?import={place.import_id}"
            ),
            shown,
        ]
    )


def said(text: str) -> Component:
    """Return what is said of a change."""
    return html.P([icon("check"), text], className="definition-said")


def row_dialog(parts: Any) -> Component:
    """Return a row of a file with a way to put it away."""
    close = presses.press("rule-row-pressed", _("Close"), close=True)
    return html.Section(
        [
            html.Div(
                [html.H2(_("The row in its file")), close],
                className="rules-tools",
            ),
            *parts,
        ],
        className="rule-source panel",
    )
