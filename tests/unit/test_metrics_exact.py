"""Every metric by every dimension under random filters: a sample of the benchmark of exactness."""

from collections.abc import Iterator

import numpy as np
import pytest

from core.models.catalogue import DIMENSIONS as DECLARED
from core.models.catalogue import METRICS
from tests.exact.keys import KEYS, STOCK_KEYS
from tests.exact.questions import compare, every_dimension, open_company, random_question
from tests.exact.recomputed import Recomputed
from tests.storehouse import Storehouse

LINES = 600


@pytest.fixture(scope="module")
def opened(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Storehouse, Recomputed]]:
    house = Storehouse(tmp_path_factory.mktemp("exact") / "home")
    yield house, open_company(house, LINES)
    house.close()


def test_every_metric_by_every_dimension(opened: tuple[Storehouse, Recomputed]) -> None:
    found = dict(every_dimension(*opened, each=1, seed=1))
    assert {key for key, stock in found if not stock} == set(DECLARED)
    assert {*KEYS, *STOCK_KEYS} == set(METRICS)
    assert [wrong for one in found.values() for wrong in one.wrong] == []
    assert sum(one.values for one in found.values()) > 5_000


@pytest.mark.parametrize("stock", [False, True])
def test_by_several_dimensions(opened: tuple[Storehouse, Recomputed], *, stock: bool) -> None:
    chance = np.random.default_rng(4)
    for by in (("country", "category"), ("month", "supplier"), ("weekday", "product", "grade")):
        if stock and "country" in by:
            continue
        assert compare(*opened, random_question(chance, opened[1], by, stock=stock)).wrong == ()
