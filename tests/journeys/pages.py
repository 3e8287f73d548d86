"""Pages that are lent to one journey after the other.

A browser draws the first page of a new window at twice the price of a later one: it starts a
process and compiles every script anew. A page that has been cleared and rests on the same site
keeps both.
"""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from werkzeug.serving import make_server
from werkzeug.wrappers import Response

# A child of a shared machine may be slow to answer; a dead page is thrown away.
_CLEAR_MS = 10_000


@dataclass
class Watch:
    """What a page must not do."""

    errors: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    origins: set[str] = field(default_factory=set)
    _followed: list[tuple[Any, str, Callable[[Any], None]]] = field(default_factory=list)

    def follow(self, page: Any) -> None:
        """Note console errors, uncaught errors, failed answers and requests to other hosts."""
        for event, note in (
            ("console", self._message),
            ("pageerror", lambda error: self.errors.append(str(error))),
            ("request", lambda request: self._request(request.url)),
        ):
            page.on(event, note)
            self._followed.append((page, event, note))

    def leave(self) -> None:
        """Note nothing any more."""
        for page, event, note in self._followed:
            page.remove_listener(event, note)
        self._followed.clear()

    def _message(self, message: Any) -> None:
        if message.type == "error":
            self.errors.append(message.text)

    def _request(self, url: str) -> None:
        if url.startswith("http://127.0.0.1:"):
            found = urlsplit(url)
            self.origins.add(f"{found.scheme}://{found.netloc}")
        elif not url.startswith(("data:", "blob:")):
            self.foreign.append(url)


class Pages:
    """Windows of one browser, by what they are opened with."""

    def __init__(self, browser: Any, rest: str) -> None:
        """Keep the browser, and the address where pages rest."""
        self._browser, self._rest = browser, rest
        self._resting: dict[str, list[Any]] = {}

    def take(self, width: int, height: int, options: dict[str, Any]) -> Any:
        """Return a page with nothing of another journey."""
        resting = self._resting.get(repr(sorted(options.items())), [])
        size: Any = {"width": width, "height": height}
        if resting:
            page = resting.pop()
            page.set_viewport_size(size)
            return page
        return self._browser.new_context(viewport=size, **options).new_page()

    def give_back(self, page: Any, options: dict[str, Any], origins: set[str]) -> None:
        """Clear a page and let it rest; one that cannot be cleared is closed."""
        try:
            self._clear(page, origins)
        except Exception:  # whatever is the matter with a page, it is not lent again
            with suppress(Exception):
                page.context.close()
            return
        self._resting.setdefault(repr(sorted(options.items())), []).append(page)

    def _clear(self, page: Any, origins: set[str]) -> None:
        context = page.context
        page.set_default_timeout(_CLEAR_MS)
        for other in context.pages:
            if other != page:
                other.close()
        page.unroute_all(behavior="ignoreErrors")
        page.evaluate("sessionStorage.clear()")
        page.goto(self._rest, timeout=_CLEAR_MS)
        tools = context.new_cdp_session(page)
        for origin in origins:
            tools.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": "all"})
        tools.detach()
        context.clear_cookies()
        context.clear_permissions()


@contextmanager
def resting_place() -> Generator[str]:
    """Serve an empty page on the host of the sites."""

    def empty(environment: Any, start: Any) -> Any:
        answer = Response("<!doctype html><link rel='icon' href='data:,'>", mimetype="text/html")
        return answer(environment, start)

    server = make_server("127.0.0.1", 0, empty)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
