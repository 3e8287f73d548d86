"""From a file on the desk to numbers on the pages and back: dropped, corrected, undone."""

import base64
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from openpyxl import load_workbook
from playwright.sync_api import expect

from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from tests.journeys.conftest import Site
from tests.samples import CLEAN, FOLDER, FRENCH

SALES = "#overview-kpis-body .tile:first-child .tile-value"
IMPORT = "#intake-actions .btn-primary"
DROP = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], name));
  const tell = (kind) => document.querySelector("#main").dispatchEvent(
    new DragEvent(kind, { dataTransfer: carried, bubbles: true, cancelable: true }));
  tell("dragover");
  window.overlayWasShown = !document.getElementById("intake-drop").hidden;
  tell("drop");
}"""


@pytest.fixture
def desk(serve: Callable[[Path, int], Site], tmp_path: Path) -> Iterator[Site]:
    """Return a site without data, with a worker of its own."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text("max_upload_mb = 60\n")
    site = serve(home, 0)
    application, stop = Application.open(load_settings(home)), Event()
    worker = Thread(target=Worker(application, "journey", HANDLERS).run, args=(stop,))
    worker.start()
    yield site
    stop.set()
    worker.join()
    application.close()


def drop(page: Any, path: Path) -> None:
    """Drop a file somewhere on the window, as a hand would."""
    expect(page.locator("#page-title")).not_to_be_empty()
    page.evaluate(DROP, [path.name, base64.b64encode(path.read_bytes()).decode()])
    assert page.evaluate("window.overlayWasShown")


def drop_from_the_desk(page: Any, path: Path, x: int, y: int) -> None:
    """Drop a file as the window system does: the browser itself opens it by its path."""
    session = page.context.new_cdp_session(page)
    carried = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": x, "y": y, "data": carried})
    expect(page.locator("#intake-drop")).to_be_visible()
    for place in range(3):  # a hand moves on, and the page says that it takes the file
        moved = {"type": "dragOver", "x": x + place, "y": y, "data": carried}
        session.send("Input.dispatchDragEvent", moved)
        page.wait_for_timeout(200)
    session.send("Input.dispatchDragEvent", {"type": "drop", "x": x + 2, "y": y, "data": carried})
    expect(page.locator("#intake-drop")).to_be_hidden()
    session.detach()


def choose_by(page: Any, act: Callable[[], None], *paths: Path) -> None:
    """Choose files in the dialogue that an action opens."""
    with page.expect_file_chooser() as opened:
        act()
    opened.value.set_files(list(paths))


def choose(page: Any, *paths: Path) -> None:
    """Choose files through the button."""
    choose_by(page, lambda: page.click("#import-open"), *paths)


def imported(page: Any, path: Path) -> None:
    """Choose a file, take the proposal as it is, and wait for the result."""
    choose(page, path)
    page.click(IMPORT)
    expect(page.locator("#intake-body .result-head")).to_be_visible(timeout=60_000)


def counts(page: Any, inside: str = "#intake-body") -> list[int]:
    """Return rows read, accepted, quarantined and already there, as shown."""
    expect(page.locator(f"{inside} .count").last).to_be_visible()
    shown = page.locator(f"{inside} .count dd").all_inner_texts()
    return [int(re.sub(r"\D", "", text)) for text in shown]


def test_a_dropped_workbook_becomes_numbers_and_undo_takes_them_back(
    page: Any, desk: Site, tmp_path: Path
) -> None:
    page.goto(f"{desk.url}/overview")
    expect(page.locator("#overview-slot .no-data")).to_be_visible()
    imported(page, FOLDER / CLEAN)
    assert counts(page) == [121, 121, 0, 0]
    page.click("#intake-actions .intake-leave")
    expect(page.locator("#intake")).to_be_hidden()
    expect(page.locator(SALES)).to_contain_text("€")
    before = page.locator(SALES).inner_text()

    drop(page, FOLDER / FRENCH)
    expect(page.locator("#intake .mapping:not(.values)")).to_be_visible()
    assert counts(page) == [60, 58, 2, 0]
    expect(page.locator("#intake-body .problem.bad")).to_have_count(2)
    customer = page.locator("tr[data-column='Client'] select")
    expect(customer).to_have_value("customer_id")
    customer.select_option("salesperson")
    expect(page.locator("#intake-body th", has_text="Salesperson")).to_be_visible()
    page.click(IMPORT)
    expect(page.locator("#intake-body .result-head")).to_contain_text("58 rows")
    read, *ended = counts(page)
    assert (read, sum(ended)) == (60, 60)

    with page.expect_download() as download:
        page.click("#intake-body .quarantine-link")
    kept = tmp_path / "quarantine.xlsx"
    download.value.save_as(kept)
    cells = [str(cell) for row in load_workbook(kept).worksheets[0].values for cell in row]
    assert "à confirmer" in cells
    assert "31/06/2025" in cells

    page.click("#intake-actions .intake-leave")
    expect(page.locator(SALES)).not_to_have_text(before)
    expect(page.locator("#status-items")).to_contain_text("179 lines")
    page.click("#imports-nav")
    page.click("[data-import='2'] button")
    expect(page.locator("#import-confirm")).to_contain_text("This removes 58 rows")
    page.click("#import-confirm .btn-primary")
    expect(page.locator("[data-import='2'][data-status='undone']")).to_be_visible()
    expect(page.locator("#import-confirm")).to_be_hidden()
    page.click("#overview-nav")
    expect(page.locator(SALES)).to_have_text(before)
    expect(page.locator("#status-items")).to_contain_text("121 lines")


