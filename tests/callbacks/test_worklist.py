"""Edited cells through the callback route: what is stored, what is said, what the grid shows."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.models.query import Scope
from core.repository.worklist import ItemKey
from core.services.application import Application
from core.services.worklist import UNTOUCHED
from core.settings import load_settings
from tests.desk import Visitor, pattern, texts

GRID = "churn-customers-body.cellValueChanged"
UNDO = pattern("n_clicks", type="worklist-undo", change="ALL", again="ALL", name="ALL")
ME = Scope()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path_factory.mktemp("worklist")))
    yield opened
    opened.close()


def cell(customer: str, field: str, old: str, new: str, **row: str) -> dict[str, Any]:
    """Return what the grid sends for one edited cell; its row holds the new value already."""
    shown = {"assignee": "", "status": "Open", "note": "", **row, field: new}
    data = {"customer": customer, "customer_name": f"Shop {customer}", **shown}
    return {"data": data, "colId": field, "oldValue": old, "value": new, "rowIndex": 0}


def edit(visitor: Visitor, *cells: dict[str, Any]) -> Any:
    return visitor.call("worklist-answer.data", {GRID: list(cells)}, changed=(GRID,))


def said(answer: Any) -> str:
    return texts(answer.json["response"]["worklist-notice"]["children"])


def rows(answer: Any) -> dict[str, dict[str, str]]:
    return answer.json["response"]["worklist-answer"]["data"]["rows"]


def undo_button(answer: Any) -> dict[str, Any]:
    notice = answer.json["response"]["worklist-notice"]["children"]
    return next(
        part["props"]["id"]
        for part in notice["props"]["children"]
        if part["props"].get("className", "").endswith("worklist-undo")
    )


def press(visitor: Visitor, button: dict[str, Any]) -> Any:
    name = json.dumps(button, sort_keys=True, separators=(",", ":"))
    return visitor.call(
        "worklist-answer.data", {UNDO: [(button, 1)]}, changed=(f"{name}.n_clicks",)
    )


def stored(application: Application, customer: str) -> dict[str, str]:
    found = application.worklist.items("churn", ME).get(customer)
    return found.values() if found else dict(UNTOUCHED)


def test_an_edited_cell_is_stored_and_said(visitor: Visitor, application: Application) -> None:
    answer = edit(visitor, cell("c1", "note", "", "Rings back"))
    assert answer.status_code == 200
    assert said(answer).startswith("Shop c1: Note is now “Rings back”.")
    assert rows(answer)["c1"] == {"assignee": "", "status": "Open", "note": "Rings back"}
    assert stored(application, "c1")["note"] == "Rings back"


def test_a_status_is_stored_by_its_key_in_every_language(
    server: Any, application: Application
) -> None:
    french = Visitor(server.test_client(), "fr")
    english = Visitor(server.test_client(), "en")
    answer = edit(english, cell("c2", "status", "Open", "Kept"))
    assert stored(application, "c2")["status"] == "kept"
    shown = rows(press(french, undo_button(answer)))["c2"]["status"]
    assert stored(application, "c2")["status"] == "open"
    again = cell("c2", "status", shown, "no such status", status=shown)
    assert "worklist.status" in said(edit(french, again))
    assert stored(application, "c2")["status"] == "open"


def test_undo_and_redo_go_back_and_forth(visitor: Visitor, application: Application) -> None:
    answer = edit(visitor, cell("c3", "assignee", "", "Anna"))
    back = press(visitor, undo_button(answer))
    assert said(back).startswith("Shop c3: Who calls is now empty.")
    assert "Redo" in said(back)
    assert stored(application, "c3")["assignee"] == ""
    forth = press(visitor, undo_button(back))
    assert "Undo" in said(forth)
    assert stored(application, "c3")["assignee"] == "Anna"
    # The first change is not the last one any more.
    assert "worklist.overtaken" in said(press(visitor, undo_button(answer)))


def test_an_old_row_is_refused_and_shows_what_stands_there(
    visitor: Visitor, application: Application
) -> None:
    key = ItemKey("churn", "c4")
    application.worklist.change(key, "assignee", "Ben", UNTOUCHED, Scope("ben"))
    answer = edit(visitor, cell("c4", "assignee", "", "Anna"))
    assert "ben has changed this row meanwhile" in said(answer)
    assert rows(answer)["c4"]["assignee"] == "Ben"
    assert stored(application, "c4")["assignee"] == "Ben"


def test_a_text_too_long_is_refused_with_a_remedy(
    visitor: Visitor, application: Application
) -> None:
    answer = edit(visitor, cell("c5", "note", "", "x" * 1001))
    assert "1001 characters" in said(answer)
    assert rows(answer)["c5"] == {"assignee": "", "status": "Open", "note": ""}
    assert stored(application, "c5") == UNTOUCHED


def test_several_cells_at_once_are_all_stored(visitor: Visitor, application: Application) -> None:
    edit(visitor, cell("c6", "assignee", "", "Anna"), cell("c7", "status", "Open", "Gone"))
    assert stored(application, "c6")["assignee"] == "Anna"
    assert stored(application, "c7")["status"] == "lost"


def test_what_changed_nothing_answers_nothing(visitor: Visitor) -> None:
    assert edit(visitor, cell("c8", "note", "", "  ")).status_code == 204


def test_what_cannot_be_edited_is_refused(visitor: Visitor, application: Application) -> None:
    answer = edit(visitor, cell("c9", "customer_name", "Shop c9", "Mine"))
    assert "worklist.field" in said(answer)
    assert stored(application, "c9") == UNTOUCHED


def test_without_the_token_nothing_is_stored(visitor: Visitor, application: Application) -> None:
    values = {GRID: [cell("c10", "note", "", "x")]}
    answer = visitor.call("worklist-answer.data", values, changed=(GRID,), token="")
    assert answer.status_code == 403
    assert stored(application, "c10") == UNTOUCHED


def test_the_same_list_for_everybody_of_one_home(tmp_path: Path) -> None:
    first = Application.open(load_settings(tmp_path))
    first.worklist.change(ItemKey("churn", "c1"), "note", "a", UNTOUCHED, Scope("anna"))
    first.close()
    again = Application.open(load_settings(tmp_path))
    assert again.worklist.items("churn", Scope("ben"))["c1"].note == "a"
    again.close()
