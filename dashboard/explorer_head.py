"""The explorer's builder: figures, rows, columns and how they are shown; it follows the URL."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import dash_bootstrap_components as dbc
from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import N_, _, translate
from core.models.catalogue import Dimension, Known, Metric
from core.services.analytics.explorer import (
    CHANGES,
    COLUMNS,
    METRICS,
    OPTIONS,
    ORDER,
    OTHERS,
    ROWS,
    SHOW,
    SHOWS,
    SUBTOTALS,
    TOP,
    Plan,
)
from dashboard.attributes import aria, attributes
from dashboard.components import choice_tabs, icon

NOTHING = "-"  # what a list shows where nothing is chosen
PREFIX = "explorer-set-"  # of the ids of controls whose value is a pair of the URL
_STARTS: Sequence[tuple[str, Mapping[str, str]]] = (
    (N_("Countries by quarter"), {ROWS: "country", COLUMNS: "quarter", METRICS: "net_sales"}),
    (N_("Day of the week × month"),
     {ROWS: "weekday", COLUMNS: "month_of_year", METRICS: "net_sales", SHOW: "heat"}),
    (N_("Channels over time"),
     {ROWS: "month", COLUMNS: "channel", METRICS: "net_sales", SHOW: "lines"}),
    (N_("Top 20 products"), {ROWS: "product", TOP: "20", SHOW: "bars"}),
    (N_("Categories and products"), {ROWS: "category,product"}),
    (N_("Categories, country by country"),
     {ROWS: "country", COLUMNS: "category", METRICS: "net_sales", SHOW: "multiples"}),
)  # fmt: skip
Pairs = Sequence[tuple[str, str]]


def explorer_head() -> list[Component]:
    """Return the place of the builder; a callback fills it."""
    name = "explorer-builder"
    toggle = html.Button(
        [icon("options"), html.Span(_("What to show")), icon("down")],
        type="button",
        className="options-toggle",
        **aria(expanded="false", controls=name),
    )
    return [
        html.Section(
            [toggle, html.Div(id=name)],
            className="panel explorer-head",
            **aria(label=_("What to show")),
        )
    ]


def builder(
    found: Plan,
    chosen: Mapping[str, str],
    known: Known,
    dimensions: Sequence[Dimension],
    others: Pairs,
) -> list[Component]:
    """Return the controls as a URL sets them.

    Args:
        found: what is shown.
        chosen: the explorer's own settings, defaults filled in.
        known: what can be asked for.
        dimensions: those that are offered.
        others: pairs of the URL that are not the explorer's: the filters.
    """
    link = _Links(chosen, others)
    metrics = [known.metrics[key] for key in found.metrics]
    rows = [known.dimensions[key] for key in found.rows]
    free = [d for d in dimensions if d.key not in {*found.rows, found.column}]
    first = html.Div(
        [
            _list(METRICS, _("Figures"), metrics, _unused(known, found), link),
            _list(ROWS, _("Rows"), rows, free, link, most=3),
            _columns(found, dimensions),
        ],
        className="explorer-line",
    )
    tabs = [(name, link.to({SHOW: key}), key == chosen[SHOW]) for key, name in SHOWS.items()]
    second = html.Div(
        [
            html.Div(
                [html.Span(_("Show as"), className="explorer-label"), *choice_tabs(tabs)],
                className="explorer-show",
                role="group",
                **aria(label=_("Show as")),
            ),
            *(_setting(name, chosen) for name in _settings(found, chosen)),
            _order(found, known, chosen),
        ],
        className="explorer-line",
    )
    return [first, second, _starts(link)]


class _Links:
    """Addresses with another setting."""

    def __init__(self, chosen: Mapping[str, str], others: Pairs) -> None:
        self._chosen, self._others = chosen, others
        self._defaults = {option.name: option.default for option in OPTIONS}

    def to(self, changed: Mapping[str, str]) -> str:
        return self._address({**self._chosen, **changed})

    def start(self, pairs: Mapping[str, str]) -> str:
        return self._address({**self._defaults, **pairs})

    def page(self, key: str) -> str:
        """Return the address of another page under the same filters."""
        text = urlencode(self._others)
        return f"/{key}?{text}" if text else f"/{key}"

    def _address(self, chosen: Mapping[str, str]) -> str:
        own = [(k, v) for k, v in chosen.items() if v != self._defaults[k]]
        text = urlencode([*self._others, *own])
        return f"?{text}" if text else "?"


def _starts(link: _Links) -> Component:
    """Return ways to begin: settings that show something, and the page of cohorts."""
    return html.Div(
        [
            html.Span(_("Start from"), className="explorer-label"),
            *(dcc.Link(translate(name), href=link.start(pairs)) for name, pairs in _STARTS),
            dcc.Link(_("Cohorts of customers"), href=link.page("cohorts")),
        ],
        className="explorer-starts",
    )


def _unused(known: Known, found: Plan) -> list[Metric]:
    return [metric for key, metric in known.metrics.items() if key not in found.metrics]


def _list(
    name: str,
    label: str,
    used: Sequence[Metric | Dimension],
    free: Sequence[Metric | Dimension],
    link: _Links,
    most: int = 8,
) -> Component:
    """Return what is chosen as chips that can be taken away, and a list to add to them."""
    keys = [entry.key for entry in used]
    chips = [_chip(name, entry, keys, link) for entry in used]
    add = f"{PREFIX}{name}"
    options: Any = [
        {"value": NOTHING, "label": _("Add…")},
        *({"value": entry.key, "label": translate(entry.name)} for entry in free),
    ]
    more = [
        dbc.Select(
            id=add,
            options=options,
            value=NOTHING,
            size="sm",
            className="explorer-add",
        )
    ]
    return html.Div(
        [
            html.Label(label, htmlFor=add, className="explorer-label"),
            html.Div(
                [*chips, *(more if len(keys) < most else [])],
                className="explorer-chips",
                **attributes({"data-adds": json.dumps([name, keys])}),
            ),
        ],
        className="explorer-list",
    )


def _chip(name: str, entry: Metric | Dimension, keys: list[str], link: _Links) -> Component:
    text = translate(entry.name)
    rest = [key for key in keys if key != entry.key]
    if not rest:
        return html.Span(text, className="chip is-last")
    return dcc.Link(
        [text, icon("close")],
        href=link.to({name: ",".join(rest)}),
        className="chip",
        title=_("Take away: {name}", name=text),
    )


def _columns(found: Plan, dimensions: Sequence[Dimension]) -> Component:
    options: Any = [
        {"value": NOTHING, "label": _("None")},
        *(
            {"value": d.key, "label": translate(d.name)}
            for d in dimensions
            if d.key not in found.rows
        ),
    ]
    name = f"{PREFIX}{COLUMNS}"
    control = dbc.Select(id=name, options=options, value=found.column or NOTHING, size="sm")
    return html.Div(
        [html.Label(_("Columns"), htmlFor=name, className="explorer-label"), control],
        className="explorer-field",
    )


def _settings(found: Plan, chosen: Mapping[str, str]) -> list[str]:
    """Return the settings that change anything in what is shown."""
    names = [TOP]
    if chosen[TOP] != "all":
        names.append(OTHERS)
    if len(found.rows) > 1:
        names.append(SUBTOTALS)
    return [*names, CHANGES]


def _setting(name: str, chosen: Mapping[str, str]) -> Component:
    option = next(option for option in OPTIONS if option.name == name)
    key = f"{PREFIX}{name}"
    options: Any = [{"value": v, "label": translate(text)} for v, text in option.choices.items()]
    return html.Div(
        [
            html.Label(translate(option.label), htmlFor=key, className="explorer-label"),
            dbc.Select(id=key, options=options, value=chosen[name], size="sm"),
        ],
        className="explorer-field",
    )


def _order(found: Plan, known: Known, chosen: Mapping[str, str]) -> Component:
    """Return the orders: the natural one, each figure and its change, the names of the rows."""
    options: Any = [{"value": NOTHING, "label": _("As it comes")}]
    for key in found.metrics:
        name = translate(known.metrics[key].name)
        options += [
            {"value": f"-{key}", "label": _("{name}, highest first", name=name)},
            {"value": key, "label": _("{name}, lowest first", name=name)},
        ]
        if not found.column:
            options += [
                {"value": f"-{key}_change", "label": _("{name}, largest gain", name=name)},
                {"value": f"{key}_change", "label": _("{name}, largest loss", name=name)},
            ]
    options += [
        {"value": key, "label": translate(known.dimensions[key].name)} for key in found.rows
    ]
    name = f"{PREFIX}{ORDER}"
    return html.Div(
        [
            html.Label(_("Sort by"), htmlFor=name, className="explorer-label"),
            dbc.Select(id=name, options=options, value=chosen[ORDER] or NOTHING, size="sm"),
        ],
        className="explorer-field",
    )
