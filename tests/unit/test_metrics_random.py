"""Random questions on random lines against a recomputation written from the definitions page."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.query import NO_VALUE, Compare, Filter, MetricQuery, Operator, Period, Top
from core.services.metrics import OTHERS
from tests.storehouse import Storehouse

LINES = 3000
FIRST = date(2023, 11, 20)
DAYS = 500
MICRO = 1_000_000
KINDS = ("each", "kg", None)
AMOUNTS = (
    "gross_sales", "discounts", "returns", "net_sales", "cogs", "gross_margin", "variable_costs",
    "contribution", "units",
)  # fmt: skip
RATIOS = ("margin_rate", "markup_rate", "return_rate", "aov", "cost_coverage", "price_per_unit")
COUNTS = ("orders", "customers", "products")
KEYS = (*AMOUNTS, *RATIOS, *COUNTS)
COLUMNS = {
    "country": "country", "channel": "channel", "category": "category", "supplier": "supplier_id",
    "product": "product_id", "segment": "segment", "customer": "customer_id", "month": "month",
    "week": "week", "currency": "currency", "line_kind": "line_kind", "invoice": "invoice_id",
}  # fmt: skip


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    """Return lines with exact amounts in millionths of the base currency."""
    chance = np.random.default_rng(11)
    invoice = np.sort(chance.integers(0, LINES // 3, LINES))
    orders = pd.DataFrame({
        "date": [FIRST + timedelta(days=int(d)) for d in chance.integers(0, DAYS, LINES // 3)],
        "customer_id": chance.choice([*(f"c{i}" for i in range(40)), None], LINES // 3),
        "channel": chance.choice(["shop", "web", "agent"], LINES // 3),
        "country": chance.choice(["FR", "DE", "IT", None], LINES // 3),
        "currency": chance.choice(["EUR", "EUR", "USD"], LINES // 3),
    })  # fmt: skip
    frame = orders.loc[invoice].reset_index(drop=True)
    frame["invoice_id"] = [f"i{i}" for i in invoice]
    product = chance.integers(0, 12, LINES)
    frame["product_id"] = [f"P{i}" for i in product]
    frame["category"] = pd.Series([f"C{i % 4}" if i % 4 else None for i in product], dtype=object)
    frame["supplier_id"] = [f"S{i % 3}" for i in product]
    frame["customer_id"] = (
        frame["customer_id"].astype(object).where(frame["customer_id"].notna(), None)
    )
    frame["country"] = frame["country"].astype(object).where(frame["country"].notna(), None)
    frame["segment"] = pd.Series(
        [c and ("large" if int(c[1:]) % 2 else "small") for c in frame["customer_id"]], dtype=object
    )
    frame["quantity"] = chance.integers(-3, 15, LINES)
    frame["cents"] = chance.integers(0, 5000, LINES)
    frame["off"] = chance.choice([0, 0, 5, 20], LINES)
    frame["cost_cents"] = np.where(chance.random(LINES) < 0.6, chance.integers(0, 3000, LINES), -1)
    frame["freight_cents"] = np.where(
        chance.random(LINES) < 0.5, chance.integers(0, 300, LINES), -1
    )
    frame["line_kind"] = chance.choice(["product"] * 9 + ["postage"], LINES)
    frame["standard_cents"] = np.where(product % 2 == 0, 100 * product, -1)
    frame["unit"] = [KINDS[i % 3] or "each" for i in product]
    return frame


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("random") / "home")

    def money(cents: int) -> str | None:
        return None if cents < 0 else f"{cents / 100:.2f}"

    found.add("sales", [
        {
            "invoice_id": r.invoice_id, "date": r.date, "product_id": r.product_id,
            "quantity": r.quantity, "unit_price": money(r.cents),
            "discount_rate": f"{r.off / 100:.2f}", "unit_cost": money(r.cost_cents),
            "freight_out": money(r.freight_cents), "currency": r.currency,
            "customer_id": r.customer_id, "channel": r.channel, "country": r.country,
            "line_kind": r.line_kind,
        }
        for r in lines.itertuples()
    ])  # fmt: skip
    products = lines.drop_duplicates("product_id")
    found.add("products", [
        {
            "product_id": r.product_id, "category": r.category, "supplier_id": r.supplier_id,
            "standard_cost": money(r.standard_cents), "unit": r.unit,
        }
        for r in products.itertuples()
    ])  # fmt: skip
    customers = lines.dropna(subset="customer_id").drop_duplicates("customer_id")
    found.add("customers", [
        {"customer_id": r.customer_id, "segment": r.segment} for r in customers.itertuples()
    ])  # fmt: skip
    found.add("fx_rates", [
        {"date": date(2023, 1, 1), "currency": "USD", "rate_to_base": "0.8"},
        {"date": date(2024, 7, 1), "currency": "USD", "rate_to_base": "0.9"},
    ])  # fmt: skip
    yield found
    found.close()


@pytest.fixture(scope="module")
def computed(lines: pd.DataFrame) -> pd.DataFrame:
    """Return every line's parts, in millionths: whole numbers, hence exact."""
    f = lines.copy()
    tenths = np.where(f["currency"] == "EUR", 10, np.where(f["date"] < date(2024, 7, 1), 8, 9))
    gross = f["quantity"].abs() * f["cents"] * (MICRO // 100) // 10 * tenths
    off = gross * f["off"] // 100
    f["gross_sales"] = gross.where(f["quantity"] > 0, 0)
    f["discounts"] = off.where(f["quantity"] > 0, 0)
    f["returns"] = (gross - off).where(f["quantity"] < 0, 0)
    f["net_sales"] = f["gross_sales"] - f["discounts"] - f["returns"]
    product = f["line_kind"] == "product"
    own = f["quantity"] * f["cost_cents"] * (MICRO // 100) // 10 * tenths
    standard = f["quantity"] * f["standard_cents"] * (MICRO // 100)
    known = product & ((f["cost_cents"] >= 0) | (f["standard_cents"] >= 0))
    f["cogs"] = own.where(f["cost_cents"] >= 0, standard).where(known, 0)
    f["covered"] = f["net_sales"].where(known, 0)
    f["product_sales"] = f["net_sales"].where(product, 0)
    f["known"], f["product"] = known, product
    f["costs"] = (f["freight_cents"].clip(0) * (MICRO // 100) // 10 * tenths)  # fmt: skip
    f["units"] = (f["quantity"] * MICRO).where(product, 0)
    days = pd.to_datetime(f["date"])
    f["month"] = days.dt.to_period("M").dt.start_time.dt.date
    f["week"] = (days - pd.to_timedelta(days.dt.day_of_week, unit="D")).dt.date
    return f


def by_the_page(part: pd.DataFrame) -> dict[str, Any]:
    def amount(key: str) -> Decimal:
        return Decimal(int(part[key].sum())) / MICRO

    def ratio(over: Decimal | int | None, under: Decimal | int | None) -> float | None:
        return float(over) / float(under) if over is not None and under else None

    if part.empty:
        return dict.fromkeys(KEYS)
    sold = part[part["quantity"] > 0]
    known = bool(part["known"].any())
    margin = amount("covered") - amount("cogs") if known else None
    spent = amount("costs") if (part["freight_cents"] >= 0).any() else None
    moved = part[part["product"] & (part["quantity"] != 0)]
    units = amount("units") if part["product"].any() and moved["unit"].nunique() <= 1 else None
    orders = sold["invoice_id"].nunique()
    net = amount("net_sales")
    product_sales = amount("product_sales") if part["product"].any() else None
    return {
        **{key: amount(key) for key in ("gross_sales", "discounts", "returns", "net_sales")},
        "cogs": amount("cogs") if known else None,
        "gross_margin": margin,
        "variable_costs": spent,
        "contribution": None if margin is None else margin - (spent or 0),
        "units": units,
        "margin_rate": ratio(margin, amount("covered")),
        "markup_rate": ratio(margin, amount("cogs")),
        "return_rate": ratio(amount("returns"), amount("gross_sales") - amount("discounts")),
        "aov": ratio(net, orders),
        "cost_coverage": ratio(amount("covered") if known else None, product_sales),
        "price_per_unit": ratio(product_sales, units),
        "orders": orders,
        "customers": sold["customer_id"].nunique(),
        "products": sold.loc[sold["product"], "product_id"].nunique(),
    }


def assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    for key in KEYS:
        if key in RATIOS and expected[key] is not None:
            assert found[key] == pytest.approx(expected[key], rel=1e-12), key
        else:
            assert found[key] == expected[key], key


VALUES = {
    "country": ["FR", "DE", "IT", NO_VALUE, "XX"], "channel": ["shop", "web", "agent"],
    "category": ["C1", "C2", "C3", NO_VALUE], "supplier": ["S0", "S1", "S2"],
    "segment": ["large", "small", NO_VALUE], "customer": ["c1", "c2", "c39", NO_VALUE],
    "product": ["P0", "P5", "P11"], "currency": ["EUR", "USD"],
}  # fmt: skip
filters = st.lists(
    st.sampled_from(sorted(VALUES)).flatmap(
        lambda key: st.builds(
            Filter,
            st.just(key),
            st.lists(st.sampled_from(VALUES[key]), min_size=1, max_size=3).map(tuple),
            st.sampled_from([Operator.IN, Operator.NOT_IN]),
        )
    ),
    max_size=3,
).map(tuple)
starts, lengths = st.integers(-20, DAYS), st.integers(0, 400)
periods = st.one_of(
    st.none(),
    st.builds(
        lambda s, n: Period(FIRST + timedelta(days=s), FIRST + timedelta(days=s + n)),
        starts,
        lengths,
    ),
    # Whole months, which roll-ups answer.
    st.builds(
        lambda a, n: Period(
            date(2023 + (10 + a) // 12, (10 + a) % 12 + 1, 1),
            date(2023 + (11 + a + n) // 12, (11 + a + n) % 12 + 1, 1) - timedelta(days=1),
        ),
        st.integers(0, 14),
        st.integers(0, 13),
    ),
)
dimensions = st.lists(st.sampled_from(sorted(COLUMNS)), max_size=3, unique=True).map(tuple)


def chosen(frame: pd.DataFrame, where: tuple[Filter, ...], period: Period | None) -> pd.DataFrame:
    keep = pd.Series(True, index=frame.index)
    for f in where:
        column = frame[COLUMNS[f.dimension]]
        inside = column.isin([v for v in f.values if v != NO_VALUE])
        if NO_VALUE in f.values:
            inside |= column.isna()
        keep &= inside if f.operator is Operator.IN else ~inside
    if period:
        keep &= (frame["date"] >= period.start) & (frame["date"] <= period.end)
    return frame[keep]


def groups(frame: pd.DataFrame, by: tuple[str, ...]) -> dict[tuple[Any, ...], pd.DataFrame]:
    keys = zip(*(frame[COLUMNS[key]].map(lambda v: v if pd.notna(v) else None).astype(object)
                 .where(frame[COLUMNS[key]].notna(), None) for key in by), strict=True)  # fmt: skip
    places: dict[tuple[Any, ...], list[int]] = {}
    for place, key in enumerate(keys):
        places.setdefault(key, []).append(place)
    return {key: frame.iloc[rows] for key, rows in places.items()}


@settings(max_examples=50)
@given(by=dimensions, where=filters, period=periods)
def test_any_question(
    house: Storehouse, computed: pd.DataFrame, by: tuple[str, ...], where: tuple[Filter, ...],
    period: Period | None,
) -> None:  # fmt: skip
    answer = house.metrics.ask(MetricQuery(KEYS, by, where, period), cached=False)
    part = chosen(computed, where, period)
    assert answer.total is not None
    assert_equal(dict(answer.total), by_the_page(part))
    if not by:
        return
    expected = groups(part, by)
    found = {tuple(row[key] for key in by): row for row in answer.rows()}
    assert found.keys() == expected.keys()
    for key, row in found.items():
        assert_equal(row, by_the_page(expected[key]))
    # Additive parts of the groups sum to the total, whatever the split.
    if found:
        assert sum(row["net_sales"] for row in found.values()) == answer.total["net_sales"]


@settings(max_examples=25)
@given(where=filters, period=periods, key=st.sampled_from(sorted(VALUES)))
def test_a_filter_and_its_opposite_make_the_whole(
    house: Storehouse, where: tuple[Filter, ...], period: Period | None, key: str
) -> None:
    def net(*more: Filter) -> Decimal:
        query = MetricQuery(("net_sales", "units"), where=(*where, *more), period=period)
        return (house.metrics.ask(query).total or {})["net_sales"] or Decimal(0)

    values = tuple(VALUES[key][1:])
    inside, outside = Filter(key, values), Filter(key, values, Operator.NOT_IN)
    assert net(inside) + net(outside) == net()


@settings(max_examples=25)
@given(
    by=dimensions.filter(lambda found: not {"month", "week"} & set(found)),
    where=filters,
    start=st.integers(380, 480),
    length=st.integers(0, 30),
    compare=st.sampled_from([Compare.PREVIOUS, Compare.YEAR]),
)
def test_comparisons(
    house: Storehouse, computed: pd.DataFrame, by: tuple[str, ...], where: tuple[Filter, ...],
    start: int, length: int, compare: Compare,
) -> None:  # fmt: skip
    first = FIRST + timedelta(days=start)
    period = Period(first, min(first + timedelta(days=length), max(computed["date"])))
    answer = house.metrics.ask(MetricQuery(KEYS, by, where, period, compare=compare), cached=False)
    assert answer.compared is not None
    now, then = chosen(computed, where, period), chosen(computed, where, answer.compared)
    empty = {**dict.fromkeys(KEYS), **dict.fromkeys((*AMOUNTS, *COUNTS), 0), "variable_costs": None}
    for row in answer.rows():
        key = tuple(row[k] for k in by)
        for part, suffix in ((now, ""), (then, "_compared")):
            found = groups(part, by).get(key) if by else part
            if found is None or (found.empty and not (now.empty and then.empty)):
                expected: dict[str, Any] = empty
            else:
                expected = by_the_page(found)
            assert_equal({k: row[f"{k}{suffix}"] for k in KEYS}, expected)
        if row["net_sales"] is not None and row["net_sales_compared"] is not None:
            assert row["net_sales_change"] == row["net_sales"] - row["net_sales_compared"]
    if by:
        assert {tuple(r[k] for k in by) for r in answer.rows()} == {
            *groups(now, by), *groups(then, by)
        }  # fmt: skip


@settings(max_examples=25)
@given(
    key=st.sampled_from(["country", "product", "supplier", "customer", "category"]),
    where=filters,
    period=periods,
    n=st.integers(1, 5),
    metric=st.sampled_from(["net_sales", "orders", "margin_rate"]),
)
def test_others_are_recomputed_from_the_lines(
    house: Storehouse, computed: pd.DataFrame, key: str, where: tuple[Filter, ...],
    period: Period | None, n: int, metric: str,
) -> None:  # fmt: skip
    query = MetricQuery(KEYS, (key,), where, period, top=Top(n, metric, others=True))
    rows = house.metrics.ask(query, cached=False).rows()
    part = chosen(computed, where, period)
    expected = groups(part, (key,))
    kept = [row for row in rows if row[key] != OTHERS]
    assert len(kept) == min(n, len(expected))
    best = sorted(
        (by_the_page(p)[metric] for p in expected.values()),
        key=lambda v: (v is None, -(v or 0)),
    )[:n]  # fmt: skip
    for row, wanted in zip(kept, best, strict=True):
        assert row[metric] == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)
    names = {row[key] for row in kept}
    rest = part[~part[COLUMNS[key]].map(lambda v: (v if pd.notna(v) else None) in names)]
    others = [row for row in rows if row[key] == OTHERS]
    assert len(others) == (0 if rest.empty else 1)
    for row in others:
        assert_equal(row, by_the_page(rest))
