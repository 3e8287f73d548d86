"""Churn from end to end: the worklist is written by keyboard and stays, a list of contracts."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from playwright.sync_api import expect

from core.models.query import Scope
from core.repository.worklist import ItemKey
from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.services.studies import answer
from core.services.worklist import UNTOUCHED
from tests.journeys.conftest import Site, text_of

GRID = "#churn-customers-body"
ROW = f"{GRID} .ag-center-cols-container .ag-row[row-index='0']"
NOTICE = "#worklist-notice"


def run(application: Application, *pairs: tuple[str, str]) -> None:
    """Do what the worker would do, here and now."""
    analysis = get_analysis("churn")
    params = analysis.params_from(pairs)
    answer(application, analysis, params, Scope(), lambda _done, _step: None)


@pytest.fixture(scope="module")
def shop(serve: Callable[[Path, int], Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Serve a demo company whose churn was computed."""
    found = serve(tmp_path_factory.mktemp("churn"), 20_000)
    run(found.application)
    return found


@pytest.fixture(autouse=True)
def untouched(shop: Site) -> None:
    """Let every journey, and its second try, begin with an empty worklist."""
    worklist = shop.application.worklist
    for customer, item in worklist.items("churn", Scope()).items():
        now = item.values()
        for field, value in UNTOUCHED.items():
            worklist.change(ItemKey("churn", customer), field, value, now, Scope())
            now[field] = value


def opened(page: Any, site: Site, query: str = "") -> None:
    page.goto(f"{site.url}/churn{query}")
    expect(page.locator(ROW)).to_be_visible()


def cell(page: Any, field: str) -> Any:
    return page.locator(f"{ROW} [col-id='{field}']")


def test_the_page_shows_figures_charts_and_the_list(page: Any, shop: Site) -> None:
    opened(page, shop)
    expect(page).to_have_title("Churn – Picholine")
    tiles = page.locator("#churn-kpis-body .tile")
    expect(tiles).to_have_count(8)
    expect(tiles.filter(has_text="AUC").locator(".tile-value")).to_have_text(
        re.compile(r"0\.\d{3}")
    )
    for chart in ("gain", "lift", "calibration", "profit", "drivers"):
        expect(page.locator(f"#churn-{chart}-body svg.main-svg").first).to_be_attached()
    expect(page.locator("#churn-models-body .ag-row")).to_have_count(3)
    expect(cell(page, "status")).to_have_text("Open")
    expect(cell(page, "reasons")).to_contain_text("days")


def test_a_note_is_written_by_keyboard_stays_and_is_taken_back(page: Any, shop: Site) -> None:
    opened(page, shop)
    cell(page, "status").click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.locator(".ag-large-text-input textarea").wait_for()
    page.keyboard.type("Rings back on Monday")
    page.keyboard.press("Enter")
    expect(page.locator(NOTICE)).to_contain_text("Rings back on Monday")
    page.reload()
    expect(cell(page, "note")).to_have_text("Rings back on Monday")
    # Another change, taken back with the keyboard alone.
    cell(page, "assignee").click()
    page.keyboard.press("Enter")
    page.keyboard.type("Anna")
    page.keyboard.press("Enter")
    expect(page.locator(NOTICE)).to_contain_text("Anna")
    expect(cell(page, "assignee")).to_have_text("Anna")
    cell(page, "probability").click()
    page.keyboard.press("Control+z")
    expect(page.locator(NOTICE)).to_contain_text("Who calls is now empty")
    expect(cell(page, "assignee")).to_have_text("")
    page.get_by_role("button", name="Redo").click()
    expect(cell(page, "assignee")).to_have_text("Anna")


