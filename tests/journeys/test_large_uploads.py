"""Large files and many files: paused, cancelled, interrupted, continued; folders as a whole."""

import base64
import os
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
from tests.journeys.conftest import LOAD_MS, WAIT_MS, Site
from tests.samples import CLEAN, FOLDER

HEAD = b"Invoice;Date;Product code;Quantity;Unit price;Customer\n"
PIECE_KB = 32
MEGABYTES = int(os.environ.get("PICHOLINE_LARGE_MB", "0"))  # `make large` sends 500
ROWS = "#intake-files .intake-file"
PUTS = "**/uploads/*offset=*"


@pytest.fixture
def desk(serve: Callable[[Path, int], Site], tmp_path: Path) -> Iterator[Site]:
    """Return a site without data whose large files come in small pieces, with a worker."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text(f"upload_piece_kb = {PIECE_KB}\n")
    site = serve(home, 0)
    application, stop = Application.open(load_settings(home)), Event()
    worker = Thread(target=Worker(application, "journey", HANDLERS).run, args=(stop,))
    worker.start()
    yield site
    stop.set()
    worker.join()
    application.close()


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """Return a sales file of about thirty pieces."""
    path = tmp_path / "large.csv"
    line = b"F-%06d;2025-03-31;P%03d;2;9.90;C%04d\n"
    path.write_bytes(HEAD + b"".join(line % (n, n % 500, n % 3000) for n in range(30_000)))
    assert path.stat().st_size > 25 * PIECE_KB * 1024
    return path


def choose(page: Any, *paths: Path, button: str = "#import-open") -> None:
    with page.expect_file_chooser() as opened:
        page.click(button)
    opened.value.set_files(list(paths))


class Slow:
    """Pieces that wait, or get lost, as a journey wants."""

    def __init__(self, page: Any, after: int) -> None:
        """Let so many pieces through, then lose the others until `mend` is called."""
        self.sent, self.lost, self.whole = [], 0, False
        self._after = after
        page.route(PUTS, self._take)

    def _take(self, route: Any) -> None:
        offset = int(route.request.url.rpartition("=")[2])
        if len(self.sent) >= self._after and not self.whole:
            self.lost += 1
            route.abort()
            return
        self.sent.append(offset)
        route.continue_()

    def mend(self) -> None:
        self.whole = True


def unwatched(browser: Any) -> Any:
    """Return a page of its own: the browser reports lost requests on its console."""
    page = browser.new_context(locale="en-GB").new_page()
    page.set_default_timeout(WAIT_MS)
    page.set_default_navigation_timeout(LOAD_MS)
    return page


def test_a_large_upload_is_cancelled_and_resumed_after_a_reload(
    browser: Any, desk: Site, large: Path
) -> None:
    page = unwatched(browser)
    page.goto(f"{desk.url}/imports")
    pieces = Slow(page, after=12)
    choose(page, large)
    row = page.locator(ROWS)
    expect(row).to_contain_text("Connection lost; trying again in")
    row.locator(".intake-cancel").click()
    expect(row).to_contain_text("Left out")
    row.locator(".intake-retry").click()
    expect(row).to_contain_text("Connection lost")
    row.locator(".intake-pause").click()
    expect(row).to_contain_text("Paused: 393 kB of")
    page.reload()
    page.click("#intake-pill")
    expect(row).to_contain_text("Interrupted: 393 kB of")
    pieces.mend()
    choose(page, large, button=f"{ROWS} .intake-again")
    expect(page.locator("#intake .mapping:not(.values)")).to_be_visible()
    expect(page.locator(f"{ROWS}.ready")).to_have_count(1)
    step = PIECE_KB * 1024
    assert pieces.sent == list(range(0, large.stat().st_size, step))  # none of them twice
    expect(page.locator("#intake-body .count").first).to_contain_text("30,000")
    page.context.close()


def test_a_lost_connection_comes_back_by_itself(browser: Any, desk: Site, large: Path) -> None:
    page = unwatched(browser)
    page.goto(f"{desk.url}/imports")
    pieces = Slow(page, after=5)
    choose(page, large)
    expect(page.locator(ROWS)).to_contain_text("Connection lost")
    pieces.mend()
    expect(page.locator(f"{ROWS}.ready")).to_have_count(1)
    assert pieces.lost >= 1
    page.context.close()


def test_an_interrupted_upload_can_be_discarded(browser: Any, desk: Site, large: Path) -> None:
    page = unwatched(browser)
    page.goto(f"{desk.url}/imports")
    Slow(page, after=3)
    choose(page, large)
    expect(page.locator(ROWS)).to_contain_text("Connection lost")
    page.reload()
    page.click("#intake-pill")
    page.click(f"{ROWS} .intake-discard")
    expect(page.locator(ROWS)).to_contain_text("Left out")
    expect(page.locator("#intake-pill")).to_be_hidden()
    page.wait_for_timeout(300)
    assert not list((desk.home / "uploads").glob("*.part"))
    page.context.close()


def test_a_paused_file_lets_the_next_one_pass(page: Any, desk: Site, large: Path) -> None:
    page.goto(f"{desk.url}/imports")
    held: list[Any] = []
    page.route(PUTS, lambda route: held.append(route) if not held else route.continue_())
    choose(page, large, FOLDER / CLEAN)
    rows = page.locator(ROWS)
    while not held:
        page.wait_for_timeout(50)
    rows.nth(0).locator(".intake-pause").click()
    expect(rows.nth(0)).to_contain_text("Paused")
    expect(rows.nth(1)).to_contain_text("Ready to be imported")
    rows.nth(0).locator(".intake-resume").click()
    page.click("#intake-actions .btn-primary")
    expect(rows.nth(1)).to_contain_text("Done")
    page.click("#intake-next")
    expect(rows.nth(0)).to_contain_text("Ready to be imported")


def test_a_folder_is_taken_whole_and_other_files_are_named(
    page: Any, desk: Site, tmp_path: Path
) -> None:
    folder = tmp_path / "Exports"
    (folder / "2025" / "March").mkdir(parents=True)
    (folder / "a.csv").write_bytes(HEAD + b"F-1;2025-03-31;P1;2;9.90;C1\n")
    (folder / "2025" / "March" / "b.csv").write_bytes(HEAD + b"F-2;2025-03-31;P1;2;9.90;C1\n")
    (folder / "2025" / "photo.png").write_bytes(b"\x89PNG")
    (folder / "2025" / "~$b.xlsx").write_bytes(b"lock")
    (folder / ".hidden.csv").write_bytes(b"hidden")
    page.goto(f"{desk.url}/imports")
    with page.expect_file_chooser() as opened:
        page.click("#imports-list .folder-open")
    opened.value.set_files(folder)
    rows = page.locator(ROWS)
    expect(rows).to_have_count(3)
    expect(page.locator("#intake-files")).to_contain_text("Exports/a.csv")
    expect(page.locator("#intake-files")).to_contain_text("Exports/2025/March/b.csv")
    passed = page.locator(f"{ROWS}.passed")
    expect(passed).to_contain_text("Files of other kinds, passed over: 1")
    expect(passed).to_contain_text("Exports/2025/photo.png")
    expect(page.locator(f"{ROWS}.ready")).to_have_count(1)


FAKE_FOLDER = """([name, content]) => {
  const bytes = Uint8Array.from(atob(content), (sign) => sign.charCodeAt(0));
  const file = new File([bytes], name);
  const entry = { isFile: true, name, fullPath: `/Mars/${name}`, file: (told) => told(file) };
  const left = [[entry], []];
  const folder = { isDirectory: true, name: "Mars", fullPath: "/Mars",
    createReader: () => ({ readEntries: (told) => told(left.shift()) }) };
  DataTransferItem.prototype.webkitGetAsEntry = () => folder;
  const carried = new DataTransfer();
  carried.items.add(file);
  document.querySelector("#main").dispatchEvent(
    new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


def test_a_dropped_folder_is_walked_through(page: Any, desk: Site) -> None:
    page.goto(f"{desk.url}/imports")
    expect(page.locator("#page-title")).not_to_be_empty()
    content = base64.b64encode(HEAD + b"F-1;2025-03-31;P1;2;9.90;C1\n").decode()
    page.evaluate(FAKE_FOLDER, ["sales.csv", content])
    expect(page.locator(f"{ROWS}.ready")).to_contain_text("Mars/sales.csv")


@pytest.mark.skipif(not MEGABYTES, reason="sends hundreds of megabytes: make large")
def test_a_file_of_many_megabytes_is_cancelled_and_resumed(
    browser: Any, serve: Callable[[Path, int], Site], tmp_path: Path
) -> None:
    site = serve(tmp_path / "home", 0)
    path = tmp_path / "huge.csv"
    block = b"".join(b"F-%08d;2025-03-31;P%05d;2;9.90;C1\n" % (n, n) for n in range(30_000))
    with path.open("wb") as stream:
        stream.write(HEAD)
        while stream.tell() < MEGABYTES * 1_000_000:
            stream.write(block)
    page = unwatched(browser)
    page.goto(f"{site.url}/imports")
    pieces = Slow(page, after=8)
    choose(page, path)
    row = page.locator(ROWS)
    expect(row).to_contain_text("Connection lost", timeout=120_000)
    row.locator(".intake-cancel").click()
    expect(row).to_contain_text("Left out")
    pieces.mend()
    row.locator(".intake-retry").click()
    expect(row).to_contain_text("Reading", timeout=300_000)
    assert len(pieces.sent) == -(-path.stat().st_size // (8192 * 1024))
    kept = [p for p in site.application.settings.inbox.iterdir() if len(p.name) == 64]
    assert [p.stat().st_size for p in kept] == [path.stat().st_size]
    page.context.close()
