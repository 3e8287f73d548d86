"""Rules of data quality in the browser: one of one's own, tried, saved, switched, brought back."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Site


@pytest.fixture(scope="module")
def shop(serve: Callable[..., Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    return serve(tmp_path_factory.mktemp("rules"), 20_000)


def rule(page: Any, name: str) -> Any:
    return page.locator("#rules-list .rule", has_text=name)


def test_a_rule_of_ones_own_from_the_first_letter_to_the_history(page: Any, shop: Site) -> None:
    page.goto(f"{shop.url}/rules")
    page.get_by_role("button", name="New rule").click()  # while the list may still be drawn
    form = page.locator("#rule-editor")
    form.get_by_label("Name in English").fill("Dear bottles")
    page.locator('[id*=\'"name":"expression"\']').fill("unit_price > 10 and quantity > 0")
    expect(page.locator("#rule-tried .rule-count")).to_contain_text("rows")
    page.locator('[id*=\'"name":"expression"\']').fill("unit_price > 12 and quantity > 0")
    form.get_by_role("button", name="Save").click()  # at once: what was typed last counts
    expect(page.locator("#rules-said")).to_contain_text("is saved")
    assert shop.application.quality.get("dear_bottles").body.expression.startswith(
        "unit_price > 12"
    )
    own = rule(page, "Dear bottles")
    own.get_by_role("button", name="Test").click()
    expect(own.locator(".rule-count")).to_contain_text("of 20,000 rows")
    tested = own.locator(".rule-count").inner_text()
    own.locator("select").select_option("quarantine")
    expect(page.locator("#rules-said")).to_contain_text("is saved")
    own.get_by_role("switch").or_(own.locator("input[type=checkbox]")).first.click()
    expect(own).to_have_class("rule is-off")
    expect(own.locator(".rule-count")).to_have_text(tested)  # a switch forgets no test
    page.reload()
    expect(rule(page, "Dear bottles")).to_have_class("rule is-off")
    body = shop.application.quality.get("dear_bottles").body
    assert (body.enabled, body.severity) == (False, "quarantine")
    rule(page, "Dear bottles").get_by_role("button", name="Edit").click()
    page.locator("#rule-editor li", has_text="Version 1").get_by_role("button").click()
    expect(page.locator("#rules-said")).to_contain_text("in force again")
    assert shop.application.quality.get("dear_bottles").body.severity == "warn"
