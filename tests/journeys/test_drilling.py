"""Down a hierarchy to the line and back by the breadcrumbs; a change explained by keyboard."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import expect

from tests.journeys.conftest import Site, text_of

LEVEL = "#drill-level-body .ag-center-cols-container"


def cells_of(page: Any) -> list[str]:
    return parse_qs(urlsplit(page.url).query).get("cell", [])


def name(page: Any, row: int) -> Any:
    return page.locator(f'{LEVEL} .ag-row[row-index="{row}"] a.member-link').first


def test_from_a_country_to_the_lines_of_an_invoice_and_back(page: Any, site: Site) -> None:
    # From a bar of the overview: its menu leads down.
    page.goto(f"{site.url}/countries?period=last_campaign")
    country = page.locator("#countries-list-body .ag-row[row-index='0'] [col-id='net_sales']")
    expect(country).to_contain_text("€", timeout=60_000)
    country.click(button="right")
    page.get_by_role("menuitem", name="Drill down: Customers").click()
    expect(page).to_have_url(re.compile(r"/drill\?period=last_campaign&along=country&cell="))
    crumbs = page.locator(".drill-crumbs")
    expect(crumbs).to_contain_text("All countries")
    expect(crumbs).to_contain_text("France")
    # By keyboard: Enter on a name.
    expect(name(page, 0)).to_be_visible()
    customer = text_of(name(page, 0))
    cell = page.locator(f'{LEVEL} .ag-row[row-index="0"] .ag-cell').first
    cell.click(position={"x": 3, "y": 3})
    page.keyboard.press("Enter")
    expect(crumbs).to_contain_text(customer)
    assert len(cells_of(page)) == 2
    invoice = text_of(name(page, 0))
    level = page.url
    name(page, 0).click()
    expect(page.locator("#lines-chips")).to_contain_text(invoice)
    expect(page.locator("#lines-count")).to_contain_text("Net sales €")
    page.go_back()
    expect(page).to_have_url(level)
    # Each step of the breadcrumbs leads back, and what was done is undone.
    crumbs.get_by_role("link", name="France").click()
    expect(crumbs).not_to_contain_text(customer)
    expect(name(page, 0)).to_have_text(customer)
    page.keyboard.press("Control+z")
    expect(crumbs).to_contain_text(customer)
    crumbs.get_by_role("link", name="All countries").click()
    expect(name(page, 0)).to_have_text("France")
    # A pasted address stands where it says.
    page.goto(level)
    expect(crumbs).to_contain_text(customer, timeout=60_000)
    expect(name(page, 0)).to_have_text(invoice)


def test_a_change_is_explained_and_leads_to_lines(page: Any, site: Site) -> None:
    page.goto(f"{site.url}/overview?period=last_campaign")
    figure = page.locator("#overview-kpis-body a.tile-value").first
    expect(figure).to_be_visible(timeout=60_000)
    figure.focus()
    page.keyboard.press("h")
    dialogue = page.locator("#explain-dialog")
    expect(dialogue).to_contain_text("Net sales went from")
    expect(dialogue).to_contain_text("Through what")
    expect(dialogue).to_contain_text("All together")
    page.keyboard.press("Escape")
    expect(dialogue).to_be_hidden()
    expect(figure).to_be_focused()
    # The button beside the figure does the same; each part leads to its lines.
    page.get_by_role("button", name=re.compile("Explain the change of gross margin")).click()
    expect(dialogue).to_contain_text("Gross margin went from")
    part = dialogue.locator("section", has_text="By country").locator("tbody a").first
    part.click()
    expect(page).to_have_url(re.compile(r"/lines\?.*metric=gross_margin.*cell=country"))
    expect(dialogue).to_be_hidden()
