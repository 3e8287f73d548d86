"""The editor of an own metric or dimension: its fields, what they give, its history."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, translate
from core.models.catalogue import SHIPPED, Metric
from core.models.catalogue.derived import PART_TEXTS
from core.models.catalogue.wording import formula_text
from core.models.filters import FilterState
from core.models.formats import Format
from core.models.result import AnalysisResult, ResultTable
from core.services.definitions.bodies import METRIC, Own, from_dict, kind_of
from core.services.definitions.build import FORMATS
from core.services.definitions.service import Checked, Version
from dashboard.components import data_table
from dashboard.definitions import press
from dashboard.page import View
from dashboard.versions import version_row

Fields = Mapping[str, Any]
_TEXTS = ("name", "name_fr", "about", "about_fr", "formula", "rest")
PREVIEW_ROWS = 6


def editor(kind: str, version: Version | None, history: Sequence[Version]) -> Component:
    """Return the form of a new definition, or of the one in force.

    Args:
        kind: `metric` or `dimension`.
        version: the last one; None for a new definition.
        history: all versions, the newest first.
    """
    own = version.own if version else from_dict("", kind, _EMPTY)
    title = _("New metric") if kind == METRIC else _("New dimension")
    heading = own.packed_name() if version else title
    return html.Div(
        [
            html.H3(translate(heading), id="definition-title"),
            html.Div(
                [*_named_fields(own), *(_metric_fields(own) if kind == METRIC else _groups(own))],
                className="definition-fields",
            ),
            html.Div(
                [
                    press("save", own.key, _("Save"), primary=True),
                    press("close", own.key, _("Cancel")),
                ],
                className="definitions-tools",
            ),
            *_history(history),
        ]
    )


_EMPTY: dict[str, Any] = {
    "formula": "", "format": "", "good": "up", "part": "", "base": "", "groups": [], "rest": "",
}  # fmt: skip


def _named_fields(own: Own) -> list[Component]:
    fields = [
        _text("name", _("Name in English"), own.name),
        _text("name_fr", _("Name in French"), own.name_fr),
        _text("about", _("Definition in English"), own.about),
        _text("about_fr", _("Definition in French"), own.about_fr),
    ]
    return [*fields[1::-1], *fields[:1:-1]] if current_language() == "fr" else fields


def _metric_fields(own: Own) -> list[Component]:
    body = own.as_dict()
    formats = {"": _("as its unit suggests")} | {f.value: _format_name(f) for f in FORMATS}
    goods = {"up": _("More is better"), "down": _("Less is better"), "none": _("Neither")}
    return [
        _text("formula", _("Formula"), body["formula"], hint="net_sales / customers", wide=True),
        _choice("format", _("Shown as"), body["format"], formats),
        _choice("good", _("Colour of changes"), body["good"], goods),
    ]


def _format_name(form: Format) -> str:
    names = {
        Format.MONEY: _("amount"),
        Format.PRICE: _("price"),
        Format.PERCENT: _("percent"),
        Format.INTEGER: _("whole number"),
        Format.QUANTITY: _("quantity"),
        Format.NUMBER: _("number"),
    }
    return names[form]


def _groups(own: Own) -> list[Component]:
    body = own.as_dict()
    bases = {d.key: translate(d.name) for d in SHIPPED.dimensions.values() if not d.grain}
    parts = {"": _("members in groups")} | {k: translate(text) for k, text in PART_TEXTS.items()}
    lines = "\n".join(f"{name} = {', '.join(values)}" for name, values in body["groups"])
    return [
        _choice("part", _("Made of"), body["part"], parts),
        _choice("base", _("Members of"), body["base"] or "country", bases),
        html.Label(
            [
                html.Span(_("Groups, one in each line: name = member, member")),
                dcc.Textarea(
                    id=_field("groups"), value=lines, className="form-control", rows=4,
                    placeholder=_("Iberia = Spain, Portugal"),
                ),
            ],
            className="definition-field wide",
        ),
        _text("rest", _("All others as one group (empty: they stand alone)"), body["rest"]),
    ]  # fmt: skip


def _field(name: str) -> dict[str, str]:
    return {"type": "definition-field", "name": name}


def _text(name: str, label: str, value: str, *, hint: str = "", wide: bool = False) -> Component:
    control = dcc.Input(
        id=_field(name), value=value, debounce=0.4, placeholder=hint, className="form-control"
    )
    return html.Label(
        [html.Span(label), control], className="definition-field" + (" wide" if wide else "")
    )


def _choice(name: str, label: str, value: str, choices: Mapping[str, str]) -> Component:
    control = dcc.Dropdown(
        id=_field(name),
        value=value,
        options=[{"value": key, "label": text} for key, text in choices.items()],
        clearable=False,
    )
    return html.Label([html.Span(label), control], className="definition-field")


def _history(history: Sequence[Version]) -> list[Component]:
    """Return the earlier versions, each with a way back to it."""
    if not history:
        return []
    rows = [
        version_row(
            version.edition,
            version.saved_at,
            version.owner,
            [html.Code(_written(version.own))],
            press("restore", f"{version.own.key} {version.edition}", _("Restore")),
            removed=version.removed,
        )
        for version in history
    ]
    return [html.H4(_("History")), html.Ul(rows, className="definition-history")]


def _written(own: Own) -> str:
    body = own.as_dict()
    if kind_of(own) == METRIC:
        return str(body["formula"])
    groups = "; ".join(f"{name} = {', '.join(values)}" for name, values in body["groups"])
    return body["part"] or f"{body['base']}: {groups}"


def own_of(key: str, kind: str, fields: Fields) -> Own:
    """Return what stands in the form as a definition."""
    body: dict[str, Any] = _EMPTY | {name: (fields.get(name) or "").strip() for name in _TEXTS}
    for name in ("format", "good", "part", "base"):
        body[name] = fields.get(name) or _EMPTY[name]
    body["groups"] = [_group_line(line) for line in (fields.get("groups") or "").splitlines()]
    body["groups"] = [group for group in body["groups"] if group[0] or group[1]]
    return from_dict(key, kind, body)


def _group_line(line: str) -> tuple[str, list[str]]:
    name, _sign, values = line.partition("=")
    return name.strip(), [value.strip() for value in values.split(",") if value.strip()]


def preview(checked: Checked, table: ResultTable, currency: str) -> Component:
    """Return what a definition gives on the data: how it is read, and its first values.

    Args:
        checked: can be saved.
        table: an answer with it.
        currency: of amounts.
    """
    entry = checked.entry
    read = [html.P(str(formula_text(entry)))] if isinstance(entry, Metric) else []
    notes = [html.P(str(note), className="panel-hint") for note in checked.notes]
    result = AnalysisResult(tables={}, titles={})
    view = View(result, table, FilterState(), "light", current_language(), currency)
    total = table.total or {}
    key = next(c.key for c in table.columns if c.role == "metric")
    column = table.column(key)
    whole = format_value(total.get(key), column.format, view.language, currency=currency)
    return html.Div(
        [
            html.P(html.Strong(_("This can be saved."))),
            *read,
            *notes,
            data_table(replace(table, data=table.data.slice(0, PREVIEW_ROWS)), view),
            html.P(_("All data: {value}", value=f"{column.name} {whole}"), className="panel-hint"),
        ],
        className="definition-ok",
    )
