"""What a press on a board does, and what the browser is told of it: words, an undo step, a way."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from callbacks.support import scope, services
from core.errors import PicholineError
from core.i18n import _, msg
from core.models.boards import Board, Place, Tile
from core.services import studies
from core.services.analytics.base import get_analysis
from core.services.board_examples import EXAMPLES, example
from core.services.dashboards import Change, address, text_tile
from dashboard.board_form import NOTHING, figures_pairs, pinned_pairs
from dashboard.page import PAGES, Page, Panel

ASKS = frozenset({"ask-new", "ask-add", "ask-name", "tile-edit", "new-figures", "new-text"})
Told = dict[str, Any]
Pairs = list[tuple[str, str]]
_TALL = 7  # rows of a tile that is no chart of its own height
_ROW = 52  # pixels of a row with its gap


def changed(pressed: Mapping[str, Any], pairs: Pairs) -> Told:
    """Do what was pressed; return what the browser is told.

    Args:
        pressed: action and its values.
        pairs: of the URL.

    Raises:
        PicholineError: it cannot be done.
    """
    action = str(pressed["action"])
    made = _MAKES.get(action)
    if made is not None:
        return _begun(made(pressed))
    if action in _CHANGES:
        return _stepped(_CHANGES[action](pressed, pairs), quiet=action == "layout")
    if action in _MARKS:
        return _MARKS[action](pressed)
    raise PicholineError(
        "board.action",
        msg("This is nothing a dashboard can do."),
        msg("Reload the page, then try again."),
    )


def done_text(error: PicholineError) -> Told:
    """Return an error as the browser is told it: beside the fields, or at the corner."""
    return {"error": f"{error.title} {error.remedy}"}


# What makes a board -----------------------------------------------------------------------------


def _new(pressed: Mapping[str, Any]) -> Board:
    return services().dashboards.create(_fields(pressed).get("name"), scope())


def _example(pressed: Mapping[str, Any]) -> Board:
    name, content = example(str(pressed["which"]) if pressed["which"] in EXAMPLES else "sales")
    return services().dashboards.create(name, scope(), content)


def _duplicate(pressed: Mapping[str, Any]) -> Board:
    return services().dashboards.duplicate(int(pressed["id"]), scope())


def _take_in(pressed: Mapping[str, Any]) -> Board:
    try:
        data = base64.b64decode(str(pressed["data"]), validate=True)
    except ValueError:
        data = b""
    return services().dashboards.take_in(data, scope())


_MAKES: Mapping[str, Callable[[Mapping[str, Any]], Board]] = {
    "new": _new,
    "example": _example,
    "duplicate": _duplicate,
    "import": _take_in,
}


def _begun(board: Board) -> Told:
    """Return what is told of a new board: it opens, and undo takes it away."""
    step = {
        "id": board.id,
        "before": {"removed": True},
        "after": {"removed": False},
        "label": _("dashboard {name}", name=board.name),
    }
    return {"address": address(board), "step": step, "close": True}


# What changes one -------------------------------------------------------------------------------


def _add(pressed: Mapping[str, Any], pairs: Pairs) -> Change:
    """Put a tile on the board that was chosen, or on a new one."""
    boards, who, fields = services().dashboards, scope(), _fields(pressed)
    tile = _tile_of(pressed["adding"], pairs)
    if fields.get("board", NOTHING) != NOTHING:
        return boards.add_tile(int(fields["board"]), tile, who)
    return boards.add_tile(boards.create(fields.get("name"), who).id, tile, who)


def _tile_of(adding: Mapping[str, Any], pairs: Pairs) -> Tile:
    """Return the tile that is added: of another board, or a panel with the choices of its page.

    Raises:
        PicholineError: there is no such panel.
    """
    if adding.get("board"):
        board = services().dashboards.get(int(adding["board"]), scope())
        found = board.content.tile(str(adding["tile"]))
        if found is not None:
            return found
    page = PAGES.get(str(adding.get("page")))
    panels = {panel.id: panel for panel in page.panels} if page else {}
    panel = panels.get(str(adding.get("panel")))
    if page is None or panel is None or not page.analysis:
        raise PicholineError(
            "board.panel",
            msg("This tile cannot stand on a dashboard."),
            msg("Choose a tile of a page with figures."),
        )
    own = _own_names(page, panel)
    chosen = tuple(pair for pair in pairs if pair[0] in own)
    figures = page.key == "explorer"
    return Tile(
        "",
        "figures" if figures else "panel",
        Place(0, 0, max(4, panel.width), _rows(panel)),
        page="" if figures else page.key,
        panel="" if figures else panel.id,
        pairs=_explored(panel, chosen) if figures else chosen,
    )


def _explored(panel: Panel, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return what the explorer shows, whole: what is left to its defaults there is written out."""
    chosen = get_analysis("explorer").params_from(pairs).chosen.values
    found = {name: value for name, value in chosen.items() if value}
    return tuple({**found, **({"show": "table"} if panel.id == "pivot" else {})}.items())


