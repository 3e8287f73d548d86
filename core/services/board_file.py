"""A board as a file, and as the catalogue keeps it: written, read, and what is wrong with one."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.boards import (
    COLUMNS,
    DEEPEST,
    KINDS,
    LEAST_HEIGHT,
    LEAST_WIDTH,
    MOST_HEIGHT,
    Content,
    Pairs,
    Place,
    Tile,
)
from core.services.board_layout import settled

FORMAT, VERSION = "picholine-dashboard", 1
LARGEST_FILE = 1_000_000  # bytes
LONGEST_NAME, LONGEST_TEXT, LONGEST_VALUE = 80, 5_000, 1_000
MOST_TILES, MOST_PAIRS = 40, 100
_BOUNDS = {"x": (0, COLUMNS - 1), "y": (0, DEEPEST), "w": (LEAST_WIDTH, COLUMNS),
           "h": (LEAST_HEIGHT, MOST_HEIGHT)}  # fmt: skip
_KEY = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,59}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def as_file(name: str, content: Content) -> bytes:
    """Return a board as the text of a file, for reading too."""
    found = {"format": FORMAT, "version": VERSION, "name": name, **as_body(content)}
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def as_body(content: Content) -> dict[str, Any]:
    """Return the content as JSON values, without what is empty."""
    filters = {"filters": _pairs_out(content.filters)} if content.filters else {}
    return {**filters, "tiles": [_tile_out(tile) for tile in content.tiles]}


def _tile_out(tile: Tile) -> dict[str, Any]:
    place = {name: getattr(tile.place, name) for name in _BOUNDS}
    found = {
        "kind": tile.kind,
        "title": tile.title,
        "page": tile.page,
        "panel": tile.panel,
        "settings": _pairs_out(tile.pairs),
        "text": tile.text,
        "key": tile.key,
    }
    return {**{name: value for name, value in found.items() if value}, "place": place}


def _pairs_out(pairs: Pairs) -> list[list[str]]:
    return [[name, value] for name, value in pairs]


def from_file(data: bytes) -> tuple[str, Content]:
    """Read a file.

    Pages, panels and metrics are not looked up: a tile that cannot be answered here says so in its
    place, and goes out again as it came.

    Raises:
        PicholineError: it is none of ours, too large, newer, or a tile is not as it should be.
    """
    if len(data) > LARGEST_FILE:
        raise _refused(
            msg("The file is larger than a dashboard can be."),
            msg("Choose a file that “Export as a file” of a dashboard has written."),
        )
    try:
        found = orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except ValueError as error:
        raise _refused(
            msg("The file is no dashboard: it is not written as JSON."),
            msg("Choose a file that “Export as a file” of a dashboard has written."),
        ) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _refused(
            msg("The file is no dashboard: it does not say “{format}”.", format=FORMAT),
            msg("Choose a file that “Export as a file” of a dashboard has written."),
        )
    version = found.get("version")
    if type(version) is not int or version != VERSION:
        raise _refused(
            msg(
                "The file has version {version}, which is not known here.", version=_shown(version)
            ),
            msg("Update Picholine, or export the dashboard from this version."),
        )
    return _text(found, "name", msg("The dashboard"), LONGEST_NAME).strip(), from_body(found)


def from_body(body: Mapping[str, Any]) -> Content:
    """Read a content from JSON values; tiles get keys where they have none, or one that is taken.

    Raises:
        PicholineError: something is not as it should be; it says in which tile.
    """
    listed = body.get("tiles", [])
    if not isinstance(listed, list) or len(listed) > MOST_TILES:
        raise _refused(
            msg("“tiles” is no list of at most {most} tiles.", most=MOST_TILES),
            msg("Correct the file, or export the dashboard again."),
        )
    tiles: list[Tile] = []
    for number, one in enumerate(listed, 1):
        tile = _tile_in(one, msg("Tile {n}", n=number))
        taken = {other.key for other in tiles}
        tiles.append(tile if tile.key and tile.key not in taken else fresh(tile, tiles))
    return Content(settled(tiles), _pairs_in(body, "filters", msg("The dashboard")))


def fresh(tile: Tile, others: list[Tile] | tuple[Tile, ...]) -> Tile:
    """Return a tile with a key that no other has."""
    taken = {other.key for other in others}
    number = next(n for n in range(1, len(taken) + 2) if f"t{n}" not in taken)
    return replace(tile, key=f"t{number}")


def _tile_in(one: Any, where: Message) -> Tile:
    if not isinstance(one, dict):
        raise _wrong(where, "kind", msg("is missing"))
    kind = one.get("kind")
    if kind not in KINDS:
        raise _wrong(where, "kind", msg("is none of: {keys}", keys=", ".join(KINDS)))
    page, panel = (_text(one, name, where, 60) for name in ("page", "panel"))
    if kind == "panel" and not (_KEY.fullmatch(page) and _KEY.fullmatch(panel)):
        raise _wrong(where, "page, panel", msg("do not name a panel of a page"))
    key = _text(one, "key", where, 60)
    return Tile(
        key=key if _KEY.fullmatch(key) else "",
        kind=kind,
        place=_place_in(one.get("place"), where),
        title=_text(one, "title", where, LONGEST_NAME),
        page=page,
        panel=panel,
        pairs=_pairs_in(one, "settings", where),
        text=_text(one, "text", where, LONGEST_TEXT),
    )


def _place_in(found: Any, where: Message) -> Place:
    values = found if isinstance(found, dict) else {}
    for name, (low, high) in _BOUNDS.items():
        value = values.get(name)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            said = msg("is no whole number from {low} to {high}", low=low, high=high)
            raise _wrong(where, f"place.{name}", said)
    return Place(**{name: values[name] for name in _BOUNDS})


def _text(found: Mapping[str, Any], name: str, where: Message, longest: int) -> str:
    value = found.get(name, "")
    if not isinstance(value, str) or len(value) > longest:
        raise _wrong(where, name, msg("is no text of at most {n} characters", n=longest))
    if _UNSEEN.search(value):
        raise _wrong(where, name, msg("has characters that cannot be seen"))
    return value


def _pairs_in(found: Mapping[str, Any], name: str, where: Message) -> Pairs:
    listed = found.get(name, [])
    if not isinstance(listed, list) or len(listed) > MOST_PAIRS:
        raise _wrong(where, name, msg("is no list of at most {n} pairs", n=MOST_PAIRS))
    for pair in listed:
        texts = isinstance(pair, list) and all(isinstance(part, str) for part in pair)
        if not texts or len(pair) != 2 or any(len(part) > LONGEST_VALUE for part in pair):  # noqa: PLR2004
            raise _wrong(where, name, msg("has an entry that is no pair of a name and a value"))
        if any(_UNSEEN.search(part) for part in pair):
            raise _wrong(where, name, msg("has characters that cannot be seen"))
    return tuple((pair[0], pair[1]) for pair in listed)


def _shown(value: Any) -> str:
    return str(value)[:20] if isinstance(value, (int, float, str)) else "?"


def _wrong(where: Message, name: str, said: Message) -> PicholineError:
    return _refused(
        msg("{where}: “{name}” {said}.", where=where, name=name, said=said),
        msg("Correct the file, or export the dashboard again."),
    )


def _refused(title: Message, remedy: Message) -> PicholineError:
    return PicholineError("board.file", title, remedy)
