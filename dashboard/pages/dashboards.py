"""Dashboards of one's own: tiles of any pages, figures of the catalogue, texts."""

from dash.development.base_component import Component

from core.i18n import N_
from core.models.boards import BOARD
from dashboard.boards import boards_overlay, boards_page
from dashboard.desk.actions import ACTIONS, TILE, Action
from dashboard.page import PAGES, Page
from dashboard.shell import empty_state

HERE = ("dashboards",)


def _layout() -> Component:
    return boards_page(empty_state(PAGE))


for _action in (
    Action("file.dashboard", N_("New dashboard…"), "file", 3, icon="dashboards", run="boardNew"),
    Action("file.dashboard-import", N_("Import a dashboard…"), "file", 3, run="boardImport"),
    Action("file.dashboard-export", N_("Export the dashboard (Excel)"), "file", 3, icon="xlsx",
           run="boardExport", when="board", pages=HERE),
    Action("tile.add", N_("Add to a dashboard…"), TILE, 3, ("+",), "dashboards",
           run="tileAdd", when="tileAdd"),
    Action("tile.edit", N_("Change the tile…"), TILE, 5, run="boardEdit", when="boardTile",
           pages=HERE),
    Action("tile.place", N_("Move or resize with the arrows"), TILE, 5, run="boardPlace",
           when="boardTile", pages=HERE),
    Action("tile.copy", N_("Duplicate the tile"), TILE, 5, run="boardCopy", when="boardTile",
           pages=HERE),
    Action("tile.open", N_("Open its page"), TILE, 5, run="boardOpen", when="boardPage",
           pages=HERE),
    Action("tile.remove", N_("Remove the tile"), TILE, 5, run="boardRemove", when="boardTile",
           pages=HERE),
):  # fmt: skip
    ACTIONS.add(_action)

PAGE = PAGES.add(
    Page(
        key="dashboards",
        title=N_("Dashboards"),
        icon="dashboards",
        layout=_layout,
        order=17,
        overlay=boards_overlay,
        filtered=True,
        own=(BOARD,),
    )
)
