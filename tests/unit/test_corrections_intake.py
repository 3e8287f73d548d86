"""Quarantined rows come again, corrected: same checks, an import of their own, undone whole."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import PicholineError
from tests.unit.correcting_home import CorrectingDesk, number
from tests.unit.ingest_home import line, write_csv, write_xlsx


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[CorrectingDesk]:
    home = CorrectingDesk(tmp_path / "home")
    yield home
    home.close()


def keys(desk: CorrectingDesk) -> list[tuple[Any, ...]]:
    return sorted(
        (row["invoice_id"], str(row["date"]), float(row["quantity"]), row["_row"])
        for row in desk.stored()
    )


def test_a_corrected_row_is_accepted_with_the_row_of_its_file(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    rows = [line(1), line(2, Quantity="1O"), line(3, Date="31/02/2025"), line(4, Quantity=True)]
    report = desk.run(write_xlsx(tmp_path / "sales.xlsx", rows))
    assert (report.accepted, report.quarantined) == (1, 3)
    done = desk.correct(report, {0: {"Quantity": "10"}, 1: {"Date": "28/02/2025"}}, "ana")
    assert (done.passed, done.known, done.refused) == (2, 0, {})
    assert keys(desk) == [
        ("F001", "2025-03-31", 2.0, 2),
        ("F002", "2025-03-31", 10.0, 3),
        ("F003", "2025-02-28", 2.0, 4),
    ]
    record = desk.catalogue.get_import(number(done))
    assert (record.owner, record.file_name, record.sheet) == ("ana", "sales.xlsx", "Ventes")
    assert (record.read, record.accepted, record.quarantined, record.already_there) == (2, 2, 0, 0)
    assert desk.correcting.corrected_places(number(report))[number(done)].tolist() == [0, 1]


def test_a_row_that_is_still_wrong_stays_with_its_new_reason(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    report = desk.run(write_xlsx(tmp_path / "s.xlsx", [line(1), line(2, Quantity="1O")]))
    version = desk.catalogue.current_version()
    done = desk.correct(report, {0: {"Quantity": "10", "Date": "hier"}})
    assert (done.import_id, done.passed, done.data_version) == (None, 0, version)
    assert done.refused[0]["_code"] == "not_a_date"
    assert done.refused[0]["_column"] == "Date (B)"
    assert done.refused[0]["_value"] == "hier"
    assert len(desk.catalogue.imports()) == 1


def test_undo_brings_the_rows_back_and_redo_cannot_count_them_twice(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    report = desk.run(write_xlsx(tmp_path / "s.xlsx", [line(1), line(2, Quantity="1O")]))
    before = keys(desk)
    first = desk.correct(report, {0: {"Quantity": "10"}})
    with pytest.raises(PicholineError) as told:
        desk.correct(report, {0: {"Quantity": "12"}})
    assert told.value.code == "corrections.twice"
    desk.intake.undo(number(first))
    assert keys(desk) == before
    assert desk.correcting.corrected_places(number(report)) == {}
    second = desk.correct(report, {0: {"Quantity": "12"}})
    with pytest.raises(PicholineError) as told:
        desk.intake.redo(number(first))
    assert told.value.code == "corrections.twice"
    assert [row["quantity"] for row in desk.stored()] == [2, 12]
    desk.intake.undo(number(second))
    desk.intake.redo(number(first))
    assert [row["quantity"] for row in desk.stored()] == [2, 10]


def test_a_line_is_added_to_the_invoice_whose_other_lines_are_stored(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    """Without line numbers, an invoice that misses a line is no other version of it."""
    rows = [line(1), line(1, Quantity="4x"), line(1, **{"Product code": "P2"})]
    report = desk.run(write_xlsx(tmp_path / "s.xlsx", rows))
    assert (report.accepted, report.quarantined) == (2, 1)
    done = desk.correct(report, {0: {"Quantity": "4"}})
    assert (done.passed, done.known, done.refused) == (1, 0, {})
    # A line that becomes equal to another one of its invoice is a second one, not the same one.
    desk.intake.undo(number(done))
    again = desk.correct(report, {0: {"Quantity": "2"}})
    assert (again.passed, again.known) == (1, 0)
    assert [row["_row"] for row in desk.stored()] == [2, 4, 3]


def test_the_whole_column_decides_signs_and_order_as_when_the_file_came(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    """In this file 04/05/2025 is the fifth of April and 1,5 is one and a half."""
    rows = [
        line(1, Date="03/31/2025", Quantity="2,50"),
        line(2, Date="04/05/2025", Quantity="x"),
        line(3, Date="04/06/2025", Quantity="1,250", **{"Unit price": "?"}),
    ]
    report = desk.run(write_csv(tmp_path / "s.csv", rows))
    assert report.quarantined == 2
    done = desk.correct(report, {0: {"Quantity": "1,5"}, 1: {"Unit price": "8.40"}})
    assert done.passed == 2
    assert keys(desk)[1:] == [("F002", "2025-04-05", 1.5, 3), ("F003", "2025-04-06", 1.25, 4)]
    assert sorted(float(price) for price in desk.column("unit_price")) == [8.4, 10.5, 10.5]


def test_error_cells_dates_and_native_numbers_are_corrected(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    rows = [line(1), line(2, **{"Unit price": "#N/A"}), line(3, Date="#REF!"), line(4, Date="soon")]
    report = desk.run(write_xlsx(tmp_path / "s.xlsx", rows))
    assert report.reasons == {"error_cell": 2, "not_a_date": 1}
    edits = {0: {"Unit price": "9,90"}, 1: {"Date": "2025-04-01"}, 2: {"Date": "2025-04-02"}}
    done = desk.correct(report, edits)
    assert done.passed == 3
    assert [str(row["date"]) for row in desk.stored()][1:] == [
        "2025-03-31", "2025-04-01", "2025-04-02",
    ]  # fmt: skip
    assert float(desk.stored()[1]["unit_price"]) == 9.9


def test_a_row_emptied_by_its_correction_stays_set_aside(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    report = desk.run(write_csv(tmp_path / "s.csv", [line(1), line(2, Quantity="x")]))
    empty: dict[str, str] = dict.fromkeys(("Invoice", "Date", "Product code", "Quantity"), "")
    done = desk.correct(report, {0: empty})
    assert (done.import_id, list(done.refused)) == (None, [0])


def test_rows_of_an_import_that_does_not_count_cannot_be_corrected(
    desk: CorrectingDesk, tmp_path: Path
) -> None:
    report = desk.run(write_csv(tmp_path / "s.csv", [line(1), line(2, Quantity="x")]))
    desk.intake.undo(number(report))
    with pytest.raises(PicholineError) as told:
        desk.correct(report, {0: {"Quantity": "1"}})
    assert told.value.code == "corrections.undone"
    desk.intake.redo(number(report))
    desk.run(write_csv(tmp_path / "t.csv", [line(9)]), replace=True)
    with pytest.raises(PicholineError) as told:
        desk.correct(report, {0: {"Quantity": "1"}})
    assert told.value.code == "corrections.undone"


def test_a_file_that_is_gone_is_named(desk: CorrectingDesk, tmp_path: Path) -> None:
    report = desk.run(write_csv(tmp_path / "s.csv", [line(1), line(2, Quantity="x")]))
    for kept in desk.settings.inbox.iterdir():
        kept.unlink()
    with pytest.raises(PicholineError) as told:
        desk.correct(report, {0: {"Quantity": "1"}})
    assert (told.value.code, told.value.status) == ("row.file", 404)
