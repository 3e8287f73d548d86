"""Pages drawn before, and pages drawn before anybody asked: always what a new drawing says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services.application import Application
from core.services.prefetch import Prefetch
from core.settings import load_settings
from dashboard.app import create_app
from tests.answers import lines
from tests.desk import Visitor
from tests.storehouse import Storehouse


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    house = Storehouse(tmp_path / "home")
    house.add("sales", lines(60))
    house.close()
    opened = Application.open(load_settings(tmp_path / "home"))
    opened.access.allow("anna", "country", ["FR"])
    yield opened
    opened.close()


def drawn(server: Any) -> int:
    return len(server.extensions["picholine_pages"]._found)


def test_what_a_page_depends_on_is_drawn_apart(application: Application, tmp_path: Path) -> None:
    server = create_app(application)
    english, french = Visitor(server.test_client()), Visitor(server.test_client(), "fr")
    first = english.page("overview", "period=all&country=FR&channel=web")
    assert english.page("overview", "channel=web&period=all&country=FR") == first
    assert drawn(server) == 1
    assert french.page("overview", "period=all&country=FR&channel=web") != first
    assert english.page("overview", "period=all&country=FR&channel=web", theme="dark") != first
    assert english.page("overview", "period=all&country=IT&channel=web") != first
    assert drawn(server) == 4
    house = Storehouse(tmp_path / "home")
    house.add("sales", lines(5))
    house.close()
    assert english.page("overview", "period=all&country=FR&channel=web") != first
    assert drawn(server) == 5


def test_rights_that_change_change_the_page(application: Application) -> None:
    server = create_app(application, "anna")
    anna = Visitor(server.test_client())
    before = anna.page("overview", "period=all")
    assert anna.page("overview", "period=all") == before
    application.access.allow("anna", "country", ["IT"])
    assert anna.page("overview", "period=all") != before


def test_a_page_that_failed_is_not_kept(application: Application) -> None:
    server = create_app(application)
    visitor = Visitor(server.test_client())
    visitor.page("overview", "period=all&from=never")
    assert drawn(server) == 0


def test_pages_drawn_ahead_are_those_that_are_drawn_when_asked(application: Application) -> None:
    prefetch = Prefetch(application, has_room=lambda: True, quiet_seconds=0.02, steps=6)
    server = create_app(application, "anna", prefetch)
    other = Visitor(create_app(application, "anna").test_client())
    anna = Visitor(server.test_client())
    anna.page("overview", "period=all")
    assert prefetch.settled(60)
    prefetch.stop()
    before = drawn(server)
    assert before > 4
    for key, query in (("overview", "period=last_month"), ("overview", "period=all&country=FR")):
        assert anna.page(key, query) == other.page(key, query)
    assert drawn(server) == before
    counts = application.metrics.answers.state(on_disk=False).counts
    assert counts["ahead"] > 20
