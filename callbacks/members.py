"""Pages of products, customers, suppliers and countries: heading, search, the row of the file."""

from collections.abc import Mapping
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.filters import state_of
from callbacks.source_rows import source_of
from callbacks.support import pairs_of, scope, search_of, services
from core.errors import PicholineError
from core.models.lines import CELL, spelled
from core.models.members import MEMBER
from core.models.query import NO_VALUE
from core.services.analytics.base import Asker, get_analysis
from core.services.analytics.members.kinds import KINDS, MemberKind
from core.services.analytics.members.listing import searched
from core.services.analytics.members.one import name_of
from dashboard.member_views import listed_text
from dashboard.members import heading


def register(app: Dash) -> None:
    """Add the callbacks of the four pages."""
    for kind in KINDS.values():
        _head(app, kind)
        _controls(app, kind)
    _source(app)


def _head(app: Dash, kind: MemberKind) -> None:
    page = kind.place.page

    @app.callback(
        Output(f"{page}-member-head", "children"),
        Output(f"{page}-member-count", "children"),
        Input(f"{page}-query", "data"),
        Input("data-version", "data"),
    )
    def describe(query: str | None, _version: int) -> tuple[Any, Any]:
        if query is None or services().metrics.span() is None:
            raise PreventUpdate
        value = dict(pairs_of(query)).get(MEMBER, "")
        try:
            return (_heading(kind, value, query), None) if value else (None, _count(kind, query))
        except PicholineError:
            return None, None  # the page says what is wrong


def _heading(kind: MemberKind, value: str, query: str) -> list[Component]:
    """Return the name of the member a URL names, and the ways from it."""
    name = name_of(services().metrics, kind, value, scope())
    filters = state_of(query).to_pairs()
    others = [pair for pair in filters if pair[0] != kind.place.filter_name]
    ways = {
        "list": f"/{kind.place.page}{search_of(filters) or '?'}",
        "filter": f"/overview{search_of([*others, (kind.place.filter_name, value)])}",
        "lines": f"/lines{search_of([*filters, (CELL, spelled((kind.dimension, value)))])}",
    }
    code = "" if value in (NO_VALUE, str(name)) else value
    return heading(kind, str(name), code, ways)


def _count(kind: MemberKind, query: str) -> str:
    """Return how many rows the list has."""
    params = get_analysis(kind.place.page).params_from(pairs_of(query))
    asker = Asker.start(services().metrics, params, scope())
    return listed_text(searched(asker, params, kind).data.num_rows)


def _controls(app: Dash, kind: MemberKind) -> None:
    page = kind.place.page
    app.clientside_callback(
        ClientsideFunction("picholine_members", "fill"),
        Output(f"{page}-member-filled", "data"),
        Input(f"{page}-query", "data"),
        Input(f"{page}-member-filled", "id"),
    )


def _source(app: Dash) -> None:
    @app.callback(
        Output("member-source", "children"),
        Input("member-source-told", "data"),
        prevent_initial_call=True,
    )
    def source(picked: Mapping[str, Any] | None) -> list[Component]:
        if not picked:
            raise PreventUpdate
        return source_of(picked, "member-source")
