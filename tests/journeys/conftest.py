"""A live server over a small demo company, and pages that tolerate no error and no other host."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from core.models.query import Scope
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from dashboard.app import create_app
from tests.desk import demo_application
from tests.journeys.pages import Pages, Watch, resting_place

WAIT_MS = 40_000
LOAD_MS = 90_000  # a page with all its scripts
HERE = Path(__file__).parent
DIED = ("(Target|[Pp]age) crashed", "TargetClosedError")  # what Playwright says of it
CALLBACKS = "**/_dash-update-component*"
_served: list[Application] = []
expect.set_options(timeout=WAIT_MS)  # a busy machine is slow, not wrong


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a journey whose browser died try once more; whatever else fails, fails.

    The closing line of the tests counts the second tries.
    """
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1, only_rerun=list(DIED)))


@dataclass
class Site:
    """A running application.

    Attributes:
        url: address without a slash at its end.
    """

    url: str
    application: Application
    home: Path


@pytest.fixture(scope="session")
def serve(common: Path) -> Iterator[Callable[[Path, int], Site]]:
    """Return a function that serves a home folder filled with so many demo lines."""
    running: list[tuple[Any, threading.Thread, Application]] = []
    scripts = common / "scripts"
    scripts.mkdir(exist_ok=True)

    def start(home: Path, lines: int) -> Site:
        application = demo_application(home, lines)
        # Compressing all scripts takes seconds: the first home does it for all that follow.
        (application.settings.cache / "static").symlink_to(scripts)
        server = make_server("127.0.0.1", 0, create_app(application), threaded=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        running.append((server, thread, application))
        _served.append(application)
        return Site(f"http://127.0.0.1:{server.server_port}", application, home)

    yield start
    for server, thread, application in running:
        server.shutdown()
        thread.join()
        server.server_close()
        application.close()


@pytest.fixture(scope="session")
def site(serve: Callable[[Path, int], Site], tmp_path_factory: pytest.TempPathFactory) -> Site:
    """Return a site with the demo company; journeys that change data serve their own."""
    return serve(tmp_path_factory.mktemp("site"), 20_000)


@pytest.fixture(autouse=True)
def _as_delivered() -> Iterator[None]:
    """Let the next journey open as delivered: colours and layout are kept on the server."""
    yield
    for application in _served:
        application.layout.forget(Scope())


@contextmanager
def worker_of(site: Site) -> Generator[None]:
    """Let a worker do this site's jobs inside the block."""
    stop = threading.Event()
    worker = Worker(site.application, "journey", HANDLERS)

    def work() -> None:
        while not stop.wait(0.1):
            worker.run_next(stop)

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def text_of(locator: Any) -> str:
    """Return the text that stands there as soon as one does; a grid sizing its columns is hidden.

    `inner_text` would say that what is out of sight is empty.
    """
    expect(locator).not_to_be_empty()
    return str(locator.text_content()).strip()


class Late:
    """Answers of the server that come as late as a journey wants."""

    def __init__(self, page: Any, output: str) -> None:
        """Keep back, from now on, what is asked for an output whose name holds this text."""
        self._page, self._output, self._held, self._over = page, output, [], False
        page.route(CALLBACKS, self._take)

    def _take(self, route: Any) -> None:
        if not self._over and self._output in route.request.post_data_json["output"]:
            self._held.append(route)
        else:
            route.fallback()  # to what is kept back for another output, if anything

    def waiting(self, count: int = 1) -> None:
        """Wait until so many questions have been asked."""
        for _n in range(WAIT_MS // 50):
            if len(self._held) >= count:
                return
            self._page.wait_for_timeout(50)
        pytest.fail(f"{len(self._held)} questions were asked, not {count}")

    def arrive(self) -> None:
        """Let everything through that was kept back, and everything after it."""
        self._over = True
        for route in self._held:
            route.continue_()
            route.request.response()
        self._page.wait_for_timeout(300)  # what an answer does to the page, it does at once


@pytest.fixture(scope="session")
def pages(browser: Any) -> Iterator[Pages]:
    """Lend pages from one journey to the next."""
    with resting_place() as rest:
        yield Pages(browser, rest)


@pytest.fixture
def open_page(pages: Pages) -> Iterator[Callable[..., Any]]:
    """Return a function that opens a page with a window and a language of its own."""
    watch = Watch()
    lent: list[tuple[Any, dict[str, Any]]] = []

    def start(width: int = 1440, height: int = 900, **options: Any) -> Any:
        # Only one journey is about the service worker; what passes one, a journey cannot hold back.
        usual = {"color_scheme": "light", "accept_downloads": True, "service_workers": "block"}
        wanted = {"locale": "en-GB", **usual, **options}
        page = pages.take(width, height, wanted)
        lent.append((page, wanted))
        page.set_default_timeout(WAIT_MS)
        page.set_default_navigation_timeout(LOAD_MS)
        watch.follow(page)
        # Listened to from the start: a dialogue that opens before a journey listens would be the
        # browser's own, which nobody can answer and which holds the page.
        page.on("filechooser", lambda _chooser: None)
        return page

    yield start
    watch.leave()
    for page, options in lent:
        pages.give_back(page, options, watch.origins)
    assert watch.errors == []
    assert watch.foreign == []


@pytest.fixture
def page(open_page: Callable[..., Any]) -> Any:
    """Return a page in a laptop's window, reading English."""
    return open_page()
