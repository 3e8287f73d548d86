"""Templates: what a person fills in comes back, whatever the table and the language."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from core.errors import PicholineError
from core.i18n import LANGUAGES, translate
from core.models.schema import TABLES, Kind
from core.services.ingest import ImportOptions
from core.services.templates import template, template_name
from tests.unit.ingest_home import Desk

FILLED: dict[Kind, tuple[Any, Any]] = {
    Kind.DATE: (date(2025, 4, 17), date(2025, 4, 17)),
    Kind.MONTH: (date(2025, 4, 1), date(2025, 4, 1)),
    Kind.AMOUNT: (12.5, Decimal("12.5")),
    Kind.QUANTITY: (3, Decimal(3)),
    Kind.RATE: (1.25, Decimal("1.25")),
    Kind.FRACTION: (0.1, Decimal("0.1")),
    Kind.INTEGER: (7, 7),
}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = Desk(tmp_path / "home")
    yield opened
    opened.close()


def filled_in(table: str, language: str, folder: Path) -> tuple[Path, dict[str, Any]]:
    """Fill a row below the example, choosing the last value where there is a list."""
    book = openpyxl.load_workbook(BytesIO(template(table, language)))
    sheet, notes = book.worksheets
    lists = {
        str(check.sqref).split(":")[0].rstrip("0123456789"): check.formula1
        for check in sheet.data_validations.dataValidation
        if check.type == "list"
    }
    expected: dict[str, Any] = {}
    for place, field in enumerate(TABLES[table].fields, 1):
        letter = sheet.cell(1, place).column_letter
        assert sheet.cell(1, place).value == translate(field.label, language)
        if letter in lists:
            first, last = lists[letter].rpartition("!")[2].split(":")
            values = [cell.value for (cell,) in notes[f"{first}:{last}"]]
            assert all(values)
            sheet.cell(3, place).value = values[-1]
            expected[field.key] = ...  # read as its code
        elif field.kind in FILLED:
            sheet.cell(3, place).value, expected[field.key] = FILLED[field.kind]
        else:
            text = "net_sales" if field.key == "metric" else f"X-{place}"
            sheet.cell(3, place).value = expected[field.key] = text
    path = folder / template_name(table, language)
    book.save(path)
    return path, expected


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("table", TABLES)
def test_a_filled_template_comes_back_without_its_example(
    desk: Desk, tmp_path: Path, table: str, language: str
) -> None:
    path, expected = filled_in(table, language, tmp_path)
    reports = desk.intake.run(path, ImportOptions())
    assert [(r.table, r.read, r.accepted) for r in reports] == [(table, 1, 1)]
    assert reports[0].warnings["example_rows"] == 1
    (row,) = desk.stored(table)
    known = {key: value for key, value in expected.items() if value is not ...}
    assert {key: row[key] for key in known} == known
    assert not [key for key, value in expected.items() if value is ... and row[key] is None]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_country_of_the_list_is_known_to_the_intake(
    desk: Desk, tmp_path: Path, language: str
) -> None:
    book = openpyxl.load_workbook(BytesIO(template("customers", language)))
    sheet, notes = book.worksheets
    titles = [cell.value for cell in sheet[1]]
    column = titles.index(translate("Country", language)) + 1
    (listed,) = [
        c for c in notes.iter_cols(values_only=True)
        if c[1] and translate("Country", language) in str(c[1])
    ]  # fmt: skip
    names = [name for name in listed[2:] if name]
    assert len(names) > 200
    for row, name in enumerate(names, 3):
        sheet.cell(row, 1).value = f"C{row}"
        sheet.cell(row, 2).value = f"Customer {row}"
        sheet.cell(row, column).value = name
    path = tmp_path / "customers.xlsx"
    book.save(path)
    report = desk.run(path, table="customers")
    assert (report.accepted, report.warnings.get("unknown_country")) == (len(names), None)
    assert all(len(code) == 2 for code in desk.column("country", "customers"))


def test_an_untouched_template_holds_no_rows(desk: Desk, tmp_path: Path) -> None:
    path = tmp_path / "sales.xlsx"
    path.write_bytes(template("sales", "fr"))
    with pytest.raises(PicholineError) as caught:
        desk.run(path)
    assert caught.value.code == "sheet.no_rows"


def test_the_example_is_of_the_kinds_the_columns_have() -> None:
    sheet = openpyxl.load_workbook(BytesIO(template("sales", "en"))).worksheets[0]
    example = {sheet.cell(1, c.column).value: c.value for c in sheet[2]}
    assert example["Invoice"] == "(example) F-2025-001"
    assert example["Date"].date() == date(2025, 3, 31)
    assert example["Unit price excl. VAT"] == 9.9
    assert example["Country"] == "France"
    assert sheet.freeze_panes == "A2"


def test_an_unknown_table_is_named() -> None:
    with pytest.raises(PicholineError) as caught:
        template("nothing", "en")
    assert caught.value.code == "template.unknown"
    assert "sales" in str(caught.value.remedy)


def test_the_notes_are_not_offered_as_a_table(desk: Desk, tmp_path: Path) -> None:
    path, _expected = filled_in("sales", "fr", tmp_path)
    (sheet,) = desk.intake.preview(path, ImportOptions())
    assert (sheet.table, sheet.read) == ("sales", 1)
