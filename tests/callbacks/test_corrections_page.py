"""The page of corrections answers every button, also one pressed too late or by the wrong hands."""

from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from callbacks import corrections as page
from core.models.query import Scope
from core.services.application import Application
from core.services.ingest import ImportOptions
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from dashboard.app import create_app
from tests.desk import Visitor, texts
from tests.unit.ingest_home import line, write_xlsx

ME = Scope()


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    found = Application.open(load_settings(tmp_path / "home"))
    rows = [line(1), line(2, Quantity="1O"), line(3, Quantity="x"), line(4, Date="soon")]
    found.intake.run(write_xlsx(tmp_path / "sales.xlsx", rows), ImportOptions())
    yield found
    found.close()


@pytest.fixture
def visitor(application: Application) -> Visitor:
    return Visitor(create_app(application).test_client())


def show(visitor: Visitor, query: str) -> dict[str, Any]:
    answer = visitor.call(
        "corrections-counts.children",
        {"corrections-query.data": query, "data-version.data": 1, "corrections-changed.data": 0},
        changed=("corrections-query.data",),
    )
    assert answer.status_code == 200, answer.text
    return {f"{k}.{p}": v for k, part in answer.json["response"].items() for p, v in part.items()}


def press(visitor: Visitor, action: str, *places: int, query: str = "", note: str = "") -> Any:
    answer = visitor.press(
        "corrections-pressed",
        "corrections-question.children",
        {
            '{"page":["ALL"],"type":"corrections-note"}.value': [
                ({"page": "corrections", "type": "corrections-note"}, note)
            ],
            "corrections-grid.selectedRows": [{"id": str(place)} for place in places],
            "corrections-query.data": query,
            "corrections-changed.data": 0,
        },
        action=action,
    )
    assert answer.status_code == 200, answer.text
    return answer.json["response"]


def test_the_page_shows_rows_reasons_suggestions_and_counts(visitor: Visitor) -> None:
    found = show(visitor, "?import=1")
    assert "3 set aside = 3 open + 0 corrected + 0 given up" in found["corrections-counts.children"]
    rows = found["corrections-grid.rowData"]
    assert [row["row"] for row in rows] == [3, 4, 5]
    assert rows[0]["suggestion"] == "Quantity → 10 (95% sure)"
    assert rows[0]["reason"] == "Quantity: This is not a number."
    assert (rows[0]["wrong"], rows[0]["c3"]) == ("c3", "1O")
    chosen = show(visitor, "?import=1&reason=not_a_date")
    assert [row["row"] for row in chosen["corrections-grid.rowData"]] == [5]
    newest = show(visitor, "")
    assert "sales.xlsx" in newest["corrections-title.children"]


def test_an_unknown_import_is_told(visitor: Visitor) -> None:
    found = show(visitor, "?import=99&page=zz&state=zz")
    assert "There is no import 99." in texts(found["corrections-counts.children"])


def test_buttons_ask_first_and_say_what_they_did(
    visitor: Visitor, application: Application
) -> None:
    asked = press(visitor, "ask-reason", query="?import=1&reason=not_a_number")
    assert "1 of 2 rows have a suggestion, 1 of them are sure" in texts(
        asked["corrections-question"]["children"]
    )
    told = press(visitor, "apply-sure", query="?import=1&reason=not_a_number")
    assert "written into 1 row" in texts(told["corrections-notice"]["children"])
    told = press(visitor, "give-up", 2, note="test row", query="?import=1")
    assert "1 row given up" in texts(told["corrections-notice"]["children"])
    told = press(visitor, "apply", 2, query="?import=1")
    assert "not open any more" in texts(told["corrections-notice"]["children"])
    told = press(visitor, "take-back", 2, query="?import=1&state=given_up")
    assert "1 row is open again" in texts(told["corrections-notice"]["children"])
    told = press(visitor, "reset", 0, query="?import=1")
    assert application.corrections.quarantine(1, ME).drafts == {}
    told = press(visitor, "check", query="?import=1")
    assert "No row was corrected yet." in texts(told["corrections-notice"]["children"])