def _own_names(page: Page, panel: Panel) -> set[str]:
    options = {option.name for option in get_analysis(page.analysis or "").options}
    return options | set(page.own) | ({panel.choice.name} if panel.choice else set())


def _rows(panel: Panel) -> int:
    """Return how many rows a panel needs for its chart and its heading."""
    return max(4, min(10, round((panel.height + 60) / _ROW))) if panel.height else _TALL


def _rename(pressed: Mapping[str, Any], _pairs: Pairs) -> Change:
    name = _fields(pressed).get("name")
    return services().dashboards.rename(int(pressed["id"]), name, scope())


def _layout(pressed: Mapping[str, Any], _pairs: Pairs) -> Change:
    places = {str(key): place for key, place in pressed["places"].items()}
    return services().dashboards.arrange(int(pressed["id"]), places, scope())


def _figures(pressed: Mapping[str, Any], _pairs: Pairs) -> Change:
    fields, key = _fields(pressed), str(pressed.get("tile") or "")
    boards, number, who = services().dashboards, int(pressed["id"]), scope()
    title = fields.get("title", "").strip()
    if not key:
        found = figures_pairs(fields)
        flat = dict(found).get("show") == "number"
        place = Place(0, 0, 6, 3 if flat else _TALL)
        return boards.add_tile(number, Tile("", "figures", place, title, pairs=found), who)
    before = boards.get(number, who).content.tile(key)
    found = figures_pairs(fields, before.pairs if before else ())
    return boards.change_tile(number, key, who, title=title, pairs=found)


def _text(pressed: Mapping[str, Any], _pairs: Pairs) -> Change:
    fields, key = _fields(pressed), str(pressed.get("tile") or "")
    boards, number, who = services().dashboards, int(pressed["id"]), scope()
    tile = text_tile(fields.get("text", ""))
    title = fields.get("title", "").strip()
    if not key:
        return boards.add_tile(number, Tile("", "text", tile.place, title, text=tile.text), who)
    return boards.change_tile(number, key, who, title=title, text=tile.text)


def _panel(pressed: Mapping[str, Any], _pairs: Pairs) -> Change:
    fields, key = _fields(pressed), str(pressed["tile"])
    boards, number, who = services().dashboards, int(pressed["id"]), scope()
    before = boards.get(number, who).content.tile(key)
    found = pinned_pairs(fields, before.pairs if before else ())
    title = fields.get("title", "").strip()
    return boards.change_tile(number, key, who, title=title, pairs=found)


def _copy(pressed: Mapping[str, Any], _pairs: Pairs) -> Change:
    return services().dashboards.copy_tile(int(pressed["id"]), str(pressed["tile"]), scope())


