"""From lists, menus and charts to the page of a member and on; the explorer by keyboard."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Site, text_of

LIST = "#products-list-body .ag-center-cols-container"
PIVOT = "#explorer-pivot"
PRODUCT = re.compile(r"/products\?.*member=")


def cell(page: Any, holder: str, row: int, column: str) -> Any:
    return page.locator(f'{holder} .ag-row[row-index="{row}"] [col-id="{column}"]')


def test_search_a_product_open_it_and_filter_everything_to_it(page: Any, site: Site) -> None:
    page.goto(f"{site.url}/products?period=all")
    expect(page.locator("#products-member-count")).to_have_text(re.compile(r"^\d+ rows$"))
    page.locator("#products-member-search").type("grignons", delay=20)
    expect(page).to_have_url(re.compile("q=grignons"))
    expect(cell(page, LIST, 0, "product_name")).to_contain_text("grignons")
    # The whole word is one step back.
    page.go_back()
    expect(page).to_have_url(f"{site.url}/products?period=all")
    expect(page.locator("#products-member-search")).to_have_value("")
    expect(cell(page, LIST, 0, "product_name")).not_to_contain_text("grignons")
    page.go_forward()
    expect(cell(page, LIST, 0, "product_name")).to_contain_text("grignons")
    name = text_of(cell(page, LIST, 0, "product_name"))
    cell(page, LIST, 0, "net_sales").click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    expect(page).to_have_url(PRODUCT)
    expect(page.locator("#products-member-head h2")).to_contain_text(name)
    expect(page.locator("#products-notes")).to_contain_text(name)
    expect(page.locator("#products-kpis-body .tile").first).to_contain_text("€")
    expect(page.locator("#products-list-frame")).to_be_hidden()
    expect(page.locator("#products-member-tools")).to_be_hidden()
    page.get_by_role("button", name="Show the row of the file").click()
    expect(page.locator("#member-dialog")).to_contain_text("no file behind its lines")
    page.keyboard.press("Escape")
    page.get_by_role("link", name="Filter everything to it").click()
    expect(page).to_have_url(re.compile(r"/overview\?period=all&own\.product="))
    chip = page.locator("#filter-chips a.chip")
    expect(chip).to_contain_text(name)
    chip.click()
    expect(page).to_have_url(f"{site.url}/overview?period=all")


def test_a_figures_menu_opens_the_member(page: Any, site: Site) -> None:
    """From a cell of another page and from a chart; a customer in the split of a country."""
    page.goto(f"{site.url}/margins?country=DE")
    figure = cell(page, "#margins-by-body .ag-center-cols-container", 0, "gross_margin")
    expect(figure).to_contain_text("€")
    figure.click(button="right")
    page.get_by_role("menuitem", name="Open the product’s page").click()
    expect(page).to_have_url(re.compile(r"/products\?country=DE&member="))
    expect(page.locator("#products-kpis-body .tile").first).to_contain_text("€")
    page.goto(f"{site.url}/countries?member=FR")
    expect(page.locator("#countries-notes")).to_contain_text("France: net sales of")
    link = page.locator("#countries-by-body a.member-link").first
    name = text_of(link)
    link.click()
    expect(page).to_have_url(re.compile(r"/customers\?member="))
    expect(page.locator("#customers-member-head h2")).to_contain_text(name)
    page.go_back()
    expect(page.locator("#countries-member-head h2")).to_contain_text("France")


def test_the_explorer_is_built_by_keyboard_and_kept_in_its_address(
    page: Any, open_page: Any, site: Site
) -> None:
    page.goto(f"{site.url}/explorer")
    expect(page.locator(f"{PIVOT} .ag-floating-bottom")).to_contain_text("Total")
    page.locator("#explorer-set-figures").focus()
    page.locator("#explorer-set-figures").select_option("orders")
    expect(page).to_have_url(re.compile(r"figures=net_sales%2Cgross_margin%2Cmargin_rate%2Corders"))
    expect(page.locator(f"{PIVOT} .ag-header")).to_contain_text("Orders")
    page.locator("#explorer-set-columns").select_option("channel")
    expect(page.locator(f"{PIVOT} .ag-header")).to_contain_text("private label")
    page.get_by_role("link", name="Heat map").click()
    expect(page).to_have_url(re.compile("show=heat"))
    expect(page.locator("#explorer-chart-body .heatmaplayer image").first).to_be_attached()
    address = page.url
    page.go_back()
    expect(page.locator("#explorer-chart-frame")).to_be_hidden()
    page.go_forward()
    other = open_page()
    other.goto(address)
    expect(other.locator("#explorer-chart-body .heatmaplayer image").first).to_be_attached()
    expect(other.locator("#explorer-set-columns")).to_have_value("channel")
    # From a cell of the pivot to exactly its lines.
    other.goto(f"{site.url}/explorer?figures=net_sales&rows=country&columns=channel")
    figure = other.locator(f'{PIVOT} .ag-row[row-index="1"] [col-id="net_sales[brand]"]')
    shown = text_of(figure)
    figure.click()
    other.keyboard.press("Alt+Enter")
    expect(other.locator("#lines-count")).to_contain_text(f"Net sales {shown}")


def test_refusals_leave_the_builder_and_name_the_way_out(page: Any, site: Site) -> None:
    page.goto(f"{site.url}/explorer?figures=average_inventory&rows=customer")
    notice = page.locator("#explorer-pivot-notice")
    expect(notice).to_contain_text("records of stock do not state it")
    page.get_by_role("link", name="Countries by quarter").click()
    expect(page.locator(f"{PIVOT} .ag-header")).to_contain_text("Q1 2026")
    expect(notice).not_to_contain_text("records of stock")


def test_on_a_phone_in_the_dark(open_page: Any, site: Site) -> None:
    """Nothing sticks out sideways: lists and charts scroll in their own frames."""
    page = open_page(390, 844, color_scheme="dark", has_touch=True)
    for path, there in (
        ("/products", "#products-list-body .ag-row"),
        ("/customers?member=C00600", "#customers-kpis-body .tile"),
        (
            "/explorer?show=heat&rows=weekday&figures=net_sales",
            "#explorer-chart-body .heatmaplayer",
        ),
    ):
        page.goto(f"{site.url}{path}")
        expect(page.locator(there).first).to_be_attached()
        wide = page.evaluate("() => document.getElementById('main').scrollWidth - innerWidth")
        assert wide <= 0, path
