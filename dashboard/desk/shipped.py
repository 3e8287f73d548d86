"""The actions of the desk itself; pages add their own to `ACTIONS`."""

from core.i18n import N_
from dashboard.desk.actions import NO_MENU, TILE, Action

THEMES = {
    "auto": N_("Colours as the system"),
    "light": N_("Light colours"),
    "dark": N_("Dark colours"),
    "contrast": N_("High contrast"),
}
DENSITIES = {"comfortable": N_("Comfortable spacing"), "compact": N_("Compact spacing")}

DESK_ACTIONS: tuple[Action, ...] = (
    Action("file.import", N_("Import a file…"), "file", 1, ("i",), "upload", press="#import-open"),
    Action(
        "file.export", N_("Export this page (Excel)"), "file", 2, ("e",), "xlsx",
        run="exportPage", when="analysis",
    ),
    Action("file.link", N_("Copy the link to this view"), "file", 2, ("y",), run="copyLink"),
    Action("file.tab", N_("Open this view in another tab"), "file", 4, ("t n",), "tab",
           run="tabNew"),
    Action("file.tab-close", N_("Close the tab"), "file", 4, ("t w",), run="tabClose", when="tabs"),
    Action("view.tab-next", N_("Next tab"), "go", 9, ("t ]",), run="tabStep", told="1",
           when="tabs"),
    Action("view.tab-previous", N_("Previous tab"), "go", 9, ("t [",), run="tabStep", told="-1",
           when="tabs"),
    Action("view.tab-number", N_("Tab by its number"), NO_MENU, 9,
           tuple(f"t {n}" for n in range(1, 10)), run="tabNumber", when="tabs"),
    Action("file.print", N_("Print…"), "file", 5, run="print"),
    Action("edit.undo", N_("Undo"), "edit", 0, ("Mod+Z",), "undo", run="undo"),
    Action("edit.redo", N_("Redo"), "edit", 0, ("Mod+Shift+Z", "Mod+Y"), "redo", run="redo"),
    Action("edit.search", N_("Search everything…"), "edit", 1, ("Mod+K", "/"), "search",
           run="palette"),
    Action("edit.reset", N_("Reset filters"), "edit", 2, ("x",), "close", press="#filter-reset",
           when="filtered"),
    Action("edit.uncross", N_("Clear what was clicked in tiles"), "edit", 2, run="uncross",
           when="crossed"),
    Action("view.filters", N_("Go to the filters"), "view", 1, ("f",), "filter",
           run="toFilters", when="filters"),
    Action("view.next", N_("Next tile"), "view", 2, ("j",), run="tile", told="1", when="tiles"),
    Action("view.previous", N_("Previous tile"), "view", 2, ("k",), run="tile", told="-1",
           when="tiles"),
    Action("view.nav", N_("Navigation"), "view", 3, ("[",), run="fold", told="nav"),
    Action("view.filterpane", N_("Filter bar"), "view", 3, ("]",), run="fold", told="filters",
           when="filters"),
    *(
        Action(f"view.density-{key}", label, "view", 4, run="density", told=key)
        for key, label in DENSITIES.items()
    ),
    *(
        Action(f"view.theme-{key}", label, "view", 5, icon="theme", run="theme", told=key)
        for key, label in THEMES.items()
    ),
    Action("tile.large", N_("Maximise the tile"), TILE, 1, ("z",), "maximise", run="tileLarge",
           when="tile"),
    Action("tile.table", N_("As table or chart"), TILE, 1, ("v",), "table", run="tileTable",
           when="tileTable"),
    Action("tile.marks", N_("Filter the other tiles to…"), TILE, 1, ("m",), "filter",
           run="tileMarks", when="tileMarks"),
    Action("tile.data", N_("Copy the data"), TILE, 2, ("c",), "copy", run="tileData",
           when="tileExport"),
    Action("tile.image", N_("Copy as a picture"), TILE, 2, ("p",), run="tileImage",
           when="tileChart"),
    Action("tile.csv", N_("Export as CSV"), TILE, 3, icon="csv", run="tileCsv", when="tileExport"),
    Action("tile.xlsx", N_("Export as Excel workbook"), TILE, 3, icon="xlsx", run="tileXlsx",
           when="tileExport"),
    Action("tile.detach", N_("Show in a window of its own"), TILE, 4, ("d",), "window",
           run="tileDetach", when="tileDetach"),
    Action("tile.redock", N_("Close this window"), TILE, 4, run="redock", when="detached"),
    Action("tile.explain", N_("Explain the change…"), TILE, 0, ("h",), run="tileExplain",
           when="tileExplain"),
    Action("tile.menu", N_("Menu of the tile"), TILE, 4, (".",), run="tileMenu",
           when="tile"),
    Action("data.lines", N_("Lines behind this view"), "data", 1, ("b",), "lines",
           run="linesBehind", when="filters"),
    Action("data.jobs", N_("Jobs"), "data", 2, ("w",), "jobs", run="jobs"),
    # Browsers hand F1 to the page and open their own help only when it takes no notice.
    Action("help.manual", N_("Manual"), "help", 0, ("F1",), "info", run="manual"),
    Action("help.keys", N_("Keyboard shortcuts"), "help", 1, ("?",), "help", run="keys"),
    Action("help.menu", N_("Open the menu bar"), NO_MENU, 1, ("F10",), run="menuBar"),
)  # fmt: skip