def _take_away(pressed: Mapping[str, Any], _pairs: Pairs) -> Change:
    return services().dashboards.remove_tile(int(pressed["id"]), str(pressed["tile"]), scope())


def _filters(pressed: Mapping[str, Any], pairs: Pairs) -> Change:
    wanted = tuple(pairs) if pressed["action"] == "filters" else ()
    return services().dashboards.open_with(int(pressed["id"]), wanted, scope())


_CHANGES: Mapping[str, Callable[[Mapping[str, Any], Pairs], Change]] = {
    "add": _add,
    "rename": _rename,
    "layout": _layout,
    "figures-save": _figures,
    "text-save": _text,
    "panel-save": _panel,
    "tile-copy": _copy,
    "tile-remove": _take_away,
    "filters": _filters,
    "filters-none": _filters,
}


def _stepped(change: Change, *, quiet: bool) -> Told:
    """Return what is told of a change: its step of undo.

    Args:
        change: what the board is now, and its edition before.
        quiet: the screen shows it already.
    """
    board = change.board
    step = {
        "id": board.id,
        "before": {"edition": change.before},
        "after": {"edition": board.edition},
        "label": _("dashboard {name}", name=board.name),
    }
    text = "" if quiet else _("Saved: {name}", name=board.name)
    return {"step": step, "close": True, "quiet": quiet, "text": text}


# Marks, removal, undo ---------------------------------------------------------------------------


def _mark(pressed: Mapping[str, Any]) -> Told:
    boards, who, number = services().dashboards, scope(), int(pressed["id"])
    action = pressed["action"]
    if action in ("star", "unstar"):
        boards.star(number, who, starred=action == "star")
        return {}
    view = services().views.first(who)
    if action == "first" and view is not None:
        services().views.begin_with(view.id or 0, who, first=False)
    boards.begin_with(number, who, first=action == "first")
    return {}


def _remove(pressed: Mapping[str, Any]) -> Told:
    board = services().dashboards.remove(int(pressed["id"]), scope())
    step = {
        "id": board.id,
        "before": {"removed": False},
        "after": {"removed": True},
        "label": _("dashboard {name}", name=board.name),
    }
    gone = {"id": board.id, "name": board.name}
    return {"step": step, "address": "/dashboards", "removed": gone}


def _restore(pressed: Mapping[str, Any]) -> Told:
    services().dashboards.restore(int(pressed["id"]), scope())
    return {}


def _state(pressed: Mapping[str, Any]) -> Told:
    """Undo or redo: a board as a step of the desk says it was."""
    boards, who, number = services().dashboards, scope(), int(pressed["id"])
    if "edition" in pressed:
        boards.turn_to(number, int(pressed["edition"]), who)
        return {}
    if pressed["removed"]:
        boards.remove(number, who)
        return {"address": "/dashboards"}
    return {"address": address(boards.restore(number, who))}


def _compute(pressed: Mapping[str, Any]) -> Told:
    """Start what a tile waits for; the tile looks again by itself."""
    board = services().dashboards.get(int(pressed["id"]), scope())
    tile = board.content.tile(str(pressed["tile"]))
    page = PAGES.get(tile.page) if tile else None
    if tile and page and page.analysis:
        analysis = get_analysis(page.analysis)
        params = analysis.params_from([(str(n), str(v)) for n, v in pressed["pairs"]])
        studies.start(services(), analysis, params, scope())
    return {"look": [board.id, pressed["tile"]], "quiet": True}


_MARKS: Mapping[str, Callable[[Mapping[str, Any]], Told]] = {
    "star": _mark,
    "unstar": _mark,
    "first": _mark,
    "not-first": _mark,
    "remove": _remove,
    "restore": _restore,
    "state": _state,
    "compute": _compute,
}


def _fields(pressed: Mapping[str, Any]) -> dict[str, str]:
    """Return what stands in the dialogue's fields."""
    return {str(name): str(value) for name, value in (pressed.get("fields") or {}).items()}
