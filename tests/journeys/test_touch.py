"""A phone: whatever is pressed is large enough for a finger, and a long press opens the menu."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from tests.journeys.conftest import Site

LEAST = 24  # pixels: WCAG 2.2, target size (minimum)
SMALL = """least => [...document.querySelectorAll("a[href], button, input, select, summary")]
    .filter((node) => {
        const box = node.getBoundingClientRect();
        return node.checkVisibility({ visibilityProperty: true }) && box.width > 1
            && (box.width < least || box.height < least);
    }).map((node) => `${node.tagName} ${node.id} ${node.className} ${node.textContent}`)"""


def test_fingers_find_targets_and_menus(open_page: Callable[..., Any], site: Site) -> None:
    page = open_page(390, 844, has_touch=True, is_mobile=True)
    page.goto(f"{site.url}/overview")
    page.wait_for_selector("#overview-products-body svg.main-svg", state="attached")
    assert page.evaluate(SMALL, LEAST) == []

    title = page.locator(".panel-title", has_text="Net sales and margin by month")
    title.scroll_into_view_if_needed()
    box = title.bounding_box()
    touched = [{"x": box["x"] + 20, "y": box["y"] + 8}]
    session = page.context.new_cdp_session(page)
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": touched})
    expect(page.locator(".desk-menu")).to_have_count(1)
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(400)  # what the end of the touch would press, it would press by now
    expect(page.get_by_role("menuitem", name="Maximise the tile")).to_be_visible()
