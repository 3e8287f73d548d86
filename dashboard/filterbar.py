"""The filter bar: one set of controls for every analysis page; its state lives in the URL."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_period, format_value
from core.i18n import N_, _, current_language, translate
from core.models.catalogue import SHIPPED, Dimension
from core.models.filters import (
    CROSS,
    FILTER_DIMENSIONS,
    OWN,
    PRESET_NAMES,
    WITHOUT,
    FilterState,
    Part,
    Preset,
)
from core.models.formats import Format
from core.models.query import NO_VALUE, Compare, Period
from dashboard.attributes import aria, attributes
from dashboard.components import button, icon

COMPARE_NAMES = {
    Compare.YEAR.value: N_("Year before"),
    Compare.PREVIOUS.value: N_("Previous period"),
    Compare.BUDGET.value: N_("Budget"),
    "none": N_("No comparison"),
}
LISTS = ("filter-period", "filter-compare", *(f"filter-{key}" for key in FILTER_DIMENSIONS))


def filter_bar(own: Iterable[Dimension] = ()) -> Component:
    """Return the controls; a script fills them with what the server says of the URL.

    Args:
        own: the company's own dimensions, which have lists too.
    """
    periods = [{"label": translate(name), "value": p.value} for p, name in PRESET_NAMES.items()]
    compares = compare_options(budget=False)
    controls = [
        _field("filter-period", _("Period"), _single("filter-period", periods)),
        html.Div(
            [_day("filter-from", _("From")), _day("filter-to", _("To"))],
            id="filter-dates",
            className="filter-dates",
            hidden=True,
        ),
        _field("filter-compare", _("Compare with"), _single("filter-compare", compares)),
        *(_members(SHIPPED.dimensions[key], f"filter-{key}") for key in FILTER_DIMENSIONS),
        html.Div(own_lists(own), id="filter-own", className="filter-own"),
    ]
    head = html.Div(
        [html.H2(_("Filters")), button(_("Close the filters"), "close", className="drawer-close")],
        className="drawer-head",
    )
    return html.Section(
        [
            head,
            html.Div(controls, className="filter-controls"),
            html.Div(id="filter-chips", className="chips", **aria(live="polite")),
            dcc.Store(id="filter-spec", data=_spec()),
            *(dcc.Store(id=f"filter-{name}") for name in ("described", "followed", "picked")),
        ],
        id="filter-bar",
        className="filter-bar",
        **aria(label=_("Filters")),
    )


def own_lists(own: Iterable[Dimension]) -> list[Component]:
    """Return a list for each of the company's own dimensions."""
    return [_members(dimension, own_list_id(dimension.key)) for dimension in own]


def own_list_id(key: str) -> dict[str, str]:
    """Return the id of the list of an own dimension."""
    return {"type": "filter-own", "key": key}


def compare_options(*, budget: bool) -> list[dict[str, str]]:
    """Return what can be compared with; the budget where there is one."""
    return [
        {"label": translate(name), "value": key}
        for key, name in COMPARE_NAMES.items()
        if budget or key != Compare.BUDGET.value
    ]


def _spec() -> dict[str, Any]:
    """Return what the script needs to write a pick into the URL; defaults come first."""
    default = FilterState()
    presets = [default.preset, *(p for p in Preset if p is not default.preset)]
    compares = [default.compare, *(c for c in Compare if c is not default.compare)]
    return {
        "lists": LISTS,
        "period": [preset.value for preset in presets],
        "compare": [compare.value if compare else "none" for compare in [*compares, None]],
        "dimensions": FILTER_DIMENSIONS,
        "own": OWN,
        "without": WITHOUT,
        "cross": CROSS,
        "none": NO_VALUE,
    }


def _field(name: str, label: str, control: Component) -> Component:
    return html.Div([html.Label(label, htmlFor=name), control], className=f"field field-{name[7:]}")


def _single(name: str, options: list[dict[str, str]]) -> Component:
    return dcc.Dropdown(
        id=name, options=options, clearable=False, searchable=False, labels=_labels(), maxHeight=360
    )


def _members(dimension: Dimension, name: str | dict[str, str]) -> Component:
    label = translate(dimension.name)
    control = dcc.Dropdown(
        id=name,
        options=[],
        multi=True,
        searchable=True,
        placeholder=_("All"),
        labels=_labels(),
        maxHeight=360,
        search_order="original",
        className="members",
    )
    # Ids of several parts stand in the page as their JSON.
    text = (
        name if isinstance(name, str) else json.dumps(name, sort_keys=True, separators=(",", ":"))
    )
    return html.Div([html.Label(label, htmlFor=text, title=label), control], className="field")


