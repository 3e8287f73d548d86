"""What becomes of earlier rows: a replaced period, an update by key, and undo and redo of both."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import PicholineError
from core.repository.visible import stored_table
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv

NUMBERED = ("Line no", *HEADERS)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def counting(desk: Desk, table: str = "sales") -> list[dict[str, Any]]:
    """Return the rows that count, in the order they were stored."""
    found = stored_table(desk.catalogue, desk.segments, table)
    if not found:
        return []
    with duckdb.connect(":memory:") as connection:
        rows = connection.sql(f"SELECT * FROM {found.sql()} ORDER BY filename, file_row_number")
        return rows.to_arrow_table().to_pylist()


def invoices(desk: Desk) -> list[tuple[str, int]]:
    return sorted((row["invoice_id"], int(row["quantity"])) for row in counting(desk))


def quantities(number: int, *amounts: int, **more: Any) -> list[list[Any]]:
    return [line(number, Quantity=amount, **more) for amount in amounts]


def test_a_period_is_replaced_by_the_files_own_days(desk: Desk, tmp_path: Path) -> None:
    march = {"Date": "2025-03-10"}
    first = [*quantities(1, 1, **march), *quantities(2, 2), *quantities(3, 3, Date="2025-04-01")]
    desk.run(write_csv(tmp_path / "a.csv", first))
    new = [*quantities(1, 5, **march), *quantities(9, 9)]
    report = desk.run(write_csv(tmp_path / "b.csv", new), mode="period")
    assert (report.accepted, report.already_there, report.quarantined) == (2, 0, 0)
    assert invoices(desk) == [("F001", 5), ("F003", 3), ("F009", 9)]
    desk.intake.undo(report.import_id or 0)
    assert invoices(desk) == [("F001", 1), ("F002", 2), ("F003", 3)]
    desk.intake.redo(report.import_id or 0)
    assert invoices(desk) == [("F001", 5), ("F003", 3), ("F009", 9)]


def test_a_stated_period_hides_its_days_and_the_rest_is_recognised(
    desk: Desk, tmp_path: Path
) -> None:
    april = {"Date": "2025-04-01"}
    desk.run(write_csv(tmp_path / "a.csv", [*quantities(1, 1), *quantities(2, 2, **april)]))
    path = write_csv(tmp_path / "b.csv", [*quantities(5, 5), *quantities(2, 2, **april)])
    days = {"first_day": date(2025, 3, 1), "last_day": date(2025, 3, 31)}
    report = desk.run(path, mode="period", **days)
    assert (report.accepted, report.already_there) == (1, 1)
    assert invoices(desk) == [("F002", 2), ("F005", 5)]
    more = [*quantities(6, 6), *quantities(7, 7, **april)]
    later = desk.run(write_csv(tmp_path / "c.csv", more), mode="period", **days)
    assert invoices(desk) == [("F002", 2), ("F006", 6), ("F007", 7)]
    assert [str(note) for note in later.notes] == [
        "Rows of other days than 2025-03-01 to 2025-03-31 are added to what is there: 1."
    ]


def test_a_period_without_a_row_is_not_emptied(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", quantities(1, 1)))
    with pytest.raises(PicholineError) as caught:
        desk.run(
            write_csv(tmp_path / "b.csv", quantities(2, 2, Date="2025-04-01")),
            mode="period",
            first_day=date(2025, 3, 1),
            last_day=date(2025, 3, 31),
        )
    assert caught.value.code == "import.refused.mode.empty"
    assert invoices(desk) == [("F001", 1)]


def test_an_update_replaces_whole_invoices(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", [*quantities(1, 1, 2), *quantities(2, 3)]))
    path = write_csv(tmp_path / "b.csv", [*quantities(1, 1), *quantities(2, 3), *quantities(3, 4)])
    report = desk.run(path, mode="upsert")
    # Invoice 1 lost a line, invoice 2 is as it was, invoice 3 is new.
    assert (report.accepted, report.already_there, report.quarantined) == (2, 1, 0)
    assert invoices(desk) == [("F001", 1), ("F002", 3), ("F003", 4)]
    again = desk.run(path, mode="upsert")
    assert (again.accepted, again.already_there) == (0, 3)
    desk.intake.undo(report.import_id or 0)
    assert invoices(desk) == [("F001", 1), ("F001", 2), ("F002", 3)]


def test_an_invoice_with_a_bad_row_is_not_replaced_in_part(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", quantities(1, 1, 2)))
    bad = [*quantities(1, 1, 7), line(1, Quantity="two"), *quantities(2, 2)]
    report = desk.run(write_csv(tmp_path / "b.csv", bad), mode="upsert")
    assert (report.read, report.accepted, report.already_there) == (4, 1, 1)
    assert report.reasons == {"not_a_number": 1, "document_incomplete": 1}
    assert invoices(desk) == [("F001", 1), ("F001", 2), ("F002", 2)]


def test_numbered_lines_of_an_update(desk: Desk, tmp_path: Path) -> None:
    rows = [[1, *line(1)], [2, *line(1, Quantity=5)]]
    desk.run(write_csv(tmp_path / "a.csv", rows, NUMBERED))
    changed = [[1, *line(1)], [2, *line(1, Quantity=6)], [3, *line(1, Quantity=7)]]
    twice = [*changed, [3, *line(1, Quantity=8)]]
    report = desk.run(write_csv(tmp_path / "b.csv", twice, NUMBERED), mode="upsert")
    assert report.reasons == {"duplicate_key": 1, "document_incomplete": 2}
    assert report.already_there == 1
    report = desk.run(write_csv(tmp_path / "c.csv", changed, NUMBERED), mode="upsert")
    assert (report.accepted, report.already_there) == (3, 0)
    assert invoices(desk) == [("F001", 2), ("F001", 6), ("F001", 7)]


def test_payments_by_their_key_and_products_as_always(desk: Desk, tmp_path: Path) -> None:
    headers = ["Payment id", "Payment date", "Amount", "Currency"]
    rows = [["A", "2025-03-31", 5, "EUR"], ["B", "2025-03-31", 6, "EUR"]]
    desk.run(write_csv(tmp_path / "p.csv", rows, headers))
    rows[1][2] = 7
    report = desk.run(write_csv(tmp_path / "q.csv", rows, headers), mode="upsert")
    assert (report.accepted, report.already_there) == (1, 1)
    found = sorted((row["payment_id"], row["amount"]) for row in counting(desk, "payments"))
    assert found == [("A", Decimal(5)), ("B", Decimal(7))]
    headers = ["Product code", "Product name"]
    report = desk.run(write_csv(tmp_path / "d.csv", [["P1", "Oil"]], headers), mode="upsert")
    assert report.accepted == 1
    with pytest.raises(PicholineError) as caught:
        desk.run(write_csv(tmp_path / "e.csv", [["P2", "Soap"]], headers), mode="period")
    assert caught.value.code == "import.refused.mode.table"


def test_sheets_of_one_file_do_not_hide_each_other(desk: Desk, tmp_path: Path) -> None:
    import openpyxl

    from core.services.ingest import ImportOptions

    desk.run(write_csv(tmp_path / "a.csv", quantities(8, 8)))
    book = openpyxl.Workbook()
    for title, number in (("one", 1), ("two", 2)):
        sheet = book.create_sheet(title)
        sheet.append(list(HEADERS))
        sheet.append(line(number, Quantity=number))
        sheet.append(line(number, Quantity=number, Date="2025-03-01"))
    path = tmp_path / "book.xlsx"
    book.save(path)
    desk.intake.run(path, ImportOptions(mode="period"))
    assert invoices(desk) == [("F001", 1), ("F001", 1), ("F002", 2), ("F002", 2)]


def test_an_update_that_was_undone_cannot_count_beside_a_later_one(
    desk: Desk, tmp_path: Path
) -> None:
    desk.run(write_csv(tmp_path / "a.csv", quantities(1, 1)))
    second = desk.run(write_csv(tmp_path / "b.csv", quantities(1, 2)), mode="upsert").import_id
    third = desk.run(write_csv(tmp_path / "c.csv", quantities(1, 3)), mode="upsert").import_id
    assert invoices(desk) == [("F001", 3)]
    desk.intake.undo(second or 0)
    assert invoices(desk) == [("F001", 3)]
    desk.intake.undo(third or 0)
    assert invoices(desk) == [("F001", 1)]
    desk.intake.redo(second or 0)
    desk.intake.redo(third or 0)
    assert invoices(desk) == [("F001", 3)]


def test_a_mode_and_a_period_must_fit_together(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", quantities(1, 1))
    for stated in (
        {"mode": "sideways"},
        {"mode": "upsert", "replace": True},
        {"first_day": date(2025, 1, 1)},
        {"mode": "period", "first_day": date(2025, 2, 1), "last_day": date(2025, 1, 1)},
    ):
        with pytest.raises(PicholineError):
            desk.run(path, **stated)
    assert desk.catalogue.imports() == []
