"""Fixtures of many unit tests: a home without data, and a shop worked out on paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.hand_shop import open_shop
from tests.storehouse import Storehouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Storehouse]:
    """Open a home without data."""
    found = Storehouse(tmp_path / "home")
    yield found
    found.close()


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """Return a home with the six lines that every figure was worked out of on paper."""
    return open_shop(house)
