"""Dashboards of one's own: whose they are, every change and its undo, files there and back."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PicholineError
from core.models.boards import COLUMNS, KINDS, MOST_HEIGHT, Content, Place, Tile
from core.models.query import Scope
from core.repository.catalogue import Catalogue
from core.services.board_file import (
    FORMAT,
    LARGEST_FILE,
    LONGEST_NAME,
    MOST_TILES,
    as_body,
    as_file,
    from_body,
    from_file,
)
from core.services.board_layout import free_place, moved, settled
from core.services.dashboards import MOST, Dashboards, address, pinned, text_tile

ANA, BOB = Scope(owner="ana"), Scope(owner="bob")
TREND = Tile("", "panel", Place(0, 0, 6, 6), page="overview", panel="trend")


@pytest.fixture
def boards() -> Iterator[Dashboards]:
    catalogue = Catalogue("sqlite://")
    catalogue.create()
    yield Dashboards(catalogue)
    catalogue.engine.dispose()


def keys(boards: Dashboards, board_id: int) -> list[str]:
    return [tile.key for tile in boards.get(board_id, ANA).content.tiles]


def test_only_the_owner_sees_and_changes_a_board(boards: Dashboards) -> None:
    board = boards.create("  Monday   round ", ANA)
    assert (board.name, board.content) == ("Monday round", Content())
    assert boards.all(BOB) == []
    tried = [
        lambda: boards.get(board.id, BOB),
        lambda: boards.add_tile(board.id, TREND, BOB),
        lambda: boards.rename(board.id, "Mine", BOB),
        lambda: boards.remove(board.id, BOB),
        lambda: boards.restore(board.id, BOB),
        lambda: boards.turn_to(board.id, 1, BOB),
        lambda: boards.export(board.id, BOB),
    ]
    for attempt in tried:
        with pytest.raises(PicholineError) as refused:
            attempt()
        assert refused.value.status == 404
    assert boards.get(board.id, ANA) == board


def test_every_change_is_undone_and_done_again(boards: Dashboards) -> None:
    number = boards.create("Board", ANA).id
    one = boards.add_tile(number, TREND, ANA)
    two = boards.add_tile(number, replace(TREND, panel="countries"), ANA)
    assert [t.place for t in two.board.content.tiles] == [Place(0, 0, 6, 6), Place(6, 0, 6, 6)]
    three = boards.arrange(number, {"t1": [0, 6, 12, 4]}, ANA)
    assert {t.key: t.place for t in three.board.content.tiles} == {
        "t2": Place(6, 0, 6, 6),
        "t1": Place(0, 6, 12, 4),
    }
    four = boards.remove_tile(number, "t2", ANA)
    assert four.board.content.tile("t1") is not None
    assert four.board.content.tiles[0].place == Place(0, 0, 12, 4)
    for change in (four, three, two):
        assert boards.turn_to(number, change.before, ANA).edition == change.before
    assert keys(boards, number) == ["t1"]
    again = boards.turn_to(number, four.board.edition, ANA)
    assert again.content == four.board.content
    other = boards.rename(number, "Another way", ANA)
    assert other.board.edition > max(four.board.edition, one.board.edition)
    assert boards.turn_to(number, other.before, ANA).name == "Board"
    with pytest.raises(PicholineError, match="not kept"):
        boards.turn_to(number, 999, ANA)


def test_names_are_free_or_refused(boards: Dashboards) -> None:
    first = boards.create("Board", ANA)
    assert boards.create("board", ANA).name == "board 2"
    assert boards.duplicate(first.id, ANA).name == "Board (copy)"
    with pytest.raises(PicholineError, match="named “BOARD 2” already"):
        boards.rename(first.id, "BOARD 2", ANA)
    for wrong in ("", "  ", None, "x" * (LONGEST_NAME + 1)):
        with pytest.raises(PicholineError):
            boards.create(wrong, ANA)
    boards.remove(first.id, ANA)
    boards.create("Board", ANA)
    assert boards.restore(first.id, ANA).name == "Board 3"


def test_a_removed_board_comes_back_whole(boards: Dashboards) -> None:
    number = boards.create("Board", ANA).id
    boards.add_tile(number, TREND, ANA)
    boards.begin_with(number, ANA, first=True)
    boards.star(number, ANA, starred=True)
    found = boards.first(ANA)
    assert found is not None
    assert found.id == number
    boards.remove(number, ANA)
    assert boards.all(ANA) == []
    assert boards.first(ANA) is None
    back = boards.restore(number, ANA)
    assert (back.starred, back.first, len(back.content.tiles)) == (True, False, 1)


def test_boards_and_tiles_have_a_limit(boards: Dashboards) -> None:
    number = boards.create("Full", ANA).id
    tiles = tuple(replace(TREND, key=f"t{n}", place=Place(0, n, 6, 2)) for n in range(MOST_TILES))
    full = boards.create("All", ANA, Content(tiles))
    with pytest.raises(PicholineError, match="tiles already"):
        boards.add_tile(full.id, TREND, ANA)
    for _n in range(MOST - 2):
        boards.create("More", ANA)
    with pytest.raises(PicholineError, match="dashboards already"):
        boards.duplicate(number, ANA)


def test_a_board_opens_with_filters_and_nothing_else(boards: Dashboards) -> None:
    number = boards.create("Board", ANA).id
    assert address(boards.get(number, ANA)) == f"/dashboards?board={number}"
    pairs = (("country", "FR"), ("board", "9"), ("period", "all"), ("evil", "1"))
    change = boards.open_with(number, pairs, ANA)
    assert address(change.board) == f"/dashboards?board={number}&country=FR&period=all"


def test_a_pinned_setting_takes_the_place_of_the_boards_filter() -> None:
    tile = replace(TREND, pairs=(("period", "all"), ("split", "category")))
    pairs = (("board", "1"), ("from", "2025-01-01"), ("to", "2025-02-01"), ("country", "FR"))
    assert pinned(tile, pairs) == (("country", "FR"), ("period", "all"), ("split", "category"))


def test_texts_are_neither_empty_nor_endless() -> None:
    assert text_tile("# Hello").kind == "text"
    for wrong in (" \n", "x" * 5001):
        with pytest.raises(PicholineError):
            text_tile(wrong)


# Layout ------------------------------------------------------------------------------------------

places = st.builds(
    Place, st.integers(-3, 15), st.integers(-3, 60), st.integers(-1, 20), st.integers(-1, 60)
)


@given(st.lists(places, max_size=MOST_TILES))
def test_settled_tiles_fit_touch_and_stay(found: list[Place]) -> None:
    tiles = settled(replace(TREND, key=f"t{n}", place=p) for n, p in enumerate(found))
    assert len(tiles) == len(found)
    for n, tile in enumerate(tiles):
        place = tile.place
        assert 0 <= place.x <= COLUMNS - place.w
        assert 2 <= place.h <= MOST_HEIGHT
        assert not any(place.meets(other.place) for other in tiles[:n])
        over = replace(place, y=place.y - 1)
        assert place.y == 0 or any(over.meets(o.place) for o in tiles if o is not tile)
    assert settled(tiles) == tiles
    assert moved(tiles, {}) == tiles
    free = free_place(tiles, 4, 6)
    assert not any(free.meets(tile.place) for tile in tiles)


# Files -------------------------------------------------------------------------------------------

readable = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
words = st.from_regex(r"[a-z][a-z0-9_-]{0,20}", fullmatch=True)
pair_lists = st.lists(st.tuples(readable, readable), max_size=6).map(tuple)
tiles_drawn = st.builds(
    Tile,
    key=words,
    kind=st.sampled_from(KINDS),
    place=st.builds(
        Place, st.integers(0, 11), st.integers(0, 50), st.integers(2, 12), st.integers(2, 40)
    ),
    title=readable,
    page=words,
    panel=words,
    pairs=pair_lists,
    text=readable,
)
contents = st.builds(
    lambda tiles, filters: Content(settled(tiles), filters),
    st.lists(tiles_drawn, max_size=12, unique_by=lambda tile: tile.key),
    pair_lists,
)


@given(readable.map(str.strip), contents)
def test_a_file_brings_back_what_it_was_made_of(name: str, content: Content) -> None:
    assert from_file(as_file(name, content)) == (name, content)
    assert from_file(b"\xef\xbb\xbf" + as_file(name, content)) == (name, content)
    assert from_body(as_body(content)) == content


def test_what_is_unknown_here_goes_out_as_it_came(boards: Dashboards) -> None:
    odd = replace(TREND, page="stock", panel="later", pairs=(("of", "tomorrow"),))
    data = as_file("From afar", Content((replace(odd, key="t1"),)))
    board = boards.take_in(data, ANA)
    assert boards.export(board.id, ANA) == ("From afar", data)


def written(**changes: Any) -> bytes:
    tile = {"kind": "text", "text": "x", "place": {"x": 0, "y": 0, "w": 4, "h": 4}}
    found = {"format": FORMAT, "version": 1, "name": "x", "tiles": [tile], **changes}
    return json.dumps(found).encode()


def told(**changes: Any) -> bytes:
    place = {"x": 0, "y": 0, "w": 4, "h": 4}
    return written(tiles=[{"kind": "text", "text": "x", "place": place, **changes}])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "not written as JSON"),
        (b"\xff\xfe{}", "not written as JSON"),
        (b"[" * 100_000, "not written as JSON"),
        (b'{"format": 1}', "does not say"),
        (b"[]", "does not say"),
        (b" " * (LARGEST_FILE + 1), "larger"),
        (written(version=2), "version 2"),
        (written(version=True), "version True"),
        (written(version={"a": 1}), "version ?"),
        (written(name=["x"]), "The dashboard: “name” is no text"),
        (written(name="x" * 81), "The dashboard: “name” is no text of at most 80"),
        (written(name="a\x00b"), "cannot be seen"),
        (written(tiles={}), "“tiles” is no list"),
        (written(tiles=[{}] * 41), "“tiles” is no list"),
        (written(tiles=[None]), "Tile 1: “kind” is missing"),
        (told(kind="script"), "Tile 1: “kind” is none of: panel, figures, text"),
        (told(kind=["text"]), "Tile 1: “kind” is none of"),
        (told(kind="panel", page="../x", panel="y"), "do not name a panel"),
        (told(place=None), "Tile 1: “place.x” is no whole number from 0 to 11"),
        (told(place={"x": 0, "y": 0, "w": True, "h": 4}), "“place.w”"),
        (told(place={"x": 0, "y": 0, "w": 4, "h": 10**30}), "JSON|“place.h”"),
        (told(place={"x": -1, "y": 0, "w": 4, "h": 4}), "“place.x”"),
        (told(text="x" * 5001), "“text” is no text"),
        (told(text="\x1e{}"), "cannot be seen"),
        (told(settings={"a": "b"}), "“settings” is no list"),
        (told(settings=[["a", 1]]), "no pair"),
        (told(settings=[["a"]]), "no pair"),
        (told(settings=[["a", "b"]] * 101), "“settings” is no list"),
        (written(filters=[["a", "x" * 1001]]), "The dashboard: “filters”"),
    ],
)
def test_a_wrong_file_says_what_and_where(boards: Dashboards, data: bytes, said: str) -> None:
    with pytest.raises(PicholineError, match=said) as refused:
        boards.take_in(data, ANA)
    assert str(refused.value.remedy)
    assert boards.all(ANA) == []
