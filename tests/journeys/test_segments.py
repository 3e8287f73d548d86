"""Segments in a browser: read them, filter another page by one, change a rule, take it back."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Site, text_of, worker_of

QUERY = "period=all&groups=no"
DIALOGUE = "#rules-dialog"
GRID = f"{DIALOGUE} .ag-center-cols-container"


@pytest.fixture(scope="module")
def desk(serve: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a company of its own with a worker: rules are changed here."""
    found = serve(tmp_path_factory.mktemp("segments"), 20_000)
    with worker_of(found):
        yield found


def open_segments(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/segments?{QUERY}")
    expect(page.locator("#segments-kpis-body .tile")).to_have_count(6, timeout=60_000)


def open_editor(page: Any) -> None:
    page.get_by_role("button", name="Edit the rules").click()
    expect(page.locator(f"{GRID} .ag-row")).to_have_count(11)


def cell(page: Any, row: int, column: str) -> Any:
    return page.locator(f'{DIALOGUE} .ag-row[row-index="{row}"] [col-id="{column}"]')


def type_in(page: Any, row: int, column: str, text: str) -> None:
    cell(page, row, column).click()
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def rule(page: Any, place: int) -> Any:
    return page.locator("#segments-rules-body tbody tr").nth(place)


def test_reading_the_segments_and_filtering_another_page_by_one(page: Any, desk: Site) -> None:
    open_segments(page, desk)
    expect(rule(page, 0)).to_contain_text("Champions")
    expect(page.locator("#segments-segments-body .ag-row").first).to_contain_text("Champions")
    bands = page.locator("#segments-migration-body .fills")
    assert bands.count() > 20
    expect(page.locator("#segments-migration-body .annotation").nth(2)).to_contain_text("·")
    page.get_by_role("button", name="Show as table: Moves between the segments").click()
    table = page.locator("#segments-migration-table")
    expect(table.get_by_role("columnheader", name="Segment before", exact=True)).to_be_visible()
    rule(page, 0).get_by_role("link", name="Champions").click()
    expect(page).to_have_url(f"{desk.url}/overview?rfm_segment=champions")
    expect(page.locator("#filter-chips")).to_contain_text("Champions")
    tile = page.locator("#overview-kpis-body .tile").first
    expect(tile).to_be_visible()
    filtered = tile.inner_text()
    page.goto(f"{desk.url}/overview")
    expect(tile).to_be_visible()
    assert tile.inner_text() != filtered


def test_changing_a_rule_and_taking_it_back(page: Any, desk: Site) -> None:
    desk.application.rules.reset()  # what a first try may have left
    open_segments(page, desk)
    open_editor(page)
    champions = cell(page, 0, "customers")
    before = text_of(champions)
    # What is typed and then cancelled is gone at the next opening.
    type_in(page, 0, "frequency_from", "5")
    expect(champions).not_to_have_text(before)
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator(DIALOGUE)).to_be_hidden()
    open_editor(page)
    expect(champions).to_have_text(before)
    expect(cell(page, 0, "in_force")).to_have_text(before)
    type_in(page, 0, "monetary_from", "1")
    expect(champions).not_to_have_text(before)
    after = text_of(champions)
    assert int(after) > int(before)
    # A range the wrong way round cannot be saved, and the reason stands there.
    type_in(page, 0, "recency_from", "5")
    type_in(page, 0, "recency_to", "4")
    expect(page.locator("#rules-problems")).to_contain_text("impossible range")
    expect(page.locator("#rules-save")).to_be_disabled()
    type_in(page, 0, "recency_from", "4")
    type_in(page, 0, "recency_to", "5")
    expect(champions).to_have_text(after)
    page.locator("#rules-save").click()
    expect(page.locator(DIALOGUE)).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("The rules are saved.")
    expect(rule(page, 0)).to_contain_text(after, timeout=60_000)
    expect(rule(page, 0).locator("td").nth(4)).to_have_text("1–5")
    open_editor(page)
    page.get_by_role("button", name="Back to the delivered rules").click()
    expect(champions).to_have_text(before)
    page.locator("#rules-save").click()
    expect(rule(page, 0)).to_contain_text(before, timeout=60_000)
    expect(rule(page, 0).locator("td").nth(4)).to_have_text("4–5")


def test_a_phone_reads_segments_and_rules(open_page: Callable[..., Any], desk: Site) -> None:
    page = open_page(390, 844)
    open_segments(page, desk)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    labels = page.locator("#segments-migration-body .annotation-text").all_text_contents()
    assert any("Champions · " in label for label in labels)
    open_editor(page)
    box = page.locator(DIALOGUE).bounding_box()
    assert round(box["width"], 2) <= 390  # the browser counts in fractions of a pixel
    page.locator(f"{DIALOGUE} .rules-close").last.click()
    expect(page.locator(DIALOGUE)).to_be_hidden()
