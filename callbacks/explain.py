"""The dialogue that explains a change: asked when it opens, by the address of a figure's lines."""

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from callbacks.answers import told as told_error
from callbacks.support import pairs_of, scope, services
from core import log
from core.i18n import current_language, translate
from core.models.catalogue import METRICS
from core.models.lines import CELL, METRIC, SIDE, read_pair
from core.services import studies
from core.services.analytics.base import get_analysis
from core.services.member_names import member_name
from dashboard.components import error_notice
from dashboard.explain import Told, explained
from dashboard.page import View


def register(app: Dash) -> None:
    """Add the callback; `assets/explain.js` opens the dialogue."""

    @app.callback(
        Output("explain-body", "children"),
        Input("explain-told", "data"),
        prevent_initial_call=True,
    )
    def explain(asked: Mapping[str, Any] | None) -> list[Any]:
        if not asked:
            raise PreventUpdate
        try:
            return _explained(str(asked.get("query") or ""))
        except Exception as error:  # noqa: BLE001 - told in the dialogue and in the log
            return [error_notice(told_error(error, "explain"), log.request_id.get())]


def _explained(query: str) -> list[Any]:
    pairs = [pair for pair in pairs_of(query) if pair[0] != SIDE]
    analysis, settings = get_analysis("explain"), services().settings
    params = analysis.params_from(pairs)
    result = studies.answer(services(), analysis, params, scope(), lambda _done, _step: None)
    key = params.chosen.text(METRIC)
    cells = [read_pair(text) for text in params.chosen.listed(CELL)]
    about = Told(
        figure=translate(METRICS[key].name),
        inside=[member_name(services().metrics, *cell, scope()) for cell in cells],
        pairs=[pair for pair in pairs if pair[0] != METRIC],
        metric=key,
    )
    view = View(
        result=result,
        table=result.tables["whole"],
        filters=params.filters,
        theme="light",
        language=current_language(),
        currency=settings.base_currency,
        campaign_month=settings.campaign_first_month,
    )
    return explained(result, about, view)
