"""One callback per analysis page: the URL, theme and data version in, changed panels out."""

from collections.abc import Mapping
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update
from dash.exceptions import PreventUpdate

from callbacks.answers import NOTES, PARTS, Answer, Look, answer, parts_of
from callbacks.standings import BAR, JOB, study_answer
from callbacks.support import services
from core.services.analytics.base import get_analysis
from dashboard.components import panel_id
from dashboard.page import PROPS, Page, pages


def register(app: Dash) -> None:
    """Add the refresh of every analysis page."""
    for page in pages():
        if page.analysis and get_analysis(page.analysis).study:
            _refresh_study(app, page)
        elif page.analysis:
            _refresh(app, page)


def _refresh(app: Dash, page: Page) -> None:
    @app.callback(*_outputs(page), *_inputs(page), *_states(page))
    def refresh(
        query: str | None, theme: str | None, _version: int, _tables: Any, _retries: Any, shown: Any
    ) -> list[Any]:
        if query is None or theme is None or services().metrics.span() is None:
            raise PreventUpdate
        return _changed(page, answer(page, query, theme, _tabled()), shown)


def _refresh_study(app: Dash, page: Page) -> None:
    """A background analysis is drawn from what is kept; else its run starts or goes on."""

    @app.callback(
        Output(f"{page.key}-run", "data"),
        Output(f"{page.key}-run-poll", "disabled"),
        Output(f"{page.key}-run-bar", "children"),
        *_outputs(page),
        *_inputs(page),
        Input(f"{page.key}-run-turn", "data"),
        *_states(page),
        State(f"{page.key}-run", "data"),
        State("url", "pathname"),
    )
    def refresh(query: str | None, theme: str | None, *rest: Any) -> list[Any]:
        if query is None or theme is None or services().metrics.span() is None:
            raise PreventUpdate
        shown, asked, path = rest[-3:]
        found = study_answer(page, Look(query, theme, _tabled()), shown or {}, asked, path)
        return _changed(page, found, shown, JOB, BAR)


def _tabled() -> set[str]:
    """Return the panels whose switch shows them as a table."""
    return {item["id"]["panel"] for item in ctx.inputs_list[3] if (item.get("value") or 0) % 2}


def _changed(
    page: Page, found: Mapping[str, Answer], shown: Mapping[str, str] | None, *first: str
) -> list[Any]:
    """Return the values in the order of the outputs; what is shown already is left alone."""
    digests = {name: digest for name, (digest, _values) in found.items()}

    def fresh(name: str) -> list[Any]:
        digest, values = found[name]
        same = bool(digest) and digest == (shown or {}).get(name)
        return [no_update] * len(values) if same else values

    names = [NOTES, *(panel.id for panel in page.panels)]
    before = [value for name in first for value in fresh(name)]
    return [*before, digests, *(value for name in names for value in fresh(name))]


def _inputs(page: Page) -> list[Input]:
    return [
        Input(f"{page.key}-query", "data"),
        Input("theme", "data"),
        Input("data-version", "data"),
        Input({"type": "as-table", "page": page.key, "panel": ALL}, "n_clicks"),
        Input({"type": "retry", "page": page.key, "panel": ALL}, "n_clicks"),
    ]


def _states(page: Page) -> list[State]:
    return [State(f"{page.key}-shown", "data")]


def _outputs(page: Page) -> list[Output]:
    panels = [
        Output(panel_id(page, panel, part), prop)
        for panel in page.panels
        for part, prop in (
            *(("body", name) for name in PROPS[panel.kind]),
            *((part, PARTS[part]) for part in parts_of(panel)),
        )
    ]
    return [
        Output(f"{page.key}-shown", "data"),
        Output(f"{page.key}-notes", "children"),
        *panels,
    ]
