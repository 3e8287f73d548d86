"""Purchase histories, holdout purchases and weekly counts against a recomputation in Python."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.repository.customers.purchases import (
    purchase_histories,
    purchases_between,
    weekly_repeats,
)

FIRST, SPAN = date(2024, 1, 1), 60
DAYS = st.integers(0, SPAN - 1).map(lambda n: FIRST + timedelta(days=n))
# customer, day, bought, net sales, margin (None: no cost known)
Day = tuple[int, date, bool, float, float | None]


@pytest.fixture(scope="module")
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def stage(cursor: duckdb.DuckDBPyConnection, days: list[Day]) -> None:
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE customer_days (customer_key INTEGER, date DATE, "
        "bought BOOLEAN, net_sales DOUBLE, gross_margin DOUBLE, contribution DOUBLE, "
        "product_net_sales DOUBLE, covered_net_sales DOUBLE)"
    )
    for key, day, bought, sales, margin in days:
        covered = 0.0 if margin is None else sales
        cursor.execute(
            "INSERT INTO customer_days VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [key, day, bought, sales, margin, margin, sales, covered],
        )


@st.composite
def histories(draw: st.DrawFn) -> list[Day]:
    chosen = draw(
        st.lists(st.tuples(st.integers(1, 4), DAYS), min_size=1, max_size=30, unique=True)
    )
    return [
        (
            key,
            day,
            draw(st.integers(0, 4)) > 0,
            float(draw(st.integers(-50, 200))),
            draw(st.none() | st.integers(-20, 90).map(float)),
        )
        for key, day in chosen
    ]


def known_until(days: list[Day], until: date) -> dict[int, list[Day]]:
    """Return each customer's days from the first purchase to `until`."""
    firsts: dict[int, date] = {}
    for key, day, bought, *_ in days:
        if bought and day <= until:
            firsts[key] = min(day, firsts.get(key, day))
    return {
        key: sorted(d for d in days if d[0] == key and first <= d[1] <= until)
        for key, first in firsts.items()
    }


def total(values: list[float | None]) -> float | None:
    known = [v for v in values if v is not None]
    return sum(known) if known else None


@settings(max_examples=40)
@given(histories(), DAYS)
def test_histories_equal_a_recomputation(
    cursor: duckdb.DuckDBPyConnection, days: list[Day], until: date
) -> None:
    stage(cursor, days)
    rows = {
        r["customer_key"]: r for r in rows_of(purchase_histories(cursor, until, "gross_margin"))
    }
    expected = known_until(days, until)
    assert list(rows) == sorted(expected)
    for key, found in expected.items():
        row = rows[key]
        purchases = [d for d in found if d[2]]
        first, last = purchases[0][1], purchases[-1][1]
        assert (row["first_day"], row["last_day"]) == (first, last)
        assert row["x"] == len(purchases) - 1 == row["purchase_days"] - 1
        assert (row["t_x"], row["t"]) == ((last - first).days, (until - first).days)
        assert row["net_sales"] == pytest.approx(sum(d[3] for d in found))
        assert row["gross_margin"] == pytest.approx(total([d[4] for d in found]))
        valued = [d for d in purchases if d[4] is not None]
        assert row["valued_days"] == len(valued)
        margin = total([d[4] for d in found])
        assert row["mean_value"] == (
            pytest.approx(margin / len(valued)) if valued and margin is not None else None
        )
        repeats = [d for d in valued if d[1] > first]
        later = total([d[4] for d in found if d[1] > first])
        assert row["mean_repeat_value"] == (
            pytest.approx(later / len(repeats)) if repeats and later is not None else None
        )


@settings(max_examples=40)
@given(histories(), DAYS, DAYS)
def test_the_holdout_knows_only_earlier_customers(
    cursor: duckdb.DuckDBPyConnection, days: list[Day], since: date, until: date
) -> None:
    stage(cursor, days)
    rows = {
        r["customer_key"]: r
        for r in rows_of(purchases_between(cursor, since, until, "gross_margin"))
    }
    known = known_until(days, since)
    assert list(rows) == sorted(known)
    for key, row in rows.items():
        later = [d for d in days if d[0] == key and since < d[1] <= until]
        assert row["purchase_days"] == sum(d[2] for d in later)
        expected = total([d[4] for d in later]) if later else 0.0
        assert row["value"] == (None if expected is None else pytest.approx(expected))


@settings(max_examples=40)
@given(histories(), DAYS, DAYS)
def test_weekly_repeats_add_up(
    cursor: duckdb.DuckDBPyConnection, days: list[Day], acquired: date, until: date
) -> None:
    stage(cursor, days)
    rows = rows_of(weekly_repeats(cursor, FIRST, acquired, until))
    firsts = {key: found[0][1] for key, found in known_until(days, date.max).items()}
    repeats = [
        (day - FIRST).days // 7
        for key, day, bought, *_ in days
        if bought and firsts[key] <= acquired and firsts[key] < day <= until
    ]
    assert [r["week"] for r in rows] == list(range((until - FIRST).days // 7 + 1))
    for row in rows:
        assert row["repeats"] == repeats.count(row["week"])
        assert row["cumulative"] == sum(week <= row["week"] for week in repeats)


def test_only_declared_amounts_are_read(cursor: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ValueError, match="1; DROP"):
        purchase_histories(cursor, FIRST, "1; DROP")


def rows_of(table: Any) -> list[dict[str, Any]]:
    return table.to_pylist()
