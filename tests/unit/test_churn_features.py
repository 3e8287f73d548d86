"""Features of customers on several days, against a recomputation in plain Python."""

import math
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from statistics import mean, stdev
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.repository.customers import ReadLines, stage_days
from core.repository.customers.features import (
    ACTIVE_DAYS,
    FEATURES,
    customer_slices,
    purchase_counts,
    purchases_since,
    stage_spaced_days,
)

LAST = date(2025, 6, 30)
DAYS = [date(2024, 12, 1), date(2025, 4, 1), date(2025, 6, 30)]
HORIZON = 60
LINES = ReadLines.until(LAST, [], 0)
# customer, days before LAST, product, quantity, gross sales, discount, margin (None: cost unknown)
Line = tuple[int, int, int, int, float, float, float | None]


@pytest.fixture(scope="module")
def cursor() -> Iterator[duckdb.DuckDBPyConnection]:
    connection = duckdb.connect()
    yield connection
    connection.close()


def stage(cursor: duckdb.DuckDBPyConnection, lines: list[Line]) -> None:
    for name in ("customer_days", "customer_base", "spaced_days"):
        cursor.execute(f"DROP TABLE IF EXISTS {name}")
    cursor.execute(
        "CREATE OR REPLACE TABLE lines (customer_key INTEGER, date DATE, product_key INTEGER, "
        "quantity DOUBLE, gross_sales DOUBLE, discounts DOUBLE, returns DOUBLE, net_sales DOUBLE, "
        "covered_net_sales DOUBLE, cogs DOUBLE, variable_costs DOUBLE, product_net_sales DOUBLE, "
        "units DOUBLE, first_of_order INTEGER, sold_lines INTEGER, line_kind VARCHAR, "
        "customer_id VARCHAR, customer_name VARCHAR, country VARCHAR, channel VARCHAR, "
        "segment VARCHAR, salesperson VARCHAR)"
    )
    for key, ago, product, quantity, gross, discount, margin in lines:
        net = (gross - discount) * (1 if quantity > 0 else -1)
        sold = quantity > 0
        cursor.execute(
            f"INSERT INTO lines VALUES ({','.join('?' * 22)})",
            [
                key, LAST - timedelta(days=ago), product, quantity, gross if sold else 0,
                discount if sold else 0, 0 if sold else gross - discount, net,
                None if margin is None else net, None if margin is None else net - margin,
                None, net, quantity, 1, int(sold), "product", f"C{key}", None, "FR", "shop", None,
                None,
            ],
        )  # fmt: skip
    stage_days(cursor, LINES)
    stage_spaced_days(cursor, LINES)


def rows_of(cursor: duckdb.DuckDBPyConnection) -> dict[tuple[date, int], dict[str, Any]]:
    table = customer_slices(cursor, DAYS, HORIZON, LAST)
    return {(row["cut_off"], row["customer_key"]): row for row in table.to_pylist()}


def expected(lines: list[Line], key: int, day: date) -> dict[str, Any] | None:
    """Compute a customer's row from the lines, day by day."""
    mine = [(LAST - timedelta(days=line[1]), line) for line in lines if line[0] == key]
    known = [(when, line) for when, line in mine if when <= day]
    bought = sorted({when for when, line in known if line[3] > 0})
    if not bought or (day - bought[-1]).days >= ACTIVE_DAYS:
        return None
    later = [when for when, line in mine if line[3] > 0 and when > day]
    end = day + timedelta(days=HORIZON)
    gaps = [(b - a).days for a, b in pairwise(bought)]

    def net(chosen: list[tuple[date, Line]]) -> float:
        return sum((li[4] - li[5]) * (1 if li[3] > 0 else -1) for _, li in chosen)

    def within(days: int) -> int:
        return sum((day - when).days < days for when in bought)

    recency, tenure = (day - bought[-1]).days, (day - bought[0]).days
    sales, recent = net(known), net([k for k in known if (day - k[0]).days < 90])
    values = [net([k for k in known if k[0] == when]) for when in bought]
    margins = [line[6] for _, line in known if line[6] is not None]
    gross = sum(line[4] for _, line in known if line[3] > 0)
    season = [when for when in bought if 0 < (when - day).days + 365 <= HORIZON]
    per_line = {
        when: math.log(value / sum(1 for k in known if k[0] == when and k[1][3] > 0))
        for when, value in zip(bought, values, strict=True)
        if value > 0
    }
    new = [value for when, value in per_line.items() if (day - when).days < 90]
    old = [value for when, value in per_line.items() if (day - when).days >= 90]
    enough = min(len(new), len(old)) >= 3
    return {
        "left": None if end > LAST else not any(when <= end for when in later),
        "net_sales_365": net([k for k in known if (day - k[0]).days < 365]),
        "recency_days": recency,
        "tenure_days": tenure,
        "purchase_days": len(bought),
        **{f"purchase_days_{n}": within(n) for n in (30, 90, 180, 365)},
        "gap_mean": mean(gaps) if gaps else None,
        "gap_spread": stdev(gaps) if len(gaps) > 1 else None,
        "recency_to_gap": recency / mean(gaps) if gaps else None,
        "net_sales": sales,
        "net_sales_90": recent,
        "sales_pace": recent / ((sales - recent) / (tenure - 90) * 90)
        if tenure >= 180 and sales - recent > 0
        else None,
        "gross_margin": sum(margins) if margins else None,
        "order_value": sum(values) / len(bought),
        "line_value_change": math.exp(mean(new) - mean(old)) if enough else None,
        "line_value_trend": (mean(new) - mean(old))
        / (stdev(old) * math.sqrt(1 / len(new) + 1 / len(old)))
        if enough and stdev(old) > 1e-9
        else None,
        "products": len({line[2] for _, line in known if line[3] > 0}),
        "return_share": sum(li[4] - li[5] for _, li in known if li[3] < 0) / gross,
        "discount_share": sum(line[5] for _, line in known if line[3] > 0) / gross,
        "season_days": len(season) if tenure >= 365 else None,
    }


