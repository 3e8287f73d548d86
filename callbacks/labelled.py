"""The customer list of the churn page: what the URL names is read, choices go into the URL."""

from functools import partial

from dash import ALL, ClientsideFunction, Dash, Input, Output, State
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import pairs_of, services
from core.errors import PicholineError
from core.services.labelled_list import look_at
from core.services.studies import inbox_file
from dashboard.labelled import BODY, WRITTEN, bad_list, list_control, no_list, purchases_hint

_QUERY = "churn-query"


def register(app: Dash) -> None:
    """Add the callbacks."""

    @app.callback(Output(BODY, "children"), Output(BODY, "className"), Input(_QUERY, "data"))
    def show(query: str | None) -> tuple[list[Component], str]:
        if query is None:
            raise PreventUpdate
        pairs = dict(pairs_of(query))
        if pairs.get("kind") != "contracts":
            return purchases_hint(), "labelled-none"
        return control(pairs), "labelled"

    app.clientside_callback(
        ClientsideFunction("labelled", "write"),
        Output(WRITTEN, "data"),
        Input({"type": "labelled-choice", "name": ALL}, "value"),
        State("url", "search"),
        prevent_initial_call=True,
    )


def control(pairs: dict[str, str]) -> list[Component]:
    """Return the control for the file a URL names, or what is wrong with it."""
    sha256 = pairs.get("file", "").strip()
    if not sha256:
        return no_list()
    try:
        found = look_at(partial(inbox_file, services()), sha256)
    except PicholineError as error:
        return bad_list(error, sha256)
    return list_control(found, pairs, sha256)
