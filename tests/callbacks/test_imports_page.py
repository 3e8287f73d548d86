"""The mapping panel and the Imports page, through their callbacks on a real home."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from core.models.tables import ImportStatus, Job, JobStatus
from core.services.application import Application
from core.services.demo_load import load_demo
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from dashboard.app import create_app
from tests.desk import Visitor, pattern, texts
from tests.samples import CLEAN, FOLDER, FRENCH

FIELDS = pattern("value", column="ALL", sheet="ALL", type="intake-field")
OPTIONS = pattern("value", name="ALL", sheet="ALL", type="intake-option")
CONFIRM = pattern("n_clicks", name="ALL", type="intake-confirm")
CHANGED = pattern("data", **{"from": "imports", "type": "data-changed"})
SHOWN = "intake-shown.data"


class Desk:
    """A person at the intake: uploads, looks, chooses, confirms."""

    def __init__(self, home: Path) -> None:
        self.application = Application.open(load_settings(home))
        self.visitor = Visitor(create_app(self.application).test_client())
        self.worker = Worker(self.application, "w", HANDLERS)

    def look_at(self, path: Path) -> Job:
        with path.open("rb") as stream:
            stored = self.application.intake.store(stream, path.name)
        params = {"sha256": stored.sha256, "file_name": path.name, "options": {}}
        return self.work(self.application.jobs.submit("preview", params))

    def work(self, job_id: int) -> Job:
        while self.worker.run_next(Event()):
            pass
        return self.application.jobs.get(job_id)

    def panel(self, job: Job) -> Any:
        answer = self.visitor.call(
            "intake-body.children", {SHOWN: {"job": job.id}}, changed=("intake-shown.data",)
        )
        assert answer.status_code == 200, answer.text
        found = answer.json["response"]
        return {**found["intake-body"], "actions": found["intake-actions"]["children"]}

    def press(self, job: Job, changed: Any, **new: Any) -> Any:
        """Change a control of the panel (or press its button) and return the answer."""
        controls = controls_of(self.panel(job)["children"])
        if "value" in new:
            controls = [(i, new["value"] if i == changed else v) for i, v in controls]
        clicked = changed["type"] == "intake-confirm"
        prop = "n_clicks" if clicked else "value"
        return self.visitor.call(
            "intake-job.data",
            {
                FIELDS: [c for c in controls if c[0]["type"] == "intake-field"],
                OPTIONS: [c for c in controls if c[0]["type"] == "intake-option"],
                CONFIRM: [({"type": "intake-confirm", "name": "import"}, int(clicked))],
                SHOWN: {"job": job.id},
            },
            changed=(pattern(prop, **changed),),
        )

    def started(self, answer: Any) -> Job:
        assert answer.status_code == 200, answer.text
        return self.work(answer.json["response"]["intake-job"]["data"]["job"])

    def imported(self, path: Path) -> Job:
        return self.started(self.press(self.look_at(path), BUTTON))

    def list(self, language: str = "en") -> str:
        visitor = Visitor(self.visitor.client, language)
        answer = visitor.call("imports-list.children", {}, changed=("data-version.data",))
        return texts(answer.json["response"]["imports-list"]["children"])

    def change(self, action: str, import_id: int) -> Any:
        return self.visitor.press(
            "import-pressed", "import-question.children", action=action, id=import_id
        )


BUTTON = {"name": "import", "type": "intake-confirm"}


def controls_of(node: Any) -> list[tuple[dict[str, Any], Any]]:
    """Return (id, value) of every control in a component tree."""
    found: list[tuple[dict[str, Any], Any]] = []
    if isinstance(node, list):
        for part in node:
            found += controls_of(part)
    elif isinstance(node, dict):
        props = node.get("props", {})
        name = props.get("id")
        if isinstance(name, dict) and name.get("type") in {"intake-field", "intake-option"}:
            found.append((name, props.get("value")))
        found += controls_of(props.get("children"))
    return found


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.application.close()


@pytest.fixture
def french(desk: Desk) -> Job:
    return desk.look_at(FOLDER / FRENCH)


def column(job: Job, title: str) -> dict[str, Any]:
    titles = [c["title"] for c in job.result["sheets"][0]["columns"]]
    return {"column": titles.index(title), "sheet": 0, "type": "intake-field"}


def fields(job: Job) -> dict[str, str | None]:
    return {c["title"]: c["field"] for c in job.result["sheets"][0]["columns"]}


def test_the_panel_shows_columns_counts_reasons_and_rows(desk: Desk, french: Job) -> None:
    found = desk.panel(french)
    words = texts(found["children"])
    for part in ("Journal", "Rows read 60", "Accepted 58", "Quarantined 2", "58 + 2 + 0 = 60"):
        assert part in words
    assert "This is not a number." in words
    assert "Write it as 2025-03-31" in words
    assert "4 May 2025" in words
    values = {i["column"]: v for i, v in controls_of(found["children"]) if "column" in i}
    assert values[column(french, "Qté")["column"]] == "quantity"
    assert "58 rows" in texts(found["actions"])


def test_file_contents_stay_text(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("Invoice;Date;Product code;Quantity;Unit price;<script>alert(1)</script>\n"
                    "F-1;2025-03-31;<img src=x onerror=alert(1)>;2;9.90;x\n")  # fmt: skip
    found = desk.panel(desk.look_at(path))
    assert "<script>alert(1)</script>" in texts(found["children"])
    assert "dangerously" not in str(found)
    assert "<img src=x" in texts(found["children"])


def test_nothing_changed_starts_nothing(desk: Desk, french: Job) -> None:
    answer = desk.press(french, column(french, "Qté"), value="quantity")
    assert answer.status_code == 204


def test_a_changed_column_is_looked_at_again_and_leaves_its_old_one(
    desk: Desk, french: Job
) -> None:
    again = desk.started(desk.press(french, column(french, "Client"), value="salesperson"))
    assert again.kind == "preview"
    assert fields(again)["Client"] == "salesperson"
    assert fields(again)["Qté"] == "quantity"
    taken = desk.started(desk.press(again, column(again, "P.U. HT"), value="quantity"))
    assert fields(taken)["P.U. HT"] == "quantity"
    assert fields(taken)["Qté"] is None
    assert taken.result["sheets"][0]["missing"] == ["unit_price"]
    words = texts(desk.panel(taken)["children"])
    assert "Still missing: Unit price excl. VAT." in words
    actions = desk.panel(taken)["actions"]
    assert actions[1]["props"]["disabled"] is True


def test_another_table_proposes_its_own_columns(desk: Desk, french: Job) -> None:
    name = {"name": "table", "sheet": 0, "type": "intake-option"}
    again = desk.started(desk.press(french, name, value="products"))
    assert again.result["sheets"][0]["table"] == "products"
    assert fields(again)["Désignation"] == "name"


@pytest.mark.parametrize(
    ("name", "value", "stated"),
    [
        ("decimal", ".", {"decimal": "."}),
        ("date_order", "mdy", {"date_order": "mdy"}),
        ("currency", "USD", {"currency": "USD"}),
        ("prices", "incl", {"prices_include_vat": True}),
        ("vat_rate", "5,5", {"vat_rate": 0.055}),
    ],
)
def test_options_reach_the_mapping(
    desk: Desk, french: Job, name: str, value: str, stated: dict[str, Any]
) -> None:
    changed = {"name": name, "sheet": 0, "type": "intake-option"}
    again = desk.started(desk.press(french, changed, value=value))
    assert stated.items() <= again.result["sheets"][0]["mapping"].items()
    shown = [(i, v) for i, v in controls_of(desk.panel(again)["children"]) if i == changed]
    assert [v.replace(".", ",") if name == "vat_rate" else v for _i, v in shown] == [value]


def test_a_confirmed_import_ends_in_counts_that_add_up(desk: Desk, french: Job) -> None:
    done = desk.started(desk.press(french, BUTTON))
    assert (done.kind, done.status) == ("import", JobStatus.DONE)
    report = done.result["reports"][0]
    assert (report["read"], report["accepted"], report["quarantined"]) == (60, 58, 2)
    words = texts(desk.panel(done)["children"])
    assert "Imported: 58 rows." in words
    assert "Quarantined rows" in words
    assert "Undo…" in words
    assert "See it on the Overview" in texts(desk.panel(done)["actions"])
    assert desk.application.metrics.status().lines == 58


def test_the_same_file_again_brings_nothing_new(desk: Desk) -> None:
    desk.imported(FOLDER / CLEAN)
    again = desk.imported(FOLDER / CLEAN)
    assert again.result["reports"][0]["already_there"] == 121
    words = texts(desk.panel(again)["children"])
    assert "Nothing new: no row was added." in words
    assert "Undo…" not in words
    assert desk.panel(again)["actions"] == []


def test_only_what_was_shown_can_be_confirmed(desk: Desk, french: Job) -> None:
    controls = controls_of(desk.panel(french)["children"])
    changed = column(french, "Qté")
    unseen = [(i, "line_no" if i == changed else v) for i, v in controls]
    answer = desk.visitor.call(
        "intake-job.data",
        {
            FIELDS: [c for c in unseen if c[0]["type"] == "intake-field"],
            OPTIONS: [c for c in unseen if c[0]["type"] == "intake-option"],
            CONFIRM: [(BUTTON, 1)],
            SHOWN: {"job": french.id},
        },
        changed=(pattern("n_clicks", **BUTTON),),
    )
    assert desk.started(answer).kind == "preview"
    assert desk.application.catalogue.imports() == []


def test_columns_in_doubt_are_confirmed_before_the_import(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "twice.csv"
    path.write_text("Invoice;Date;Product code;Quantity;Unit price;Unit price\n"
                    "F-1;2025-03-31;A;2;9.90;8.80\n")  # fmt: skip
    doubtful = desk.look_at(path)
    assert doubtful.result["sheets"][0]["ambiguous"]
    panel = desk.panel(doubtful)
    assert "More than one column could be the same field" in texts(panel["children"])
    assert "Use these columns" in texts(panel["actions"])
    settled = desk.started(desk.press(doubtful, BUTTON))
    assert settled.kind == "preview"
    assert settled.result["sheets"][0]["accepted"] == 1
    assert "Import" in texts(desk.panel(settled)["actions"])


def test_a_strangers_preview_is_not_shown(desk: Desk, french: Job) -> None:
    foreign = desk.application.jobs.submit("preview", dict(french.params), owner="somebody else")
    answer = desk.visitor.call(
        "intake-body.children", {SHOWN: {"job": foreign}}, changed=("intake-shown.data",)
    )
    assert answer.status_code == 404
    assert "Journal" not in answer.text


def test_a_sheet_can_be_left_out(desk: Desk, tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    for name in ("One", "Two"):
        page = book.create_sheet(name)
        page.append(["Invoice", "Date", "Product code", "Quantity", "Unit price"])
        page.append([f"{name}-1", "2025-03-31", "A", 2, 9.9])
    del book["Sheet"]
    path = tmp_path / "two.xlsx"
    book.save(path)
    both = desk.look_at(path)
    assert [s["sheet"] for s in both.result["sheets"]] == ["One", "Two"]
    name = {"name": "include", "sheet": 0, "type": "intake-option"}
    one = desk.started(desk.press(both, name, value="no"))
    assert "1 row" in texts(desk.panel(one)["actions"])
    done = desk.started(desk.press(one, BUTTON))
    assert [r["sheet"] for r in done.result["reports"]] == ["Two"]


def test_an_empty_page_says_how_to_start(desk: Desk) -> None:
    words = desk.list()
    assert "Nothing has been imported yet" in words
    assert "Sample: clean sales workbook" in words


def test_the_list_tells_every_import(desk: Desk) -> None:
    desk.imported(FOLDER / FRENCH)
    words = desk.list()
    for part in (FRENCH, "No. 1", "Sales lines", "sheet Journal", "60", "58", "Counts",
                 "This is not a date.", "1 import counts, with 58 rows."):  # fmt: skip
        assert part in words


def test_undo_asks_with_its_effect_and_redo_brings_the_rows_back(desk: Desk) -> None:
    done = desk.imported(FOLDER / CLEAN)
    question = desk.change("ask-undo", 1).json["response"]["import-question"]["children"]
    assert "This removes 121 rows of “Sales lines”" in texts(question)
    assert desk.application.metrics.status().lines == 121
    decided = desk.change("undo", 1).json["response"]
    assert decided["import-question"]["children"] is None
    assert CHANGED.removesuffix(".data") in decided
    assert desk.application.metrics.status().lines == 0
    assert "Undone" in desk.list()
    assert "Undone" in texts(desk.panel(done)["children"])
    desk.change("redo", 1)
    assert desk.application.metrics.status().lines == 121


def test_an_undo_that_cannot_be_done_says_why(desk: Desk) -> None:
    desk.imported(FOLDER / CLEAN)
    desk.change("undo", 1)
    for number in (1, 99):
        answer = desk.change("undo", number)
        words = texts(answer.json["response"]["import-question"]["children"])
        assert f"{number}" in words
        assert "Close" in words
    assert desk.application.catalogue.get_import(1).status is ImportStatus.UNDONE


def test_a_replacement_is_told_on_both_imports(desk: Desk, tmp_path: Path) -> None:
    first = tmp_path / "first.csv"
    first.write_text("Invoice;Date;Product code;Quantity;Unit price\nF-1;2025-03-31;A;2;9.90\n")
    second = tmp_path / "second.csv"
    shutil.copy(first, second)
    desk.imported(first)
    preview = desk.look_at(second)
    name = {"name": "mode", "sheet": 0, "type": "intake-option"}
    replacing = desk.started(desk.press(preview, name, value="replace"))
    desk.started(desk.press(replacing, BUTTON))
    words = desk.list()
    assert "Replaced by no. 2" in words
    assert "replaces earlier rows" in words
    question = desk.change("ask-undo", 2).json["response"]["import-question"]["children"]
    assert "The rows it replaced count again." in texts(question)


def test_rows_with_warnings_are_opened_from_the_import(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "warned.csv"
    path.write_text(
        "Invoice;Date;Product code;Quantity;Unit price;Customer\n"
        "W-1;2025-03-31;P1;2;9.90;C1\nW-2;2025-03-31;P1;3;9.90;\nW-3;2025-03-30;P1;4;9.90;C2\n"
    )
    report = desk.application.intake.run(path)[0]
    assert report.warnings == {"missing_customer": 1}

    def view(query: str) -> Any:
        values = {"imports-query.data": query}
        return desk.visitor.call("imports-list.children", values).json["response"]["imports-list"]

    everything = texts(view(f"?import={report.import_id}")["children"])
    assert "Rows with warnings" in everything
    assert "W-1" in everything
    warned = view(f"?import={report.import_id}&rows=warned")["children"]
    shown = texts(warned)
    assert "W-2" in shown
    assert "W-1" not in shown
    assert "W-3" not in shown
    assert "Rows 1 to 1 of 1" in shown
    (cell,) = [c for c in parts(warned) if c["props"].get("className") == "import-warned"]
    assert "customer" in texts(cell).lower()
    assert "import-rows-choice" in str(warned)


def parts(node: Any) -> Iterator[Any]:
    """Yield every component of a tree."""
    if isinstance(node, list):
        for part in node:
            yield from parts(part)
    elif isinstance(node, dict) and "props" in node:
        yield node
        yield from parts(node["props"].get("children"))


def test_the_demo_company_is_loaded_on_a_press(desk: Desk) -> None:
    name = {"page": "overview", "type": "load-demo"}
    answer = desk.visitor.call(
        "demo-job.data",
        {pattern("n_clicks", page="ALL", type="load-demo"): [(name, 1)]},
        changed=(pattern("n_clicks", **name),),
    )
    job_id = answer.json["response"]["demo-job"]["data"]["job"]
    assert desk.application.jobs.get(job_id).kind == "demo"


def test_the_demo_company_is_taken_out_at_once(desk: Desk) -> None:
    home = desk.application
    load_demo(home.settings, home.catalogue, home.segments, lines=500)
    done = desk.imported(FOLDER / CLEAN)
    assert home.metrics.status().lines > 500
    for words in (desk.list(), texts(desk.panel(done)["children"])):
        assert "invented figures count" in words
    question = desk.change("ask-undo-demo", 0).json["response"]["import-question"]["children"]
    assert "of invented figures" in texts(question)
    desk.change("undo-demo", 0)
    assert (home.metrics.status().lines, home.metrics.status().demo) == (121, False)
    assert "invented figures count" not in desk.list()