def test_undo_and_redo_from_the_result(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/imports")
    expect(page.locator("#imports-list")).to_contain_text("Nothing has been imported yet")
    imported(page, FOLDER / CLEAN)
    page.click("#intake-body .links button")
    page.click("#import-confirm .confirm-close")
    expect(page.locator("#import-confirm")).to_be_hidden()
    page.click("#intake-body .links button")
    page.click("#import-confirm .btn-primary")
    expect(page.locator("#intake-body .sheet-head")).to_contain_text("Undone")
    expect(page.locator("#status-items")).to_contain_text("No data")
    page.click("#intake-body .links button")
    page.click("#import-confirm .btn-primary")
    expect(page.locator("#status-items")).to_contain_text("121 lines")


def test_files_wait_for_each_other_and_one_can_be_left_out(
    page: Any, desk: Site, tmp_path: Path
) -> None:
    picture = tmp_path / "photo.png"
    picture.write_bytes(b"\x89PNG")
    page.goto(f"{desk.url}/imports")
    choose(page, FOLDER / FRENCH, picture, FOLDER / CLEAN)
    rows = page.locator("#intake-files .intake-file")
    expect(rows).to_have_count(3)
    expect(rows.nth(0)).to_contain_text("Ready to be imported")
    expect(rows.nth(1)).to_contain_text("This kind of file cannot be imported.")
    expect(rows.nth(2)).to_contain_text("Waiting for its turn")
    page.click("#intake-skip")
    expect(rows.nth(0)).to_contain_text("Left out")
    expect(rows.nth(2)).to_contain_text("Ready to be imported")
    assert counts(page) == [121, 121, 0, 0]
    page.keyboard.press("Escape")
    expect(page.locator("#intake")).to_be_hidden()
    page.click("#intake-pill")
    page.click(IMPORT)
    expect(rows.nth(2)).to_contain_text("Done")
    page.click("#intake .intake-close")
    expect(page.locator("#intake-pill")).to_be_hidden()
    expect(page.locator(".import-row")).to_have_count(1)


def test_a_field_stands_for_one_column_only(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/imports")
    choose(page, FOLDER / FRENCH)
    page.locator("tr[data-column='Client'] select").select_option("quantity")
    expect(page.locator("tr[data-column='Qté'] select")).to_have_value("-")
    expect(page.locator("tr[data-column='Client'] select")).to_have_value("quantity")
    page.locator("tr[data-column='Client'] select").select_option("customer_id")
    expect(page.locator("#intake-body .error")).to_contain_text("Still missing: Quantity.")
    expect(page.locator(IMPORT)).to_be_disabled()
    page.locator("tr[data-column='Qté'] select").select_option("quantity")
    expect(page.locator(IMPORT)).to_be_enabled()
    assert counts(page) == [60, 58, 2, 0]


def test_a_broken_file_says_what_is_wrong_and_the_next_one_works(
    page: Any, desk: Site, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.xlsx"
    broken.write_bytes((FOLDER / CLEAN).read_bytes()[:5000])
    page.goto(f"{desk.url}/imports")
    drop(page, broken)
    error = page.locator("#intake-error .error")
    expect(error).to_contain_text("broken.xlsx is damaged")
    expect(error).to_contain_text("save it under a new name")
    expect(error.locator("code")).to_have_text("file.unreadable")
    expect(page.locator("#intake-body")).to_be_empty()
    imported_before = page.locator(".import-row").count()
    assert imported_before == 0
    choose_by(page, lambda: page.click("#intake-choose"), FOLDER / CLEAN)
    expect(page.locator(IMPORT)).to_contain_text("Import")
    expect(error).to_have_count(0)


def test_a_file_that_is_too_large_is_not_even_sent(page: Any, desk: Site, tmp_path: Path) -> None:
    large = tmp_path / "large.csv"
    with large.open("wb") as stream:
        stream.truncate(61_000_000)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.method} {request.url}"))
    page.goto(f"{desk.url}/imports")
    choose(page, large)
    expect(page.locator("#intake-error")).to_contain_text("this server takes 60 MB at most")
    assert not [one for one in sent if "/uploads" in one and not one.startswith("GET ")]


def test_an_upload_shows_its_bytes_and_can_be_cancelled(
    page: Any, desk: Site, tmp_path: Path
) -> None:
    slow = tmp_path / "slow.csv"
    slow.write_bytes(b"Invoice;Date;Product code;Quantity;Unit price\n" + b"x" * 3_000_000)
    page.goto(f"{desk.url}/imports")
    tools = page.context.new_cdp_session(page)
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 400_000},
    )
    choose(page, slow)
    row = page.locator("#intake-files .intake-file")
    expect(row).to_contain_text(re.compile(r"Sending: .+ of 3 MB"))
    expect(row.locator("progress")).to_have_attribute("value", re.compile(r"0\.\d+"))
    page.click("#intake-files .intake-cancel")
    expect(row).to_contain_text("Left out")
    assert desk.application.jobs.recent() == []
    assert [p.name for p in desk.application.settings.inbox.iterdir() if p.suffix != ".part"] == []


