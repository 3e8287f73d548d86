"""Dashboards of one's own: boards of tiles, kept by edition so that every change can be undone."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from core.errors import PicholineError
from core.i18n import Message, _, msg
from core.models.boards import BOARD, Board, Content, Pairs, Place, Tile
from core.models.filters import is_filter_name
from core.models.query import Scope
from core.repository.catalogue import Catalogue
from core.repository.dashboards import DashboardStore, Stored
from core.services.board_file import (
    LONGEST_NAME,
    LONGEST_TEXT,
    MOST_TILES,
    as_body,
    as_file,
    fresh,
    from_body,
    from_file,
)
from core.services.board_layout import free_place, moved, settled

MOST = 100  # of one owner


@dataclass(frozen=True)
class Change:
    """A change of a board: what it is now, and the edition it had before."""

    board: Board
    before: int


class Dashboards:
    """The boards of one home."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the store."""
        self._store = DashboardStore(catalogue)

    def all(self, scope: Scope) -> list[Board]:
        """Return this person's boards, starred ones first."""
        return [_board(stored) for stored in self._store.of(scope.owner)]

    def first(self, scope: Scope) -> Board | None:
        """Return the board this person begins with, if there is one."""
        return next((board for board in self.all(scope) if board.first), None)

    def get(self, board_id: int, scope: Scope) -> Board:
        """Return a board.

        Raises:
            PicholineError: there is none of this person, or it was removed.
        """
        found = self._store.get(scope.owner, board_id)
        if found is None or found[0].removed:
            raise _unknown()
        return _board(found)

    def create(self, name: str | None, scope: Scope, content: Content | None = None) -> Board:
        """Keep a new board; a name that is taken gets a number.

        Raises:
            PicholineError: no name, one too long, or too many boards.
        """
        known = self.all(scope)
        if len(known) >= MOST:
            raise _refused(
                "board.many",
                msg("There are {most} dashboards already.", most=MOST),
                msg("Remove some that are no longer needed."),
            )
        text = _free(_name(name), {board.name.casefold() for board in known})
        return _board(self._store.add(scope.owner, text, as_body(content or Content())))

    def rename(self, board_id: int, name: str | None, scope: Scope) -> Change:
        """Give a board another name.

        Raises:
            PicholineError: no such board, no name, one too long or taken.
        """
        text, board = _name(name), self.get(board_id, scope)
        taken = {other.name.casefold() for other in self.all(scope) if other.id != board_id}
        if text.casefold() in taken:
            raise _refused(
                "board.taken",
                msg("There is a dashboard named “{name}” already.", name=text),
                msg("Choose another name."),
            )
        return self._write(board, text, board.content, scope)

    def duplicate(self, board_id: int, scope: Scope) -> Board:
        """Keep the same board once more."""
        board = self.get(board_id, scope)
        return self.create(_("{name} (copy)", name=board.name[: LONGEST_NAME - 10]), scope,
                           board.content)  # fmt: skip

    def star(self, board_id: int, scope: Scope, *, starred: bool) -> Board:
        """Show a board in the navigation, or no longer."""
        return self._mark(board_id, scope, starred=starred)

    def begin_with(self, board_id: int, scope: Scope, *, first: bool) -> Board:
        """Open a board where no page is named, or no longer."""
        return self._mark(board_id, scope, first=first)

    def remove(self, board_id: int, scope: Scope) -> Board:
        """Remove a board; `restore` brings it back."""
        return self._mark(board_id, scope, removed=True, first=False)

    def restore(self, board_id: int, scope: Scope) -> Board:
        """Bring a removed board back; where its name was taken meanwhile it gets a number.

        Raises:
            PicholineError: no such board.
        """
        found = self._store.get(scope.owner, board_id)
        if found is None:
            raise _unknown()
        taken = {board.name.casefold() for board in self.all(scope) if board.id != board_id}
        board = self._mark(board_id, scope, removed=False)
        if board.name.casefold() not in taken:
            return board
        return self._write(board, _free(board.name, taken), board.content, scope).board

    def add_tile(self, board_id: int, tile: Tile, scope: Scope) -> Change:
        """Put one more tile on a board: beside the last ones, or under all.

        Raises:
            PicholineError: no such board, it is full, or the tile is not as it should be.
        """

        def added(content: Content) -> Content:
            if len(content.tiles) >= MOST_TILES:
                raise _refused(
                    "board.full",
                    msg("The dashboard has {most} tiles already.", most=MOST_TILES),
                    msg("Remove a tile, or begin another dashboard."),
                )
            place = free_place(content.tiles, tile.place.w, tile.place.h)
            new = fresh(replace(tile, place=place), content.tiles)
            return replace(content, tiles=settled([*content.tiles, new]))

        return self._change(board_id, added, scope)

    def copy_tile(self, board_id: int, key: str, scope: Scope) -> Change:
        """Put a tile on its board once more."""
        return self.add_tile(board_id, self._tile(board_id, key, scope), scope)

    def change_tile(self, board_id: int, key: str, scope: Scope, **values: Any) -> Change:
        """Write `title`, `pairs` or `text` of a tile."""
        self._tile(board_id, key, scope)

        def changed(content: Content) -> Content:
            tiles = (replace(t, **values) if t.key == key else t for t in content.tiles)
            return replace(content, tiles=tuple(tiles))

        return self._change(board_id, changed, scope)

    def remove_tile(self, board_id: int, key: str, scope: Scope) -> Change:
        """Take a tile away; those under it rise."""
        self._tile(board_id, key, scope)

        def without(content: Content) -> Content:
            return replace(content, tiles=settled(t for t in content.tiles if t.key != key))

        return self._change(board_id, without, scope)

    def arrange(self, board_id: int, places: Mapping[str, Any], scope: Scope) -> Change:
        """Move and resize tiles.

        Args:
            board_id: of the board.
            places: key of a tile → column, row, width, height.
            scope: whose board it is.

        Raises:
            PicholineError: no such board, or what is told is no place.
        """
        found = {key: _place(told) for key, told in places.items()}

        def arranged(content: Content) -> Content:
            return replace(content, tiles=moved(content.tiles, found))

        return self._change(board_id, arranged, scope)

    def open_with(self, board_id: int, pairs: Pairs, scope: Scope) -> Change:
        """Open a board with these filters from now on; none: with those in force."""
        filters = tuple(pair for pair in pairs if is_filter_name(pair[0]))
        return self._change(board_id, lambda content: replace(content, filters=filters), scope)

    def turn_to(self, board_id: int, edition: int, scope: Scope) -> Board:
        """Return to an earlier or later edition: undo and redo.

        Raises:
            PicholineError: it is not kept any more.
        """
        found = self._store.turn(scope.owner, board_id, edition)
        if found is None:
            raise _refused(
                "board.edition",
                msg("This state of the dashboard is not kept any more."),
                msg("Reload the page to see the dashboard as it is."),
                status=404,
            )
        return _board(found)

    def export(self, board_id: int, scope: Scope) -> tuple[str, bytes]:
        """Return a board's name and its file."""
        board = self.get(board_id, scope)
        return board.name, as_file(board.name, board.content)

    def take_in(self, data: bytes, scope: Scope) -> Board:
        """Keep the board of a file.

        Raises:
            PicholineError: the file is no dashboard; it says what is wrong and where.
        """
        name, content = from_file(data)
        return self.create(name or _("Dashboard"), scope, content)

    def _tile(self, board_id: int, key: str, scope: Scope) -> Tile:
        found = self.get(board_id, scope).content.tile(key)
        if found is None:
            raise _refused(
                "board.tile",
                msg("There is no such tile on the dashboard."),
                msg("Reload the page to see the dashboard as it is."),
                status=404,
            )
        return found

    def _change(self, board_id: int, change: Callable[[Content], Content], scope: Scope) -> Change:
        board = self.get(board_id, scope)
        return self._write(board, board.name, change(board.content), scope)

    def _write(self, board: Board, name: str, content: Content, scope: Scope) -> Change:
        body = as_body(content)
        from_body(body)  # what could not be read again is refused now
        stored = self._store.write(scope.owner, board.id, name, body)
        if stored is None:
            raise _unknown()
        return Change(_board(stored), board.edition)

    def _mark(self, board_id: int, scope: Scope, **values: bool) -> Board:
        stored = self._store.mark(scope.owner, board_id, **values)
        if stored is None:
            raise _unknown()
        return _board(stored)


