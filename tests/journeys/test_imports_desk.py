"""A corrected delivery: what differs, what it changes, taken, looked at, read again, undone."""

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from playwright.sync_api import expect

from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from tests.journeys.conftest import Site
from tests.unit.ingest_home import HEADERS, line, write_csv

TITLES = (*HEADERS, "Unit cost")
IMPORT = "#intake-actions .btn-primary"
MODE = '[id*=\'"name":"mode"\']'


@pytest.fixture
def desk(serve: Callable[[Path, int], Site], tmp_path: Path) -> Iterator[Site]:
    """Return a site without data, with a worker of its own."""
    home = tmp_path / "home"
    home.mkdir()
    site = serve(home, 0)
    application, stop = Application.open(load_settings(home)), Event()
    worker = Thread(target=Worker(application, "journey", HANDLERS).run, args=(stop,))
    worker.start()
    yield site
    stop.set()
    worker.join()
    application.close()


def sold(number: int, quantity: float, product: str = "P1") -> list[Any]:
    """Return a line at 10.50 that cost 4."""
    return [*line(number, Quantity=quantity, **{"Product code": product}), 4]


def choose(page: Any, path: Path) -> None:
    """Choose a file and wait for its preview."""
    with page.expect_file_chooser() as opened:
        page.click("#import-open")
    opened.value.set_files([path])
    expect(page.locator("#intake-body .sheet")).to_be_visible()


def confirm(page: Any) -> None:
    """Import what is shown, and close the dialogue."""
    page.click(IMPORT)
    expect(page.locator("#intake-body .result-head")).to_be_visible()
    page.click("#intake .intake-close")


def effect(page: Any, panel: str = "effect") -> list[str]:
    """Return the texts of the first month in a table of effects."""
    row = page.locator(f"[data-panel='{panel}'] tbody tr").first
    expect(row).to_be_visible()
    return row.locator("td > span[aria-hidden]").all_inner_texts()


def test_a_corrected_delivery(desk: Site, page: Any, tmp_path: Path) -> None:
    rows = [sold(1, 10), sold(1, 2, "P2"), sold(2, 20)]
    first = write_csv(tmp_path / "march.csv", rows, TITLES)
    corrected = [sold(1, 12), sold(2, 20), sold(3, 1)]
    second = write_csv(tmp_path / "march-2.csv", corrected, TITLES)
    page.goto(f"{desk.url}/imports")
    choose(page, first)
    # 32 pieces at 10.50, cost 4: 336.00 and 208.00.
    assert effect(page) == ["– → €336.00", "– → €208.00", "0 → 3"]
    confirm(page)

    choose(page, second)
    expect(page.locator(".difference-summary")).to_contain_text(
        "1 of 2 stored documents or keys hold other rows in this file: "
        "0 added, 1 changed, 1 removed."
    )
    # Invoice 1 keeps 12 pieces of P1; with the new invoice 3 there are 33.
    assert effect(page, "taken") == ["€336.00 → €346.50", "€208.00 → €214.50"]
    page.select_option(MODE, "upsert")
    expect(page.locator("[data-panel='effect'] .was").first).to_have_text("€336.00")
    expect(page.locator(".counts dd").nth(1)).to_have_text("2")
    confirm(page)
    listed = page.locator(".import-row")
    expect(listed).to_have_count(2)
    expect(listed.first).to_contain_text("€136.50 of net sales")
    page.fill("#imports-find", "march-2 sales")
    expect(listed).to_have_count(1)
    page.fill("#imports-find", "")
    expect(listed).to_have_count(2)

    page.click(".import-name >> text=march.csv")
    expect(page.locator(".import-view h2")).to_have_text("march.csv")
    expect(page.locator(".import-rows tbody tr")).to_have_count(3)
    expect(page.locator(".import-rows .hidden-row")).to_have_count(2)
    with page.expect_download() as sent:
        page.click("text=Original file")
    assert Path(sent.value.path()).read_bytes() == first.read_bytes()
    page.click(".import-back")

    page.click(".import-name >> text=march-2.csv")
    page.click("text=Read again with another mapping…")
    expect(page.locator(".again-note")).to_contain_text("The file of import 2 is read again.")
    page.select_option("[data-column='Unit cost'] select", "-")
    expect(page.locator("[data-column='Unit cost'].unused")).to_be_visible()
    confirm(page)
    page.click(".import-back")
    expect(listed).to_have_count(3)
    expect(listed.nth(1)).to_contain_text("Undone")
    page.click("[data-import='2'] button:has-text('Redo')")
    page.click("#import-question .confirm-actions .btn-primary")
    expect(page.locator("#import-question")).to_contain_text("Undo import 3 first.")
    page.click("#import-question .confirm-close")
    page.click("[data-import='3'] button:has-text('Undo')")
    expect(page.locator("#import-question")).to_contain_text("The rows it replaced count again.")
    page.click("#import-question .confirm-actions .btn-primary")
    expect(page.locator("[data-import='3'] .badge-mark").first).to_have_text("Undone")
    expect(page.locator("[data-import='1']")).to_contain_text("€336.00 of net sales")
