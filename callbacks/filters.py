"""The filter bar: the server describes what the URL asks for; picks go into the URL by script.

A pick changes the URL in the browser (`assets/filters.js`), so that it cannot be lost between two
answers. A description says which URL it is of: one of an older URL is left aside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output

from callbacks.support import pairs_of, scope, search_of, services
from core.errors import PicholineError
from core.i18n import msg_n
from core.models.catalogue import DIMENSIONS
from core.models.filters import FILTER_DIMENSIONS, PERIOD_NAMES, FilterState, parse_filters
from core.models.query import Compare
from core.services.filter_choices import choices
from core.services.metrics import Member
from dashboard.filterbar import (
    LISTS,
    chips,
    compare_options,
    control_values,
    member_label,
    member_options,
)

_NAMES = {*PERIOD_NAMES, *FILTER_DIMENSIONS}


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
    kept = [pair for pair in pairs_of(search) if pair[0] not in _NAMES]
    return search_of([*state.to_pairs(), *kept])


def _described(search: str | None, state: FilterState) -> list[Any]:
    """Return chips, the count of filters, whether dates are hidden, and what the controls show."""
    members = {key: _members(state, key) for key in FILTER_DIMENSIONS}
    count = sum(len(values) for values in state.values.values())
    active = str(msg_n("{n} active filter", "{n} active filters", count)) if count else ""
    period = services().metrics.resolve(state).period
    controls = {
        "search": search or "",
        "values": control_values(state),
        "options": {
            "filter-compare": compare_options(budget=_has_budget(state)),
            **{f"filter-{key}": member_options(key, members[key]) for key in members},
        },
        "span": [period.start.isoformat(), period.end.isoformat()] if period else None,
    }
    return [_chips(search, state, members), active, state.preset.value != "custom", controls]


def _has_budget(state: FilterState) -> bool:
    """Whether the budget is offered: where there is one, and where the URL asks for it."""
    return state.compare is Compare.BUDGET or bool(services().metrics.budgets())


def _members(state: FilterState, dimension: str) -> list[Member]:
    """Return the values to choose from under the other filters; the chosen ones always."""
    metrics = services().metrics
    found = choices(metrics, state, dimension, scope())
    known = {member.value for member in found}
    missing = [value for value in state.values.get(dimension, ()) if value not in known]
    names = metrics.segment_names() if missing and DIMENSIONS[dimension].keyed else {}
    return [*found, *(Member(value, str(names.get(value, value)), 0) for value in missing)]


def _chips(
    search: str | None, state: FilterState, members: Mapping[str, Sequence[Member]]
) -> list[Any]:
    resolved = services().metrics.resolve(state)
    names = {
        (key, m.value): member_label(key, m.value, m.label) for key in members for m in members[key]
    }
    chosen = [(key, value) for key, values in state.values.items() for value in values]
    links: dict[tuple[str, str] | None, str] = {
        pair: changed_search(search, _without(state, *pair)) or "?" for pair in chosen
    }
    links[None] = changed_search(search, FilterState()) or "?"
    return chips(state, resolved.period, resolved.compared, names, links)


def _without(state: FilterState, dimension: str, value: str) -> FilterState:
    kept = tuple(v for v in state.values[dimension] if v != value)
    values = {**state.values, dimension: kept}
    return replace(state, values={key: found for key, found in values.items() if found})
