"""Dashboards over the callback route: begun, filled, drawn, changed, undone, taken along."""

import base64
import json
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from core.models.boards import Content, Place, Tile
from core.models.query import Scope
from core.services.application import Application
from core.services.board_file import as_file
from core.settings import load_settings
from dashboard.page import pages
from tests.boards import page, press, tile
from tests.desk import Visitor, texts
from tests.storehouse import Storehouse, sale

ME = Scope()
ALL = "?period=all&compare=none"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return a shop that sold 19 in France and 20 in Italy."""
    home = tmp_path_factory.mktemp("boards")
    house = Storehouse(home)
    house.add("sales", [
        sale("1", "2025-03-01", "A", 1, 3, country="FR"),
        sale("2", "2025-04-02", "A", 4, 4, country="FR"),
        sale("3", "2025-04-03", "B", 2, 10, country="IT"),
    ])  # fmt: skip
    house.close()
    found = Application.open(load_settings(home))
    yield found
    found.close()


@pytest.fixture(autouse=True)
def without_boards(application: Application) -> Iterator[None]:
    yield
    for board in application.dashboards.all(ME):
        application.dashboards.remove(board.id, ME)


def board_of(application: Application, *tiles: Tile) -> int:
    placed = tuple(
        Tile(f"t{n}", t.kind, Place(0, n, 6, 6), t.title, t.page, t.panel, t.pairs, t.text)
        for n, t in enumerate(tiles, 1)
    )
    return application.dashboards.create("Board", ME, Content(placed)).id


def figures(*pairs: tuple[str, str]) -> Tile:
    return Tile("", "figures", Place(0, 0, 6, 6), pairs=pairs)


def panel(of_page: str, name: str, *pairs: tuple[str, str]) -> Tile:
    return Tile("", "panel", Place(0, 0, 6, 6), page=of_page, panel=name, pairs=pairs)


NET = figures(("figures", "net_sales"), ("show", "number"))


def test_a_board_is_begun_with_an_example_and_found(
    application: Application, visitor: Visitor
) -> None:
    empty = texts(page(visitor)["boards-list"]["children"])
    assert "No dashboard yet" in empty
    for which, name in (("sales", "Sales at a glance"), ("margins", "Margins at a glance")):
        assert name in empty
        told = press(visitor, "example", which=which)
        number = told["step"]["id"]
        assert told["address"] == f"/dashboards?board={number}"
        shown = page(visitor, f"?board={number}")
        assert name in texts(shown["board-head"]["children"])
        for part in application.dashboards.get(number, ME).content.tiles:
            if part.kind == "text":
                continue
            show = dict(part.pairs).get("show", "chart")
            kind = "html" if show in ("number", "table") else "chart"
            answer = tile(visitor, f"{number}-{part.key}", kind, f"?board={number}&period=all")
            assert "has-error" not in answer["tile"]["className"], texts(
                answer["notice"]["children"]
            )
    hits: Any = visitor.client.get("/desk/find?q=sales at").json
    assert [(hit["kind"], hit["label"]) for hit in hits["hits"]] == [
        ("Dashboard", "Sales at a glance")
    ]
    found = page(visitor, **{"boards-search.value": "MARGINS"})
    assert "Sales" not in texts(found["boards-list"]["children"])


def test_figures_follow_the_filters_but_for_what_is_pinned(
    application: Application, visitor: Visitor
) -> None:
    march = figures(*NET.pairs, ("from", "2025-03-01"), ("to", "2025-03-31"))
    number = board_of(application, NET, march, panel("overview", "kpis"))
    assert "€39" in texts(tile(visitor, f"{number}-t1", query=ALL)["body"]["children"])
    assert "€19" in texts(
        tile(visitor, f"{number}-t1", query=ALL + "&country=FR")["body"]["children"]
    )
    assert "€3.00 " in texts(tile(visitor, f"{number}-t2", query=ALL)["body"]["children"]) + " "
    assert "€39" in texts(tile(visitor, f"{number}-t3", query=ALL)["body"]["children"])
    assert "€20" in texts(
        tile(visitor, f"{number}-t3", query=ALL + "&country=IT")["body"]["children"]
    )


def test_a_chart_fills_its_tile_and_can_be_a_table(
    application: Application, visitor: Visitor
) -> None:
    number = board_of(
        application,
        figures(("figures", "net_sales"), ("rows", "country"), ("show", "bars")),
    )
    answer = tile(visitor, f"{number}-t1", "chart", ALL)
    assert answer["body"]["style"]["height"] == "100%"
    assert sorted(answer["body"]["figure"]["data"][0]["x"]) == [19, 20]
    assert "height" not in answer["body"]["figure"]["layout"]
    clicks = {f'{{"page":"dashboards","panel":"{number}-t1","type":"as-table"}}.n_clicks': 1}
    tabled = tile(visitor, f"{number}-t1", "chart", ALL, **clicks)
    assert "as-table" in tabled["tile"]["className"]
    assert "Italy" in texts(tabled["table"]["children"])


def test_what_cannot_be_answered_is_said_in_its_tile(
    application: Application, visitor: Visitor
) -> None:
    number = board_of(
        application,
        figures(("figures", "net_sale"), ("show", "number")),
        figures(("figures", "net_sales"), ("rows", "moon"), ("show", "table")),
        panel("stock", "later"),
        panel("overview", "gone"),
        panel("clv", "kpis"),
        NET,
    )
    said = {
        "t1": "net_sale",
        "t2": "moon",
        "t3": "“later” on a page “stock”",
        "t4": "“gone” on a page “overview”",
        "t5": "Not computed yet",
    }
    for key, words in said.items():
        answer = tile(visitor, f"{number}-{key}", query=ALL)
        assert words in texts(answer["notice"]["children"]), key
    shown = texts(page(visitor, f"?board={number}")["board-tiles"]["children"])
    assert "stock · later" in shown
    assert "€39" in texts(tile(visitor, f"{number}-t6", query=ALL)["body"]["children"])


def test_every_panel_of_every_page_is_drawn_or_says_why(
    application: Application, visitor: Visitor
) -> None:
    found = [p for p in pages() if p.analysis]
    assert len(found) > 8
    for shown in found:
        number = board_of(application, *(panel(shown.key, p.id) for p in shown.panels))
        for n, one in enumerate(shown.panels, 1):
            answer = tile(visitor, f"{number}-t{n}", one.kind, ALL)
            frame = answer["tile"]["className"]
            assert "board-tile" in frame, (shown.key, one.id)
            assert "unexpected" not in json.dumps(answer["notice"]), (shown.key, one.id)
        application.dashboards.remove(number, ME)


def test_a_tile_of_a_page_is_added_with_its_choices(
    application: Application, visitor: Visitor
) -> None:
    adding = {"page": "overview", "panel": "drivers"}
    search = "?period=all&drivers=category&country=FR&other=1"
    told = press(
        visitor, "add", search, adding=adding, fields={"board": "-", "name": "From pages"}
    )  # fmt: skip
    board = application.dashboards.get(told["step"]["id"], ME)
    assert board.name == "From pages"
    assert board.content.tiles[0].pairs == (("drivers", "category"),)
    again = {"board": board.id, "tile": "t1"}
    press(visitor, "add", adding=again, fields={"board": str(board.id)})
    explored = {"page": "explorer", "panel": "chart"}
    search = "?rows=channel&show=lines&figures=orders"
    press(visitor, "add", search, adding=explored, fields={"board": str(board.id)})
    tiles = application.dashboards.get(board.id, ME).content.tiles
    assert [t.kind for t in tiles] == ["panel", "panel", "figures"]
    assert dict(tiles[2].pairs).items() >= {"rows": "channel", "show": "lines"}.items()
    wrong = {"page": "imports", "panel": "x"}
    assert "cannot stand" in press(visitor, "add", adding=wrong, fields={})["error"]


def test_the_builder_asks_for_figures_and_keeps_what_it_does_not_show(
    application: Application, visitor: Visitor
) -> None:
    number = application.dashboards.create("Board", ME).id
    fields = {
        "title": "", "figure1": "net_sales", "figure2": "orders", "figure3": "-",
        "figure4": "net_sales", "show": "table", "split1": "country", "split2": "-",
        "columns": "-", "top": "5", "others": "no", "period": "all", "compare": "-",
    }  # fmt: skip
    press(visitor, "figures-save", id=number, tile="", fields=fields)
    made = application.dashboards.get(number, ME).content.tiles[0]
    assert dict(made.pairs) == {
        "figures": "net_sales,orders", "rows": "country", "show": "table", "top": "5",
        "others": "no", "period": "all",
    }  # fmt: skip
    application.dashboards.change_tile(
        number, "t1", ME, pairs=(*made.pairs, ("order", "-net_sales"))
    )
    changed = {**fields, "show": "number", "period": "-", "compare": "none", "title": "All"}
    press(visitor, "figures-save", id=number, tile="t1", fields=changed)
    made = application.dashboards.get(number, ME).content.tiles[0]
    assert made.title == "All"
    pairs = dict(made.pairs)
    assert (pairs["order"], pairs["show"], pairs["compare"]) == ("-net_sales", "number", "none")
    assert "period" not in pairs
    assert "rows" not in pairs
    asked = visitor.press("boards-pressed", "board-form.children", action="tile-edit", id=number,
                          tile="t1")  # fmt: skip
    assert "Large numbers" in json.dumps(asked.json["response"]["board-form"]["children"])


def test_undo_and_redo_go_through_every_change(application: Application, visitor: Visitor) -> None:
    number = press(visitor, "new", fields={"name": "Mine"})["step"]["id"]
    added = press(visitor, "text-save", id=number, tile="", fields={"text": "# Hi", "title": ""})
    moved = press(visitor, "layout", id=number, places={"t1": [6, 0, 4, 5]})
    assert (added["drawn"], moved["drawn"]) == (True, False)
    assert application.dashboards.get(number, ME).content.tiles[0].place == Place(6, 0, 4, 5)
    for told in (moved, added):
        press(visitor, "state", id=number, **told["step"]["before"])
    assert application.dashboards.get(number, ME).content.tiles == ()
    press(visitor, "state", id=number, **moved["step"]["after"])
    assert application.dashboards.get(number, ME).content.tiles[0].place == Place(6, 0, 4, 5)
    gone = press(visitor, "remove", id=number)
    assert gone["address"] == "/dashboards"
    said = page(visitor, "", **{"board-told.data": gone})
    assert "“Mine” was removed." in texts(said["boards-said"]["children"])
    press(visitor, "state", id=number, **gone["step"]["before"])
    assert application.dashboards.get(number, ME).name == "Mine"
    assert "not kept" in press(visitor, "state", id=number, edition=99)["error"]
    assert "no place" in press(visitor, "layout", id=number, places={"t1": [1, 2]})["error"]
    assert "nothing a dashboard can do" in press(visitor, "drop", id=number)["error"]


def test_a_board_is_first_or_starred(application: Application, visitor: Visitor) -> None:
    number = board_of(application, NET)
    press(visitor, "filters", "?board=1&country=FR&metric=x", id=number)
    press(visitor, "star", id=number)
    beside = visitor.call("starred-boards.children", {"boards-changed.data": 1})
    assert "Board" in texts(beside.json["response"]["starred-boards"]["children"])
    view, _before = application.views.save("View", "/margins", ME)
    application.views.begin_with(view.id or 0, ME, first=True)
    press(visitor, "first", id=number)
    answer = visitor.client.get("/")
    assert answer.location == f"/dashboards?board={number}&country=FR"
    assert application.views.first(ME) is None
    visitor.press(
        "views-pressed", "views-changed.data", {"views-changed.data": 0}, action="first", id=view.id
    )
    assert visitor.client.get("/").location == "/margins"
    application.views.remove(view.id or 0, ME)


def test_a_board_goes_out_as_a_file_and_comes_in(
    application: Application, visitor: Visitor
) -> None:
    number = board_of(application, NET, panel("stock", "later"))
    answer = visitor.client.get(f"/dashboards/{number}.json")
    assert "Board.json" in answer.headers["Content-Disposition"]
    told = press(visitor, "import", data=base64.b64encode(answer.data).decode())
    board = application.dashboards.get(told["step"]["id"], ME)
    assert board.name == "Board 2"
    assert board.content == application.dashboards.get(number, ME).content
    assert as_file("Board", board.content) == answer.data
    for wrong in ("§", base64.b64encode(b"{}").decode(), ""):
        assert "no dashboard" in press(visitor, "import", data=wrong)["error"]
    assert visitor.client.get("/dashboards/999.json").status_code == 404


def test_tables_go_out_under_the_filters(application: Application, visitor: Visitor) -> None:
    by_country = figures(("figures", "net_sales"), ("rows", "country"), ("show", "bars"))
    text = Tile("", "text", Place(0, 0, 6, 3), text="words")
    number = board_of(application, NET, by_country, text, panel("stock", "later"))
    found = visitor.client.get(f"/dashboards/{number}/t2.csv{ALL}&country=IT").get_data(True)
    assert "20" in found
    assert "19" not in found
    answer = visitor.client.get(f"/dashboards/{number}/all.xlsx{ALL}")
    book = openpyxl.load_workbook(BytesIO(answer.data))
    values = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
    assert {39, 19, 20} <= {round(v) for v in values if isinstance(v, (int, float))}
    assert any("Left out: stock" in str(value) for value in values)
    one = visitor.client.get(f"/dashboards/{number}/t1.xlsx{ALL}")
    assert openpyxl.load_workbook(BytesIO(one.data)).sheetnames
    for missing in ("t3.csv", "t9.csv"):
        assert visitor.client.get(f"/dashboards/{number}/{missing}").status_code == 404


def test_there_is_no_such_board(visitor: Visitor) -> None:
    for wanted in ("77", "x", "-1", "9" * 30):
        shown = page(visitor, f"?board={wanted}")
        assert "There is no such dashboard." in texts(shown["board-head"]["children"])


def test_french_readers_read_french_formats(application: Application, server: Any) -> None:
    reader = Visitor(server.test_client(), "fr")
    number = board_of(application, NET)
    assert "39,00\u202f€" in texts(
        tile(reader, f"{number}-t1", query=ALL)["body"]["children"]
    ).replace("\xa0", "\u202f")
