"""A dimension the company defines itself: its filter, its split, and what happens when it goes."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from core.services.definitions.bodies import OwnDimension
from tests.journeys.conftest import Site

REGION = OwnDimension(
    "region", "Region", "Région", base="country",
    groups=(("North", ("DE", "BE", "NL")), ("South", ("FR", "IT", "ES"))), rest="Elsewhere",
)  # fmt: skip
SALES = "#overview-kpis-body .tile:first-child .tile-value"
MARGIN_TABS = "#margins-by-choice"


@pytest.fixture(scope="module")
def shop(serve: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    return serve(tmp_path_factory.mktemp("own"), 20_000)


def own_list(page: Any, name: str = "Region") -> Any:
    return page.locator("#filter-own .field", has_text=name).locator("button").first


def test_a_definition_becomes_a_filter_and_a_split(page: Any, shop: Site) -> None:
    """The page is open before the definition: its list appears, and a pick narrows the numbers."""
    page.goto(f"{shop.url}/overview")
    everything = page.locator(SALES).inner_text()
    expect(page.locator("#filter-own .field")).to_have_count(0)
    shop.application.definitions.save(REGION)
    page.reload()
    expect(page.locator("#filter-own .field")).to_have_count(1)
    own_list(page).click()
    page.keyboard.type("North")
    page.locator(".dash-dropdown-option", has_text="North").first.click()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{shop.url}/overview?own.region=North")
    expect(page.locator(SALES)).not_to_have_text(everything)
    expect(page.locator("#filter-chips .chip")).to_contain_text("North")
    expect(page.locator("#status-filters")).to_have_text("1 active filter")
    page.click("#margins-nav")
    expect(page).to_have_url(f"{shop.url}/margins?own.region=North")
    page.locator(f"{MARGIN_TABS} a.tab", has_text="Region").click()
    expect(page).to_have_url(f"{shop.url}/margins?own.region=North&split=region")
    rows = page.locator("#margins-by-body .ag-center-cols-container .ag-row")
    expect(rows).to_have_count(1)
    page.locator("#filter-chips .chip").click()
    expect(page).to_have_url(f"{shop.url}/margins?split=region")
    expect(rows).to_have_count(4)  # the lines without a country stand alone
    expect(own_list(page)).not_to_contain_text("North")


def test_lists_come_and_go_with_their_definitions(page: Any, shop: Site) -> None:
    """Saved on the open page it is there at once; removed, a link with it says so and leads out."""
    shop.application.definitions.save(REGION)
    page.goto(f"{shop.url}/definitions")
    expect(page.locator("#definitions-list")).to_contain_text("Region")
    page.goto(f"{shop.url}/overview?own.region=South")
    expect(own_list(page)).to_contain_text("South")
    shop.application.definitions.remove("region")
    page.reload()
    expect(page.locator("#overview-kpis-notice")).to_contain_text(
        "was removed from the definitions"
    )
    expect(page.locator("#filter-own .field")).to_have_count(0)
    chip = page.locator("#filter-chips .chip")
    expect(chip).to_contain_text("South")
    chip.click()
    expect(page).to_have_url(re.compile(r"/overview\??$"))
    expect(page.locator("#overview-kpis-notice")).not_to_contain_text("removed")
    page.goto(f"{shop.url}/margins?split=region")
    expect(page.locator("#margins-kpis-notice")).to_contain_text("was removed")
    page.locator(f"{MARGIN_TABS} a.tab", has_text="Supplier").click()
    expect(page.locator("#margins-kpis-notice")).not_to_contain_text("removed")


def test_a_saved_definition_reaches_open_pages(page: Any, shop: Site) -> None:
    """A page that was open before has the list too, and what is chosen in others stays."""
    page.goto(f"{shop.url}/overview?country=DE")
    expect(page.locator("#filter-country")).to_contain_text("Germany")
    shop.application.definitions.save(OwnDimension("half", "Half", part="half"))
    expect(page.locator("#filter-own .field", has_text="Half")).to_be_visible()
    halves = own_list(page, "Half")
    halves.click()
    page.locator(".dash-dropdown-option", has_text="Second half-year").first.click()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{shop.url}/overview?country=DE&own.half=2")
    expect(halves).to_contain_text("Second half-year")
    expect(page.locator("#filter-country")).to_contain_text("Germany")
    halves.click()
    page.locator(".dash-dropdown-option", has_text="First half-year").first.click()
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{shop.url}/overview?country=DE&own.half=2&own.half=1")