def address(board: Board) -> str:
    """Return the address a board opens at, with its filters."""
    return f"/dashboards?{urlencode([(BOARD, str(board.id)), *board.content.filters])}"


def pinned(tile: Tile, pairs: Pairs) -> Pairs:
    """Return what a tile is asked with: the filters of the board, and its own settings.

    What the tile pins takes the place of the board's filter of that name; a period is pinned as
    a whole. Names of no filter are of the page that is open, not of the tile.
    """
    names = {name for name, _value in tile.pairs}
    if names & {"period", "from", "to"}:
        names |= {"period", "from", "to"}
    shared = (pair for pair in pairs if is_filter_name(pair[0]) and pair[0] not in names)
    return (*shared, *tile.pairs)


def text_tile(text: str) -> Tile:
    """Return a tile with a text.

    Raises:
        PicholineError: there is none, or it is too long.
    """
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise _refused(
            "board.text",
            msg("The tile has no text, or one of more than {most} characters.", most=LONGEST_TEXT),
            msg("Type a text, and divide a long one."),
        )
    return Tile("", "text", Place(0, 0, 6, 3), text=text)


def _board(stored: Stored) -> Board:
    board, edition = stored
    return Board(
        id=board.id or 0,
        name=edition.name,
        edition=edition.edition,
        starred=board.starred,
        first=board.first,
        changed_at=board.changed_at,
        content=from_body(edition.body),
        removed=board.removed,
    )


def _place(told: Any) -> Place:
    parts = told if isinstance(told, list) else []
    if len(parts) != 4 or any(type(part) is not int for part in parts):  # noqa: PLR2004
        raise _refused(
            "board.place",
            msg("This is no place on a dashboard."),
            msg("Reload the page, then move the tile again."),
        )
    return Place(*parts)


def _name(name: str | None) -> str:
    text = " ".join((name or "").split())
    if not text:
        raise _refused(
            "board.name", msg("The dashboard has no name."), msg("Type a name to find it again.")
        )
    if len(text) > LONGEST_NAME:
        raise _refused(
            "board.name",
            msg("The name is too long."),
            msg("Use at most {most} characters.", most=LONGEST_NAME),
        )
    return text


def _free(name: str, taken: set[str]) -> str:
    """Return a name that no other board has."""
    if name.casefold() not in taken:
        return name
    short = name[: LONGEST_NAME - 4]
    return next(
        f"{short} {n}" for n in range(2, MOST + 3) if f"{short} {n}".casefold() not in taken
    )


def _unknown() -> PicholineError:
    return _refused(
        "board.unknown",
        msg("There is no such dashboard."),
        msg("Open the list of dashboards to see those there are."),
        status=404,
    )


def _refused(code: str, title: Message, remedy: Message, status: int = 400) -> PicholineError:
    return PicholineError(code, title, remedy, status=status)
