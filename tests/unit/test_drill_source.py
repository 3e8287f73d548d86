"""The row of a file behind a line: text tables and workbooks, read again as they were imported."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import xlsxwriter

from core.errors import PicholineError
from core.models.query import Filter, MetricQuery, Scope
from core.services.application import Application
from core.services.ingest import ImportOptions
from core.settings import load_settings

ME = Scope()
CSV = """Report of March;;;;;
;;;;;
Facture;Date;Article;Quantité;Prix unitaire;Pays
F1;03/03/2025;A;2;10,50;France
;;;;;
F2;04/03/2025;B;-1;8,00;Allemagne
F3;05/03/2025;C;x;8,00;France
"""


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path / "home"))
    yield opened
    opened.close()


def bring_in(application: Application, path: Path, sheet: str | None = None) -> int:
    report = application.intake.run(path, ImportOptions(file_name=path.name, sheet=sheet))[0]
    return report.import_id or 0


def test_a_line_of_a_text_table_shows_its_cells(application: Application, tmp_path: Path) -> None:
    path = tmp_path / "mars.csv"
    path.write_text(CSV, "utf-8")
    number = bring_in(application, path)
    path.unlink()  # the file was kept
    lines = application.drill.lines(MetricQuery(("net_sales",)), {}, ME).table.rows()
    line = next(line for line in lines if line["invoice"] == "F2")
    assert (line["file"], line["sheet"], line["import_id"]) == ("mars.csv", "mars", number)
    row = application.drill.source_row(line["import_id"], line["sheet"], line["row"], ME)
    cells = {cell.title: cell.text for cell in row.cells}
    assert cells["Facture"] == "F2"
    assert cells["Prix unitaire"] == "8,00"
    assert cells["Pays"] == "Allemagne"
    fields = {cell.title: cell.field for cell in row.cells}
    assert fields["Quantité"] == "quantity"
    assert CSV.splitlines()[row.row - 1].startswith("F2;")
    # A row that was set aside is there too, though no line came of it.
    aside = application.intake.quarantined(number).to_pylist()[0]
    wrong = application.drill.source_row(number, aside["_sheet"], aside["_row"], ME)
    assert {cell.title: cell.text for cell in wrong.cells}["Quantité"] == "x"


def test_a_line_of_a_workbook_shows_its_native_cells(
    application: Application, tmp_path: Path
) -> None:
    path = tmp_path / "sales.xlsx"
    with xlsxwriter.Workbook(path) as book:
        book.add_worksheet("Cover").write(0, 0, "Sales of Picholine")
        sheet = book.add_worksheet("Sales")
        sheet.write_row(2, 1, ["Invoice", "Date", "Product", "Quantity", "Unit price"])
        sheet.write_row(3, 1, ["I1", "2025-03-03", "A", 12, 1.25])
        sheet.write_row(5, 1, ["I2", "2025-03-04", "B", 3, 2])
    number = bring_in(application, path, sheet="Sales")
    lines = application.drill.lines(MetricQuery(("net_sales",)), {}, ME).table.rows()
    second = next(line for line in lines if line["invoice"] == "I2")
    assert (second["sheet"], second["row"]) == ("Sales", 6)
    row = application.drill.source_row(number, "Sales", 6, ME)
    assert [(cell.letter, cell.text) for cell in row.cells] == [
        ("B", "I2"), ("C", "2025-03-04"), ("D", "B"), ("E", "3"), ("F", "2"),
    ]  # fmt: skip
    assert (row.file, row.header_row, row.counts) == ("sales.xlsx", 3, True)
    application.intake.undo(number)
    assert not application.drill.source_row(number, "Sales", 6, ME).counts


def test_a_further_table_of_a_sheet_shows_its_own_rows(
    application: Application, tmp_path: Path
) -> None:
    path = tmp_path / "sales.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Sales")
        sheet.write_row(0, 0, ["Invoice", "Date", "Product", "Quantity", "Unit price"])
        sheet.write_row(1, 0, ["I1", "2025-03-03", "A", 12, 1.25])
        sheet.write_row(2, 0, ["I2", "2025-03-04", "A", 1, 2])
        sheet.write_row(5, 0, ["Product", "Product name", "Category"])
        sheet.write_row(6, 0, ["A", "Oil of the valley", "Oil"])
    reports = application.intake.run(path, ImportOptions(file_name=path.name))
    further = next(report for report in reports if report.sheet == "Sales (table 2)")
    row = application.drill.source_row(further.import_id or 0, "Sales (table 2)", 7, ME)
    assert [cell.text for cell in row.cells][:3] == ["A", "Oil of the valley", "Oil"]
    assert row.header_row == 6


@pytest.mark.parametrize(
    ("sheet", "row", "code"),
    [("mars", 99, "row.unknown"), ("mars", 5, "row.unknown"), ("avril", 4, "sheet.unknown")],
)
def test_what_is_not_there_is_said(
    application: Application, tmp_path: Path, sheet: str, row: int, code: str
) -> None:
    path = tmp_path / "mars.csv"
    path.write_text(CSV, "utf-8")
    number = bring_in(application, path)
    with pytest.raises(PicholineError) as refused:
        application.drill.source_row(number, sheet, row, ME)
    assert refused.value.code == code


def test_a_removed_file_says_what_to_do(application: Application, tmp_path: Path) -> None:
    path = tmp_path / "mars.csv"
    path.write_text(CSV, "utf-8")
    number = bring_in(application, path)
    kept = next(application.settings.inbox.iterdir())
    kept.unlink()
    with pytest.raises(PicholineError) as refused:
        application.drill.source_row(number, "mars", 4, ME)
    assert refused.value.code == "row.file"
    assert kept.name in str(refused.value.remedy)


def test_rights_hold_for_rows_of_files(application: Application, tmp_path: Path) -> None:
    path = tmp_path / "mars.csv"
    path.write_text(CSV, "utf-8")
    number = bring_in(application, path)
    french = Scope("anna", (Filter("country", ("FR",)),))
    assert application.drill.source_row(number, "mars", 4, french).row == 4
    for row in (6, 7, 3):  # a German line, one set aside, the titles
        with pytest.raises(PicholineError) as refused:
            application.drill.source_row(number, "mars", row, french)
        assert refused.value.code == "row.hidden"
