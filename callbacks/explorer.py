"""The explorer's builder: drawn as the URL sets it; what is chosen goes there by script."""

from dash import Dash, Input, Output
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.support import pairs_of, services
from core.errors import PicholineError
from core.models.catalogue import THEN, Dimension
from core.models.options import Chosen
from core.services.analytics.explorer import OPTIONS, plan
from core.services.filter_choices import offered
from dashboard.explorer_head import builder


def register(app: Dash) -> None:
    """Add the callback; choices go into the URL by `assets/explorer.js`."""

    @app.callback(
        Output("explorer-builder", "children"),
        Input("explorer-query", "data"),
        Input("data-version", "data"),
    )
    def show(query: str | None, _version: int) -> list[Component]:
        if query is None:
            raise PreventUpdate
        return _built(pairs_of(query))


def _built(pairs: list[tuple[str, str]]) -> list[Component]:
    """Return the builder of a URL; of one that cannot be read, with its defaults."""
    names = {option.name for option in OPTIONS}
    others = [pair for pair in pairs if pair[0] not in names]
    known = services().metrics.known()
    try:
        chosen = Chosen.read(OPTIONS, pairs)
        found = plan(chosen, known)
    except PicholineError:
        chosen = Chosen.read(OPTIONS, ())
        found = plan(chosen, known)
    return builder(found, chosen.values, known, offered_dimensions(), others)


def offered_dimensions() -> list[Dimension]:
    """Return what rows and columns can be: what held on the day only where it ever changed."""
    metrics = services().metrics
    changed = {dimension.key for dimension in offered(metrics)}
    return [
        dimension
        for dimension in metrics.known().dimensions.values()
        if dimension.stored not in THEN or dimension.key in changed
    ]