def test_a_status_is_chosen_filtered_and_exported(page: Any, shop: Site) -> None:
    opened(page, shop)
    name = text_of(page.locator(f"{GRID} .ag-pinned-left-cols-container [row-index='0']"))
    cell(page, "status").click()
    page.keyboard.press("Enter")
    page.locator(".ag-list-item", has_text="Kept").click()
    expect(page.locator(NOTICE)).to_contain_text("Kept")
    page.locator("#churn-customers-choice .tab", has_text="Only open").click()
    expect(page).to_have_url(re.compile("list=customers_open"))
    first = page.locator(f"{GRID} .ag-pinned-left-cols-container [row-index='0']")
    expect(first).not_to_have_text(name)
    page.locator("#churn-customers-choice .tab", has_text="All").click()
    expect(first).to_have_text(name)
    menu = page.locator("#churn-customers-frame details")
    menu.locator("summary").click()
    with page.expect_download() as waiting:
        menu.get_by_text("CSV file").click()
    lines = waiting.value.path().read_text("utf-8-sig").splitlines()
    assert {"Who calls", "Status", "Note"} <= set(lines[0].split(","))
    assert "Kept" in lines[1]


def test_who_edits_an_old_row_is_told(page: Any, shop: Site, open_page: Callable[..., Any]) -> None:
    opened(page, shop)
    other = open_page()
    opened(other, shop)
    expected = ((page, "first", "“first”"), (other, "second", "has changed this row meanwhile"))
    for window, text, told in expected:
        row = window.locator(f"{GRID} .ag-center-cols-container .ag-row[row-index='1']")
        row.locator("[col-id='assignee']").dblclick()
        window.keyboard.type(text)
        window.keyboard.press("Enter")
        expect(window.locator(NOTICE)).to_contain_text(told)
    row = other.locator(f"{GRID} .ag-center-cols-container .ag-row[row-index='1']")
    expect(row.locator("[col-id='assignee']")).to_have_text("first")


def contracts(folder: Path, real: Path | None) -> Path:
    """Return a list of customers with a label: the real one, or an invented one."""
    if real is not None:
        return real / "telco" / "Telco-Customer-Churn.csv"
    dice, lines = Random(7), ["Code client;Ancienneté;Formule;Résilié"]
    for n in range(400):
        tenure = dice.randrange(1, 60)
        gone = dice.random() < 0.7 - tenure / 90
        lines.append(f"K{n};{tenure};{'mois' if dice.random() < 0.5 else 'an'};"
                     f"{'Oui' if gone else 'Non'}")  # fmt: skip
    path = folder / "clients.csv"
    path.write_text("\n".join(lines))
    return path


def test_a_customer_list_is_sent_and_scored(page: Any, shop: Site, tmp_path: Path) -> None:
    real = os.environ.get("PICHOLINE_REAL_DATA")
    source = contracts(tmp_path, Path(real) if real else None)
    page.goto(f"{shop.url}/churn")
    page.locator("#churn-option-kind-value").select_option("contracts")
    expect(page.locator("#labelled-body")).to_contain_text("one row per customer")
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="Choose a file").click()
    waiting.value.set_files(source)
    expect(page).to_have_url(re.compile(r"kind=contracts&file=[0-9a-f]{64}"))
    expect(page.locator(".labelled-name")).to_have_text(source.name)
    fields = page.locator(".labelled-field select")
    expect(fields).to_have_count(4)
    expect(fields.first).to_contain_text("Proposed: Churn" if real else "Proposed: Résilié")
    expect(fields.nth(1)).to_have_value("*")
    stated = "No" if real else "Non"
    fields.nth(1).select_option(stated)
    expect(page).to_have_url(re.compile(f"left_value={stated}"))
    fields.nth(1).select_option("*")
    expect(page).not_to_have_url(re.compile("left_value"))
    sha256 = re.findall(r"file=([0-9a-f]{64})", page.url)[0]
    run(shop.application, ("kind", "contracts"), ("file", sha256))
    page.reload()
    expect(page.locator(ROW)).to_be_visible()
    expect(page.locator("#churn-flagged-frame")).to_be_hidden()
    expect(page.locator("#churn-models-body .ag-row")).to_have_count(2)
    if real:
        shown = page.locator("#churn-kpis-body .tile", has_text="AUC").locator(".tile-value")
        assert float(shown.inner_text()) >= 0.848
