"""Another browser of the same person opens alike; one with changes of its own keeps them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from core.services.application import Application
from core.settings import load_settings
from dashboard.app import create_app
from dashboard.security import CSRF_HEADER
from tests.desk import Visitor

DESK = "density=compact&nav=closed"


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    found = Application.open(load_settings(tmp_path / "home"))
    yield found
    found.close()


def told(visitor: Visitor, **values: Any) -> Any:
    headers = {CSRF_HEADER: visitor.token, "Sec-Fetch-Site": "same-origin"}
    return visitor.client.post("/desk/preferences", json=values, headers=headers)


def held(visitor: Visitor) -> dict[str, str]:
    """Return what a browser holds after it has opened the application."""
    visitor.client.get("/")
    names = ("picholine_theme", "picholine_desk", "picholine_kept")
    found = {name: visitor.client.get_cookie(name) for name in names}
    return {name: unquote(cookie.value) for name, cookie in found.items() if cookie}


def test_a_second_browser_opens_like_the_first(application: Application) -> None:
    server = create_app(application)
    first, second, somebody = (
        Visitor(server.test_client()),
        Visitor(server.test_client()),
        Visitor(create_app(application, "somebody").test_client()),
    )
    assert held(first) == {}
    stamp = told(first, theme="dark", desk=DESK).json["stamp"]
    kept = {"picholine_theme": "dark", "picholine_desk": DESK, "picholine_kept": stamp}
    assert held(second) == kept
    assert held(somebody) == {}
    later = told(first, theme="contrast", desk="").json["stamp"]
    assert held(second) == {
        "picholine_theme": "contrast", "picholine_desk": "", "picholine_kept": later,
    }  # fmt: skip


def test_what_a_browser_has_not_sent_is_not_taken_away(application: Application) -> None:
    server = create_app(application)
    told(Visitor(server.test_client()), theme="dark", desk=DESK)
    own = Visitor(server.test_client())
    for name in ("picholine_theme", "picholine_desk", "picholine_kept"):
        own.client.delete_cookie(name)
    own.client.set_cookie("picholine_theme", "light")
    assert held(own) == {"picholine_theme": "light"}
    own.client.set_cookie("picholine_kept", "1.0")
    own.client.set_cookie("picholine_unsent", "1")
    assert held(own)["picholine_theme"] == "light"
    own.client.delete_cookie("picholine_unsent")
    assert held(own)["picholine_theme"] == "dark"


def test_another_site_cannot_write_them(application: Application) -> None:
    visitor = Visitor(create_app(application).test_client())
    assert visitor.client.post("/desk/preferences", json={"theme": "dark"}).status_code == 403
    assert held(visitor) == {}
