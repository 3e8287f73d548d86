"""Clicking and dragging over marks filters the other tiles; Esc, undo and links know it."""

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.journeys.conftest import Site

SALES = "#overview-kpis-body .tile:first-child .tile-value"
COUNTRIES = "#overview-countries-frame"


def opened(page: Any, site: Site, path: str = "/overview") -> str:
    """Open a page, wait for its marks, return the first figure."""
    page.goto(site.url + path)
    expect(marks(page, "countries").first).to_be_attached()
    expect(page.locator(SALES)).to_be_visible()
    return str(page.locator(SALES).inner_text())


def marks(page: Any, panel: str) -> Locator:
    """Return the bars of a chart's first figure, the lowest first."""
    found: Locator = page.locator(f"#overview-{panel}-body .barlayer .trace").first.locator(
        ".point"
    )
    return found


def click(page: Any, bar: Locator, *, held: str | None = None, button: str = "left") -> None:
    bar.scroll_into_view_if_needed()
    box = bar.locator("path").bounding_box()
    assert box
    if held:
        page.keyboard.down(held)
    page.mouse.click(
        box["x"] + box["width"] * 0.6, box["y"] + box["height"] / 2, button=button
    )  # fmt: skip
    if held:
        page.keyboard.up(held)


def test_a_click_filters_the_other_tiles(page: Any, site: Site) -> None:
    """The tile keeps its bars; Ctrl adds, the same again takes away, Esc clears, undo restores."""
    everything = opened(page, site)
    bars = marks(page, "countries")
    shown = bars.count()
    click(page, bars.nth(shown - 2))
    expect(page).to_have_url(re.compile(r"\?cross\.country=[A-Z]{2}$"))
    expect(page.locator(SALES)).not_to_have_text(everything)
    expect(page.locator("#filter-chips .chip-cross")).to_have_count(1)
    expect(page.locator("#status-filters")).to_have_text("1 active filter")
    expect(bars).to_have_count(shown)
    one = page.locator(SALES).inner_text()
    click(page, bars.nth(shown - 1), held="Control")
    expect(page.locator("#filter-chips .chip-cross")).to_have_count(2)
    expect(page.locator(SALES)).not_to_have_text(one)
    click(page, bars.nth(shown - 1), held="Control")
    expect(page.locator(SALES)).to_have_text(one)
    click(page, bars.nth(shown - 2))
    expect(page).to_have_url(f"{site.url}/overview")
    expect(page.locator(SALES)).to_have_text(everything)
    page.keyboard.press("Control+z")
    expect(page.locator(SALES)).to_have_text(one)
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{site.url}/overview")
    expect(page.locator("#filter-chips .chip-cross")).to_have_count(0)


def test_dragging_over_months_is_the_period(page: Any, site: Site) -> None:
    """From the first to the last month touched; Esc brings back the period before."""
    everything = opened(page, site)
    bars = marks(page, "trend")
    bars.first.scroll_into_view_if_needed()
    first, last = (bars.nth(place).locator("path").bounding_box() for place in (1, 3))
    assert first
    assert last
    page.mouse.move(first["x"] + 2, first["y"] + first["height"] / 2)
    page.mouse.down()
    page.mouse.move(last["x"] + last["width"] - 2, last["y"] + last["height"] / 2, steps=6)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"\?period=custom&from=\d{4}-\d\d-01&to=\d{4}-\d\d-\d\d$"))
    expect(page.locator("#filter-from")).to_be_visible()
    expect(bars).to_have_count(3)
    page.keyboard.press("Escape")
    expect(page).to_have_url(f"{site.url}/overview")
    expect(page.locator(SALES)).to_have_text(everything)


def test_a_link_restores_what_was_clicked_and_left_out(page: Any, site: Site) -> None:
    """Chips of three kinds; the right button opens the menu, which leaves a country out."""
    opened(page, site, "/overview?not.channel=web%2Bshop&cross.country=DE")
    expect(page.locator("#filter-chips .chip-without")).to_contain_text("not web+shop")
    page.locator("#filter-chips .chip-cross").click()
    expect(page).to_have_url(f"{site.url}/overview?not.channel=web%2Bshop")
    bars = marks(page, "countries")
    expect(bars).not_to_have_count(1)
    click(page, bars.last, button="right")
    page.locator(".drill-menu .menu-item", has_text="Leave this out: Country").click()
    expect(page.locator("#filter-chips .chip-without")).to_have_count(2)
    page.keyboard.press("Control+z")
    expect(page.locator("#filter-chips .chip-without")).to_have_count(1)


def test_marks_are_chosen_by_keyboard(page: Any, site: Site) -> None:
    """Enter on a tile lists its marks; the chosen one is checked in the list."""
    opened(page, site)
    page.locator(COUNTRIES).focus()
    page.keyboard.press("Enter")
    items = page.locator(".desk-menu .menu-item")
    expect(items.first).to_be_focused()
    name = items.nth(1).inner_text()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#filter-chips .chip-cross")).to_contain_text(name)
    expect(page.locator(COUNTRIES)).to_be_focused()
    page.keyboard.press("m")
    expect(items.nth(1)).to_have_attribute("aria-checked", "true")
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(page.locator("#filter-chips .chip-cross")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator("#filter-chips .chip-cross")).to_have_count(0)
