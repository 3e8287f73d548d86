"""What a tile of a board shows: which panel of which page, and what it is called."""

from dataclasses import replace

from core.errors import PicholineError
from core.i18n import _, msg, translate
from core.models.boards import Tile
from core.models.catalogue import Known
from core.models.members import MEMBER
from core.models.options import Chosen
from core.services.analytics.explorer import OPTIONS, SHOW, plan
from core.services.analytics.explorer import title_of as explored
from core.services.metric_known import get_metric
from dashboard.board_numbers import NUMBERS
from dashboard.page import PAGES, Page, Panel

NUMBER = "number"  # how figures are shown that are split by nothing
FIGURES = "figures"


def source_of(tile: Tile) -> tuple[Page, Panel]:
    """Return the page whose analysis answers a tile, and the panel that draws it.

    The panel has no tabs: the tile holds what was chosen.

    Raises:
        PicholineError: there is no such page or panel here.
    """
    page, wanted = PAGES.get(tile.page), tile.panel
    if tile.kind == FIGURES:
        show = dict(tile.pairs).get(SHOW, "table")
        if show == NUMBER:
            return NUMBERS, NUMBERS.panels[0]
        page, wanted = PAGES.get("explorer"), "pivot" if show == "table" else "chart"
    panel = next((p for p in page.panels if p.id == wanted), None) if page else None
    if page is None or panel is None or not page.analysis:
        raise PicholineError(
            "board.panel",
            msg("There is no “{panel}” on a page “{page}” here.", panel=wanted, page=tile.page),
            msg("Remove the tile, or open the dashboard where it was made."),
        )
    table = panel.table_key(dict(tile.pairs))
    return page, replace(panel, choice=None, table=table, bare=False, width=12, height=0)


def panel_of(tile: Tile) -> Panel | None:
    """Return the panel a tile is drawn by; None for a text, and where there is none."""
    if tile.kind == "text":
        return None
    try:
        return source_of(tile)[1]
    except PicholineError:
        return None


def title_of(tile: Tile, known: Known) -> str:
    """Return what a tile is called in the current language; "" for a text without a title."""
    if tile.title or tile.kind == "text":
        return tile.title
    if tile.kind == FIGURES:
        return _figures_title(tile, known)
    page = PAGES.get(tile.page)
    panel = next((p for p in page.panels if p.id == tile.panel), None) if page else None
    if panel is None:
        return f"{tile.page} · {tile.panel}"
    pairs = dict(tile.pairs)
    parts = [translate(panel.title)]
    if panel.choice:
        chosen = panel.choice.chosen(pairs)
        own = known.dimensions.get(chosen)
        label = panel.choice.options.get(chosen) or (own.name if own else chosen)
        parts.append(translate(label))
    return " · ".join([*parts, *([pairs[MEMBER]] if pairs.get(MEMBER) else [])])


def _figures_title(tile: Tile, known: Known) -> str:
    pairs = dict(tile.pairs)
    try:
        if pairs.get(SHOW) == NUMBER:
            keys = [key for key in pairs.get(FIGURES, "").split(",") if key]
            return ", ".join(translate(get_metric(key, known).name) for key in keys)
        return str(explored(plan(Chosen.read(OPTIONS, tile.pairs), known), known))
    except PicholineError:
        return _("Figures")  # the tile says what is wrong
