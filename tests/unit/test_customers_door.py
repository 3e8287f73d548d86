"""The door to single customers: cut-off, filters and rights hold for everything behind it."""

from datetime import date, timedelta
from typing import Any

import pytest

from core.errors import PicholineError
from core.models.filters import parse_filters
from core.models.query import Filter, Operator, Scope
from core.services.customers import CustomerFacts, History
from tests.storehouse import Storehouse, sale

ALL = parse_filters([("period", "all")])


@pytest.fixture
def shop(house: Storehouse) -> Storehouse:
    """c1 buys on two days and gives back on a third; c2 buys twice on one day; one guest."""
    house.add(
        "sales",
        [
            sale("1", "2025-01-05", "A", 10, 20, customer_id="c1", country="FR", channel="web",
                 unit_cost=12, fees=5),
            sale("1", "2025-01-05", "B", 1, 10, customer_id="c1", country="FR", channel="web"),
            sale("2", "2025-01-09", "A", 2, 20, customer_id="c2", country="DE", channel="shop"),
            sale("3", "2025-01-09", "A", 1, 20, customer_id="c2", country="DE", channel="shop"),
            sale("4", "2025-02-01", "A", 1, 20, customer_id="c1", country="BE", channel="shop"),
            sale("5", "2025-02-03", "A", -1, 20, customer_id="c1", country="FR", channel="web"),
            sale("6", "2025-02-03", "A", 3, 20),
        ],
    )  # fmt: skip
    return house


def days(history: History) -> list[dict[str, Any]]:
    text = "SELECT * FROM customer_days ORDER BY customer_key, date"
    return history.cursor.sql(text).to_arrow_table().to_pylist()


def test_one_row_per_customer_and_day(shop: Storehouse) -> None:
    with CustomerFacts(shop.metrics).open(ALL, Scope()) as history:
        rows = days(history)
    assert [(r["date"].isoformat(), r["net_sales"], r["orders"], r["bought"]) for r in rows] == [
        ("2025-01-05", 210.0, 1, True),
        ("2025-02-01", 20.0, 1, True),
        ("2025-02-03", -20.0, 0, False),
        ("2025-01-09", 60.0, 2, True),
    ]
    # Only the first line's cost is known: 200 − 120, then 5 of fees.
    assert (rows[0]["gross_margin"], rows[0]["contribution"]) == (80.0, 75.0)
    assert (rows[0]["covered_net_sales"], rows[0]["product_net_sales"]) == (200.0, 210.0)
    assert (rows[1]["gross_margin"], rows[1]["contribution"]) == (None, None)
    assert rows[2]["returns"] == 20.0


def test_a_customer_stands_where_most_was_bought_and_where_it_began(shop: Storehouse) -> None:
    with CustomerFacts(shop.metrics).open(ALL, Scope()) as history:
        one, two = history.customers.to_pylist()
    assert (one["customer_id"], one["country"], one["channel"]) == ("c1", "FR", "web")
    assert (one["first_country"], one["first_channel"]) == ("FR", "web")
    assert (one["first_day"], one["last_day"], one["purchase_days"]) == (
        date(2025, 1, 5), date(2025, 2, 1), 2,
    )  # fmt: skip
    assert (two["customer_id"], two["purchase_days"]) == ("c2", 1)


def test_nothing_after_the_cut_off_is_read(shop: Storehouse) -> None:
    january = parse_filters([("from", "2025-01-06"), ("to", "2025-01-31")])
    with CustomerFacts(shop.metrics).open(january, Scope()) as history:
        # The period's start plays no part: what came before belongs to the customer's history.
        assert (history.first, history.cut_off) == (date(2025, 1, 5), date(2025, 1, 31))
        assert max(row["date"] for row in days(history)) == date(2025, 1, 9)
        assert history.caveats == ()


def test_filters_and_rights_hold_together(shop: Storehouse) -> None:
    rights = Scope("anna", (Filter("country", ("DE",), Operator.NOT_IN),))
    web = parse_filters([("period", "all"), ("channel", "web")])
    with CustomerFacts(shop.metrics).open(web, rights) as history:
        assert history.customers["customer_id"].to_pylist() == ["c1"]
        assert [row["net_sales"] for row in days(history)] == [210.0, -20.0]


def test_sales_without_a_customer_are_left_out_and_said(shop: Storehouse) -> None:
    with CustomerFacts(shop.metrics).open(ALL, Scope()) as history:
        (caveat,) = history.caveats
    assert "1 line without a customer is left out" in str(caveat)
    assert "18.2" in str(caveat)  # 60 of 330


def test_future_sales_are_not_history(house: Storehouse) -> None:
    today = house.metrics.today()
    tomorrow = (today + timedelta(days=1)).isoformat()
    house.add(
        "sales",
        [
            sale("1", (today - timedelta(days=3)).isoformat(), "A", 1, 10, customer_id="c1"),
            sale("2", tomorrow, "A", 1, 10, customer_id="c2"),
        ],
    )
    with CustomerFacts(house.metrics).open(ALL, Scope()) as history:
        assert history.customers["customer_id"].to_pylist() == ["c1"]
        assert history.cut_off == today


def test_without_sales_or_customers_it_is_explained(house: Storehouse) -> None:
    facts = CustomerFacts(house.metrics)
    with pytest.raises(PicholineError) as empty, facts.open(ALL, Scope()):
        pass
    assert empty.value.code == "customers.no_data"
    house.add("sales", [sale("1", "2025-01-05", "A", 1, 10)])
    with pytest.raises(PicholineError) as nobody, facts.open(ALL, Scope()):
        pass
    assert nobody.value.code == "customers.nobody"
    assert "customer column" in str(nobody.value.remedy)
