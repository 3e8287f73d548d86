"""From a cell to its lines and back, with the keyboard; to the row of the file; out as CSV."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from core.services.ingest import ImportOptions
from tests.journeys.conftest import Site, text_of

BY = "#margins-by-body .ag-center-cols-container"
LINES = "#lines-grid .ag-center-cols-container"
HEAD = "Facture;Date;Article;Quantité;Prix unitaire;Prix de revient;Pays\n"
ROWS = 130


@pytest.fixture(scope="module")
def desk(serve: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Serve a company with one uploaded file, so that its cells can be shown."""
    folder = tmp_path_factory.mktemp("lines")
    found = serve(folder / "home", 0)
    path = folder / "ventes.csv"
    rows = (
        f"F{i};{i % 28 + 1:02d}/03/2025;P{i % 7};{i % 9 + 1};{i % 13 + 5},50;4,25;"
        f"{'France' if i % 3 else 'Italie'}\n"
        for i in range(ROWS)
    )
    path.write_text(HEAD + "".join(rows), "utf-8")
    found.application.intake.run(path, ImportOptions(file_name=path.name))
    return found


def cell(page: Any, holder: str, row: int, column: str) -> Any:
    return page.locator(f'{holder} .ag-row[row-index="{row}"] [col-id="{column}"]')


def test_from_a_cell_to_the_row_of_the_file_and_back(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/margins?period=all&split=country")
    france = cell(page, BY, 0, "gross_margin")
    expect(france).to_contain_text("€", timeout=60_000)
    shown = text_of(france)
    # The menu says what it does; the keys do it at once.
    france.click(button="right")
    expect(page.get_by_role("menuitem", name="Show lines", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".drill-menu")).to_have_count(0)
    france.click()
    page.keyboard.press("Alt+Enter")
    expect(page).to_have_url(re.compile(r"/lines\?period=all&metric=gross_margin&cell=country"))
    head = page.locator("#lines-count")
    expect(head).to_have_text(f"{ROWS - 44} lines · Gross margin {shown}")
    expect(page.locator("#lines-chips")).to_contain_text("France")
    # Sorted by a header, all pages of it.
    page.locator('#lines-grid .ag-header-cell[col-id="quantity"]').click()
    expect(cell(page, LINES, 0, "quantity")).to_have_text("2.00")
    page.locator('#lines-grid .ag-header-cell[col-id="quantity"]').click()
    expect(cell(page, LINES, 0, "quantity")).to_have_text("9.00")
    page.locator("#lines-grid .ag-body-viewport").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    expect(cell(page, LINES, ROWS - 45, "quantity")).to_have_text("2.00")
    # Where the line comes from: the cells as they stood in the file.
    last = cell(page, LINES, ROWS - 45, "product")
    last.click()
    dialogue = page.locator("#lines-dialog")
    expect(dialogue).to_contain_text("ventes.csv")
    expect(dialogue.get_by_role("cell", name="4,25", exact=True)).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialogue).to_be_hidden()
    page.locator("#lines-tools summary").click()
    with page.expect_download() as saved:
        page.locator("#lines-csv").click()
    lines = Path(saved.value.path()).read_text("utf-8-sig").splitlines()
    assert len(lines) == ROWS - 44 + 1
    page.go_back()
    expect(page).to_have_url(f"{desk.url}/margins?period=all&split=country")
    expect(france).to_be_focused()


def pointed_at(page: Any, mark: Any, told: Any) -> Any:
    """Move the mouse onto a mark until it tells of itself: a page that fills may move it away."""
    for _try in range(30):
        mark.scroll_into_view_if_needed()
        box = mark.bounding_box()
        for step in (14, 20):
            page.mouse.move(box["x"] + step, box["y"] + box["height"] / 2)
        page.wait_for_timeout(300)
        if told.is_visible() and mark.bounding_box() == box:
            return box
    pytest.fail("nothing is told of the mark")


def test_tiles_points_and_chips(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/overview?period=all")
    tile = page.locator("#overview-kpis-body .tile a").first
    expect(tile).to_be_visible(timeout=60_000)
    bar = page.locator("#overview-countries-body .bars .point path").first
    expect(bar).to_be_attached()
    box = pointed_at(page, bar, page.locator("#overview-countries-body .hoverlayer .hovertext"))
    page.mouse.click(box["x"] + 20, box["y"] + box["height"] / 2, button="right")
    page.get_by_role("menuitem", name="Show lines", exact=True).click()
    expect(page.locator("#lines-chips")).to_contain_text("Italy")
    few = page.locator("#lines-count").inner_text()
    page.locator("#lines-chips .chip").last.click()
    expect(page.locator("#lines-count")).not_to_have_text(few)
    expect(page.locator("#lines-count")).to_contain_text(f"{ROWS} lines")
    # A pasted address opens the same lines.
    page.goto(f"{desk.url}/lines?period=all&metric=gross_margin&cell=country%3AIT")
    expect(page.locator("#lines-count")).to_have_text(few)


def test_a_phone_reads_lines(open_page: Callable[..., Any], desk: Site) -> None:
    page = open_page(390, 844)
    page.goto(f"{desk.url}/lines?period=all")
    expect(cell(page, LINES, 3, "day")).to_contain_text("2025", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    cell(page, LINES, 3, "day").click()
    expect(page.locator("#lines-dialog")).to_contain_text("ventes.csv")
    box = page.locator("#lines-dialog").bounding_box()
    assert round(box["width"], 2) <= 390
