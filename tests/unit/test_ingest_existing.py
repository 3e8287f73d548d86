"""What is already there, what was changed, what updates; undo, redo, replace."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import PicholineError
from core.services.ingest import ImportOptions
from tests.unit.ingest_home import HEADERS, Desk, line, write_csv, write_xlsx


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def counts(desk: Desk, path: Path, **stated: Any) -> tuple[int, int, int, int]:
    report = desk.run(path, **stated)
    assert report.read == report.accepted + report.quarantined + report.already_there
    return report.read, report.accepted, report.quarantined, report.already_there


def test_a_file_that_comes_again_adds_nothing(desk: Desk, tmp_path: Path) -> None:
    same = line(1)
    path = write_csv(tmp_path / "a.csv", [same, same, line(2)])
    assert counts(desk, path) == (3, 3, 0, 0)
    version = desk.catalogue.current_version()
    assert counts(desk, path) == (3, 0, 0, 3)
    assert desk.catalogue.current_version() == version
    assert len(desk.stored()) == 3  # the shop billed one item twice


def test_a_longer_export_adds_its_new_invoices_and_lines(desk: Desk, tmp_path: Path) -> None:
    first = [line(1), line(2)]
    counts(desk, write_csv(tmp_path / "a.csv", first))
    more = [*first, line(2), line(2, **{"Product code": "P2"}), line(3)]
    assert counts(desk, write_csv(tmp_path / "b.csv", more)) == (5, 3, 0, 2)


def test_a_part_of_a_stored_invoice_is_there(desk: Desk, tmp_path: Path) -> None:
    other = line(1, **{"Product code": "P2"})
    counts(desk, write_csv(tmp_path / "a.csv", [line(1), other]))
    assert counts(desk, write_csv(tmp_path / "b.csv", [other])) == (1, 0, 0, 1)


def test_a_changed_invoice_is_set_aside(desk: Desk, tmp_path: Path) -> None:
    other = line(1, **{"Product code": "P2"})
    counts(desk, write_csv(tmp_path / "a.csv", [line(1), other]))
    changed = write_csv(tmp_path / "b.csv", [line(1), line(1, **{"Product code": "P3"}), line(2)])
    report = desk.run(changed)
    assert (report.accepted, report.already_there) == (1, 1)
    assert report.reasons == {"invoice_changed": 1}
    (row,) = desk.quarantined(report)
    assert (row["_column"], row["_value"]) == ("Invoice (A)", "F001")


def test_numbered_lines(desk: Desk, tmp_path: Path) -> None:
    headers = ["Line no", *HEADERS]
    first = [[1, *line(1)], [2, *line(1)]]
    assert counts(desk, write_csv(tmp_path / "a.csv", first, headers)) == (2, 2, 0, 0)
    assert counts(desk, write_csv(tmp_path / "a.csv", first, headers)) == (2, 0, 0, 2)
    later = [[3, *line(1)], [2, *line(1, Quantity=9)]]
    report = desk.run(write_csv(tmp_path / "b.csv", later, headers))
    assert (report.accepted, report.reasons) == (1, {"invoice_changed": 1})


def test_the_same_line_twice_in_one_file(desk: Desk, tmp_path: Path) -> None:
    headers = ["Line no", *HEADERS]
    rows = [[1, *line(1)], [1, *line(1)], [1, *line(1, Quantity=9)], ["", *line(1)], ["", *line(1)]]
    path = write_csv(tmp_path / "a.csv", rows, headers)
    report = desk.run(path)
    assert (report.accepted, report.already_there, report.reasons) == (3, 1, {"duplicate_key": 1})
    again = desk.run(path)
    assert (again.accepted, again.already_there, again.reasons) == (0, 4, {"duplicate_key": 1})


def test_products_update_and_what_is_the_same_is_there(desk: Desk, tmp_path: Path) -> None:
    headers = ["Product code", "Product name", "Category", "List price"]
    first = [["P1", "Oil", "Virgin", 9], ["P2", "Soap", "Care", ""]]
    assert counts(desk, write_csv(tmp_path / "a.csv", first, headers)) == (2, 2, 0, 0)
    assert counts(desk, write_csv(tmp_path / "a.csv", first, headers)) == (2, 0, 0, 2)
    dearer = [["P1", "Oil", "Virgin", 10], ["P2", "Soap", "Care", ""]]
    assert counts(desk, write_csv(tmp_path / "b.csv", dearer, headers)) == (2, 1, 0, 1)
    assert counts(desk, write_csv(tmp_path / "a.csv", first, headers)) == (2, 1, 0, 1)
    assert desk.column("list_price", "products")[-1] == Decimal(9)


def test_a_code_that_repeats_in_a_file_is_said_and_settles(desk: Desk, tmp_path: Path) -> None:
    headers = ["Product code", "Product name", "Category"]
    rows = [["P1", "Oil", "Virgin"], ["P1", "Better oil", "Virgin"]]
    path = write_csv(tmp_path / "a.csv", rows, headers)
    report = desk.run(path)
    assert (report.accepted, report.warnings["repeated_key"]) == (2, 1)
    assert counts(desk, path) == (2, 0, 0, 2)


def test_payments_and_purchases(desk: Desk, tmp_path: Path) -> None:
    headers = ["Payment id", "Payment date", "Amount", "Currency"]
    rows = [["A", "2025-03-31", 5, "EUR"], ["B", "2025-03-31", 6, "EUR"]]
    assert counts(desk, write_csv(tmp_path / "p.csv", rows, headers)) == (2, 2, 0, 0)
    rows[1][2] = 7
    report = desk.run(write_csv(tmp_path / "p.csv", rows, headers))
    assert (report.already_there, report.reasons) == (1, {"row_changed": 1})
    headers = ["Purchase order", "Date", "Supplier code", "Product code", "Quantity", "Unit cost"]
    bought = [["B1", "2025-03-31", "S1", "P1", 5, 2], ["B1", "2025-03-31", "S1", "P1", 5, 2]]
    path = write_csv(tmp_path / "b.csv", bought, headers)
    assert counts(desk, path) == (2, 2, 0, 0)
    assert counts(desk, path) == (2, 0, 0, 2)


def test_rows_without_a_key_count_as_often_as_they_stand(desk: Desk, tmp_path: Path) -> None:
    headers = ["Date", "Amount", "Kind of investment", "Country"]
    row = ["2025-03-31", 100, "marketing", "FR"]
    path = write_csv(tmp_path / "i.csv", [row, row], headers)
    assert counts(desk, path) == (2, 2, 0, 0)
    assert counts(desk, path) == (2, 0, 0, 2)
    assert counts(desk, write_csv(tmp_path / "j.csv", [row] * 3, headers)) == (3, 1, 0, 2)


def test_undo_gives_the_earlier_state_back_and_the_file_may_come_again(
    desk: Desk, tmp_path: Path
) -> None:
    desk.run(write_csv(tmp_path / "a.csv", [line(1)]))
    before = desk.stored()
    path = write_csv(tmp_path / "b.csv", [line(2), line(3)])
    second = desk.run(path)
    assert second.import_id is not None
    version = desk.intake.undo(second.import_id)
    assert desk.stored() == before
    assert version == desk.catalogue.current_version()
    assert counts(desk, path) == (2, 2, 0, 0)


def test_redo_refuses_to_count_rows_twice(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [line(1), line(2)])
    first = desk.run(path).import_id
    assert first is not None
    desk.intake.undo(first)
    desk.intake.redo(first)
    assert len(desk.stored()) == 2
    desk.intake.undo(first)
    second = desk.run(path).import_id
    with pytest.raises(PicholineError) as caught:
        desk.intake.redo(first)
    assert caught.value.code == "import.twice"
    assert str(second) in str(caught.value.remedy)
    desk.intake.undo(second or 0)
    desk.intake.redo(first)
    assert len(desk.stored()) == 2


def test_replace_hides_what_was_there_until_it_is_undone(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", [line(1), line(2)]))
    new = desk.run(write_csv(tmp_path / "b.csv", [line(1, Quantity=9)]), replace=True)
    assert desk.column("quantity") == [9]
    desk.intake.undo(new.import_id or 0)
    assert desk.column("quantity") == [2, 2]


def test_a_replacement_without_rows_replaces_nothing(desk: Desk, tmp_path: Path) -> None:
    desk.run(write_csv(tmp_path / "a.csv", [line(1)]))
    with pytest.raises(PicholineError) as caught:
        desk.run(write_csv(tmp_path / "b.csv", [line(1, Quantity="two")]), replace=True)
    assert caught.value.code == "import.nothing"
    assert len(desk.stored()) == 1


def test_two_sheets_of_one_table_replace_together(desk: Desk, tmp_path: Path) -> None:
    import openpyxl

    desk.run(write_csv(tmp_path / "a.csv", [line(9)]))
    book = openpyxl.Workbook()
    for title, number in (("2024", 1), ("2025", 2)):
        sheet = book.create_sheet(title)
        sheet.append(list(HEADERS))
        sheet.append(line(number))
    path = tmp_path / "years.xlsx"
    book.save(path)
    reports = desk.intake.run(path, ImportOptions(replace=True))
    assert [report.accepted for report in reports] == [1, 1]
    assert desk.column("invoice_id") == ["F001", "F002"]


def test_a_dry_run_stores_nothing(desk: Desk, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [line(1), line(2, Quantity="two")])
    report = desk.run(path, dry_run=True)
    assert (report.import_id, report.accepted, report.quarantined) == (None, 1, 1)
    assert desk.catalogue.imports() == []
    assert desk.segment_files() == []
    assert list(desk.settings.quarantine.iterdir()) == []
    keys = ("import_id", "table", "read", "accepted", "quarantined", "already_there", "reasons",
            "data_version")  # fmt: skip
    assert tuple(report.as_dict())[:8] == keys


def test_a_file_is_stored_whole_or_not_at_all(desk: Desk, tmp_path: Path) -> None:
    """The second sheet cannot be imported: the first one must not be there either."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for cells in (HEADERS, line(1)):
        sheet.append(list(cells))
    other = book.create_sheet("Discounts")
    other.append([*HEADERS, "Discount"])
    other.append([*line(2), 5])
    path = tmp_path / "book.xlsx"
    book.save(path)
    with pytest.raises(PicholineError) as caught:
        desk.intake.run(path)
    assert caught.value.code == "mapping.discount"
    assert desk.catalogue.imports() == []
    assert desk.segment_files() == []


def test_quarantined_rows_that_were_corrected_come_in(desk: Desk, tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [line(1), line(1, Quantity="two"), line(2)])
    assert counts(desk, path) == (3, 2, 1, 0)
    path = write_xlsx(tmp_path / "a.xlsx", [line(1), line(1, Quantity=3), line(2)])
    assert counts(desk, path) == (3, 1, 0, 2)