def _labels() -> Any:
    return {
        "select_all": _("Select all"),
        "deselect_all": _("Deselect all"),
        "selected_count": "{num_selected}",
        "search": _("Search"),
        "clear_search": _("Clear search"),
        "clear_selection": _("Clear selection"),
        "no_options_found": _("Nothing found"),
    }


def _day(name: str, label: str) -> Component:
    return _field(
        name,
        label,
        dcc.Input(
            id=name, debounce=False, className="form-control day", **attributes({"type": "date"})
        ),
    )


def control_values(state: FilterState, own: Iterable[Dimension] = ()) -> dict[str, Any]:
    """Return what each control shows for a state, by name: `filter-` and the name in the URL."""
    return {
        "filter-period": state.preset.value,
        "filter-from": state.start.isoformat() if state.start else None,
        "filter-to": state.end.isoformat() if state.end else None,
        "filter-compare": state.compare.value if state.compare else "none",
        **{f"filter-{key}": list(state.values.get(key, ())) for key in FILTER_DIMENSIONS},
        **{f"filter-{OWN}{d.key}": list(state.values.get(d.key, ())) for d in own},
    }


def member_label(dimension: Dimension | None, value: str, label: str | None = None) -> str:
    """Return the readable name of a filter value in the current language.

    Args:
        dimension: None for one that does not exist any more.
        value: of the filter.
        label: its name, where somebody knows it.
    """
    if dimension is None:
        return label or value
    if value == NO_VALUE:
        return translate(dimension.unknown)
    if dimension.format is Format.COUNTRY:
        return format_value(value, dimension.format, current_language())
    named = dict(dimension.names).get(value)
    return label or (translate(named) if named else value)


def member_options(dimension: Dimension, members: Sequence[Any]) -> list[dict[str, Any]]:
    """Return dropdown options with the number of lines behind each value."""
    language = current_language()
    return [
        {
            "value": member.value,
            "search": f"{(name := member_label(dimension, member.value, member.label))} "
            f"{member.value}",
            "title": name,
            "label": html.Span(
                [
                    html.Span(name, className="member-name"),
                    html.Span(
                        format_value(member.lines, Format.INTEGER, language),
                        className="member-count",
                    ),
                ],
                className="member",
            ),
        }
        for member in members
    ]


def chips(
    state: FilterState,
    period: Period | None,
    compared: Period | None,
    names: Mapping[tuple[str, str], str],
    titles: Mapping[str, str],
    links: Mapping[tuple[Part, str, str] | None, str],
) -> list[Component]:
    """Return the period in words, one chip per chosen value, and the reset link.

    Args:
        state: the filters shown.
        period: resolved period.
        compared: resolved period of the comparison.
        names: (dimension, value) → readable name.
        titles: dimension → its readable name.
        links: address without that chosen value; key None: without any filter.
    """
    language = current_language()
    found: list[Component] = []
    if period:
        text = format_period(period.start, period.end, language)
        found.append(html.Span([icon("calendar"), text], className="period-text"))
    if compared and state.compare is Compare.BUDGET:
        found.append(html.Span(_("compared with the budget"), className="period-text muted"))
    elif compared:
        text = format_period(compared.start, compared.end, language)
        found.append(
            html.Span(_("compared with {period}", period=text), className="period-text muted")
        )
    for place in state.chosen():
        part, key, value = place
        name = names.get((key, value), value)
        found.append(_chip(titles.get(key, key), name, links[place], part))
    if state != FilterState():
        found.append(
            dcc.Link(_("Reset filters"), href=links[None], className="reset", id="filter-reset")
        )
    return found


def _chip(dimension: str, name: str, href: str, part: Part) -> Component:
    shown = _("not {name}", name=name) if part == "without" else name
    title = (
        _("Clicked in a tile. Remove {dimension}: {name}", dimension=dimension, name=shown)
        if part == "cross"
        else _("Remove the filter {dimension}: {name}", dimension=dimension, name=shown)
    )
    words = [html.Span(_("{dimension}:", dimension=dimension), className="muted"), shown]
    return dcc.Link(
        [*([icon("click")] if part == "cross" else []), *words, icon("close")],
        href=href,
        className="chip" if part == "values" else f"chip chip-{part}",
        title=title,
    )