def same(found: Any, wanted: Any) -> bool:
    if wanted is None or found is None or isinstance(wanted, bool):
        return found is wanted
    return math.isclose(found, wanted, rel_tol=1e-9, abs_tol=1e-9)


@st.composite
def purchases(draw: st.DrawFn) -> list[Line]:
    found: list[Line] = []
    for _ in range(draw(st.integers(1, 30))):
        gross = draw(st.integers(1, 50)) * 2.0
        found.append(
            (
                draw(st.sampled_from([1, 1, 1, 2, 3])),
                draw(st.one_of(st.integers(0, 800), st.integers(0, 200))),
                draw(st.integers(1, 4)),
                draw(st.sampled_from([1, 2, 3, -1])),
                gross,
                draw(st.sampled_from([0.0, 0.5])) * gross,
                draw(st.none() | st.integers(1, 9).map(float)),
            )
        )
    return found


@settings(max_examples=15)
@given(purchases())
def test_every_feature_is_what_the_lines_say(
    cursor: duckdb.DuckDBPyConnection, lines: list[Line]
) -> None:
    stage(cursor, lines)
    found = rows_of(cursor)
    for day in DAYS:
        for key in {line[0] for line in lines}:
            wanted, row = expected(lines, key, day), found.get((day, key))
            assert (row is None) == (wanted is None)
            for name in wanted or {}:
                if row is not None and wanted is not None:
                    assert same(row[name], wanted[name]), (name, row[name], wanted[name])


@settings(max_examples=8)
@given(purchases())
def test_nothing_after_the_cut_off_changes_what_was_known(
    cursor: duckdb.DuckDBPyConnection, lines: list[Line]
) -> None:
    stage(cursor, lines)
    found = rows_of(cursor)
    cut = DAYS[1]
    stage(cursor, [line for line in lines if LAST - timedelta(days=line[1]) <= cut])
    earlier = rows_of(cursor)
    for place in [place for place in found if place[0] <= cut]:
        for name in FEATURES:
            assert same(found[place][name], earlier[place][name]), name


def test_the_label_looks_at_the_horizon_and_not_one_day_further(
    cursor: duckdb.DuckDBPyConnection,
) -> None:
    start = (LAST - DAYS[1]).days
    stage(
        cursor,
        [
            (1, start, 1, 1, 10.0, 0.0, None),
            (1, start - HORIZON, 1, 1, 10.0, 0.0, None),
            (2, start, 1, 1, 10.0, 0.0, None),
            (2, start - HORIZON - 1, 1, 1, 10.0, 0.0, None),
            (3, start, 1, 1, 10.0, 0.0, None),
            (3, start - 5, 1, -1, 10.0, 0.0, None),
        ],
    )
    found = rows_of(cursor)
    assert [found[DAYS[1], key]["left"] for key in (1, 2, 3)] == [False, True, True]
    assert found[DAYS[2], 1]["left"] is None
    assert found[DAYS[1], 1]["recency_days"] == 0


def test_what_purchase_models_need(cursor: duckdb.DuckDBPyConnection) -> None:
    stage(
        cursor,
        [
            (1, 300, 1, 1, 10.0, 0.0, None),
            (1, 200, 1, 1, 10.0, 0.0, None),
            (1, 150, 1, -1, 10.0, 0.0, None),
            (2, 10, 1, 1, 10.0, 0.0, None),
        ],
    )
    counts = purchase_counts(cursor, LAST).to_pylist()
    assert counts == [
        {"customer_key": 1, "repeats": 1.0, "last_repeat": 100.0, "age": 300.0},
        {"customer_key": 2, "repeats": 0.0, "last_repeat": 0.0, "age": 10.0},
    ]
    assert len(purchase_counts(cursor, LAST - timedelta(days=20))) == 1
    since = purchases_since(cursor, LAST - timedelta(days=250), LAST).to_pylist()
    assert since == [
        {
            "customer_id": "C1",
            "customer_key": 1,
            "next_purchase": LAST - timedelta(days=200),
            "net_sales": 0.0,
        }
    ]
