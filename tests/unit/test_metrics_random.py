"""Random questions on random lines against a recomputation written from the definitions page."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.models.query import NO_VALUE, Compare, Filter, MetricQuery, Operator, Period, Top
from core.services.metrics import OTHERS
from tests.exact.keys import KEYS as ALL_KEYS
from tests.exact.keys import SCORED, differences
from tests.exact.questions import open_company
from tests.exact.recomputed import Recomputed
from tests.random_company import DAYS, FIRST
from tests.storehouse import Storehouse

LINES = 3000
# Scores, and what is spent on the slice, have questions of their own; here the plans differ.
KEYS = tuple(
    key for key in ALL_KEYS
    if key not in {*SCORED, "investment", "overhead", "net_margin", "net_margin_rate", "roi"}
)  # fmt: skip
SUMS = (
    "gross_sales", "discounts", "returns", "net_sales", "cogs", "gross_margin", "contribution",
    "units", "weight_kg", "orders", "customers", "products",
)  # fmt: skip
SPLITS = (
    "country", "channel", "category", "supplier", "product", "segment", "customer", "month",
    "week", "currency", "line_kind", "invoice",
)  # fmt: skip


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Storehouse, Recomputed]]:
    found = Storehouse(tmp_path_factory.mktemp("random") / "home")
    yield found, open_company(found, LINES)
    found.close()


@pytest.fixture(scope="module")
def house(opened: tuple[Storehouse, Recomputed]) -> Storehouse:
    return opened[0]


@pytest.fixture(scope="module")
def page(opened: tuple[Storehouse, Recomputed]) -> Recomputed:
    return opened[1]


def assert_equal(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert differences(found, {key: expected[key] for key in KEYS}) == {}


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
dimensions = st.lists(st.sampled_from(SPLITS), max_size=3, unique=True).map(tuple)


def answers(
    page: Recomputed, by: tuple[str, ...], where: tuple[Filter, ...], period: Period | None
) -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return what the page says of the lines sold: without rows that only investments make."""
    return page.of(page.lines.chosen(where, period) & page.is_sale, by)


@settings(max_examples=50)
@given(by=dimensions, where=filters, period=periods)
def test_any_question(
    house: Storehouse, page: Recomputed, by: tuple[str, ...], where: tuple[Filter, ...],
    period: Period | None,
) -> None:  # fmt: skip
    answer = house.metrics.ask(MetricQuery(KEYS, by, where, period), cached=False)
    assert answer.total is not None
    nothing = dict.fromkeys(KEYS)
    assert_equal(dict(answer.total), answers(page, (), where, period).get((), nothing))
    if not by:
        return
    expected = answers(page, by, where, period)
    found = {tuple(row[key] for key in by): row for row in answer.rows()}
    assert found.keys() == expected.keys()
    for key, row in found.items():
        assert_equal(row, expected[key])
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
    house: Storehouse, page: Recomputed, by: tuple[str, ...], where: tuple[Filter, ...],
    start: int, length: int, compare: Compare,
) -> None:  # fmt: skip
    first = FIRST + timedelta(days=start)
    last = FIRST + timedelta(days=DAYS - 1)
    period = Period(first, min(first + timedelta(days=length), last))
    answer = house.metrics.ask(MetricQuery(KEYS, by, where, period, compare=compare), cached=False)
    assert answer.compared is not None
    now, then = answers(page, by, where, period), answers(page, by, where, answer.compared)
    nothing = dict.fromkeys(KEYS)
    # What is not sold on one side is sold for nothing, since the data cover both.
    none_sold = {**nothing, **dict.fromkeys(SUMS, 0)} if now or then else nothing
    rows = {tuple(row[k] for k in by): row for row in answer.rows()}
    assert rows.keys() == ({*now, *then} if by else {()})
    for key, row in rows.items():
        for side, suffix in ((now, ""), (then, "_compared")):
            assert_equal({k: row[f"{k}{suffix}"] for k in KEYS}, side.get(key, none_sold))
        if row["net_sales"] is not None and row["net_sales_compared"] is not None:
            assert row["net_sales_change"] == row["net_sales"] - row["net_sales_compared"]


@settings(max_examples=25)
@given(
    key=st.sampled_from(["country", "product", "supplier", "customer", "category"]),
    where=filters,
    period=periods,
    n=st.integers(1, 5),
    metric=st.sampled_from(["net_sales", "orders", "margin_rate"]),
)
def test_others_are_recomputed_from_the_lines(
    house: Storehouse, page: Recomputed, key: str, where: tuple[Filter, ...],
    period: Period | None, n: int, metric: str,
) -> None:  # fmt: skip
    query = MetricQuery(KEYS, (key,), where, period, top=Top(n, metric, others=True))
    rows = house.metrics.ask(query, cached=False).rows()
    expected = answers(page, (key,), where, period)
    kept = [row for row in rows if row[key] != OTHERS]
    assert len(kept) == min(n, len(expected))
    best = sorted(
        (found[metric] for found in expected.values()), key=lambda v: (v is None, -(v or 0))
    )[:n]
    for row, wanted in zip(kept, best, strict=True):
        assert row[metric] == (pytest.approx(wanted) if isinstance(wanted, float) else wanted)
        assert_equal(row, expected[row[key],])
    names = tuple(NO_VALUE if row[key] is None else row[key] for row in kept)
    rest = Filter(key, names, Operator.NOT_IN)
    left = answers(page, (), (*where, rest), period)
    others = [row for row in rows if row[key] == OTHERS]
    assert len(others) == len(left)
    for row in others:
        assert_equal(row, left[()])
