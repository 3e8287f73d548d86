"""One import: its rows, what it contributes, its history and file; the same on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.errors import PicholineError
from core.models.query import Filter, Scope
from core.services.application import Application
from core.services.import_desk import COUNTS, ImportDesk
from core.services.ingest import ImportOptions, Mapping
from core.settings import load_settings
from dashboard.cli import main
from tests.unit.ingest_home import HEADERS, line, write_csv

EVERYONE = Scope()
RESTRICTED = Scope("eve", (Filter("country", ("FR",)),))


@pytest.fixture
def application(home: Path) -> Iterator[Application]:
    found = Application.open(load_settings(home))
    yield found
    found.close()


@pytest.fixture
def desk(application: Application, tmp_path: Path) -> ImportDesk:
    """Return a desk with two imports: the second one corrects invoice 1."""
    rows = [line(1, Quantity=10), line(2, Quantity=1), line(2, Quantity=2)]
    application.intake.run(write_csv(tmp_path / "a.csv", rows))
    new = write_csv(tmp_path / "b.csv", [line(1, Quantity=12)])
    application.intake.run(new, ImportOptions(mode="upsert", owner="ada"))
    return application.import_desk


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def answer(*arguments: object) -> Any:
    found = call(*arguments, "--json")
    assert found.exit_code == 0, found.output
    return json.loads(found.stdout)


def test_the_list_says_what_each_contributes(desk: ImportDesk) -> None:
    second, first = desk.all(EVERYONE)
    assert (second.record.owner, second.mode, second.quality) == ("ada", "upsert", 1.0)
    # 12 pieces at 10.50; of the first import only invoice 2 counts.
    assert second.contribution is not None
    assert first.contribution is not None
    assert (second.contribution.lines, str(second.contribution.net_sales)) == (1, "126.000000")
    assert (first.contribution.lines, str(first.contribution.net_sales)) == (2, "31.500000")


def test_rows_page_by_page_with_what_is_hidden(desk: ImportDesk) -> None:
    page = desk.rows(1, EVERYONE, 0, 2)
    assert page.total == 3
    assert [(r["invoice_id"], r["_row"], r[COUNTS]) for r in page.rows] == [
        ("F001", 2, False), ("F002", 3, True),
    ]  # fmt: skip
    assert [r["_row"] for r in desk.rows(1, EVERYONE, 2, 2).rows] == [4]
    assert desk.rows(1, EVERYONE, 90, 2).rows == []


def test_history_and_notes(desk: ImportDesk, application: Application) -> None:
    application.intake.undo(2)
    application.intake.redo(2)
    told = [what for _at, what, _version in desk.get(2, EVERYONE).events]
    assert told == ["import", "undone", "committed"]
    assert [str(n) for n in desk.notes(2, "undo", EVERYONE)] == [
        "The rows it replaced count again."
    ]
    application.intake.undo(1)
    assert [str(n) for n in desk.notes(1, "redo", EVERYONE)] == [
        "Later imports replace rows of this table, perhaps some of these: 2."
    ]


def test_a_file_read_again_counts_once(
    desk: ImportDesk, application: Application, tmp_path: Path
) -> None:
    path, name = desk.original(1, EVERYONE)
    assert (path.read_bytes(), name) == ((tmp_path / "a.csv").read_bytes(), "a.csv")
    columns = {key: title for key, title in desk.get(1, EVERYONE).facts.record.mapping[
        "columns"].items() if key != "customer_id"}  # fmt: skip
    stated = desk.options_again(1, EVERYONE, Mapping("sales", columns=columns), "bob")
    (report,) = application.intake.run(*stated)
    # Invoice 1 is stored by import 2 with other contents; invoice 2 comes without its customer.
    assert (report.accepted, report.reasons) == (2, {"invoice_changed": 1})
    facts = desk.all(EVERYONE)
    assert [(f.record.id, f.record.status.value, f.instead_of) for f in facts] == [
        (3, "committed", 1), (2, "committed", 0), (1, "undone", 0),
    ]  # fmt: skip
    with pytest.raises(PicholineError) as caught:
        application.intake.redo(1)
    assert caught.value.code == "import.rerun"
    application.intake.undo(3)
    application.intake.redo(1)
    with pytest.raises(PicholineError) as caught:
        application.intake.redo(3)
    assert caught.value.code == "import.rerun"


def test_nothing_of_it_is_for_people_who_may_not_see_all_rows(desk: ImportDesk) -> None:
    for ask in (
        lambda: desk.all(RESTRICTED),
        lambda: desk.get(1, RESTRICTED),
        lambda: desk.rows(1, RESTRICTED),
        lambda: desk.original(1, RESTRICTED),
        lambda: desk.again(1, RESTRICTED),
        lambda: desk.notes(1, "undo", RESTRICTED),
    ):
        with pytest.raises(PicholineError) as caught:
            ask()
        assert caught.value.status == 403


def test_the_command_line(desk: ImportDesk, tmp_path: Path) -> None:
    assert desk.all(EVERYONE)
    listed = answer("imports")
    assert [(e["import_id"], e["mode"], e["contribution"]["net_sales"]) for e in listed] == [
        (2, "upsert", "126.000000"), (1, "append", "31.500000"),
    ]  # fmt: skip
    shown = answer("imports", "show", 1, "--rows", 1)
    assert (shown["rows"][0]["quantity"], shown["rows"][0]["_counts"]) == ("10", False)
    assert shown["mapping"]["table"] == "sales"
    copied = tmp_path / "copy.csv"
    answer("imports", "original", 2, "--out", copied)
    assert copied.read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert call("imports", "original", 2, "--out", copied).exit_code == 1
    assert call("imports", "show").exit_code == 1
    tried = answer("imports", "rerun", 2, "--dry-run")
    assert (tried["import_id"], tried["accepted"], tried["instead_of"]) == (None, 1, 2)
    again = answer("imports", "rerun", 2)
    assert (again["import_id"], again["accepted"]) == (3, 1)
    assert "The rows it replaced count again." in call("undo", 3).output


def test_modes_on_the_command_line(home: Path, tmp_path: Path) -> None:
    assert home
    path = write_csv(tmp_path / "a.csv", [line(1), line(2, Date="2025-04-01")], HEADERS)
    answer("import", path)
    new = write_csv(tmp_path / "b.csv", [line(3, Quantity=4)], HEADERS)
    days = ("--mode", "period", "--from", "2025-03-01", "--to", "2025-03-31")
    tried = answer("import", new, *days, "--dry-run")
    (month,) = tried["effect"]["months"]
    assert (month["before"]["net_sales"], month["after"]["net_sales"]) == ("21", "42")
    assert answer("import", new, *days)["accepted"] == 1
    assert answer("query", "--metrics", "net_sales")["total"]["net_sales"] == 63
