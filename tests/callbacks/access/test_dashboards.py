"""Boards within rights: their owner's only; no tile or file shows rows the reader may not see."""

import base64
from typing import Any

import pytest

from core.models.boards import Content, Place, Tile
from core.models.query import Scope
from core.services.application import Application
from core.services.board_file import as_file
from dashboard.page import pages
from tests.boards import page, press, tile
from tests.desk import Visitor, texts
from tests.halves import SECRET

ALL = "?period=all&country=FR&country=IT"
BY_CUSTOMER = Tile(
    "t1", "figures", Place(0, 0, 6, 6),
    pairs=(("figures", "net_sales"), ("rows", "customer,country"), ("show", "table")),
)  # fmt: skip


def test_nobody_reaches_a_board_of_somebody_else(
    application: Application, anna: Visitor, everybody: Visitor
) -> None:
    number = application.dashboards.create("Theirs", Scope(), Content((BY_CUSTOMER,))).id
    assert "Theirs" not in texts(page(anna)["boards-list"]["children"])
    shown = page(anna, f"?board={number}")
    assert "There is no such dashboard." in texts(shown["board-head"]["children"])
    for action in ("rename", "remove", "star", "duplicate", "restore", "first"):
        told = press(anna, action, id=number, fields={"name": "Mine"})
        assert "no such dashboard" in told["error"], action
    for file in (f"{number}.json", f"{number}/all.xlsx", f"{number}/t1.csv"):
        assert anna.client.get(f"/dashboards/{file}").status_code == 404, file
    adding = {"board": number, "tile": "t1"}
    assert "error" in press(anna, "add", adding=adding, fields={"board": "-", "name": "x"})
    assert "Theirs" in texts(page(everybody)["boards-list"]["children"])


@pytest.mark.parametrize("key", ["overview", "margins", "explorer", "customers", "roi"])
def test_a_board_from_elsewhere_shows_only_the_readers_rows(anna: Visitor, key: str) -> None:
    shown = next(p for p in pages() if p.key == key)
    tiles = [
        Tile(f"t{n}", "panel", Place(0, n, 6, 6), page=key, panel=panel.id)
        for n, panel in enumerate(shown.panels, 2)
    ]
    data = as_file("Taken along", Content((BY_CUSTOMER, *tiles)))
    number = press(anna, "import", data=base64.b64encode(data).decode())["step"]["id"]
    answers: list[Any] = [tile(anna, f"{number}-t1", query=ALL)]
    answers += [
        tile(anna, f"{number}-t{n}", panel.kind, ALL) for n, panel in enumerate(shown.panels, 2)
    ]
    assert "OPEN customer" in str(answers[0])
    assert SECRET not in str(answers)
    table = anna.client.get(f"/dashboards/{number}/t1.csv{ALL}").get_data(as_text=True)
    assert "OPEN customer" in table
    assert SECRET not in table
