"""Notes over the callback route: written, marked in charts, listed, exported, removed."""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from openpyxl import load_workbook

from core.services.application import Application
from dashboard.app import create_app
from tests.desk import Visitor, demo_application, texts

TEXT = "Storm in <Nyons>: nothing was delivered"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    found = demo_application(tmp_path_factory.mktemp("noted") / "home", 3000)
    yield found
    found.close()


@pytest.fixture(scope="module")
def month(application: Application) -> str:
    """Return the last month with sales, by its first day."""
    application.warehouse.ensure()
    span = application.metrics.span()
    assert span is not None
    return span.end.replace(day=1).isoformat()


def write(visitor: Visitor, **fields: Any) -> dict[str, Any]:
    told: dict[str, Any] = {
        "id": 0,
        "text": TEXT,
        "day": "",
        "grain": "month",
        "address": "/overview",
        **fields,
    }
    answer = visitor.press("note-kept", "note-saved.data", None, **told)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json["response"]
    return found


def listed(visitor: Visitor, search: str = "") -> str:
    values = {"notes-changed.data": 1, "note-saved.data": None, "notes-search.value": search}
    answer = visitor.call("notes-list.children", values, changed=("notes-search.value",))
    return texts(answer.json["response"]["notes-list"]["children"])


def press(visitor: Visitor, action: str, number: int) -> str:
    changes = {"notes-changed.data": 0}
    answer = visitor.press("notes-pressed", "notes-changed.data", changes, action=action, id=number)
    return texts(answer.json["response"]["notes-said"]["children"])


def boxes(visitor: Visitor, page: str, panel: str, query: str = "") -> list[str]:
    figure = visitor.page(page, query)[f"{page}-{panel}-body"]["figure"]
    found = figure["layout"].get("annotations", [])
    return [box["hovertext"] for box in found if box["text"].startswith("✎")]


def notice(visitor: Visitor, page: str, panel: str) -> str:
    return texts(visitor.page(page)[f"{page}-{panel}-notice"]["children"])


def test_from_the_first_note_to_its_removal(visitor: Visitor, month: str) -> None:
    assert "Nothing is noted yet" in listed(visitor)
    assert boxes(visitor, "overview", "trend") == []
    assert "is kept." in write(visitor, day=month)["note-saved"]["data"]["text"]
    for page, panel in (("overview", "trend"), ("margins", "monthly"), ("roi", "cumulated")):
        (box,) = boxes(visitor, page, panel)
        assert "Storm in &lt;Nyons&gt;" in box
        assert "local, " in box
        assert TEXT in notice(visitor, page, panel)
    assert boxes(visitor, "overview", "countries") == []
    assert TEXT in listed(visitor)
    assert TEXT in listed(visitor, "nyons storm")
    assert "No note has these words" in listed(visitor, "sunshine")
    assert "was removed." in press(visitor, "remove", 1)
    assert boxes(visitor, "overview", "trend") == []
    press(visitor, "restore", 1)
    assert len(boxes(visitor, "overview", "trend")) == 1
    # Not in the chosen days: no mark.
    assert boxes(visitor, "overview", "trend", "?from=2023-01-01&to=2023-06-30") == []
    press(visitor, "remove", 1)


def test_a_note_on_a_member_stands_on_its_mark_and_on_its_page(
    visitor: Visitor, month: str
) -> None:
    asked = visitor.press("note-asked", "note-about.children", dimension="country", member="FR")
    assert asked.json["response"]["note-about"]["children"] == "About: Country France"
    write(visitor, dimension="country", member="FR", day=month, text="New importer")
    (box,) = boxes(visitor, "overview", "countries")
    assert "France" in box
    assert "New importer" in box
    assert boxes(visitor, "overview", "trend") == []  # of all countries
    assert len(boxes(visitor, "overview", "trend", "?country=FR")) == 1
    assert len(boxes(visitor, "countries", "monthly", "?member=FR")) == 1
    assert boxes(visitor, "countries", "monthly", "?member=IT") == []


def test_this_page_only(visitor: Visitor, month: str) -> None:
    write(visitor, day=month, page="margins", text="Tins cost more")
    assert "Tins cost more" in notice(visitor, "margins", "monthly")
    assert "Tins cost more" not in notice(visitor, "overview", "trend")


def test_the_workbook_tells_the_notes_beside_the_filters(visitor: Visitor, month: str) -> None:
    write(visitor, day=month, text="Counted twice?")
    for table, told in (("trend", True), ("order_values", False)):
        answer = visitor.client.get(f"/export/overview/{table}.xlsx", buffered=True)
        sheet = load_workbook(io.BytesIO(answer.data)).worksheets[-1]
        cells = [str(row[1]) for row in sheet.values]
        assert any(cell.startswith("Counted twice? (local, ") for cell in cells) is told
        assert ("Notes" in [row[0] for row in sheet.values]) is told


def test_what_cannot_be_kept_is_said_in_the_dialogue(visitor: Visitor) -> None:
    refused = write(visitor, text=" ", day="2025-03-01")
    assert "The note says nothing yet." in texts(refused["note-refused"]["children"])
    assert "about nothing" in texts(write(visitor)["note-refused"]["children"])
    answer = visitor.press("note-asked", "note-about.children", dimension="customer", member="?")
    assert "There is no “?”" in texts(answer.json["response"]["note-about"]["children"])
    assert "There is no such note of yours." in press(visitor, "remove", 77)


def test_somebody_elses_note_can_be_read_only(application: Application, month: str) -> None:
    anna = Visitor(create_app(application, "anna").test_client())
    write(anna, day=month, text="Anna was here")
    local = Visitor(create_app(application).test_client())
    found = listed(local, "anna was here")
    assert "Anna was here" in found
    assert "Remove" not in found
    assert "Remove" in listed(anna, "anna was here")
