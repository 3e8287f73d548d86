"""Notes: what people wrote about months, days and members."""

from core.i18n import N_
from dashboard.desk.actions import ACTIONS, TILE, Action
from dashboard.notes import notes_overlay, notes_page
from dashboard.page import PAGES, Page

ACTIONS.add(Action("tile.annotate", N_("Annotate…"), TILE, 2, ("n",), "note", run="annotateTile",
                   when="tile"))  # fmt: skip
ACTIONS.add(Action("file.note", N_("Write a note…"), "file", 2, icon="note", run="annotate"))
PAGES.add(
    Page(
        key="notes",
        title=N_("Notes"),
        icon="note",
        layout=notes_page,
        order=930,
        overlay=notes_overlay,
    )
)
