"""The editor of a data-quality rule: its fields, what it says of the stored rows, its history."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.errors import PicholineError
from core.i18n import _, current_language, msg, translate
from core.models.schema import TABLES
from core.services.quality.bodies import RuleBody, from_dict
from core.services.quality.service import RuleVersion
from dashboard.quality_list import press, severity_name, severity_options, what_it_asks
from dashboard.versions import version_row

Fields = Mapping[str, Any]
_NEW: dict[str, Any] = {"table": "sales"}


def editor(version: RuleVersion | None, history: Sequence[RuleVersion]) -> Component:
    """Return the form of a new rule, or of one in force.

    Args:
        version: as it holds now; None for a new rule.
        history: all versions, the newest first.
    """
    body = version.body if version else from_dict("", _NEW)
    fields = _settings(body) if body.shipped else _own(body)
    last = [press("save", body.key, _("Save"), primary=True), press("close", "", _("Cancel"))]
    if version and body.shipped and version.edition:
        last.append(press("remove", body.key, _("Back to how it ships")))
    elif version and not body.shipped:
        last.append(press("remove", body.key, _("Remove")))
    title = str(body.title) if version else _("New rule")
    return html.Div(
        [
            html.H2(title, id="rule-title"),
            html.Div([*fields, _severity(body)], className="definition-fields"),
            html.Div(last, className="rules-tools"),
            *_history(history),
        ]
    )


def _own(body: RuleBody) -> list[Component]:
    names = [
        _text("name", _("Name in English"), body.name),
        _text("name_fr", _("Name in French"), body.name_fr),
        _text("message", _("Message in English (empty: the name)"), body.message),
        _text("message_fr", _("Message in French (empty: the name)"), body.message_fr),
    ]
    if current_language() == "fr":
        names = [*names[1::-1], *names[:1:-1]]
    tables = {key: translate(table.label) for key, table in TABLES.items()}
    keys = sorted({field.key for table in TABLES.values() for field in table.fields})
    listed = html.Datalist([html.Option(value=key) for key in keys], id="rule-columns")
    return [
        *names,
        _choice("table", _("Table"), body.table, tables),
        _text("column", _("Column to name (empty: the first one)"), body.column, "rule-columns"),
        html.Label(
            [
                html.Span(_("A row is wrong where this is true")),
                dcc.Textarea(
                    id=_field("expression"), value=body.expression, rows=2,
                    className="form-control rule-expression", spellCheck=False,
                    placeholder="unit_price < unit_cost and quantity > 0",
                ),
            ],
            className="definition-field wide",
        ),
        listed,
    ]  # fmt: skip


def _settings(body: RuleBody) -> list[Component]:
    if body.shipped is None:
        return []
    return [
        html.Label(
            [
                html.Span(translate(threshold.label)),
                dcc.Input(
                    id=_field(f"threshold-{threshold.key}"), type="number", step="any",
                    value=body.threshold(threshold.key), min=threshold.low, max=threshold.high,
                    debounce=0.4, className="form-control",
                ),
            ],
            className="definition-field",
        )
        for threshold in body.shipped.thresholds
    ]  # fmt: skip


def _severity(body: RuleBody) -> Component:
    control = dbc.Select(
        id=_field("severity"), options=severity_options(), value=body.severity.value
    )
    return html.Label(
        [html.Span(_("What happens to a wrong row")), control], className="definition-field"
    )


def _field(name: str) -> dict[str, str]:
    return {"type": "rule-field", "name": name}


def _text(name: str, label: str, value: str, listed: str = "") -> Component:
    more: Any = {"list": listed} if listed else {}
    control = dcc.Input(
        id=_field(name), value=value, debounce=0.4, className="form-control", **more
    )
    return html.Label([html.Span(label), control], className="definition-field")


def _choice(name: str, label: str, value: str, choices: Mapping[str, str]) -> Component:
    options: Any = [{"value": key, "label": text} for key, text in choices.items()]
    control = dbc.Select(id=_field(name), value=value, options=options)
    return html.Label([html.Span(label), control], className="definition-field")


def _history(history: Sequence[RuleVersion]) -> list[Component]:
    """Return the earlier versions, each with a way back to it."""
    if not history:
        return []
    rows = [
        version_row(
            version.edition,
            version.saved_at,
            version.owner,
            [
                html.Span(_("on") if version.body.enabled else _("off")),
                html.Span(severity_name(version.body.severity)),
                html.Code(what_it_asks(version.body)),
            ],
            press("restore", f"{version.body.key} {version.edition}", _("Restore")),
            removed=version.removed,
        )
        for version in history
    ]
    return [html.H3(_("History")), html.Ul(rows, className="definition-history")]


def columns_help(table: str) -> Component:
    """Return the columns an expression about a table may name."""
    fields = TABLES[table].fields if table in TABLES else ()
    listed = [html.Span([html.Code(field.key), " ", translate(field.label)]) for field in fields]
    return html.Details(
        [html.Summary(_("Columns and signs")), html.P(listed, className="rule-columns"),
         html.P(_("Signs: = <> < <= > >= + - * / ( ), and, or, not, is empty, in (…), between … "
                  "and …, contains “…”, starts with “…”, ends with “…”, today. Texts and codes "
                  "stand in quotes, days as 2025-03-31; a comparison with an empty cell is never "
                  "true."))],
        className="rule-help",
    )  # fmt: skip


def body_of(known: RuleBody | None, key: str, fields: Fields) -> RuleBody:
    """Return what stands in the form as a rule.

    Args:
        known: the rule that was opened; None for a new one.
        key: of the rule.
        fields: values by name.

    Raises:
        PicholineError: a threshold is no number.
    """
    stated: dict[str, Any] = known.as_dict() if known else {}
    settings = dict(known.settings) if known else {}
    for name, value in fields.items():
        if name.startswith("threshold-"):
            settings[name.removeprefix("threshold-")] = _threshold(value)
        else:
            stated[name] = (value or "").strip() if isinstance(value, str) else value or ""
    return from_dict(key, {**stated, "settings": settings})


def _threshold(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError) as error:
        raise PicholineError(
            "rule.threshold",
            msg("A threshold is missing or out of its range."),
            msg("Write a number into every field."),
        ) from error
