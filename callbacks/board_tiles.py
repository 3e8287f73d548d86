"""Tiles of the open board, each drawn by its panel; what cannot be answered is said in its place.

The board's filters and the reader's rights hold for every tile.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from dash import MATCH, Dash, Input, Output, ctx, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.answers import Look, drawn, told
from callbacks.support import pairs_of, scope, search_of, services
from core import log
from core.errors import PicholineError
from core.i18n import _, msg
from core.models.boards import Tile
from core.models.result import AnalysisResult
from core.services import studies
from core.services.analytics.base import Analysis, Params, get_analysis
from core.services.dashboards import pinned
from core.services.jobs import error_of
from dashboard.board import PRESSED
from dashboard.board_panels import source_of
from dashboard.components import error_notice
from dashboard.page import PROPS, Kind, Page, Panel
from dashboard.presses import press
from dashboard.runs import as_error

_LOWER = 0.72  # of what a chart takes on its page, before it scrolls in its tile


@dataclass(frozen=True)
class Asked:
    """What a tile asks: an analysis with its parameters, for a panel of a page."""

    page: Page
    panel: Panel
    analysis: Analysis
    params: Params
    query: str

    @classmethod
    def of(cls, tile: Tile, query: str) -> "Asked":
        """Read what a tile asks under the filters of a query.

        Raises:
            PicholineError: there is no such panel here, or a setting does not fit.
        """
        page, panel = source_of(tile)
        pairs = pinned(tile, tuple(pairs_of(query)))
        analysis = get_analysis(page.analysis or "")
        return cls(page, panel, analysis, analysis.params_from(pairs), search_of(pairs))

    def result(self) -> AnalysisResult:
        """Return the answer, or what is kept of a background analysis.

        Raises:
            PicholineError: it cannot be answered, or is not computed yet.
        """
        if self.analysis.run is not None:
            return self.analysis.run(services().metrics, self.params, scope())
        found = studies.standing(services(), self.analysis, self.params, scope())
        if found.kept is not None:
            return found.kept.result
        if found.phase == "failed" and found.job is not None:
            raise as_error(error_of(found.job))
        raise studies.not_ready(found.phase)


def register(app: Dash) -> None:
    """Add a callback for each kind of tile; every tile of the open board has its own call."""
    for kind in PROPS:
        _draw(app, kind)


def _draw(app: Dash, kind: Kind) -> None:
    def part(name: str) -> dict[str, Any]:
        return {"type": f"board-{kind}-{name}", "panel": MATCH}

    def tool(name: str) -> Input:
        return Input({"type": name, "page": "dashboards", "panel": MATCH}, "n_clicks")

    table = kind == "chart"

    @app.callback(
        *(Output(part("body"), prop) for prop in PROPS[kind]),
        Output(part("notice"), "children"),
        Output(part("tile"), "className"),
        *([Output(part("table"), "children")] if table else []),
        Input("dashboards-query", "data"),
        Input("theme", "data"),
        Input("data-version", "data"),
        tool("retry"),
        *([tool("as-table")] if table else []),
    )
    def draw(
        query: str | None, theme: str | None, _version: int, _retries: Any, clicks: Any = 0
    ) -> list[Any]:
        if query is None or theme is None or services().metrics.span() is None:
            raise PreventUpdate
        name = str(ctx.outputs_list[0]["id"]["panel"])
        return tile_values(name, kind, query, theme, as_table=bool((clicks or 0) % 2))


def tile_values(name: str, kind: Kind, query: str, theme: str, *, as_table: bool) -> list[Any]:
    """Return the values of one tile: its body, its notice, its frame, a chart's table.

    Args:
        name: number of the board and key of the tile, `3-t1`.
        kind: what the frame on the screen can show.
        query: of the URL.
        theme: as resolved in the browser.
        as_table: a chart is shown as a table.
    """
    board_id, _sign, key = name.partition("-")
    tile = services().dashboards.get(int(board_id), scope()).content.tile(key)
    if tile is None:
        raise PreventUpdate  # taken away meanwhile
    try:
        asked = Asked.of(tile, query)
    except Exception as error:  # noqa: BLE001 - told in the tile and in the log
        return _failed(tile, kind, error)
    try:
        return _answered(tile, asked, theme, as_table=as_table)
    except PicholineError as error:
        if error.code in ("run.missing", "run.running"):
            return _waiting(tile, kind, name, asked, error)
        return _failed(tile, kind, error)
    except Exception as error:  # noqa: BLE001 - told in the tile and in the log
        return _failed(tile, kind, error)


def _answered(tile: Tile, asked: Asked, theme: str, *, as_table: bool) -> list[Any]:
    result, panel = asked.result(), asked.panel
    look = Look(asked.query, theme, {panel.id} if as_table else set())
    page = replace(asked.page, panels=(panel,))
    _digest, values = drawn(page, result, asked.params, look)[panel.id]
    body = len(PROPS[panel.kind])
    values = list(values)
    if "is-absent" in str(values[body + 1]):
        raise PicholineError(
            "board.absent",
            msg("Under these filters there is nothing of the kind to show."),
            msg("Change the filters, or compare with another period."),
        )
    values[body + 1] = _framed(tile, str(values[body + 1]))
    if panel.kind == "chart":
        values[:2] = _fitted(values[0], values[1])
    for component in (part for value in values for part in _components(value)):
        _unnamed(component)
    return values


def _framed(tile: Tile, frame: str) -> str:
    return f"{frame} board-tile is-{tile.kind}"


def _fitted(figure: Any, style: Any) -> tuple[Any, Any]:
    """Return a chart that is as high as its tile, and no lower than what it has to show."""
    if not isinstance(figure, dict):
        return figure, style
    layout = {name: value for name, value in figure["layout"].items() if name != "height"}
    high = figure["layout"].get("height") or 0
    wide = style.get("minWidth") or 0 if isinstance(style, dict) else 0
    least = {"minHeight": round(high * _LOWER), "minWidth": wide}
    return {**figure, "layout": layout}, {"height": "100%", **least}


def _components(value: Any) -> Iterable[Component]:
    """Return every component of a value, down to the last."""
    if isinstance(value, Component):
        yield value
        yield from _components(getattr(value, "children", None))
    elif isinstance(value, (list, tuple)):
        for part in value:
            yield from _components(part)


def _unnamed(component: Component) -> None:
    """Take the id away: the page the panel is of may be there as well, with the same one."""
    if hasattr(component, "id"):
        delattr(component, "id")


def _failed(tile: Tile, kind: Kind, error: Exception) -> list[Any]:
    notice = error_notice(told(error, f"dashboards-{tile.key}"), log.request_id.get())
    return _held(tile, kind, notice, "has-error")


def _waiting(tile: Tile, kind: Kind, name: str, asked: Asked, error: PicholineError) -> list[Any]:
    """Return the way to a result that is not there yet; while it is computed, that it is."""
    if error.code == "run.running":
        text = html.P(_("This is being computed; it appears here when it is ready."))
        return _held(tile, kind, html.Div(text, className="board-wait"), "is-computing is-blank")
    board_id, _sign, key = name.partition("-")
    ways = [
        press(PRESSED, _("Compute now"), primary=True, action="compute", id=int(board_id),
              tile=key, pairs=asked.params.to_pairs()),
        html.A(_("Open its page"), href=f"/{asked.page.key}{asked.query}",
               className="btn btn-sm btn-outline-primary"),
    ]  # fmt: skip
    text = html.P(_("Not computed yet for these filters and data."))
    return _held(tile, kind, html.Div([text, *ways], className="board-wait"), "is-blank")


def _held(tile: Tile, kind: Kind, notice: Component, state: str) -> list[Any]:
    """Return a notice over what the tile showed before."""
    frame = _framed(tile, f"panel panel-{kind} {state}")
    values = [*([no_update] * len(PROPS[kind])), notice, frame]
    return [*values, no_update] if kind == "chart" else values
