"""The page of cohorts in a browser: read the triangle, change the measure, scroll it on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from core.models.query import Scope
from core.services import studies
from core.services.analytics.base import get_analysis
from tests.journeys.conftest import Site

TRIANGLE = "#cohorts-triangle-body"
CELLS = f"{TRIANGLE} .heatmaplayer .hm"


@pytest.fixture
def computed(site: Site) -> Site:
    """Return the site with both runs kept that the journeys look at."""
    analysis = get_analysis("cohorts")
    for pairs in ({}, {"split": "country"}):
        studies.answer(
            site.application,
            analysis,
            analysis.params_from(pairs.items()),
            Scope(),
            lambda _done, _step: None,
        )
    return site


def test_reading_the_triangle(page: Any, computed: Site) -> None:
    page.goto(f"{computed.url}/cohorts")
    expect(page.locator("#cohorts-kpis-body .tile")).to_have_count(8)
    expect(page.locator(CELLS)).to_have_count(2)  # the average, and the cohorts
    expect(page.locator(f"{TRIANGLE} .ytick").first).to_have_text("All cohorts")
    percents = page.locator(f"{TRIANGLE} .heatmap-label").all_text_contents()
    assert len(percents) > 100
    assert all(text.isdigit() for text in percents if text)
    box = page.locator(f"{TRIANGLE} .nsewdrag").first.bounding_box()
    page.mouse.move(box["x"] + 12, box["y"] + 60)
    expect(page.locator(f"{TRIANGLE} .hoverlayer")).to_contain_text("customers bought")
    page.locator("#cohorts-triangle-choice").get_by_text("Sales", exact=True).click()
    expect(page).to_have_url(f"{computed.url}/cohorts?measure=net_sales")
    expect(page.locator("#cohorts-triangle-choice .active")).to_have_text("Sales")
    expect(page.locator("#cohorts-curve-choice .active")).to_have_text("Sales")


def test_comparing_countries(page: Any, computed: Site) -> None:
    page.goto(f"{computed.url}/cohorts?split=country")
    legend = page.locator("#cohorts-second-body .legendtext")
    expect(legend.filter(has_text="Germany")).to_have_count(1)
    expect(page.locator("#cohorts-split-body .ag-row").first).to_be_visible()
    page.get_by_role("button", name="Show as table: Time to the second purchase").click()
    table = page.locator("#cohorts-second-table")
    expect(table.get_by_role("columnheader", name="Customers at risk")).to_be_visible()


def test_a_phone_scrolls_the_triangle_and_nothing_else(
    open_page: Callable[..., Any], computed: Site
) -> None:
    page = open_page(390, 844)
    page.goto(f"{computed.url}/cohorts")
    expect(page.locator(CELLS)).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    body = page.locator("#cohorts-triangle-frame .panel-body")
    assert body.evaluate("e => e.scrollWidth > e.clientWidth + 100")
    sizes = page.locator(f"{TRIANGLE} .heatmap-label").evaluate_all(
        "labels => labels.slice(0, 20).map(l => l.getBoundingClientRect().height)"
    )
    assert min(sizes) > 8
