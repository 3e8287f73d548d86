"""Files on their way: all at once, through the watched folder, by a template, by a layout."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import openpyxl
import pytest
from playwright.sync_api import expect

from core.services.application import Application
from core.services.inbox_watch import InboxWatch
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from tests.journeys.conftest import Site
from tests.unit.ingest_home import line, write_csv

ROWS = "#intake-files .intake-file"
IMPORT = "#intake-actions .btn-primary"


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    folder = tmp_path / "arrivals"
    folder.mkdir()
    return folder


@pytest.fixture
def desk(serve: Callable[[Path, int], Site], tmp_path: Path, watched: Path) -> Iterator[Site]:
    """Return a site without data, with a worker that watches a folder."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(f'watched_folder = "{watched}"\n')
    site = serve(home, 0)
    application, stop = Application.open(load_settings(home)), Event()
    chores = (InboxWatch(application).look,)
    worker = Thread(target=Worker(application, "j", HANDLERS, idle=chores).run, args=(stop,))
    worker.start()
    yield site
    stop.set()
    worker.join()
    application.close()


def choose(page: Any, *paths: Path) -> None:
    with page.expect_file_chooser() as opened:
        page.click("#import-open")
    opened.value.set_files(list(paths))


def test_what_is_sure_is_imported_at_once_and_what_is_in_doubt_waits(
    page: Any, desk: Site, tmp_path: Path
) -> None:
    files = [write_csv(tmp_path / f"month-{n}.csv", [line(n)]) for n in range(1, 3)]
    doubt = write_csv(tmp_path / "doubt.csv", [["x", 1]], ["Invoice", "Qty"])
    page.goto(f"{desk.url}/imports")
    choose(page, doubt, *files)
    page.click("#intake-all")
    expect(page.locator(f"{ROWS}.done")).to_have_count(2, timeout=90_000)
    row = page.locator(ROWS).first
    expect(row).to_contain_text("Ready to be imported")
    expect(row).to_contain_text("lacks: Date")
    expect(page.locator("#intake-body .error")).to_contain_text("Still missing")
    page.click("#intake-skip")
    page.click("#intake .intake-close")
    expect(page.locator(".import-row")).to_have_count(2)


def test_a_waiting_file_of_the_watched_folder_is_confirmed_on_the_page(
    page: Any, desk: Site, watched: Path
) -> None:
    write_csv(watched / "march.csv", [line(1)])
    write_csv(watched / "odd.csv", [["P1", "Olives"]], ["Code produit", "Thing"])
    page.goto(f"{desk.url}/imports")
    expect(page.locator("#status-items")).to_contain_text("1 line")
    box = page.locator(".waiting-files")
    page.wait_for_timeout(500)
    page.reload()
    expect(box).to_contain_text("odd.csv")
    box.locator("button").first.click()
    table = page.locator("#intake-body .sheet-head select").first
    table.select_option("products")
    page.locator("tr[data-column='Thing'] select").select_option("name")
    page.click(IMPORT)
    expect(page.locator("#intake-body .result-head")).to_be_visible()
    page.click("#intake-actions .intake-leave")
    expect(box).to_have_count(0)
    for _n in range(100):
        if (watched / "done" / "odd.csv.txt").is_file():
            break
        page.wait_for_timeout(200)
    assert sorted(p.name for p in (watched / "done").iterdir()) == [
        "march.csv", "march.csv.txt", "odd.csv", "odd.csv.txt",
    ]  # fmt: skip


def test_a_template_is_filled_in_and_dropped(page: Any, desk: Site, tmp_path: Path) -> None:
    page.goto(f"{desk.url}/imports")
    page.click("#templates-list >> xpath=../summary")
    with page.expect_download() as download:
        page.click("#templates-list a[href='/templates/sales.xlsx']")
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    titles = {str(cell.value): cell.column for cell in sheet[1]}
    filled = {"Invoice": "F1", "Product code": "P1", "Quantity": 2, "Unit price excl. VAT": 9.5}
    for title, value in filled.items():
        sheet.cell(3, titles[title]).value = value
    sheet.cell(3, titles["Date"]).value = "2025-03-31"
    book.save(path)
    choose(page, path)
    expect(page.locator("#intake-body")).to_contain_text("The example row of the template")
    page.click(IMPORT)
    expect(page.locator("#intake-body .result-head")).to_contain_text("1 row")


def test_layouts_and_sources_are_managed_on_the_page(page: Any, desk: Site, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "shop.db") as connection:
        connection.execute("CREATE TABLE t (invoice, d, sku, q, p)")
        connection.execute("INSERT INTO t VALUES ('X1', '2025-05-01', 'P9', 2, 3.5)")
    connection.close()
    query = "SELECT invoice, d AS date, sku AS product_id, q AS quantity, p AS unit_price FROM t"
    address = f"sqlite:///{tmp_path / 'shop.db'}"
    page.goto(f"{desk.url}/imports")
    page.click("#sources-list >> xpath=../../summary")
    page.click("#layouts-list >> xpath=../summary")
    page.get_by_role("button", name="New source…").click()
    page.get_by_label("Name of the source").fill("shop")
    page.get_by_label("Address of the database").fill("postgresql://reader:secret@host/shop")
    page.get_by_label("Query: one SELECT").fill(query)
    form = page.locator("#source-editor")
    form.get_by_role("button", name="Save").click()
    expect(page.locator("#source-said")).to_contain_text("which Picholine does not store")
    page.get_by_label("Address of the database").fill(address)
    form.get_by_role("button", name="Try it").click()
    expect(page.locator("#source-said")).to_contain_text("They would become the table Sales")
    form.get_by_role("button", name="Save").click()
    expect(form).to_be_empty()
    page.get_by_role("button", name="Run now shop").click()
    expect(page.locator(ROWS)).to_contain_text("Done")
    page.click("#intake .intake-close")
    expect(page.locator("#sources-list")).to_contain_text("1 row read")
    expect(page.locator("#status-items")).to_contain_text("1 line")
    layout = page.locator("#layouts-list .arrival-row")
    expect(layout).to_contain_text("shop.parquet")
    layout.locator("summary").click()
    text = layout.locator("textarea")
    text.fill(text.input_value().replace("table =", "nonsense ="))
    layout.locator(".btn-primary").click()
    expect(page.locator("#arrivals-error")).to_contain_text("nonsense")
    text.fill(text.input_value().replace("nonsense =", 'currency = "USD"\ntable ='))
    layout.locator(".btn-primary").click()
    expect(layout).to_contain_text("version 2")
    expect(page.locator("#arrivals-error")).to_be_empty()
