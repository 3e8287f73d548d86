"""A company half of which is closed to Anna, and what she and everybody else see of it."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.services.application import Application
from core.settings import load_settings
from dashboard.app import create_app
from tests import scratch
from tests.desk import Visitor
from tests.halves import OPEN_COUNTRY, opened, sales


@pytest.fixture(scope="package")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the whole company and Anna's rights, to be copied."""
    home = tmp_path_factory.mktemp("whole") / "home"
    found = opened(home, sales(closed=True))
    found.access.allow("anna", "country", [OPEN_COUNTRY])
    found.close()
    return home


@pytest.fixture(scope="module")
def application(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Open a copy of the whole company; a background analysis stands beside the real ones."""
    home = tmp_path_factory.mktemp("copy") / "home"
    shutil.copytree(filled, home)
    with scratch.registered():
        found = Application.open(load_settings(home))
        yield found
        found.close()


@pytest.fixture(scope="module")
def server(application: Application) -> Any:
    """Return the web application as Anna is served."""
    return create_app(application, "anna")


@pytest.fixture(scope="module")
def anna(server: Any) -> Visitor:
    """Return Anna's browser."""
    return Visitor(server.test_client())


@pytest.fixture(scope="module")
def everybody(application: Application) -> Visitor:
    """Return the browser of a person without limits."""
    return Visitor(create_app(application).test_client())
