"""One callback per analysis page: the URL, theme and data version in, changed panels out."""

from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.answers import PARTS, answer, parts_of
from callbacks.support import services
from dashboard.components import panel_id
from dashboard.page import PROPS, Page, pages


def register(app: Dash) -> None:
    """Add the refresh of every analysis page."""
    for page in pages():
        if page.analysis:
            _refresh(app, page)


def _refresh(app: Dash, page: Page) -> None:
    @app.callback(
        Output(f"{page.key}-shown", "data"),
        *_outputs(page),
        Input(f"{page.key}-query", "data"),
        Input("theme", "data"),
        Input("data-version", "data"),
        Input({"type": "as-table", "page": page.key, "panel": ALL}, "n_clicks"),
        Input({"type": "retry", "page": page.key, "panel": ALL}, "n_clicks"),
        State(f"{page.key}-shown", "data"),
    )
    def refresh(
        query: str | None, theme: str | None, _version: int, *clicks_and_shown: Any
    ) -> list[Any]:
        if query is None or theme is None or services().metrics.span() is None:
            raise PreventUpdate
        *_clicks, shown = clicks_and_shown
        tables = {
            item["id"]["panel"] for item in ctx.inputs_list[3] if (item.get("value") or 0) % 2
        }
        found = answer(page, query, theme, tables)
        digests = {name: digest for name, (digest, _values) in found.items()}
        fresh = [
            values if digest != (shown or {}).get(name) else [no_update] * len(values)
            for name, (digest, values) in found.items()
        ]
        return [digests, *(value for values in fresh for value in values)]


def _outputs(page: Page) -> list[Output]:
    return [
        Output(panel_id(page, panel, part), prop)
        for panel in page.panels
        for part, prop in (
            *(("body", name) for name in PROPS[panel.kind]),
            *((part, PARTS[part]) for part in parts_of(panel)),
        )
    ]
