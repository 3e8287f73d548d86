"""Control totals: those in the file, and those a person types."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.errors import PicholineError
from core.services.ingest import ImportReport
from core.services.ingest.totals import control_number
from tests.unit.ingest_home import Desk, write_csv, write_xlsx

HEADERS = ("Invoice", "Date", "Product code", "Quantity", "Line amount", "Weight")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    found = Desk(tmp_path / "home")
    yield found
    found.close()


def sold(number: int, quantity: float, amount: float) -> list[Any]:
    return [f"F{number}", "2025-03-31", "P1", quantity, amount, 1.25]


def total(word: str, quantity: Any, amount: Any) -> list[Any]:
    return [word, None, None, quantity, amount, None]


def notes(report: ImportReport) -> list[str]:
    return [str(note) for note in report.notes if "total of" in str(note)]


def test_totals_that_hold_are_left_out_in_silence(desk: Desk, tmp_path: Path) -> None:
    rows = [
        sold(1, 1, 10), sold(2, 2, 20.5), total("Subtotal", 3, 30.5),
        sold(3, 4, 40), total("Subtotal", 4, 40),
        total("Total", 7, 70.5),
    ]  # fmt: skip
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows, HEADERS))
    assert (report.accepted, report.warnings["total_rows"]) == (3, 3)
    assert "total_differs" not in report.warnings
    assert notes(report) == []


def test_totals_that_do_not_hold_are_told_with_both_numbers(desk: Desk, tmp_path: Path) -> None:
    rows = [sold(1, 1, 10), sold(2, 2, 20.5), total("Total", 3, 40)]
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows, HEADERS))
    assert (report.accepted, report.warnings["total_differs"]) == (2, 1)
    (note,) = notes(report)
    assert note == (
        "Row 4 gives 40.00 as the total of “Line amount”; the lines add up to 30.50: "
        "a difference of 9.50."
    )


def test_a_wrong_section_is_told_and_the_grand_total_still_compared(
    desk: Desk, tmp_path: Path
) -> None:
    rows = [
        sold(1, 1, 10), total("Total", 1, 11), sold(2, 1, 20), total("Total", 1, 20),
        total("Total", 2, 30),
    ]  # fmt: skip
    report = desk.run(write_xlsx(tmp_path / "a.xlsx", rows, HEADERS))
    assert report.warnings["total_differs"] == 1
    assert notes(report)[0].startswith("Row 3 gives 11.00")


@pytest.mark.parametrize("column", ["Line amount", "line amount", "E", "line_amount"])
def test_a_typed_total_that_is_met_lets_the_file_in(
    desk: Desk, tmp_path: Path, column: str
) -> None:
    rows = [sold(1, 1, 10), sold(2, 2, 20.5)]
    path = write_xlsx(tmp_path / "a.xlsx", rows, HEADERS)
    assert desk.run(path, control_total={column: "30,50"}).accepted == 2


@pytest.mark.parametrize(
    ("control", "said"),
    [
        ({"Line amount": "31.50"}, "adds up to 30.50; the control total is 31.50: a difference of"),
        ({"Weight": "2.49"}, "adds up to 2.50; the control total is 2.49"),  # not imported
        ({"Nowhere": "1"}, "no column “Nowhere”"),
        ({"Quantity": "about three"}, "cannot be read as a control total"),
    ],
)
def test_a_typed_total_that_is_not_met_refuses_the_file(
    desk: Desk, tmp_path: Path, control: dict[str, str], said: str
) -> None:
    rows = [sold(1, 1, 10), sold(2, 2, 20.5)]
    path = write_xlsx(tmp_path / "a.xlsx", rows, HEADERS)
    with pytest.raises(PicholineError) as found:
        desk.run(path, control_total=control)
    assert found.value.code == "import.refused.control_total"
    assert said in str(found.value.title)
    assert desk.catalogue.imports() == []


def test_a_typed_total_counts_rows_that_are_set_aside_and_that_are_there(
    desk: Desk, tmp_path: Path
) -> None:
    rows = [["F1", "2025-03-31", "P1", "1", "10,00"], ["F2", "nonsense", "P1", "1", "5,25"]]
    path = write_csv(tmp_path / "a.csv", rows, HEADERS[:5])
    desk.run(path)
    report = desk.run(path, control_total={"Line amount": "15.25"})
    assert (report.already_there, report.quarantined) == (1, 1)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234,50", "1234.5"), ("1,234.50", "1234.5"), ("1234.50 €", "1234.5"), ("-3", "-3"),
        ("1.234", None), ("", None), ("x", None),
    ],
)  # fmt: skip
def test_how_a_control_total_is_read(text: str, number: str | None) -> None:
    assert control_number(text) == (None if number is None else Decimal(number))
