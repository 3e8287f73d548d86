"""Fixtures of many unit tests: a home without data, and a shop worked out on paper."""

import shutil
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


@pytest.fixture(scope="session")
def kept_shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the shop and its warehouse, to be copied: building it is what takes."""
    home = tmp_path_factory.mktemp("shop") / "home"
    found = open_shop(Storehouse(home))
    found.warehouse.ensure()
    found.close()
    return home


@pytest.fixture
def shop(kept_shop: Path, tmp_path: Path) -> Iterator[Storehouse]:
    """Open a home with the six lines that every figure was worked out of on paper."""
    shutil.copytree(kept_shop, tmp_path / "shop")
    found = Storehouse(tmp_path / "shop")
    yield found
    found.close()
