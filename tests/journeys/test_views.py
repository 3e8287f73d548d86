"""A view is kept by a key, opened first, found by the search, removed and brought back."""

import re
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Site

VIEW = re.compile(r"/budget\?country=FR$")


def test_a_view_of_ones_own(page: Any, site: Site) -> None:
    page.goto(f"{site.url}/budget?country=FR")
    expect(page.locator("#budget-slot .panel").first).to_be_visible()
    page.keyboard.press("s")
    field = page.locator("#view-name")
    expect(field).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#view-refused")).to_contain_text("The view has no name.")
    field.type("French budget", delay=10)
    page.keyboard.press("Enter")
    expect(page.locator("#view-dialog")).to_be_hidden()
    expect(page.locator("#toasts")).to_contain_text("Saved as “French budget”.")

    page.goto(f"{site.url}/views")
    page.get_by_role("button", name="Into the navigation").click()
    expect(page.locator("#starred-views .nav-link")).to_have_text("French budget")
    page.get_by_role("button", name="Open first").click()
    expect(page.locator(".view-first")).to_be_visible()
    page.goto(site.url)
    expect(page).to_have_url(VIEW)

    page.goto(f"{site.url}/views")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#views-list")).to_contain_text("No view is saved yet")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".views-table a")).to_have_text("French budget")
    page.keyboard.press("Control+k")
    page.keyboard.type("french bud", delay=10)
    expect(page.get_by_role("option").filter(has_text="French budget")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(VIEW)

    page.goto(f"{site.url}/views")
    page.get_by_role("button", name="Remove").click()
    expect(page.locator("#starred-views .nav-link")).to_have_count(0)
