"""One board: its heading with what can be done, and the frames of its tiles."""

from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from core.i18n import _
from core.models.boards import Board, Place, Tile
from core.models.catalogue import Known
from core.services.dashboards import address
from dashboard.attributes import aria, attributes
from dashboard.board_panels import panel_of, title_of
from dashboard.components import button, graph_config, icon, legend_text
from dashboard.grid import empty_grid
from dashboard.markup import marked_up
from dashboard.page import Panel
from dashboard.presses import press

PRESSED = "boards-pressed"  # what buttons and scripts tell


def part(board: Board, tile: Tile, name: str) -> dict[str, str]:
    """Return the id of a part of a tile: `board-<kind of its panel>-<part>`."""
    panel = panel_of(tile)
    kind = "text" if tile.kind == "text" else panel.kind if panel else "html"
    return {"type": f"board-{kind}-{name}", "panel": f"{board.id}-{tile.key}"}


def style_of(place: Place) -> dict[str, Any]:
    """Return where a tile stands; a narrow screen takes its height only."""
    return {
        "gridColumn": f"{place.x + 1} / span {place.w}",
        "gridRow": f"{place.y + 1} / span {place.h}",
        "--h": str(place.h),
    }


def board_head(board: Board, back: str) -> list[Component]:
    """Return the name of a board and its buttons.

    Args:
        board: that is open.
        back: address of the list.
    """

    def does(label: str, action: str, name: str = "") -> Component:
        return press(PRESSED, label, name=name, action=action, id=board.id)

    more = [
        does(_("Rename…"), "ask-name"),
        does(_("Duplicate"), "duplicate"),
        does(_("Not first") if board.first else _("Open first"),
             "not-first" if board.first else "first"),
        does(_("Open with these filters"), "filters"),
        does(_("Open with any filters"), "filters-none") if board.content.filters else None,
        html.A(_("Export the tables (Excel)"), className="btn btn-sm export-link",
               href=f"/dashboards/{board.id}/all.xlsx", download=""),
        html.A(_("Export as a file"), className="btn btn-sm",
               href=f"/dashboards/{board.id}.json", download=""),
        does(_("Remove"), "remove"),
    ]  # fmt: skip
    opener = html.Summary([icon("more"), _("More")], className="btn btn-sm btn-outline-primary")
    title = [
        dcc.Link(_("All dashboards"), href=back, className="board-back"),
        html.H2(board.name, className="board-name"),
        html.Span(_("Opened first"), className="view-first") if board.first else None,
    ]
    buttons = [
        does(_("Add figures…"), "new-figures", "add"),
        does(_("Add a text…"), "new-text", "add"),
        does(
            _("Not in the navigation") if board.starred else _("Into the navigation"),
            "unstar" if board.starred else "star",
            "star",
        ),
        html.Details(
            [opener, html.Div(more, className="menu board-menu")], className="menu-holder"
        ),
    ]
    return [
        html.Div(title, className="board-title"),
        html.Div(buttons, className="board-buttons"),
    ]


def board_tiles(board: Board, known: Known) -> list[Component]:
    """Return the frames of a board's tiles in reading order, or how to begin.

    Args:
        board: with its tiles.
        known: metrics and dimensions, whose names are titles.
    """
    if not board.content.tiles:
        return [
            html.Div(
                [
                    icon("dashboards"),
                    html.H2(_("This dashboard is empty")),
                    html.P(
                        _(
                            "Add figures of the catalogue or a text here, or open any page and "
                            "choose “Add to a dashboard…” in the menu of a tile."
                        )
                    ),
                    html.Div(
                        [
                            press(PRESSED, _("Add figures…"), primary=True, action="new-figures",
                                  id=board.id),
                            dcc.Link(_("Go to the overview"), href="/overview",
                                     className="btn btn-sm btn-outline-primary"),
                        ],
                        className="empty-actions",
                    ),
                ],
                className="empty-state",
            )
        ]  # fmt: skip
    return [_frame(board, tile, title_of(tile, known)) for tile in board.content.tiles]


