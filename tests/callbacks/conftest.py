"""The web application over the services each module opens, and a visitor of it."""

from typing import Any

import pytest

from core.services.application import Application
from dashboard.app import create_app
from tests.desk import Visitor


@pytest.fixture(scope="module")
def server(application: Application) -> Any:
    """Return the web application over the module's own `application`."""
    return create_app(application)


@pytest.fixture
def visitor(server: Any) -> Visitor:
    """Return a visitor reading English."""
    return Visitor(server.test_client())
