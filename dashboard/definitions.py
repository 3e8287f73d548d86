"""The list of everything that can be asked for, with what it means and ways to see it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _, translate
from core.models.catalogue import Dimension, Known, Metric
from core.services.definitions.describe import describe_dimension, describe_metric
from dashboard import presses
from dashboard.attributes import aria
from dashboard.components import icon

CHANGED = {"type": "data-changed", "from": "definitions"}
_SPLITS_FIRST = ("month", "campaign", "country", "category", "channel", "product", "weekday")


def definitions_head() -> list[Component]:
    """Return search, list and editor; callbacks fill them."""
    search = dcc.Input(
        id="definitions-search",
        type="search",
        debounce=0.3,
        placeholder=_("Search by name, word or meaning"),
        className="form-control",
    )
    tools = [
        html.Label([icon("search"), search], className="definitions-search"),
        html.Div(className="spacer"),
        press("new-metric", "", _("New metric"), primary=True),
        press("new-dimension", "", _("New dimension"), primary=True),
    ]
    return [
        dcc.Store(id=CHANGED, data=0),
        dcc.Store(id="definition-opened"),
        dcc.Store(id="definitions-pressed"),
        html.Section(
            [
                html.Div(tools, className="definitions-tools"),
                html.Div(id="definitions-said", role="status", **aria(live="polite")),
                html.Div(
                    [
                        html.Div(id="definition-editor"),
                        html.Div(id="definition-preview", role="status"),
                    ],
                    className="definition-editor",
                ),
                html.Div(
                    id="definitions-list",
                    className="definitions-list",
                    tabIndex=0,
                    role="region",
                    **aria(label=_("Definitions")),
                ),
            ],
            className="panel definitions",
        ),
    ]


def press(action: str, key: str, label: str, *, primary: bool = False) -> Component:
    """Return a button that does something with a definition; "" is a new one."""
    return presses.press("definitions-pressed", label, primary=primary, action=action, key=key)


def said(text: str, undo: str | None) -> Component:
    """Return what is said of a change, with a button that takes back the last change of a key."""
    buttons = [press("undo", undo, _("Undo"))] if undo else []
    return html.P([icon("check"), text, *buttons], className="definition-said")


def entry_list(
    metrics: Sequence[Metric],
    dimensions: Sequence[Dimension],
    known: Known,
    broken: Mapping[str, str],
    *,
    whole: bool,
) -> list[Component]:
    """Return the entries that were found, a company's own first.

    Args:
        metrics: to be listed.
        dimensions: to be listed.
        known: what they can be split by.
        broken: own definitions that cannot be used, and why.
        whole: the reader may see all rows, hence the members of groups, and change definitions.
    """
    found: list[Component] = [
        html.Div(
            [html.P([html.Strong(key), " ", why]), press("edit", key, _("Edit"))],
            className="definition-broken",
        )
        for key, why in broken.items()
    ]
    found += _group(_("Metrics"), (_metric(m, known, whole=whole) for m in _own_first(metrics)))
    found += _group(_("Dimensions"), (_dimension(d, whole=whole) for d in _own_first(dimensions)))
    return found or [
        html.P(
            _("Nothing is called so: search for another word, or for a part of one."),
            className="panel-hint",
        )
    ]


def _own_first(entries: Sequence[Any]) -> list[Any]:
    return sorted(entries, key=lambda entry: not entry.own)


def _group(title: str, entries: Iterable[Component]) -> list[Component]:
    listed = list(entries)
    return [html.H3(title, className="definitions-kind"), *listed] if listed else []


def _metric(metric: Metric, known: Known, *, whole: bool) -> Component:
    entry = describe_metric(metric, known)
    facts = [
        (_("Formula"), entry["formula"]),
        (_("Unit"), entry["unit"]),
        (_("When not to believe it"), html.Ul([html.Li(text) for text in entry["caveats"]])),
        (_("Also called"), ", ".join(entry["synonyms"])),
        (_("Can be split by"), ", ".join(_names(entry["splits"], known))),
        (_("Show by"), _links(metric.key, entry["splits"], known)),
    ]
    if not entry["caveats"]:
        del facts[2]
    return _entry(entry, facts, whole=whole)


def _dimension(dimension: Dimension, *, whole: bool) -> Component:
    entry = describe_dimension(dimension)
    groups = [
        html.Li([html.Strong(name), f": {', '.join(values)}"])
        for name, values in entry["groups"].items()
    ]
    show = html.A(
        _("Net sales"), href=_address("net_sales", dimension.key), className="definition-split"
    )
    facts: list[tuple[str, Any]] = [
        (_("Also called"), ", ".join(entry["synonyms"])),
        (_("Show"), show),
    ]
    if groups and whole:
        facts.insert(0, (_("Groups"), html.Ul(groups)))
    return _entry(entry, facts, whole=whole)


def _entry(entry: Mapping[str, Any], facts: Sequence[tuple[str, Any]], *, whole: bool) -> Component:
    key = entry["key"]
    head = [
        html.Span(entry["name"], className="definition-name"),
        html.Code(key),
        *([html.Span(_("own"), className="definition-own")] if entry["own"] else []),
    ]
    rows = [part for name, value in facts if value for part in (html.Dt(name), html.Dd(value))]
    tools = [press("edit", key, _("Edit and history")), press("remove", key, _("Remove"))]
    return html.Details(
        [
            html.Summary(head),
            html.P(entry["definition"], className="definition-text"),
            html.Dl(rows),
            *([html.Div(tools, className="definitions-tools")] if entry["own"] and whole else []),
        ],
        className="definition",
    )


def _names(splits: Iterable[str], known: Known) -> list[str]:
    return [translate(known.dimensions[key].name) for key in splits]


def _links(metric: str, splits: Sequence[str], known: Known) -> list[Component]:
    """Return ways to see a metric: by the company's own dimensions and by the usual ones."""
    own = [key for key in splits if known.dimensions[key].own]
    shown = [*own, *(key for key in _SPLITS_FIRST if key in splits)]
    return [
        html.A(name, href=_address(metric, key), className="definition-split")
        for key, name in zip(shown, _names(shown, known), strict=True)
    ]


def _address(metric: str, by: str) -> str:
    return "/definitions?" + urlencode({"metric": metric, "by": by})
