"""Beside the imports: templates, layouts, sources and waiting files, over HTTP and callbacks."""

import sqlite3
from collections.abc import Iterator
from io import BytesIO
from threading import Event
from typing import Any

import openpyxl
import pytest

from core.models.arrivals import SqlSource
from core.models.query import Scope
from core.services.application import Application
from core.services.inbox_watch import OWNER, waiting_files
from core.services.ingest import ImportOptions
from core.services.job_handlers import HANDLERS
from core.services.layouts import Layouts
from core.services.sql_source import add_source
from core.services.worker import Worker
from core.settings import load_settings
from dashboard.app import create_app
from dashboard.security import CSRF_HEADER
from tests.desk import Visitor, pattern, texts
from tests.unit.ingest_home import HEADERS, line, write_csv

ALL = Scope("local")
SHOWN = "imports-waiting.children"
ACTED = "arrival-job.data"


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Return a home with one layout, one source and one waiting file."""
    folder = tmp_path_factory.mktemp("arrivals")
    watched = folder / "watched"
    watched.mkdir()
    opened = Application.open(load_settings(folder / "home", watched_folder=watched))
    opened.intake.run(write_csv(folder / "march.csv", [line(1)]), ImportOptions())
    with sqlite3.connect(folder / "shop.db") as connection:
        connection.execute("CREATE TABLE t (a)")
    connection.close()
    address = f"sqlite:///{folder / 'shop.db'}"
    add_source(opened, SqlSource(name="shop", address=address, query="SELECT a FROM t"), ALL)
    path = write_csv(watched / "strange.csv", [["x", 1]], ["Invoice", "Qty"])
    found = path.stat()
    params = {"file_name": path.name, "size": found.st_size, "mtime": found.st_mtime_ns}
    opened.jobs.submit("inbox", params, OWNER)
    assert Worker(opened, "test", HANDLERS).run_next(Event())
    yield opened
    opened.close()


def shown(visitor: Visitor) -> str:
    answer = visitor.call(SHOWN, {"data-version.data": 1}, changed=("data-version.data",))
    assert answer.status_code == 200, answer.text
    return " ".join(
        texts(part["children"]) for part in answer.json["response"].values() if part["children"]
    )


def press(visitor: Visitor, what: str, name: str, number: int = 0, text: str = "") -> Any:
    areas = pattern("value", type="layout-text", name="ALL")
    typed = {areas: [({"type": "layout-text", "name": name}, text)]}
    answer = visitor.press("arrivals-pressed", ACTED, typed, what=what, name=name, number=number)
    return answer.json["response"]


def test_templates_come_in_the_language_asked_for(server: Any, visitor: Visitor) -> None:
    for language, title in (("en", "Invoice"), ("fr", "Facture")):
        answer = visitor.client.get(f"/templates/sales.xlsx?lang={language}")
        assert answer.status_code == 200
        sheet = openpyxl.load_workbook(BytesIO(answer.data)).worksheets[0]
        assert str(sheet.cell(1, 1).value).startswith(title)
    french = Visitor(server.test_client(), "fr").client.get("/templates/products.xlsx")
    assert "picholine-produits.xlsx" in french.headers["Content-Disposition"]
    assert visitor.client.get("/templates/nothing.xlsx").status_code == 404


def test_the_page_shows_what_waits_layouts_and_sources(visitor: Visitor) -> None:
    said = shown(visitor)
    assert "Waiting in the watched folder: 1" in said
    assert "strange.csv" in said
    assert "lacks: Date" in said
    assert "march.csv" in said
    assert "not run yet" in said


def test_a_layout_is_downloaded_changed_restored_and_forgotten(
    visitor: Visitor, application: Application
) -> None:
    layouts = Layouts(application.catalogue)
    (card,) = layouts.all(ALL)
    answer = visitor.client.get(f"/layouts/{card.name}.toml")
    assert f'layout-{card.name}.toml"' in answer.headers["Content-Disposition"]
    changed = answer.text.replace("customer_id =", "salesperson =")
    press(visitor, "layout-save", card.name, text=changed)
    assert "salesperson" in layouts.get(card.name, ALL).mapping["columns"]
    told = press(visitor, "layout-save", card.name, text="table = ")
    assert "cannot be read" in texts(told["arrivals-error"]["children"])
    press(visitor, "layout-restore", card.name, 1)
    assert layouts.get(card.name, ALL).mapping == card.mapping
    press(visitor, "layout-forget", card.name)
    assert layouts.all(ALL) == []
    assert visitor.client.get(f"/layouts/{card.name}.toml").status_code == 409
    press(visitor, "layout-restore", card.name, 1)
    assert [found.titles for found in layouts.all(ALL)] == [HEADERS]


def test_a_waiting_file_is_looked_at_and_a_source_is_run(
    visitor: Visitor, application: Application
) -> None:
    (waiting,) = waiting_files(application, ALL)
    started = press(visitor, "inbox-look", waiting.sha256)["arrival-job"]["data"]
    assert (started["kind"], started["file"]) == ("preview", "strange.csv")
    assert application.jobs.get(started["job"]).params["sha256"] == waiting.sha256
    started = press(visitor, "source-run", "shop")["arrival-job"]["data"]
    assert (application.jobs.get(started["job"]).kind, started["kind"]) == ("source", "source")
    told = press(visitor, "source-run", "shop")["arrivals-error"]["children"]
    assert "running already" in texts(told)
    press(visitor, "inbox-refuse", waiting.sha256)
    assert waiting_files(application, ALL) == []


def test_people_under_rules_are_shown_nothing_and_do_nothing(application: Application) -> None:
    application.access.allow("limited", "country", ("FR",))
    limited = Visitor(create_app(application, user="limited").test_client())
    assert shown(limited) == ""
    told = press(limited, "source-run", "shop")["arrivals-error"]["children"]
    assert "open only to people who may see all rows" in texts(told)
    (card,) = Layouts(application.catalogue).all(ALL)
    assert limited.client.get(f"/layouts/{card.name}.toml").status_code == 403


def test_only_a_preview_without_doubt_is_confirmed_unseen(
    visitor: Visitor, application: Application, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("sure")
    worker = Worker(application, "test", HANDLERS)
    while worker.run_next(Event()):
        pass  # what earlier tests started
    headers = {CSRF_HEADER: visitor.token}
    answers = []
    for path in (
        write_csv(folder / "april.csv", [line(9)]),
        write_csv(folder / "doubt.csv", [["x", 1]], ["Invoice", "Qty"]),
    ):
        address = f"/uploads?name={path.name}"
        sent = visitor.client.post(address, data=path.read_bytes(), headers=headers).json
        early = visitor.client.post(f"/uploads/sure/{sent['job_id']}", headers=headers)
        assert (early.status_code, early.json["code"]) == (409, "preview.unfinished")
        while worker.run_next(Event()):
            pass
        answers.append(visitor.client.post(f"/uploads/sure/{sent['job_id']}", headers=headers).json)
    assert answers[0]["kind"] == "import"
    assert "lacks: Date" in answers[1]["why"]
    assert application.catalogue.imports()[0].file_name == "april.csv"
