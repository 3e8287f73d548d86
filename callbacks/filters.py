"""The filter bar: the server describes what the URL asks for; picks go into the URL by script.

A pick changes the URL in the browser (`assets/filters.js`), so that it cannot be lost between two
answers. A description says which URL it is of: one of an older URL is left aside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import pairs_of, scope, search_of, services
from core.errors import PicholineError
from core.i18n import msg_n, translate
from core.models.catalogue import Known
from core.models.filters import (
    FILTER_DIMENSIONS,
    OWN,
    FilterState,
    Part,
    is_filter_name,
    parse_filters,
)
from core.models.query import Compare, Filter
from core.services.filter_choices import choices, filter_keys, in_force, offered
from core.services.metrics import Member
from dashboard.filterbar import (
    LISTS,
    chips,
    compare_options,
    control_values,
    member_label,
    member_options,
    own_lists,
)

_OWN_LISTS = {"type": "filter-own", "key": ALL}


def register(app: Dash) -> None:
    """Add the description of the URL, and the script's two halves: picks and shown values."""

    @app.callback(
        Output("filter-chips", "children"),
        Output("status-filters", "children"),
        Output("filter-dates", "hidden"),
        Output("filter-described", "data"),
        Input("url", "search"),
        Input("data-version", "data"),
    )
    def describe(search: str | None, _version: int) -> list[Any]:
        return _described(search, state_of(search))

    @app.callback(
        Output("filter-own", "children"),
        Input("data-version", "data"),
        State(_OWN_LISTS, "id"),
        prevent_initial_call=True,
    )
    def own(_version: int, drawn: list[dict[str, str]]) -> list[Component]:
        found = offered(services().metrics)
        if [dimension.key for dimension in found] == [name["key"] for name in drawn]:
            raise PreventUpdate  # drawing them again would take away what is chosen in them
        return own_lists(found)

    app.clientside_callback(
        ClientsideFunction("picholine_filters", "follow"),
        Output("filter-followed", "data"),
        Input("filter-described", "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("picholine_filters", "pick"),
        Output("filter-picked", "data"),
        *(Input(name, "value") for name in LISTS),
        Input(_OWN_LISTS, "value"),
        prevent_initial_call=True,
    )


def state_of(search: str | None) -> FilterState:
    """Return the filters of a URL; the defaults where it cannot be read (the page says why)."""
    try:
        return parse_filters(pairs_of(search))
    except PicholineError:
        return FilterState()


def changed_search(search: str | None, state: FilterState) -> str:
    """Return the URL's query with other filters; parameters of the page itself stay."""
    kept = [pair for pair in pairs_of(search) if not is_filter_name(pair[0])]
    return search_of([*state.to_pairs(), *kept])


def _described(search: str | None, state: FilterState) -> list[Any]:
    """Return chips, the count of filters, whether dates are hidden, and what the controls show."""
    metrics = services().metrics
    known = metrics.known()
    members = {key: _members(state, key, known) for key in filter_keys(metrics)}
    count = sum(1 for _chosen in state.chosen())
    active = str(msg_n("{n} active filter", "{n} active filters", count)) if count else ""
    period = metrics.resolve(state).period
    controls = {
        "search": search or "",
        "values": control_values(state, offered(metrics)),
        "options": {
            "filter-compare": compare_options(budget=_has_budget(state)),
            **{
                f"filter-{_name(key)}": member_options(known.dimensions[key], found)
                for key, found in members.items()
            },
        },
        "span": [period.start.isoformat(), period.end.isoformat()] if period else None,
    }
    shown = _chips(search, state, members, known)
    return [shown, active, state.preset.value != "custom", controls]


def _name(key: str) -> str:
    """Return a dimension's name in the URL."""
    return key if key in FILTER_DIMENSIONS else OWN + key


def _has_budget(state: FilterState) -> bool:
    """Whether the budget is offered: where there is one, and where the URL asks for it."""
    return state.compare is Compare.BUDGET or bool(services().metrics.budgets())


def _members(state: FilterState, dimension: str, known: Known) -> list[Member]:
    """Return the values to choose from under the other filters; the chosen ones always."""
    metrics = services().metrics
    found = choices(metrics, in_force(state, known), dimension, scope())
    listed = {member.value for member in found}
    missing = [value for value in state.values.get(dimension, ()) if value not in listed]
    declared = known.dimensions[dimension]
    keyed = bool(missing) and declared.keyed and not declared.names
    names = metrics.segment_names() if keyed else {key: translate(n) for key, n in declared.names}
    return [*found, *(Member(value, str(names.get(value, value)), 0) for value in missing)]


def _chips(
    search: str | None, state: FilterState, members: Mapping[str, Sequence[Member]], known: Known
) -> list[Any]:
    resolved = services().metrics.resolve(state)
    names = {
        (key, m.value): member_label(known.dimensions[key], m.value, m.label)
        for key in members
        for m in members[key]
    }
    names |= _named_apart(state, names, known)
    # A definition that was removed has a name all the same, and can be taken out of the filters.
    titles = {key: translate(name) for key, name in known.removed.items()}
    titles |= {key: translate(found.name) for key, found in known.dimensions.items()}
    links: dict[tuple[Part, str, str] | None, str] = {
        found: changed_search(search, _less(state, *found)) or "?" for found in state.chosen()
    }
    links[None] = changed_search(search, FilterState()) or "?"
    return chips(state, resolved.period, resolved.compared, names, titles, links)


def _named_apart(
    state: FilterState, names: Mapping[tuple[str, str], str], known: Known
) -> dict[tuple[str, str], str]:
    """Return the names of chosen values that no list holds, such as one product."""
    metrics = services().metrics
    named: dict[str, dict[str, None]] = {}
    for _part, key, value in state.chosen():
        if key in known.dimensions and (key, value) not in names:
            named.setdefault(key, {})[value] = None
    found: dict[tuple[str, str], str] = {}
    for key, values in named.items():
        if known.dimensions[key].grain:
            continue
        chosen = tuple(values)
        where = (Filter(key, chosen),)
        for m in metrics.members(key, scope(), limit=len(chosen), where=where):
            found[key, m.value] = member_label(known.dimensions[key], m.value, m.label)
    return found


def _less(state: FilterState, part: Part, dimension: str, value: str) -> FilterState:
    """Return a state without one of its chosen values."""
    kept = tuple(v for v in state.part(part)[dimension] if v != value)
    left = {**state.part(part), dimension: kept}
    return replace(state, **{part: {key: found for key, found in left.items() if found}})
