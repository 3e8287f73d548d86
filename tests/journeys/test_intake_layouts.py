"""A workbook made for people: crossed months, two tables in a sheet, a sheet nobody recognises."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Site, worker_of

IMPORT = "#intake-actions .btn-primary"


@pytest.fixture
def desk(serve: Callable[[Path, int], Site], tmp_path: Path) -> Iterator[Site]:
    """Return a site without data, with a worker of its own."""
    home = tmp_path / "home"
    home.mkdir()
    site = serve(home, 0)
    with worker_of(site):
        yield site


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    book = openpyxl.Workbook()
    plan = book.active
    assert plan is not None
    plan.title = "Plan"
    for row in (("Metric", "Country", "Jan", "Feb"), ("Net sales", "France", 10, 20.5),
                ("Net sales", "Italie", 1, None), ("Total", None, 11, 20.5)):  # fmt: skip
        plan.append(list(row))
    both = book.create_sheet("Lists")
    for row in (("Product code", "Product name", "Category", None, "Customer code",
                 "Customer name", "City"), ("P1", "Oil", "Extra", None, "C1", "Shop", "Lyon"),
                ("P2", "Soap", "Care", None, "C2", "Deli", "Paris")):  # fmt: skip
        both.append(list(row))
    strange = book.create_sheet("Bestand")
    for row in (("Tag", "Lager", "Ware", "Stand"), ("2025-03-31", "LYON", "P1", 5)):
        strange.append(list(row))
    path = tmp_path / "planning.xlsx"
    book.save(path)
    return path


def section(page: Any, sheet: str) -> Any:
    return page.locator(f'#intake-body section[data-sheet="{sheet}"]')


def option(page: Any, sheet: str, label: str) -> Any:
    labelled = page.get_by_text(label, exact=True)
    return section(page, sheet).locator("label", has=labelled).locator("select, input")


def settled(page: Any, act: Callable[[], Any]) -> None:
    """Do something and wait until the server has looked at the file again."""
    before = page.locator("#intake-body > [data-job]").get_attribute("data-job")
    act()
    expect(page.locator(f'#intake-body > [data-job="{before}"]')).to_have_count(0)
    expect(page.locator("#intake-body > [data-job]")).to_be_visible()


def test_crossed_months_two_tables_and_a_sheet_mapped_by_hand(
    desk: Site, page: Any, workbook: Path
) -> None:
    page.goto(desk.url)
    expect(page.locator("#page-title")).not_to_be_empty()
    with page.expect_file_chooser() as opened:
        page.click("#import-open")
    opened.value.set_files(workbook)
    expect(section(page, "Plan")).to_be_visible()
    names = page.locator("#intake-body section.sheet")
    expect(names).to_have_count(4)
    expect(section(page, "Lists (table 2)")).to_contain_text("columns E to G")
    # Months that name no year: nothing is counted before somebody says which.
    expect(section(page, "Plan")).to_contain_text("The months in the titles name no year.")
    expect(option(page, "Plan", "Sheet")).to_have_value("no")
    settled(page, lambda: option(page, "Plan", "Sheet").select_option("yes"))
    expect(page.locator(IMPORT)).to_be_disabled()
    year = option(page, "Plan", "Year of the months")
    year.fill("2025")
    settled(page, lambda: year.press("Enter"))
    expect(section(page, "Plan").locator(".count dd").first).to_have_text("3")
    expect(section(page, "Plan")).to_contain_text("Total rows were left out: row 4.")
    expect(section(page, "Plan").locator(".data-table tbody tr").nth(1)).to_contain_text(
        re.compile("Feb.* 2025")
    )
    # Left as they stand, the months are columns again, and the table lacks its month.
    settled(page, lambda: option(page, "Plan", "Months in columns").select_option("plain"))
    expect(section(page, "Plan").locator('tr[data-column="Jan"]')).to_be_visible()
    settled(page, lambda: option(page, "Plan", "Months in columns").select_option("rows"))
    expect(section(page, "Plan").locator('tr[data-column="Value"]')).to_be_visible()
    # A sheet in a third language is offered, left out until a person maps it.
    expect(option(page, "Bestand", "Sheet")).to_have_value("no")
    settled(page, lambda: option(page, "Bestand", "Sheet").select_option("yes"))
    settled(page, lambda: option(page, "Bestand", "Import as").select_option("stock_counts"))
    for column, field in (("Tag", "date"), ("Lager", "warehouse"), ("Ware", "product_id"),
                          ("Stand", "quantity")):  # fmt: skip
        chosen = option(page, "Bestand", f"Column {column} becomes")
        if chosen.input_value() != field:
            settled(page, lambda chosen=chosen, field=field: chosen.select_option(field))
    page.click(IMPORT)
    expect(page.locator("#intake-body .result-head").first).to_be_visible(timeout=60_000)
    found = {(r.table_name, r.sheet): r.accepted for r in desk.application.catalogue.imports()}
    assert found == {
        ("budgets", "Plan"): 3,
        ("products", "Lists"): 2,
        ("customers", "Lists (table 2)"): 2,
        ("stock_counts", "Bestand"): 1,
    }
