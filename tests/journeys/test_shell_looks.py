"""Languages, themes, small windows, the keyboard, an empty home."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Site
from tests.journeys.test_shell_filters import SALES, opened


def test_language_switches_and_stays(page: Any, site: Site) -> None:
    """French keeps the address and the filters, and is remembered."""
    opened(page, site, "/overview?country=DE")
    page.get_by_role("button", name="Français").click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    expect(page.locator("#page-title")).to_have_text("Vue d’ensemble")
    expect(page.locator("#filter-chips .chip")).to_contain_text("Allemagne")
    assert page.url == f"{site.url}/overview?country=DE"
    expect(page.locator("#overview-slot .yaxislayer-above text").first).to_be_attached()
    page.goto(f"{site.url}/margins")
    expect(page.locator("#page-title")).to_have_text("Marges")


def test_the_browsers_language_is_the_first(open_page: Callable[..., Any], site: Site) -> None:
    """Without a choice the browser's own language is taken."""
    page = open_page(locale="fr-FR")
    opened(page, site)
    expect(page.locator("html")).to_have_attribute("lang", "fr")


def test_theme_switches_charts_too(page: Any, site: Site) -> None:
    """Automatic, light, dark: page and charts change without losing the page."""
    opened(page, site)
    bars = page.locator("#overview-countries-body .bars path").first
    expect(bars).to_be_attached()
    light = bars.evaluate("e => getComputedStyle(e).fill")
    page.click("#theme-toggle")
    expect(page.locator("html")).to_have_attribute("data-theme-choice", "light")
    page.click("#theme-toggle")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.wait_for_function(
        "before => getComputedStyle(document.querySelector("
        "'#overview-countries-body .bars path')).fill !== before",
        arg=light,
    )
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_system_may_ask_for_dark(open_page: Callable[..., Any], site: Site) -> None:
    """Without a choice the system's colours are taken."""
    page = open_page(color_scheme="dark")
    opened(page, site)
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")


@pytest.mark.parametrize("path", ["/overview", "/margins"])
@pytest.mark.parametrize("width", [390, 820])
def test_narrow_windows_scroll_only_down(
    open_page: Callable[..., Any], site: Site, width: int, path: str
) -> None:
    """Nothing sticks out sideways on a phone or a tablet."""
    page = open_page(width, 844)
    page.goto(site.url + path)
    expect(page.locator(f"#{path[1:]}-kpis-body .tile").first).to_be_visible()
    expect(page.locator(f"#{path[1:]}-slot .js-plotly-plot .main-svg").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.evaluate(
        "Array.from(document.querySelectorAll('.panel'))"
        ".filter(p => p.getBoundingClientRect().right > innerWidth + 1).map(p => p.id)"
    )
    assert wide == []


def test_filters_fold_into_a_drawer_on_a_phone(open_page: Callable[..., Any], site: Site) -> None:
    """The drawer opens, filters, and closes with Escape; focus returns to its button."""
    page = open_page(390, 844)
    opened(page, site)
    expect(page.locator("#filter-country")).to_be_hidden()
    page.click("#filters-open")
    expect(page.locator("#filter-country")).to_be_visible()
    page.click("#filter-country")
    page.locator(".dash-dropdown-option", has_text="Germany").first.click()
    page.keyboard.press("Escape")
    expect(page.locator(".dash-dropdown-content")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#filter-country")).to_be_hidden()
    expect(page.locator("#filters-open")).to_be_focused()
    expect(page.locator("#filter-chips .chip")).to_contain_text("Germany")


def test_the_keyboard_reaches_the_content(page: Any, site: Site) -> None:
    """The first stop is the link to the content; every button has a name."""
    opened(page, site)
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    nameless = page.evaluate(
        "Array.from(document.querySelectorAll('button, a[href], summary'))"
        ".filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.title)).length"
    )
    assert nameless == 0


def test_an_empty_home_shows_the_way(
    page: Any, serve: Callable[[Path, int], Site], tmp_path: Path
) -> None:
    """Without data the page says what to do next, and shows no filters."""
    empty = serve(tmp_path / "empty", 0)
    page.goto(f"{empty.url}/overview")
    expect(page.locator("#overview-slot .no-data")).to_contain_text("There is no data yet")
    expect(page.get_by_role("button", name="Load the demo company")).to_be_visible()
    expect(page.locator("#filter-bar")).to_be_hidden()
    expect(page.locator(SALES)).to_have_count(0)
