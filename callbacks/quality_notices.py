"""The notices of the overview: what waits in the quarantine, for those who may see it."""

from dash import Dash, Input, Output
from dash.development.base_component import Component

from callbacks.support import scope, services
from core.errors import PicholineError
from dashboard.quality_notices import NOTICES, notices


def register(app: Dash) -> None:
    """Add the refresh of the notices."""

    @app.callback(Output(NOTICES, "children"), Input("data-version", "data"))
    def refresh(_version: int) -> Component | None:
        try:
            return notices(services().corrections.waiting(scope()))
        except PicholineError:  # who sees a part of the rows has no quarantine to look at
            return None
