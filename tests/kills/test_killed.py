"""A few kills of every kind: `make kills` does as many as one likes."""

import sys
from pathlib import Path
from random import Random

import pytest

from tests.kills.killing import KINDS, kill_once
from tests.kills.shop import Shop, make_shop

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return make_shop(tmp_path_factory.mktemp("kills"), 2_000)


@pytest.mark.parametrize(
    ("kind", "seed"), [("import", 1), ("import", 2), *((k, 3) for k in KINDS[1:])]
)
def test_killed_and_started_again(shop: Shop, tmp_path: Path, kind: str, seed: int) -> None:
    assert kill_once(shop, kind, tmp_path, Random(seed))