def _frame(board: Board, tile: Tile, title: str) -> Component:
    panel = panel_of(tile)
    kind = panel.kind if panel else "html"
    name = part(board, tile, "title")
    return html.Section(
        [
            _head(board, tile, panel, title),
            legend_text(panel) if panel and panel.legend else None,
            html.Div(id=part(board, tile, "notice"), className="panel-notice"),
            _body(board, tile, panel),
            button(
                _("Size: {title}", title=title or _("Text")), "resize", className="board-corner",
            ),
        ],
        id=part(board, tile, "tile"),
        className=f"panel panel-{kind} board-tile is-{tile.kind}",
        style=style_of(tile.place),
        tabIndex=-1,
        **attributes(
            {
                "data-board": board.id,
                "data-tile": tile.key,
                "data-kind": tile.kind,
                "data-title": title,
                "data-opens": _opens(tile),
            }
        ),
        **aria(label=title) if title else aria(labelledby=str(name)),
    )  # fmt: skip


def _opens(tile: Tile) -> str:
    """Return the page a tile was taken from, or where its figures can be worked on further."""
    if tile.kind == "text":
        return ""
    return tile.page if tile.kind == "panel" else "explorer"


def _head(board: Board, tile: Tile, panel: Panel | None, title: str) -> Component:
    grip = button(
        _("Move: {title}", title=title or _("Text")), "grip", className="board-grip",
    )  # fmt: skip
    tools: list[Component] = []
    if tile.kind != "text":
        tools.append(
            html.Button(
                [icon("retry"), _("Try again")],
                id={"type": "retry", "page": "dashboards", "panel": f"{board.id}-{tile.key}"},
                n_clicks=0,
                type="button",
                className="retry",
            )
        )
    if panel and panel.kind == "chart":
        tools.append(
            button(
                _("Show as table: {title}", title=title),
                "table",
                id={"type": "as-table", "page": "dashboards", "panel": f"{board.id}-{tile.key}"},
                n_clicks=0,
            )
        )
    if panel:
        tools.append(_exports(board, tile))
    more = _("More: {title}", title=title or _("Text"))
    tools.append(button(more, "more", className="tile-menu", **aria(haspopup="menu")))
    heading = html.H3(title, id=part(board, tile, "title"), className="panel-title", title=title)
    return html.Header(
        [grip, heading, html.Div(tools, className="panel-tools")], className="panel-head"
    )


def _exports(board: Board, tile: Tile) -> Component:
    """Return the links the tile's menu presses; they are in no menu of their own."""
    links = [
        html.A(
            text,
            href=f"/dashboards/{board.id}/{tile.key}.{suffix}",
            className="export-link",
            download="",
        )
        for suffix, text in (("csv", _("CSV file")), ("xlsx", _("Excel workbook")))
    ]
    return html.Span(links, hidden=True)


def _body(board: Board, tile: Tile, panel: Panel | None) -> Component:
    if tile.kind == "text":
        return html.Div(
            html.Div(marked_up(tile.text), className="board-text"), className="panel-body"
        )
    name = part(board, tile, "body")
    return html.Div(
        [
            _content(panel, name),
            html.Div(id=part(board, tile, "table"), className="panel-table"),
        ],
        className="panel-body",
    )


def _content(panel: Panel | None, name: Any) -> Component:
    if panel is not None and panel.kind == "chart":
        blank = {"data": [], "layout": {"xaxis": {"visible": False}, "yaxis": {"visible": False}}}
        return dcc.Graph(
            id=name, className="panel-graph", responsive=True, figure=blank,
            config=graph_config(), style={"height": "100%"},
        )  # fmt: skip
    if panel is not None and panel.kind == "grid":
        grid = empty_grid(name, 0)
        setattr(grid, "style", {"height": "100%"})  # noqa: B010 - the tile says how high
        return grid
    return html.Div(id=name, className="panel-html")


def starred_boards(boards: list[Board]) -> list[Component]:
    """Return the starred boards as links under a name; nothing without any."""
    links = [
        dcc.Link(
            [icon("dashboards"), html.Span(board.name, className="nav-text")],
            href=address(board),
            className="nav-link",
            title=board.name,
        )
        for board in boards
        if board.starred
    ]
    return [html.P(_("Dashboards"), className="nav-group-name"), *links] if links else []
