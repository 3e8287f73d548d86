"""Explained changes: parts that add up, recomputed by hand; effects, exchange rates, sentences."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Filter, Period, Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from tests.storehouse import Storehouse, sale

ME = Scope()
# invoice, day, country, product, quantity, price, cost, currency
LINES = (
    ("A1", "2024-11-05", "FR", "P1", 10, 20, 12, "EUR"),
    ("A2", "2024-11-06", "DE", "P2", 30, 10, 8, "EUR"),
    ("A3", "2024-11-07", "US", "P1", 5, 30, 12, "USD"),
    ("B1", "2025-11-05", "FR", "P1", 20, 19, 13, "EUR"),
    ("B2", "2025-11-06", "DE", "P2", 10, 10, 9, "EUR"),
    ("B3", "2025-11-07", "US", "P1", 5, 30, 12, "USD"),
    ("B4", "2025-11-20", "FR", "P3", 4, 25, 10, "EUR"),
    ("B5", "2025-11-21", "FR", "P1", -2, 19, 13, "EUR"),
)
RATES = {"2024-11-01": 0.9, "2025-11-01": 0.8}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    opened = Storehouse(tmp_path_factory.mktemp("explain"))
    opened.add(
        "fx_rates",
        [
            {"date": date.fromisoformat(day), "currency": "USD", "rate_to_base": rate}
            for day, rate in RATES.items()
        ],
    )
    opened.add(
        "sales",
        [
            sale(invoice, day, product, quantity, price, country=country, unit_cost=cost,
                 currency=currency)
            for invoice, day, country, product, quantity, price, cost, currency in LINES
        ],
    )  # fmt: skip
    yield opened
    opened.close()


def run(house: Storehouse, *pairs: tuple[str, str]) -> AnalysisResult:
    analysis = get_analysis("explain")
    asked = [("from", "2025-11-01"), ("to", "2025-11-30"), ("compare", "year"), *pairs]
    assert analysis.run
    return analysis.run(house.metrics, analysis.params_from(asked), ME)


def parts(result: AnalysisResult, key: str) -> dict[Any, float]:
    table = result.tables[f"by_{key}"]
    return {row[key]: row["part"] for row in table.rows()}


def test_a_sum_by_member(house: Storehouse) -> None:
    """FR 200 → 442, DE 300 → 100, US 5 × 30 at 0.9 → at 0.8."""
    result = run(house)
    assert parts(result, "country") == {
        "FR": pytest.approx(380 + 100 - 38 - 200),
        "DE": pytest.approx(-200),
        "US": pytest.approx(120 - 135),
    }
    whole = result.tables["whole"].rows()[0]
    assert (whole["before"], whole["now"]) == (pytest.approx(635), pytest.approx(662))
    assert whole["rate"] == pytest.approx(27 / 635)


@pytest.mark.parametrize(
    "metric", ["net_sales", "gross_margin", "margin_rate", "orders", "aov", "return_rate"]
)
def test_every_split_adds_up(house: Storehouse, metric: str) -> None:
    result = run(house, ("metric", metric))
    change = result.tables["whole"].rows()[0]["part"]
    split = [key for key in result.tables if key.startswith("by_")]
    assert "by_country" in split
    for key in split:
        assert sum(row["part"] for row in result.tables[key].rows()) == pytest.approx(change)


def test_a_ratio_within_and_mix(house: Storehouse) -> None:
    """Margin on sales by country, from the formula of `core.services.change_parts` by hand.

    Before: FR 80/200, DE 60/300, US 81/135 of 635; now: FR 168+60-12 of 442, DE 10/100, US 72/120.
    """
    rows = {row["country"]: row for row in run(house, ("metric", "margin_rate")).tables[
        "by_country"].rows()}  # fmt: skip
    before = {"FR": (80, 200), "DE": (60, 300), "US": (81, 135)}
    now = {"FR": (120 + 60 - 12, 442), "DE": (10, 100), "US": (72, 120)}
    all_before, all_now = 635, 662
    rate = sum(margin for margin, _sales in before.values()) / all_before
    for country, row in rows.items():
        (m_0, s_0), (m_1, s_1) = before[country], now[country]
        within = s_1 / all_now * (m_1 / s_1 - m_0 / s_0)
        mix = (s_1 / all_now - s_0 / all_before) * (m_0 / s_0 - rate)
        assert row["within"] == pytest.approx(within), country
        assert row["mix"] == pytest.approx(mix), country
        assert row["part"] == pytest.approx(within + mix), country


def test_net_sales_by_volume_mix_price_and_new(house: Storehouse) -> None:
    """P1: 15 units of 335 → 23 of 462; P2: 30 of 300 → 10 of 100; P3 is new: 100.

    All units kept: 45 → 33. Volume 635 × (33/45 − 1), price 462 − 335 × 23/15 for P1, none for P2.
    """
    effects = {row["effect"]: row["part"] for row in run(house).tables["effects"].rows()}
    volume, price = 635 * (33 / 45 - 1), 462 - 335 * 23 / 15
    assert float(effects["volume"]) == pytest.approx(volume, abs=1e-4)
    assert float(effects["price"]) == pytest.approx(price, abs=1e-4)
    assert effects["new"] == 100
    mix = 335 * (23 / 15 - 33 / 45) + 300 * (10 / 30 - 33 / 45)
    assert float(effects["mix"]) == pytest.approx(mix, abs=1e-4)
    assert sum(effects.values(), Decimal(0)) == 27


def test_returns_are_a_part_of_net_sales(house: Storehouse) -> None:
    made = {row["effect"]: row["part"] for row in run(house).tables["made_of"].rows()}
    assert made == {"gross_sales": 65, "discounts": 0, "returns": -38}


def test_exchange_rates(house: Storehouse) -> None:
    """150 dollars were worth 0.9, now 0.8: fifteen less."""
    (rate,) = run(house).tables["exchange"].rows()
    assert rate["currency"] == "USD"
    assert (rate["before"], rate["now"]) == (pytest.approx(0.9), pytest.approx(0.8))
    assert rate["part"] == pytest.approx(-15)


def test_inside_a_member_and_a_month(house: Storehouse) -> None:
    result = run(house, ("to", "2025-12-31"), ("cell", "country:FR"), ("cell", "month:2025-11-01"))
    # The data end on the 21st: the November before is compared as far as this one has come.
    assert result.period == Period(date(2025, 11, 1), date(2025, 11, 30))
    assert result.compared == Period(date(2024, 11, 1), date(2024, 11, 21))
    assert parts(result, "product") == {"P1": pytest.approx(142), "P3": pytest.approx(100)}
    assert "by_country" not in result.tables


def test_the_sentence_in_both_languages(house: Storehouse) -> None:
    result = run(house)
    with use_language("en"):
        first, second = map(str, result.notes)
        assert first.startswith("Net sales went from €635 to €662 (+€27.0): by ")
        assert second.startswith("Through: Volume −€169, ")
    with use_language("fr"):
        assert "Volume −169\N{NO-BREAK SPACE}€" in str(result.notes[1])


def test_what_has_no_parts_says_so(house: Storehouse) -> None:
    with pytest.raises(PicholineError, match="no sum of parts"):
        run(house, ("metric", "price_per_unit"))
    with pytest.raises(PicholineError, match="no earlier period"):
        run(house, ("compare", "none"))


def test_who_may_see_one_country_explains_that_one(house: Storehouse) -> None:
    analysis = get_analysis("explain")
    asked = [("from", "2025-11-01"), ("to", "2025-11-30")]
    assert analysis.run
    mine = Scope("anna", (Filter("country", ("DE",)),))
    result = analysis.run(house.metrics, analysis.params_from(asked), mine)
    assert result.tables["whole"].rows()[0]["part"] == pytest.approx(-200)
    assert "exchange" not in result.tables
