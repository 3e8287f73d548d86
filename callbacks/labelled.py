"""The customer list of the churn page: what the URL names is read and shown with its columns."""

from functools import partial

from dash import Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import pairs_of, scope, services
from core.errors import PicholineError
from core.services.labelled_list import look_at
from core.services.studies import inbox_file
from dashboard.labelled import BODY, bad_list, list_control, no_list, purchases_hint

_QUERY = "churn-query"


def register(app: Dash) -> None:
    """Add the callback; choices go into the URL by `assets/labelled.js`."""

    @app.callback(Output(BODY, "children"), Output(BODY, "className"), Input(_QUERY, "data"))
    def show(query: str | None) -> tuple[list[Component], str]:
        if query is None:
            raise PreventUpdate
        pairs = dict(pairs_of(query))
        if pairs.get("kind") != "contracts":
            return purchases_hint(), "labelled-none"
        return control(pairs), "labelled"


def control(pairs: dict[str, str]) -> list[Component]:
    """Return the control for the file a URL names, or what is wrong with it."""
    sha256 = pairs.get("file", "").strip()
    if not sha256:
        return no_list()
    try:
        found = look_at(partial(inbox_file, services(), scope=scope()), sha256)
    except PicholineError as error:
        return bad_list(error, sha256)
    return list_control(found, pairs, sha256)
