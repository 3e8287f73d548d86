"""Cohort cells, pauses and spans against a recomputation in plain Python."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.repository.customers.cohorts import cohort_cells, customer_spans, usual_pause
from core.services.calendar import grain_start, months_between

CUT_OFF = date(2025, 3, 20)
FIRST = date(2023, 11, 5)
# customer, day, bought, net sales, margin (None: no cost known)
Day = tuple[int, date, bool, float, float | None]
LENGTHS = {"month": 1, "quarter": 3, "campaign": 12}


@pytest.fixture(scope="module")
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def stage(cursor: duckdb.DuckDBPyConnection, days: list[Day]) -> None:
    """Fill the tables of a history as the rows say; customers with an odd key come from abroad."""
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE customer_days (customer_key INTEGER, date DATE, "
        "bought BOOLEAN, net_sales DOUBLE, gross_margin DOUBLE, product_net_sales DOUBLE, "
        "covered_net_sales DOUBLE)"
    )
    for key, day, bought, sales, margin in days:
        cursor.execute(
            "INSERT INTO customer_days VALUES (?, ?, ?, ?, ?, ?, ?)",
            [key, day, bought, sales, margin, sales, 0.0 if margin is None else sales],
        )
    cursor.execute(
        "CREATE OR REPLACE TEMP TABLE customer_base AS SELECT customer_key, "
        "min(date) AS first_day, max(date) AS last_day, "
        "CASE WHEN customer_key % 2 = 1 THEN 'DE' END AS first_country, "
        "'shop' AS first_channel, NULL::VARCHAR AS segment "
        "FROM customer_days WHERE bought GROUP BY customer_key"
    )


@st.composite
def histories(draw: st.DrawFn) -> list[Day]:
    keys = st.tuples(st.integers(1, 6), st.integers(0, (CUT_OFF - FIRST).days))
    chosen = draw(st.lists(keys, min_size=1, max_size=40, unique=True))
    return [
        (
            key,
            FIRST + timedelta(days=offset),
            draw(st.integers(0, 4)) > 0,
            float(draw(st.integers(-50, 200))),
            draw(st.none() | st.integers(-20, 90).map(float)),
        )
        for key, offset in chosen
    ]


def expected_cells(days: list[Day], grain: str, first_month: int) -> dict[Any, dict[str, Any]]:
    firsts: dict[int, date] = {}
    for key, day, bought, _sales, _margin in days:
        if bought:
            firsts[key] = min(day, firsts.get(key, day))
    step = LENGTHS[grain]
    cells: dict[Any, dict[str, Any]] = {}
    for key, first in firsts.items():
        cohort = grain_start(first, grain, first_month)
        newest = months_between(cohort, grain_start(CUT_OFF, grain, first_month)) // step
        for age in range(newest + 1):
            cell = cells.setdefault(
                (cohort, age),
                {"members": set(), "active": set(), "sales": 0.0, "margins": [], "by": {}},
            )
            cell["members"].add(key)
    for key, day, bought, sales, margin in days:
        if key in firsts and day >= firsts[key]:
            cohort = grain_start(firsts[key], grain, first_month)
            age = months_between(cohort, grain_start(day, grain, first_month)) // step
            cell = cells[cohort, age]
            cell["sales"] += sales
            cell["by"][key] = cell["by"].get(key, 0.0) + sales
            cell["margins"].append(margin)
            if bought:
                cell["active"].add(key)
    return cells


@settings(max_examples=40)
@given(days=histories(), grain=st.sampled_from(sorted(LENGTHS)))
def test_cells_equal_a_recomputation(
    cursor: duckdb.DuckDBPyConnection, days: list[Day], grain: str
) -> None:
    stage(cursor, days)
    found = cohort_cells(cursor, CUT_OFF, grain, 9).to_pylist()
    expected = expected_cells(days, grain, 10)
    assert {(row["cohort"], row["age"]) for row in found} == set(expected)
    for row in found:
        cell = expected[row["cohort"], row["age"]]
        assert row["customers"] == len(cell["members"])
        assert row["active"] == len(cell["active"])
        assert row["net_sales"] == pytest.approx(cell["sales"])
        start = expected[row["cohort"], 0]["by"]
        squared = sum(amount**2 for amount in cell["by"].values())
        cross = sum(amount * start.get(key, 0.0) for key, amount in cell["by"].items())
        assert row["net_sales_squared"] == pytest.approx(squared)
        assert row["net_sales_cross"] == pytest.approx(cross)
        known = [m for m in cell["margins"] if m is not None]
        if known or not cell["margins"]:
            assert row["gross_margin"] == pytest.approx(sum(known))
        else:
            assert row["gross_margin"] is None


@settings(max_examples=25)
@given(days=histories())
def test_groups_add_up_to_all(cursor: duckdb.DuckDBPyConnection, days: list[Day]) -> None:
    stage(cursor, days)
    whole = cohort_cells(cursor, CUT_OFF, "month", 0).to_pylist()
    parts = cohort_cells(cursor, CUT_OFF, "month", 0, "country").to_pylist()
    assert {row["member"] for row in parts} <= {"DE", None}
    for row in whole:
        same = [p for p in parts if (p["cohort"], p["age"]) == (row["cohort"], row["age"])]
        for key in ("customers", "active", "net_sales"):
            assert sum(p[key] for p in same) == pytest.approx(row[key])


def test_only_the_cut_offs_cell_is_unfinished(cursor: duckdb.DuckDBPyConnection) -> None:
    stage(cursor, [(1, date(2025, 1, 31), True, 10.0, 1.0), (2, date(2025, 3, 1), True, 5.0, None)])
    found = {
        (row["cohort"], row["age"]): row["finished"]
        for row in cohort_cells(cursor, CUT_OFF, "month", 0).to_pylist()
    }
    january, march = date(2025, 1, 1), date(2025, 3, 1)
    assert found == {(january, 0): True, (january, 1): True, (january, 2): False, (march, 0): False}
    whole = cohort_cells(cursor, date(2025, 3, 31), "month", 0).to_pylist()
    assert all(row["finished"] for row in whole)
    campaigns = cohort_cells(cursor, date(2025, 9, 30), "campaign", 9).to_pylist()
    assert [(r["cohort"], r["age"], r["finished"]) for r in campaigns] == [
        (date(2024, 10, 1), 0, True)
    ]


@settings(max_examples=40)
@given(days=histories(), gap=st.integers(1, 200))
def test_spans_and_pauses_equal_a_recomputation(
    cursor: duckdb.DuckDBPyConnection, days: list[Day], gap: int
) -> None:
    stage(cursor, days)
    bought: dict[int, list[date]] = {}
    for key, day, is_purchase, _sales, _margin in sorted(days):
        if is_purchase:
            bought.setdefault(key, []).append(day)
    rows = customer_spans(cursor, CUT_OFF, gap, "country").to_pylist()
    assert len(rows) == len(bought)
    longest: list[int] = []
    for row, key in zip(rows, sorted(bought), strict=True):
        visits = bought[key]
        pauses = [(b - a).days for a, b in zip(visits, [*visits[1:], CUT_OFF], strict=True)]
        longest += [max(pauses[:-1])] if len(visits) > 1 else []
        left = next((i for i, pause in enumerate(pauses) if pause > gap), len(visits) - 1)
        assert row["member"] == ("DE" if key % 2 else None)
        assert row["second"] == (pauses[0] if len(visits) > 1 else None)
        assert row["active"] == (visits[left] - visits[0]).days
        assert row["watched"] == (CUT_OFF - visits[0]).days
        assert row["came_back"] == (left < len(visits) - 1)
    usual = np.quantile(longest, 0.9, method="inverted_cdf") if longest else None
    assert usual_pause(cursor, 0.9) == usual
