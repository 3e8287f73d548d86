"""The filter bar and the URL: each follows the other; options and chips follow the URL."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, ctx, no_update

from callbacks.support import pairs_of, scope, search_of, services
from core.errors import PicholineError
from core.i18n import msg_n
from core.models.catalogue import DIMENSIONS
from core.models.filters import FILTER_DIMENSIONS, PERIOD_NAMES, FilterState, parse_filters
from core.services.metrics import Member
from dashboard.filterbar import (
    CONTROLS,
    chips,
    control_values,
    member_label,
    member_options,
    pairs_from_controls,
)

_NAMES = {*PERIOD_NAMES, *FILTER_DIMENSIONS}
_MEMBERS = 500


def register(app: Dash) -> None:
    """Add the callback; values and options travel together, a value needs its option."""

    @app.callback(
        Output("url", "search"),
        Output("filter-chips", "children"),
        Output("status-filters", "children"),
        Output("filter-dates", "hidden"),
        *(Output(f"filter-{key}", "options") for key in FILTER_DIMENSIONS),
        *(Output(name, "value") for name in CONTROLS),
        Input("url", "search"),
        Input("data-version", "data"),
        *(Input(name, "value") for name in CONTROLS),
    )
    def follow(search: str | None, _version: int, *values: Any) -> list[Any]:
        shown = state_of(search)
        asked = bool(ctx.triggered_id) and str(ctx.triggered_id).startswith("filter-")
        state = _wanted(values, shown) if asked else shown
        changed = state != shown
        address = changed_search(search, state) if changed else search
        return [address if changed else no_update, *_described(address, state)]


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


def _wanted(values: Sequence[Any], shown: FilterState) -> FilterState:
    """Return the state the controls ask for; a date that cannot be read changes nothing."""
    try:
        period = services().metrics.resolve(shown).period
        return parse_filters(pairs_from_controls(values, period))
    except PicholineError:
        return shown


def _described(search: str | None, state: FilterState) -> list[Any]:
    """Return chips, the count of filters, whether dates are hidden, options and values."""
    members = {key: _members(state, key) for key in FILTER_DIMENSIONS}
    count = sum(len(values) for values in state.values.values())
    active = str(msg_n("{n} active filter", "{n} active filters", count)) if count else ""
    options = [member_options(key, found) for key, found in members.items()]
    hidden = state.preset.value != "custom"
    return [_chips(search, state, members), active, hidden, *options, *control_values(state)]


def _members(state: FilterState, dimension: str) -> list[Member]:
    """Return the values to choose from under the other filters; the chosen ones always."""
    metrics = services().metrics
    where = tuple(f for f in state.where() if f.dimension != dimension)
    period = metrics.resolve(state).period
    found = metrics.members(dimension, scope(), limit=_MEMBERS, where=where, period=period)
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
