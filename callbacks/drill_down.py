"""The page “Drill down”: breadcrumbs, the hierarchies, what else restricts the levels."""

from typing import Any

from dash import Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.filters import state_of
from callbacks.support import pairs_of, scope, search_of, services
from core.errors import PicholineError
from core.i18n import translate
from core.models.lines import CELL, Pair, read_pair, spelled
from core.services.analytics.base import get_analysis
from core.services.analytics.drill import ALONG
from core.services.hierarchies import HIERARCHIES, LEVEL_NAMES, ROOTS, Place, place_of
from core.services.member_names import member_name
from dashboard.drill_down import crumbs, dimension_name, hierarchies, restricted


def register(app: Dash) -> None:
    """Add the callback."""

    @app.callback(
        Output("drill-head", "children"),
        Input("drill-query", "data"),
        Input("data-version", "data"),
    )
    def describe(query: str | None, _version: int) -> list[Any]:
        if query is None or services().metrics.span() is None:
            raise PreventUpdate
        try:
            return _head(query)
        except PicholineError:
            return []  # the page says what is wrong


def _head(query: str) -> list[Component | None]:
    pairs = pairs_of(query)
    chosen = get_analysis("drill").params_from(pairs).chosen
    cells = tuple(read_pair(text) for text in chosen.listed(CELL))
    place = place_of(chosen.text(ALONG), cells)
    others = [pair for pair in pairs if pair[0] not in (CELL, ALONG)]
    filters = state_of(query).to_pairs()
    starts = [
        (LEVEL_NAMES[key], _address([*filters, (ALONG, key)]), key == place.along)
        for key in HIERARCHIES
    ]
    return [
        crumbs(_path(place, others), place.level),
        restricted(_restricted(place, others)),
        hierarchies(starts),
    ]


def _path(place: Place, others: list[Pair]) -> list[tuple[str, str]]:
    """Return name and address of every level from the top to the one that is open."""
    inside = [(CELL, spelled(pair)) for pair in place.inside]
    base = [*others, (ALONG, place.along), *inside]
    found = [(translate(ROOTS[place.along]), _address(base))]
    for depth, (key, value) in enumerate(place.path, start=1):
        above = [(CELL, spelled(pair)) for pair in place.path[:depth]]
        found.append((_name(key, value), _address([*base, *above])))
    return found


def _restricted(place: Place, others: list[Pair]) -> list[tuple[str, str, str]]:
    """Return what restricts the levels besides the path, with the address without it."""
    stated = [*others, (ALONG, place.along)]
    stated += [(CELL, spelled(pair)) for pair in (*place.path, *place.inside)]
    found = []
    for name, text in stated:
        key, value = read_pair(text)
        if name not in ("cell", "only", "without") or (key, value) in place.path:
            continue
        kept = [pair for pair in stated if pair != (name, text)]
        sign = "≠ " if name == "without" else ""
        found.append((dimension_name(key), sign + _name(key, value), _address(kept)))
    return found


def _name(key: str, value: str) -> str:
    return member_name(services().metrics, key, value, scope())


def _address(pairs: list[Pair]) -> str:
    return f"/drill{search_of(pairs)}"
