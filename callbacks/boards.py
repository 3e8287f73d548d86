"""Dashboards of one's own: the list, the open board, its dialogue, and every change of it."""

from collections.abc import Sequence
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from callbacks.board_changes import ASKS, changed, done_text
from callbacks.explorer import offered_dimensions
from callbacks.support import pairs_of, scope, search_of, services
from core.errors import PicholineError
from core.models.boards import BOARD, Board
from core.models.filters import is_filter_name
from core.services.dashboards import address
from core.services.palette import folded
from dashboard.board import PRESSED, board_head, board_tiles, starred_boards
from dashboard.board_form import add_form, figures_form, name_form, panel_form, text_form
from dashboard.board_panels import title_of
from dashboard.boards import board_list, page_class, removed
from dashboard.components import error_notice

Pressed = dict[str, Any] | None


def register(app: Dash) -> None:
    """Add the callbacks."""
    _show(app)
    _beside(app)
    _ask(app)
    _change(app)
    for name, source, output in (
        ("told", "board-told", "board-heard"),
        ("opens", "board-opens", "board-opened"),
    ):
        app.clientside_callback(
            ClientsideFunction("picholine_boards", name),
            Output(output, "data"),
            Input(source, "data"),
            prevent_initial_call=True,
        )


def _show(app: Dash) -> None:
    @app.callback(
        Output("boards-page", "className"),
        Output("boards-list", "children"),
        Output("board-head", "children"),
        Output("board-tiles", "children"),
        Output("board-shown", "data"),
        Output("boards-said", "children"),
        Input("dashboards-query", "data"),
        Input("boards-changed", "data"),
        Input("boards-search", "value"),
        State("board-shown", "data"),
        State("board-told", "data"),
    )
    def show(
        query: str | None, _changes: int, search: str | None, shown: Any, told: Any
    ) -> tuple[Any, ...]:
        if query is None:
            raise PreventUpdate
        pairs = pairs_of(query)
        wanted = dict(pairs).get(BOARD, "")
        if wanted:
            return (page_class(is_open=True), [], *_open(wanted, pairs, shown), None)
        return page_class(is_open=False), _listed(pairs, search), [], [], {}, _said(told)


def _open(wanted: str, pairs: list[tuple[str, str]], shown: Any) -> tuple[Any, ...]:
    """Return heading, tiles and state of a board; the tiles stay where they are shown already.

    Without tiles it is an empty list, never nothing: with nothing the browser keeps the paths of
    tiles that are gone, and an answer on its way to one of them breaks the page.
    """
    try:
        board = services().dashboards.get(_number(wanted), scope())
    except PicholineError as error:
        return error_notice(error), [], {}
    state = {"id": board.id, "edition": board.edition}
    same = state == shown and ctx.triggered_id != "boards-changed"
    tiles: Any = no_update if same else board_tiles(board, services().metrics.known())
    return board_head(board, f"/dashboards{search_of(_filters(pairs))}"), tiles, state


def _listed(pairs: list[tuple[str, str]], search: str | None) -> Component:
    """Return the boards that are found, each with the filters it is opened with."""
    wanted = folded(search or "").strip()
    boards = [b for b in services().dashboards.all(scope()) if wanted in folded(b.name)]
    return board_list([(board, _opened(board, pairs)) for board in boards], wanted)


def _opened(board: Board, pairs: list[tuple[str, str]]) -> str:
    """Return where a board is opened: with its filters, or with those in force."""
    if board.content.filters:
        return address(board)
    return f"/dashboards{search_of([(BOARD, str(board.id)), *_filters(pairs)])}"


def _filters(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    return [pair for pair in pairs if is_filter_name(pair[0])]


def _said(told: dict[str, Any] | None) -> Component | None:
    """Return the way back from a removal, as long as the list stands as it left it."""
    gone = (told or {}).get("removed")
    if not gone:
        return None
    known = {board.id for board in services().dashboards.all(scope())}
    return None if gone["id"] in known else removed(gone["id"], gone["name"])


def _number(text: str) -> int:
    return int(text) if text.isdigit() and len(text) < 10 else 0  # noqa: PLR2004 - no such board


def _beside(app: Dash) -> None:
    @app.callback(Output("starred-boards", "children"), Input("boards-changed", "data"))
    def beside(_changes: int) -> list[Component]:
        return starred_boards(services().dashboards.all(scope()))


def _ask(app: Dash) -> None:
    @app.callback(
        Output("board-form", "children"),
        Output("board-opens", "data"),
        Input(PRESSED, "data"),
        prevent_initial_call=True,
    )
    def ask(pressed: Pressed) -> tuple[Any, ...]:
        """Fill the dialogue with what is asked for."""
        if not pressed or pressed["action"] not in ASKS:
            raise PreventUpdate
        try:
            return _form(pressed), {"n": pressed["n"]}
        except PicholineError as error:
            return no_update, {**done_text(error), "n": pressed["n"]}


def _form(pressed: dict[str, Any]) -> list[Component]:
    boards, who = services().dashboards, scope()
    match pressed["action"]:
        case "ask-new":
            return add_form([], {}, "")
        case "ask-add":
            return add_form(boards.all(who), {"adding": pressed["adding"]}, pressed["title"])
        case "ask-name":
            return name_form(boards.get(int(pressed["id"]), who))
        case _:
            return _tile_form(pressed)


def _tile_form(pressed: dict[str, Any]) -> list[Component]:
    known = services().metrics.known()
    board = services().dashboards.get(int(pressed["id"]), scope())
    tile = board.content.tile(str(pressed.get("tile") or ""))
    if pressed["action"] == "new-text" or (tile and tile.kind == "text"):
        return text_form(board.id, tile)
    if pressed["action"] == "new-figures" or (tile and tile.kind == "figures"):
        return figures_form(board.id, tile, known, offered_dimensions())
    if tile is None:
        raise PreventUpdate  # taken away meanwhile
    return panel_form(board.id, tile, title_of(tile, known))


def _change(app: Dash) -> None:
    @app.callback(
        Output("boards-changed", "data"),
        Output("board-told", "data"),
        Input(PRESSED, "data"),
        State("boards-changed", "data"),
        State("url", "search"),
        prevent_initial_call=True,
    )
    def change(pressed: Pressed, changes: int, search: str | None) -> tuple[Any, ...]:
        if not pressed or pressed["action"] in ASKS:
            raise PreventUpdate
        try:
            told = changed(pressed, pairs_of(search))
        except PicholineError as error:
            return no_update, {**done_text(error), "n": pressed["n"]}
        quiet = told.pop("quiet", False)
        return no_update if quiet else (changes or 0) + 1, {**told, "n": pressed["n"]}
