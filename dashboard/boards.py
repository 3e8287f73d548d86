"""The page of dashboards: the list with its search, and the place of an open one."""

from collections.abc import Sequence
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.formats import format_value
from core.i18n import _, current_language, msg_n, translate
from core.models.boards import Board
from core.models.formats import Format
from core.services.board_examples import EXAMPLES
from dashboard.attributes import aria, attributes
from dashboard.board import PRESSED
from dashboard.board_form import overlay as dialogue
from dashboard.components import icon
from dashboard.presses import press

Addressed = Sequence[tuple[Board, str]]


def boards_overlay() -> Component:
    """Return what is there on every page: the dialogue, and what buttons and scripts tell."""
    return html.Div(
        [
            dcc.Store(id=PRESSED),
            dcc.Store(id="boards-changed", data=0),
            dcc.Store(id="board-told"),
            dcc.Store(id="board-heard"),
            dcc.Store(id="board-opens"),
            dcc.Store(id="board-opened"),
            dialogue(),
        ]
    )


def boards_nav() -> Component:
    """Return the place of the starred boards beside the pages."""
    return html.Div(id="starred-boards", className="nav-group views-nav")


def boards_page(empty: Component) -> Component:
    """Return the page; its callbacks fill it.

    Args:
        empty: what stands there while there are no data.
    """
    search = dcc.Input(
        id="boards-search",
        type="search",
        value="",
        placeholder=_("Search the dashboards"),
        className="form-control",
        debounce=False,
        autoComplete="off",
    )
    named = html.Span(_("Search the dashboards"), className="visually-hidden")
    said = _("Column {column}, row {row}, {width} wide, {height} high")
    buttons = html.Div(
        [
            press(PRESSED, _("New dashboard…"), name="add", primary=True, action="ask-new"),
            html.Button(
                [icon("upload"), _("Import a file…")],
                type="button",
                className="btn btn-sm btn-outline-primary board-import",
            ),
        ],
        className="board-buttons",
    )
    return html.Div(
        [
            dcc.Store(id="board-shown", data={}),
            html.Div(id="boards-said", role="status", **aria(live="polite")),
            html.Div([html.Label([named, search]), buttons], className="boards-tools"),
            html.Div(id="boards-list", className="boards-list"),
            html.Div(id="board-head", className="board-head"),
            html.Div(id="board-tiles", className="board-tiles", **attributes({"data-said": said})),
            empty,
        ],
        id="boards-page",
        className="boards-page",
    )


def page_class(*, is_open: bool) -> str:
    """Return the class of the page: of the list, or of an open board."""
    return "boards-page is-board" if is_open else "boards-page is-list"


def board_list(boards: Addressed, search: str) -> Component:
    """Return the list of boards with their addresses, or how to begin the first one.

    Args:
        boards: of this person, as far as they are found.
        search: what they were searched for.
    """
    if not boards and search:
        return html.P(_("No dashboard is called so."), className="views-none", role="status")
    if not boards:
        return _begin()
    names = (_("Name"), _("Tiles"), _("Changed on"), "")
    head = html.Tr([html.Th(text, scope="col") for text in names])
    body = html.Tbody([_row(board, address) for board, address in boards])
    return html.Table([html.Thead(head), body], className="data-table views-table")


def _begin() -> Component:
    """Return what is said before the first board: examples to begin with."""
    ways = [
        press(PRESSED, translate(name), name="dashboards", action="example", which=key)
        for key, name in EXAMPLES.items()
    ]
    texts = [
        _(
            "A dashboard shows tiles of any pages, figures of the catalogue and texts, as large "
            "as you like them and where you like them."
        ),
        _("Begin with an example, and change it as you like:"),
    ]
    return html.Div(
        [
            icon("dashboards"),
            html.H2(_("No dashboard yet")),
            *(html.P(text) for text in texts),
            html.Div(ways, className="empty-actions"),
        ],
        className="empty-state",
    )


def _row(board: Board, address: str) -> Component:
    first = html.Span(_("Opened first"), className="view-first") if board.first else None
    star = html.Span([icon("star"), html.Span(_("In the navigation"), className="visually-hidden")])
    count = len(board.content.tiles)

    def does(label: str, action: str, **told: Any) -> Component:
        return press(PRESSED, label, action=action, id=board.id, **told)

    buttons = [
        does(
            _("Not in the navigation") if board.starred else _("Into the navigation"),
            "unstar" if board.starred else "star",
        ),
        does(_("Rename…"), "ask-name"),
        does(_("Duplicate"), "duplicate"),
        does(_("Remove"), "remove"),
    ]
    return html.Tr(
        [
            html.Td([dcc.Link(board.name, href=address), star if board.starred else None, first]),
            html.Td(str(msg_n("{n} tile", "{n} tiles", count))),
            html.Td(format_value(board.changed_at, Format.DATE, current_language())),
            html.Td(html.Div(buttons, className="view-buttons")),
        ]
    )


def removed(number: int, name: str) -> Component:
    """Return what is said of a removed board, with the way back."""
    return html.P(
        [
            html.Span(_("“{name}” was removed.", name=name)),
            press(PRESSED, _("Undo"), name="undo", action="restore", id=number),
        ],
        className="views-done",
    )
