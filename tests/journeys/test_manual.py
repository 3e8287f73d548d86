"""F1: the manual at the page, search, languages; and what a page looks like on paper."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Site

ROWS = "#explorer-pivot .ag-row"
PAPER = """() => {
    window.dispatchEvent(new Event("beforeprint"));
    const rows = document.querySelectorAll("#explorer-slot .print-table tbody tr");
    const found = {
        head: document.getElementById("print-head").textContent,
        rows: rows.length, last: rows[rows.length - 1].textContent };
    window.dispatchEvent(new Event("afterprint"));
    return { ...found, left: document.querySelectorAll(".print-table, .is-tabled").length };
}"""


def test_f1_opens_the_manual_where_the_page_is_told_of(
    open_page: Callable[..., Any], site: Site
) -> None:
    page = open_page(1440, 900, locale="fr-FR")
    page.goto(f"{site.url}/explorer?split=country")
    page.wait_for_selector(ROWS)
    page.locator("#explorer-nav").focus()
    page.keyboard.press("F1")
    manual = page.locator("#manual")
    expect(manual.get_by_role("heading", name="Explorateur", exact=True)).to_be_visible()
    expect(manual.locator("img").first).to_have_js_property("complete", value=True)
    assert manual.locator("img").first.evaluate("picture => picture.naturalWidth") > 300

    field = manual.get_by_role("searchbox")
    field.fill("attrition")
    hit = manual.locator(".manual-hit").first
    expect(hit).to_contain_text("Attrition")
    hit.click()
    expect(manual.get_by_role("heading", name="Attrition", exact=True)).to_be_visible()
    assert page.locator("body").evaluate("body => body.classList.contains('has-manual')")

    page.locator("#overview-nav").click()  # the page beside it goes on, and the manual follows
    expect(manual.get_by_role("heading", name="Vue d’ensemble", exact=True)).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(manual).to_have_count(0)


def test_paper_has_the_filters_and_whole_tables(page: Any, site: Site) -> None:
    page.goto(f"{site.url}/explorer?period=all&category=Olive+oil")
    page.wait_for_selector(ROWS)
    expect(page.locator("#status-rows")).not_to_be_empty()
    found = page.evaluate(PAPER)
    assert "Explorer – Picholine" in found["head"]
    assert "Olive oil" in found["head"]
    assert "Data version" in found["head"]
    assert found["rows"] > 20  # more than the screen draws at once
    assert found["last"].startswith("Total")
    assert found["left"] == 0
    assert len(page.pdf(prefer_css_page_size=True, print_background=True)) > 20_000