def test_a_broken_connection_is_said(browser: Any, desk: Site) -> None:
    # The browser itself reports the failure on its console: this page is not one of the watched.
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{desk.url}/imports")
    page.route("**/uploads*", lambda route: route.abort())
    choose(page, FOLDER / CLEAN)
    expect(page.locator("#intake-error")).to_contain_text("The connection broke")
    expect(page.locator("#intake-error")).to_contain_text("press “Retry”")
    page.unroute("**/uploads*")
    page.click(".intake-retry")
    expect(page.locator(IMPORT)).to_be_enabled()
    context.close()


def test_in_french_in_the_dark_on_a_phone_by_keyboard(
    open_page: Callable[..., Any], desk: Site
) -> None:
    page = open_page(390, 800, locale="fr-FR", color_scheme="dark")
    page.goto(f"{desk.url}/imports")
    expect(page.locator("#imports-list")).to_contain_text("Rien n’a encore été importé")
    choose_by(page, lambda: page.keyboard.press("Control+o"), FOLDER / FRENCH)
    expect(page.locator(IMPORT)).to_contain_text("Importer")
    expect(page.locator("#intake-body .counts")).to_contain_text("Lignes lues")
    expect(page.locator("tr[data-column='Qté']")).to_contain_text("Quantité")
    assert page.evaluate("document.querySelector('.intake-middle').scrollWidth") <= 390
    page.locator(IMPORT).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#intake-body .result-head")).to_contain_text("58 lignes")
    expect(page.locator("#intake-status")).to_contain_text("Terminé")
    page.keyboard.press("Escape")
    expect(page.locator("#imports-list")).to_contain_text("1 import compte")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_demo_company_is_loaded_and_taken_out_again(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/overview")
    page.click("#overview-slot .no-data button")
    expect(page.locator(SALES)).to_contain_text("€", timeout=120_000)
    expect(page.locator("#intake")).to_be_hidden()
    expect(page.locator("#status-items")).to_contain_text("200,000 lines")
    imported(page, FOLDER / CLEAN)
    page.click("#intake-body .demo-note button")
    expect(page.locator("#import-confirm")).to_contain_text("of invented figures")
    page.click("#import-confirm .btn-primary")
    expect(page.locator("#status-items")).to_contain_text("121 lines", timeout=60_000)
    expect(page.locator("#intake-body .demo-note")).to_have_count(0)


def test_the_real_online_retail_workbook(page: Any, desk: Site, real_data: Path) -> None:
    book = real_data / "online_retail" / "online_retail_2010_2011.xlsx"
    page.goto(f"{desk.url}/overview")
    expect(page.locator("#overview-slot .no-data")).to_be_visible()
    drop_from_the_desk(page, book, 320, 480)
    expect(page.locator("#intake .mapping:not(.values)")).to_be_visible(timeout=180_000)
    assert counts(page) == [541_909, 541_909, 0, 0]
    page.click(IMPORT)
    expect(page.locator("#intake-body .result-head")).to_contain_text(
        "541,909 rows", timeout=300_000
    )
    page.click("#intake-actions .intake-leave")
    expect(page.locator("#status-items")).to_contain_text("541,909 lines")
    expect(page.locator(SALES)).to_contain_text("€")
    page.click("#imports-nav")
    page.click("[data-import='1'] button")
    expect(page.locator("#import-confirm")).to_contain_text("This removes 541,909 rows")
    page.click("#import-confirm .btn-primary")
    expect(page.locator("#status-items")).to_contain_text("No data", timeout=60_000)
