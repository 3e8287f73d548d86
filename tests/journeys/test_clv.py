"""The lifetime value in a browser: the run, the settings, the splits, the figures in words."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Site, worker_of

TILES = "#clv-kpis-body .tile"


@pytest.fixture(scope="module")
def desk(serve: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a company of its own with a worker."""
    found = serve(tmp_path_factory.mktemp("clv"), 20_000)
    with worker_of(found):
        yield found


def ready(page: Any) -> None:
    expect(page.locator(TILES)).to_have_count(6, timeout=60_000)
    expect(page.locator("#clv-run-bar [data-phase=ready]")).to_be_attached()


def test_opening_the_page_computes_and_explains(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/clv?draws=60", timeout=60_000)
    ready(page)
    expect(page.locator(TILES).nth(1)).to_contain_text("90% sure")
    expect(page.locator("#clv-reading-body")).to_contain_text("has not left for good")
    expect(page.locator("#clv-reading-body")).to_contain_text("Do not use it")
    expect(page.locator("#clv-totals-body .errorbar").first).to_be_attached()
    expect(page.locator("#clv-customers-body .ag-row").first).to_be_visible()
    expect(page.locator("#clv-capture-body")).to_contain_text("This model")


def test_a_split_is_chosen_and_a_table_shown(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/clv?draws=60", timeout=60_000)
    ready(page)
    page.locator("#clv-totals-choice").get_by_role("link", name="Country").click()
    expect(page).to_have_url(f"{desk.url}/clv?draws=60&split=country")
    expect(page.locator("#clv-totals-body")).to_contain_text("France")
    page.get_by_role("button", name="Show as table: Value by").click()
    expect(page.locator("#clv-totals-table")).to_contain_text("High (95%)")


def test_a_telephone_reads_it_in_french(open_page: Callable[..., Any], desk: Site) -> None:
    page = open_page(390, 844, locale="fr-FR", color_scheme="dark")
    page.goto(f"{desk.url}/clv?draws=60&split=quarter", timeout=60_000)
    ready(page)
    expect(page.locator("#clv-totals-body")).to_contain_text("T4 2022")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
