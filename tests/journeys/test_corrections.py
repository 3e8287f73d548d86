"""A workbook with problems on two sheets, fixed in the grid, taken back."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from core.services.ingest import ImportOptions
from tests.journeys.conftest import Site, worker_of
from tests.unit.ingest_home import HEADERS, line

PURCHASES = ("Purchase", "Date", "Supplier code", "Product code", "Quantity", "Unit cost")
ROWS = "#corrections-grid .ag-center-cols-container .ag-row"


@pytest.fixture
def desk(serve: Callable[[Path, int], Site], tmp_path: Path) -> Site:
    """Return a site with a workbook of two sheets, of which rows were set aside."""
    site = serve(tmp_path / "home", 0)
    book = openpyxl.Workbook()
    sales = book.active
    assert sales is not None
    sales.title = "Sales"
    rows = [line(1), line(2, Quantity="1O"), line(3, Quantity="12 pcs"), line(4, Date="soon")]
    for row in (HEADERS, *rows):
        sales.append(list(row))
    bought = book.create_sheet("Purchases")
    for row in (
        PURCHASES,
        ("B1", "2025-01-10", "S1", "P1", 100, 4.2),
        ("B2", "2025-01-1O", "S1", "P1", 50, 4.3),
    ):
        bought.append(list(row))
    path = tmp_path / "two sheets.xlsx"
    book.save(path)
    reports = site.application.intake.run(path, ImportOptions())
    assert [(r.table, r.accepted, r.quarantined) for r in reports] == [
        ("sales", 1, 3), ("purchases", 1, 1),
    ]  # fmt: skip
    return site


def write(page: Any, row: int, column: str, text: str) -> None:
    """Write into a cell as the keyboard does: type, then Enter."""
    cell = page.locator(f"{ROWS}[row-index='{row}'] [col-id='{column}']")
    cell.click()
    page.keyboard.press("Enter")
    page.keyboard.press("Control+A")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def test_rows_of_two_sheets_are_fixed_in_the_grid_and_taken_back(page: Any, desk: Site) -> None:
    with worker_of(desk):
        page.goto(f"{desk.url}/corrections?import=1")
        counts = page.locator("#corrections-counts")
        expect(counts).to_contain_text("3 set aside = 3 open + 0 corrected + 0 given up")
        expect(page.locator(ROWS)).to_have_count(3)
        expect(page.locator(f"{ROWS}[row-index='0']")).to_contain_text("Quantity → 10 (95% sure)")

        # All suggestions of one reason, after it was said how many there are.
        page.locator(".reason-chip", has_text="not a number").click()
        expect(page.locator(ROWS)).to_have_count(2)
        page.get_by_role("button", name="Take all suggestions…").click()
        expect(page.locator("#corrections-question")).to_contain_text("2 of 2 rows")
        page.get_by_role("button", name="Apply all 2").click()
        expect(page.locator(f"{ROWS}[row-index='1'] .cell-written")).to_have_text("12")

        # What is typed is still there after the page was loaded again.
        page.get_by_role("link", name="Every reason").click()
        expect(page.locator(ROWS)).to_have_count(3)
        write(page, 2, "c1", "2025-04-02")
        expect(page.locator("#corrections-notice")).to_contain_text("1 row was written into")
        page.reload()
        expect(page.locator(f"{ROWS}[row-index='2'] .cell-written")).to_have_text("2025-04-02")

        page.get_by_role("button", name="Check 3 corrected rows").click()
        expect(page.locator("#corrections-notice")).to_contain_text("3 rows passed")
        expect(counts).to_contain_text("0 open + 3 corrected + 0 given up")
        expect(page.locator("#status-items")).to_contain_text("4 lines")

        # The other sheet, chosen from the list; its suggestion for the chosen row.
        page.get_by_text("Another import").click()
        page.get_by_role("link", name="No. 2").click()
        expect(page.locator(ROWS)).to_have_count(1)
        page.locator(".ag-pinned-left-cols-container input[type=checkbox]").first.check()
        page.get_by_role("button", name="Take the suggestions").click()
        expect(page.locator(".cell-written")).to_have_text("2025-01-10")
        page.get_by_role("button", name="Check 1 corrected row").click()
        expect(counts).to_contain_text("0 open + 1 corrected")

        # Undo brings the rows back, with what was written.
        page.get_by_role("button", name="Undo import 4").click()
        page.get_by_role("button", name="Undo the import").click()
        expect(counts).to_contain_text("1 open + 0 corrected")
        expect(page.locator(".cell-written")).to_have_text("2025-01-10")


def test_rows_are_given_up_and_opened_again(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/corrections?import=1&reason=not_a_date")
    expect(page.locator(ROWS)).to_have_count(1)
    page.get_by_role("button", name="Give up…").click()
    expect(page.locator("#corrections-notice")).to_contain_text("No row is chosen")
    page.locator(".ag-pinned-left-cols-container input[type=checkbox]").first.check()
    page.get_by_role("button", name="Give up…").click()
    page.get_by_label("Why?").fill("test row")
    page.get_by_role("button", name="Give up", exact=True).click()
    expect(page.locator("#corrections-counts")).to_contain_text("2 open + 0 corrected + 1 given up")
    page.get_by_role("link", name="Given up (1)").click()
    expect(page.locator(ROWS)).to_contain_text("test row")
    page.locator(".ag-pinned-left-cols-container input[type=checkbox]").first.check()
    page.get_by_role("button", name="Open the chosen rows again").click()
    expect(page.locator("#corrections-counts")).to_contain_text("3 open + 0 corrected + 0 given up")
