"""Installed: the service worker takes over, the server goes, comes back, and is another edition."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from callbacks import installable
from dashboard.app import create_app
from tests.journeys.conftest import LOAD_MS, WAIT_MS, Site

DRAWN = "#overview-products-body svg.main-svg"
KEPT = """async () => (await (await caches.open("picholine-views")).keys()).length > 5"""
MANUAL = """() => {
    const edition = document.querySelector("meta[name=picholine-manual]").content;
    return caches.match(`/manual/en?v=${edition}`).then(Boolean);
}"""
TAKEN = "navigator.serviceWorker.controller !== null"


class Desk:
    """A server over a site's data that can be stopped and started at one address."""

    def __init__(self, site: Site) -> None:
        self._app = create_app(site.application)
        self._port, self._server = 0, None
        self.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        self._server = make_server("127.0.0.1", self._port, self._app, threaded=True)
        self._port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@pytest.fixture
def desk(site: Site) -> Iterator[Desk]:
    running = Desk(site)
    yield running
    running.stop()


@contextmanager
def installed(browser: Any) -> Iterator[tuple[Any, list[str]]]:
    """Open a window of its own, in which service workers may run."""
    errors: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(WAIT_MS)
    page.set_default_navigation_timeout(LOAD_MS)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page, errors
    with suppress(Exception):
        context.close()


def until(page: Any, true: str) -> None:
    """Wait for what a script says; the page's own rules let Playwright's waiting not run."""
    for _n in range(WAIT_MS // 100):
        if page.evaluate(true):
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not in time: {true}")


def net_sales(page: Any) -> str:
    return str(page.locator("#overview-kpis-body .tile-value").first.text_content())


def test_the_last_view_is_readable_without_a_server_and_a_new_edition_is_announced(
    browser: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with installed(browser) as (page, errors):
        page.goto(f"{desk.url}/overview")
        page.wait_for_selector(DRAWN)
        until(page, TAKEN)
        shown = net_sales(page)
        until(page, KEPT)
        until(page, MANUAL)

        desk.stop()
        page.goto(f"{desk.url}/overview")
        page.wait_for_selector(DRAWN)
        banner = page.locator("#offline-banner")
        expect(banner).to_contain_text("Offline: as of")
        assert net_sales(page) == shown
        assert page.locator("#filter-bar").evaluate("bar => bar.inert")
        page.locator("#import-open").click()
        expect(page.locator(".toast-note")).to_contain_text("need the server")
        page.locator("#roi-nav").click()
        expect(banner).to_contain_text("was not kept on this device")
        page.locator("#overview-nav").click()
        expect(banner).to_contain_text("Offline: as of")
        page.keyboard.press("F1")
        expect(page.locator("#manual h2").filter(has_text="Overview")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator("#manual")).to_have_count(0)

        monkeypatch.setattr(installable, "build", lambda: "another")
        desk.start()
        expect(banner).to_have_count(0)  # loads anew by itself
        page.wait_for_selector(DRAWN)
        assert not page.locator("#filter-bar").evaluate("bar => bar.inert")
        note = page.locator("#update-note")
        expect(note).to_contain_text("A new version of Picholine is ready.")
        with page.expect_navigation():
            note.locator(".btn-primary").click()
        page.wait_for_selector(DRAWN)
        until(page, "caches.has('picholine-files-another')")
        expect(note).to_have_count(0)
    assert errors == []
