"""A note from a tile and from a cell; another browser opens alike and is told what changed."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from core.services.ingest import ImportOptions
from tests.journeys.conftest import Site

HEAD = "Invoice;Date;Product;Quantity;Unit price;Unit cost;Country;Customer\n"
ROWS = 120
MARK = "#margins-monthly-body .annotation"
LIST = "#countries-list-body .ag-center-cols-container"


def came(site: Site, folder: Path, name: str, first: int, rows: int) -> None:
    """Import a small file of sales."""
    start = date(2025, 1, 1)
    lines = (
        f"F{i};{(start + timedelta(days=i * 3)).isoformat()};P{i % 7};{i % 9 + 1};"
        f"{i % 13 + 5}.50;4.25;{('France', 'Italy')[i % 2]};K{i % 11}\n"
        for i in range(first, first + rows)
    )
    path = folder / name
    path.write_text(HEAD + "".join(lines), "utf-8")
    site.application.intake.run(path, ImportOptions(file_name=name))
    site.application.warehouse.ensure()


@pytest.fixture(scope="module")
def shop(serve: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Serve a company of one small file over a year."""
    folder = tmp_path_factory.mktemp("noted")
    found = serve(folder / "home", 0)
    came(found, folder, "sales.csv", 0, ROWS)
    return found


def test_notes_layout_and_what_changed(
    page: Any, shop: Site, open_page: Callable[..., Any], tmp_path: Path
) -> None:
    page.goto(f"{shop.url}/margins")
    expect(page.locator("#margins-monthly-body .bars").first).to_be_visible()
    page.locator("#margins-monthly-frame").focus()
    page.keyboard.press("n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("Strike in the port")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#note-refused")).to_contain_text("about nothing")
    page.locator("#note-day").fill("2025-06-18")
    page.locator("#note-save").click()
    expect(page.locator("#note-dialog")).to_be_hidden()
    expect(page.locator(MARK)).to_have_count(1)
    expect(page.locator("#margins-monthly-notice")).to_contain_text("Strike in the port")
    page.locator(MARK).hover()
    expect(page.locator("#margins-monthly-body .hovertext")).to_contain_text("Strike in the port")
    _on_a_member(page, shop)
    _listed(page)

    with page.expect_response(re.compile("/desk/preferences")):
        page.keyboard.press("[")
    came(shop, tmp_path, "second.csv", ROWS, 2)
    other = open_page()
    other.goto(f"{shop.url}/notes")
    expect(other.locator("html")).to_have_attribute("data-nav", "closed")
    expect(other.locator(".notes-table")).to_contain_text("Strike in the port, ended")
    other.locator("#status-changes a").click()
    expect(other.locator("#changes-notice")).to_contain_text("1 import came in (+2 rows)")
    other.get_by_role("button", name="Seen").click()
    expect(other.locator("#changes-notice")).to_be_empty()
    expect(other.locator("#status-changes a")).to_have_count(0)


def _on_a_member(page: Any, shop: Site) -> None:
    """From the menu of a cell: the note is about its row."""
    page.goto(f"{shop.url}/countries")
    page.locator(f'{LIST} .ag-row[row-index="0"] [col-id="net_sales"]').click(button="right")
    page.get_by_role("menuitem", name="Annotate…").click()
    expect(page.locator("#note-about")).to_have_text(re.compile(r"^About: Country \w+$"))
    page.keyboard.type("A new importer")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#countries-list-notice")).to_contain_text("A new importer")


def _listed(page: Any) -> None:
    """The list: found by a word, changed, removed and brought back."""
    page.locator("#notes-nav").click()
    rows = page.locator(".notes-table tbody tr")
    expect(rows).to_have_count(2)
    page.locator("#notes-search").type("strike", delay=10)
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Edit the note").click()
    page.locator("#note-text").fill("Strike in the port, ended")
    page.keyboard.press("Control+Enter")
    expect(rows).to_contain_text("Strike in the port, ended")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#notes-list")).to_contain_text("No note has these words")
    page.get_by_role("button", name="Undo").click()
    expect(rows).to_have_count(1)