def test_cells_written_into_are_kept_and_marked(visitor: Visitor, application: Application) -> None:
    answer = visitor.call(
        "corrections-grid.rowTransaction",
        {
            "corrections-grid.cellValueChanged": [
                {"colId": "c3", "value": "7", "data": {"id": "1"}},
                {"colId": "suggestion", "value": "x", "data": {"id": "1"}},
            ],
            "corrections-query.data": "?import=1",
        },
        changed=("corrections-grid.cellValueChanged",),
    )
    found = answer.json["response"]
    (row,) = found["corrections-grid"]["rowTransaction"]["update"]
    assert (row["written"], row["c3"]) == (["c3"], "7")
    shown = visitor.call(
        "corrections-tools.children",
        {"corrections-query.data": "?import=1", "corrections-grid.rowData": [{}]},
        changed=("corrections-notice.children",),
    )
    tools = shown.json["response"]["corrections-tools"]["children"]
    assert "Check 1 corrected row" in texts(tools)
    assert application.corrections.quarantine(1, ME).drafts[1].cells == {"Quantity": "7"}


def test_the_workbook_of_rows_to_correct_is_sent(visitor: Visitor) -> None:
    answer = visitor.client.get("/corrections/1/rows.xlsx")
    assert answer.status_code == 200
    assert answer.data[:2] == b"PK"


def test_a_cell_that_is_no_value_of_its_column_is_shown_as_it_stands(visitor: Visitor) -> None:
    """A text among dates is a text in the grid too: no type of the grid may blank it."""
    found = show(visitor, "?import=1&reason=not_a_date")
    (row,) = found["corrections-grid.rowData"]
    assert (row["c1"], row["wrong"]) == ("soon", "c1")
    cells = [c for c in found["corrections-grid.columnDefs"] if c["field"].startswith("c")]
    assert {cell["cellDataType"] for cell in cells} == {False}


def test_spellings_are_listed_added_and_taken_back(visitor: Visitor) -> None:
    def listed() -> str:
        answer = visitor.call("aliases-list.children", {"corrections-query.data": ""},
                              changed=("corrections-query.data",))  # fmt: skip
        return texts(answer.json["response"]["aliases-list"]["children"])

    def pressed(action: str, key: str = "", **typed: str) -> str:
        answer = visitor.press(
            "aliases-pressed",
            "aliases-said.children",
            {f"alias-{name}.value": value for name, value in typed.items()},
            action=action,
            key=key,
            field="",
            written="",
        )
        assert answer.status_code == 200, answer.text
        return texts(answer.json["response"]["aliases-said"]["children"])

    assert "No spelling has a meaning" in listed()
    assert "no country" in pressed("add", field="country", written="x", meant="Zorkland")
    assert "read as what it means" in pressed("add", field="country", written="x", meant="France")
    assert "Country x FR every file" in listed()
    assert "no meaning of its own" in pressed("remove", "1")
    assert "There is no meaning" in pressed("remove", "1")
    assert "There is no meaning" in pressed("remove", "abcdef")


def test_the_overview_says_how_many_rows_wait(visitor: Visitor) -> None:
    answer = visitor.call(
        "quality-notices.children", {"data-version.data": 1}, changed=("data-version.data",)
    )
    told = answer.json["response"]["quality-notices"]["children"]
    assert "3 rows set aside at intake are in no figure." in texts(told)
    assert told["props"]["children"][2]["props"]["href"] == "/corrections?import=1"


def test_suggestions_for_many_rows_are_written_by_the_worker(
    visitor: Visitor, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page, "MANY", 2)
    asked = press(visitor, "ask-reason", query="?import=1")["corrections-question"]["children"]
    assert "There are 3 rows: suggestions are looked for in the background" in texts(asked)
    started = press(visitor, "apply-sure", query="?import=1")
    assert "Looking for suggestions" in texts(started["corrections-notice"]["children"])
    assert started["corrections-poll"]["disabled"] is False
    told = {"corrections-job.data": started["corrections-job"]["data"]}
    assert application.corrections.quarantine(1, ME).drafts == {}
    assert Worker(application, "w", HANDLERS).run_next(Event())
    answer = visitor.call(
        "corrections-question.children",
        {**told, "corrections-poll.n_intervals": 1, "corrections-changed.data": 0},
        changed=("corrections-poll.n_intervals",),
    ).json["response"]
    said = texts(answer["corrections-notice"]["children"])
    assert "A suggestion was written into 1 row" in said
    drafts = application.corrections.quarantine(1, ME).drafts
    assert [dict(draft.cells) for draft in drafts.values()] == [{"Quantity": "10"}]
