"""What changed since somebody last looked, recomputed from the lines of both states."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.models.query import Filter, Scope
from core.models.tables import ImportStatus
from core.services.last_look import Changes, LastLooks
from tests.storehouse import Storehouse, sale

ANA = Scope("ana")
FRENCH = Scope("fiona", (Filter("country", ("FR",)),))
Lines = list[dict[str, Any]]


def lines(first: int, count: int, day: date) -> Lines:
    return [
        dict(
            sale(
                f"I{n}", day.isoformat(), f"P{n % 4}", 1 + n % 3, 20 + n,
                customer_id=f"C{n % 6 if n < 100 else n}", country=("FR", "IT")[n % 2],
                unit_cost=11,
            )
        )
        for n in range(first, first + count)
    ]  # fmt: skip


FIRST = lines(0, 30, date(2025, 5, 20))
SECOND = lines(100, 9, date(2025, 6, 10))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path)
    yield found
    found.metrics.close()


@pytest.fixture
def looks(house: Storehouse) -> LastLooks:
    return LastLooks(house.catalogue, house.metrics)


def came(house: Storehouse, rows: Lines) -> int:
    number = house.add("sales", rows)
    house.warehouse.ensure()
    return number


def frame(rows: Lines) -> pd.DataFrame:
    found = pd.DataFrame(rows)
    found["sales"] = found["quantity"].astype(float) * found["unit_price"].astype(float)
    found["margin"] = found["sales"] - found["quantity"].astype(float) * 11
    return found


def figures(changes: Changes | None) -> dict[str, tuple[float | None, float | None]]:
    assert changes is not None
    return {one.metric: (one.before, one.after) for one in changes.figures}


def test_both_states_as_pandas_sums_them(house: Storehouse, looks: LastLooks) -> None:
    assert looks.look(ANA) is None  # there are no data
    came(house, FIRST)
    assert looks.look(ANA) is None  # seen for the first time
    assert looks.look(ANA) is None  # nothing changed
    added = came(house, SECOND)
    changes = looks.look(ANA)
    assert changes is not None
    assert [(record.id, record.accepted) for record in changes.added] == [(added, 9)]
    assert changes.gone == ()
    before, after = frame(FIRST), frame(FIRST + SECOND)
    expected = {
        "net_sales": (before.sales.sum(), after.sales.sum()),
        "gross_margin": (before.margin.sum(), after.margin.sum()),
        "margin_rate": (
            before.margin.sum() / before.sales.sum(), after.margin.sum() / after.sales.sum(),
        ),
        "orders": (before.invoice_id.nunique(), after.invoice_id.nunique()),
        "customers": (before.customer_id.nunique(), after.customer_id.nunique()),
    }  # fmt: skip
    found = figures(changes)
    assert set(found) == set(expected)
    for key, (then, now) in expected.items():
        assert found[key] == (pytest.approx(then), pytest.approx(now)), key
    for split, column in (("country", "country"), ("product", "product_id")):
        moved = after.groupby(column).sales.sum() - before.groupby(column).sales.sum()
        largest = moved.abs().sort_values(ascending=False).head(3)
        told = {m.member: m.change for m in changes.movers if m.dimension == split}
        assert told == {key: pytest.approx(moved[key]) for key in largest.index}


def test_it_stays_until_it_is_put_away(house: Storehouse, looks: LastLooks) -> None:
    came(house, FIRST)
    looks.look(ANA)
    came(house, SECOND)
    assert looks.look(ANA) == looks.look(ANA)
    assert looks.look(ANA) is not None
    looks.seen(ANA)
    assert looks.look(ANA) is None
    assert looks.look(Scope("bob")) is None  # sees them for the first time


def test_what_was_undone_is_told_and_what_came_and_went_is_not(
    house: Storehouse, looks: LastLooks
) -> None:
    came(house, FIRST)
    second = came(house, SECOND)
    looks.look(ANA)
    house.catalogue.set_status(second, ImportStatus.UNDONE)
    house.warehouse.ensure()
    changes = looks.look(ANA)
    assert changes is not None
    assert ([r.id for r in changes.gone], changes.added) == ([second], ())
    sums = (frame(FIRST + SECOND).sales.sum(), frame(FIRST).sales.sum())
    assert figures(changes)["net_sales"] == pytest.approx(sums)
    house.catalogue.set_status(second, ImportStatus.COMMITTED)
    house.warehouse.ensure()
    assert looks.look(ANA) is None


def test_who_sees_a_part_is_told_of_that_part(house: Storehouse, looks: LastLooks) -> None:
    came(house, FIRST)
    looks.look(FRENCH)
    came(house, SECOND)
    changes = looks.look(FRENCH)
    assert changes is not None
    assert changes.added == ()  # imports hold everybody's rows
    before, after = (f[f.country == "FR"] for f in (frame(FIRST), frame(FIRST + SECOND)))
    assert figures(changes)["net_sales"] == pytest.approx((before.sales.sum(), after.sales.sum()))
    assert {m.member for m in changes.movers if m.dimension == "country"} == {"FR"}
    # With other rights the figures are others: nothing is compared.
    assert looks.look(Scope("fiona")) is None
