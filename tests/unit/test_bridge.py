"""The margin bridge: worked out on paper, recomputed with pandas, and exact for any numbers."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Compare, Filter, MetricQuery, Period, Scope
from core.services.analytics.base import get_analysis
from core.services.bridge import bridge_words, margin_bridge
from core.services.methods.margin_bridge import EFFECTS, Member, Side, move
from tests.storehouse import Storehouse, sale

BEFORE = Period(date(2024, 1, 1), date(2024, 1, 31))
NOW = Period(date(2025, 1, 1), date(2025, 1, 31))
QUERY = MetricQuery(("net_sales",), period=NOW, compare=Compare.YEAR)


def bars(house: Storehouse, level: str = "product", **more: Any) -> dict[str, Decimal]:
    found = margin_bridge(house.metrics, MetricQuery(**{**vars(QUERY), **more}), level)
    assert found is not None
    return {row["bar"]: row["amount"] for row in found.bars.rows()}


def members(house: Storehouse, level: str = "product") -> dict[Any, dict[str, Any]]:
    found = margin_bridge(house.metrics, QUERY, level)
    assert found is not None
    return {row[level]: row for row in found.members.rows()}


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """Two products in both years, a new one, an ended one, one whose cost is known once only.

    A: 10 at 20, cost 12 → 15 at 22, cost 13.   B: 30 at 10, cost 9 → 15 at 10, cost 8.
    """
    house.add("sales", [
        sale("1", "2024-01-05", "A", 10, 20, unit_cost=12, country="FR"),
        sale("1", "2024-01-05", "B", 30, 10, unit_cost=9, country="FR"),
        sale("2", "2024-01-07", "OLD", 2, 50, unit_cost=30, country="DE"),
        sale("2", "2024-01-07", "HALF", 1, 10, country="DE"),
        sale("3", "2025-01-07", "A", 15, 22, unit_cost=13, country="FR"),
        sale("3", "2025-01-07", "B", 15, 10, unit_cost=8, country="FR"),
        sale("4", "2025-01-08", "NEW", 1, 40, unit_cost=25, country="DE"),
        sale("4", "2025-01-08", "HALF", 1, 10, unit_cost=6, country="DE"),
        sale("4", "2025-01-08", "POST", 1, 9, country="DE", line_kind="postage", unit_cost=1),
    ])  # fmt: skip
    return house


def test_by_hand(shop: Storehouse) -> None:
    """Margin of A and B was 80 + 30 = 110 on 40 units; 30 units now are three quarters of them."""
    found = bars(shop)
    assert found["before"] == Decimal(150)  # 80 + 30 + 40
    assert found["volume"] == Decimal("-27.5")  # (30 − 40) × 110 ÷ 40
    # At the margins of then, 15 × 8 + 15 × 1 = 135 against 110 × 3 ÷ 4 = 82.5.
    assert found["mix"] == Decimal("52.5")
    assert found["price"] == Decimal(30)  # 15 × (22 − 20)
    assert found["cost"] == Decimal(0)  # −15 × (13 − 12) + 15 × (9 − 8)
    assert found["new"] == Decimal(15)
    assert found["ended"] == Decimal(-40)
    assert found["unknown_cost"] == Decimal(4)
    assert found["returned"] == found["no_unit"] == 0
    assert found["after"] == Decimal(184)  # 15 × 9 + 15 × 2 + 15 + 4


def test_members_by_hand(shop: Storehouse) -> None:
    found = members(shop)
    a = found["A"]
    assert [a[key] for key in ("volume", "mix", "price", "cost")] == [-20, 60, 30, -15]
    assert a["change"] == a["gross_margin"] - a["gross_margin_compared"] == 55
    assert (found["NEW"]["new"], found["OLD"]["ended"]) == (15, -40)
    assert found["HALF"]["unknown_cost"] == 4
    assert "POST" not in found


def test_coarser_levels_compare_their_own_averages(shop: Storehouse) -> None:
    """By country: France sold 40 units for 500 at 390, then 30 for 480 at 315."""
    found = members(shop, "country")["FR"]
    assert found["gross_margin_compared"] == 110
    assert found["price"] == Decimal(480) - Decimal(500) * 30 / 40
    assert found["cost"] == -(Decimal(315) - Decimal(390) * 30 / 40)
    # Germany's units of now count only the covered ones of then: 2 before, 2 now.
    germany = members(shop, "country")["DE"]
    assert (germany["gross_margin_compared"], germany["gross_margin"]) == (40, 19)
    assert germany["price"] == Decimal(50) - Decimal(100)
    assert germany["cost"] == -(Decimal(31) - Decimal(60))


def test_filters_and_scope_hold(shop: Storehouse) -> None:
    only = bars(shop, where=(Filter("country", ("DE",)),))
    assert (only["before"], only["after"]) == (40, 19)
    mine = margin_bridge(
        shop.metrics, QUERY, "product", Scope("ann", (Filter("country", ("DE",)),))
    )
    assert mine is not None
    assert {row["product"] for row in mine.members.rows()} == {"OLD", "NEW", "HALF"}


def test_returns_lower_units_and_margin(house: Storehouse) -> None:
    house.add("sales", [
        sale("1", "2024-01-05", "A", 10, 20, unit_cost=12),
        sale("2", "2025-01-05", "A", 10, 20, unit_cost=12),
        sale("3", "2025-01-06", "A", -4, 20, unit_cost=12),
        sale("4", "2024-01-06", "LATE", -1, 30, unit_cost=10),
        sale("5", "2025-01-06", "LATE", -2, 30, unit_cost=10),
    ])  # fmt: skip
    found = bars(house)
    assert found["volume"] == -32  # (6 − 10) × 8
    assert found["returned"] == -20  # −40 − (−20)
    assert found["before"] == 60
    assert found["after"] == 8


def test_kinds_of_unit_meet_in_kilograms_or_stay_apart(house: Storehouse) -> None:
    house.add("products", [
        {"product_id": "BULK", "unit": "kg", "category": "Olive oil"},
        {"product_id": "CAN", "unit": "each", "content": 5, "category": "Olive oil"},
        {"product_id": "SOAP", "unit": "each", "category": "Soap"},
    ])  # fmt: skip
    house.add("sales", [
        sale("1", "2024-01-05", "BULK", 100, 5, unit_cost=4),
        sale("1", "2024-01-05", "CAN", 10, 50, unit_cost=30),
        sale("1", "2024-01-05", "SOAP", 10, 6, unit_cost=4),
        sale("2", "2025-01-05", "BULK", 100, 5, unit_cost=4),
        sale("2", "2025-01-05", "CAN", 20, 50, unit_cost=30),
        sale("2", "2025-01-05", "SOAP", 15, 6, unit_cost=4),
    ])  # fmt: skip
    found = members(house)
    # 100 kg + 10 × 4.58 kg before, 100 kg + 20 × 4.58 kg now (0.916 kg per litre).
    growth = (Decimal(100) + 20 * Decimal("4.58")) / (Decimal(100) + 10 * Decimal("4.58")) - 1
    assert float(found["BULK"]["volume"]) == pytest.approx(float(100 * growth), abs=1e-6)
    assert float(found["CAN"]["volume"]) == pytest.approx(float(200 * growth), abs=1e-6)
    assert found["CAN"]["volume"] + found["CAN"]["mix"] == 200
    assert (found["SOAP"]["volume"], found["SOAP"]["mix"]) == (10, 0)  # without a weight: alone
    told = margin_bridge(house.metrics, QUERY, "product")
    assert told is not None
    assert any("kilograms" in str(c) for c in told.bars.caveats)
    assert any("1 row has no weight" in str(c) for c in told.bars.caveats)
    # The company as one row: kilograms and pieces without a weight cannot be added up.
    house.add("sales", [sale("3", "2025-01-06", "BULK", 1, 5, unit_cost=4, channel="x")])
    whole = bars(house, "channel")
    assert whole["no_unit"] == whole["after"] - whole["before"] - whole["new"]


def test_without_a_comparison_there_is_no_bridge(shop: Storehouse) -> None:
    assert margin_bridge(shop.metrics, MetricQuery(("net_sales",), period=NOW), "product") is None
    with pytest.raises(PicholineError, match="members, not periods"):
        margin_bridge(shop.metrics, QUERY, "month")
    analysis = get_analysis("bridge")
    params = analysis.params_from([("period", "all")])
    assert analysis.run is not None
    with pytest.raises(PicholineError, match="needs a period"):
        analysis.run(shop.metrics, params, Scope())


def test_in_words(shop: Storehouse) -> None:
    found = margin_bridge(shop.metrics, QUERY, "product")
    assert found is not None
    words = bridge_words(found.bars, "EUR")
    with use_language("en"):
        assert "€150" in str(words)
        assert "Mix" in str(words)


amounts = st.decimals(-99_999_999, 99_999_999, places=6)
quantities = st.one_of(
    st.none(),
    st.just(Decimal(0)),
    st.decimals(-1000, 1_000_000, places=6),
    st.just(Decimal("1e-6")),
)
sides = st.one_of(
    st.builds(Side, quantities, amounts, amounts), st.builds(Side, quantities, st.none(), st.none())
)


@given(
    st.lists(st.builds(Member, sides, sides, st.sampled_from(["units", "kg", None])), max_size=8)
)
@settings(max_examples=150)
def test_bars_add_to_the_change_exactly(asked: list[Member]) -> None:
    moved = move(asked)
    total = Decimal(0)
    for member, found in zip(asked, moved, strict=True):
        before, after = member.before.margin, member.after.margin
        if found.change is None:
            assert (before, after) == (None, None)
            continue
        assert sum((found.effect(key) or Decimal(0) for key in EFFECTS), Decimal(0)) == found.change
        assert found.change == (after or 0) - (before or 0)
        total += found.change
    known = [m for m in asked if m.before.margin is not None or m.after.margin is not None]
    assert total == sum(
        (m.after.margin or Decimal(0)) - (m.before.margin or Decimal(0)) for m in known
    )


def test_equals_pandas(house: Storehouse) -> None:
    """Random lines with returns, from the formulas of the definition, in floats."""
    chance = np.random.default_rng(11)
    size = 400
    days = chance.choice([*range(31), *range(366, 397)], size)
    lines = pd.DataFrame({
        "product": chance.choice(list("ABCDEFGH"), size),
        "day": [date(2024, 1, 1) + timedelta(int(d)) for d in days],
        "quantity": chance.choice([-1, 1, 2, 5, 8], size),
        "price": chance.integers(5, 50, size).astype(float),
        "cost": chance.integers(2, 30, size).astype(float),
    })  # fmt: skip
    house.add("sales", [
        sale(str(i), r.day.isoformat(), r.product, r.quantity, r.price, unit_cost=r.cost)
        for i, r in enumerate(lines.itertuples())
    ])  # fmt: skip
    lines["sales"], lines["spent"] = (lines[c] * lines["quantity"] for c in ("price", "cost"))
    lines["after"] = [d.year == 2025 for d in lines["day"]]
    sums = lines.groupby(["after", "product"])[["quantity", "sales", "spent"]].sum()
    a, b = sums.loc[False], sums.loc[True]
    assert (sums["quantity"] > 0).all()
    unit = (a["sales"] - a["spent"]) / a["quantity"]
    total_a, total_b = a["quantity"].sum(), b["quantity"].sum()
    share_a, share_b = a["quantity"] / total_a, b["quantity"] / total_b
    expected = {
        "volume": (total_b - total_a) * (a["sales"] - a["spent"]).sum() / total_a,
        "mix": (total_b * (share_b - share_a) * unit).sum(),
        "price": ((b["sales"] / b["quantity"] - a["sales"] / a["quantity"]) * b["quantity"]).sum(),
        "cost": -((b["spent"] / b["quantity"] - a["spent"] / a["quantity"]) * b["quantity"]).sum(),
    }
    found = bars(house)
    for key, value in expected.items():
        assert float(found[key]) == pytest.approx(value, abs=1e-4), key
