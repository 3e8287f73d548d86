"""Where nothing is to be seen, every place says what to do next."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services.analytics.base import get_analysis
from core.services.application import Application
from core.settings import load_settings
from dashboard.app import create_app
from dashboard.page import pages
from dashboard.shell import page_content
from tests.desk import Visitor, demo_application, texts


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    found = demo_application(tmp_path_factory.mktemp("bare") / "home", 3000)
    found.access.allow("nobody", "country", ["ZZ"])
    yield found
    found.close()


def quick_pages() -> list[str]:
    """Return the pages that are answered at once."""
    return [page.key for page in pages() if page.analysis and get_analysis(page.analysis).run]


def empty_panels(visitor: Visitor, key: str, query: str) -> dict[str, str]:
    """Return what the panels without rows say."""
    found = visitor.page(key, query)
    said: dict[str, Any] = {
        name: texts(props.get("children"))
        for name, props in found.items()
        if name.endswith("-notice")
    }
    return {name: text for name, text in said.items() if "No rows for these filters" in text}


def test_filters_that_find_nothing(visitor: Visitor) -> None:
    seen = 0
    for key in quick_pages():
        for name, text in empty_panels(visitor, key, "?country=ZZ").items():
            assert "Choose a longer period, or take filters away" in text, name
            seen += 1
    assert seen >= len(quick_pages())


def test_rights_to_nothing(application: Application) -> None:
    visitor = Visitor(create_app(application, "nobody").test_client())
    seen = 0
    for key in quick_pages():
        for name, text in empty_panels(visitor, key, "").items():
            assert "ask who manages the rights" in text, name
            seen += 1
    assert seen >= len(quick_pages())


def test_a_home_without_data(tmp_path: Path) -> None:
    """Every analysis page leads to an import and to the demo company."""
    application = Application.open(load_settings(tmp_path / "home"))
    create_app(application)
    for page in pages():
        if page.analysis:
            assert "Load the demo company" in str(page_content(page)), page.key
    application.close()
