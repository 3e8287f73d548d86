"""Category, supplier and segment at the time of sale, and today's, on paper."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core.errors import PicholineError
from core.models.filters import parse_filters
from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    Members,
    MetricQuery,
    Operator,
    Period,
    Scope,
    Top,
)
from core.models.result import ResultTable
from core.services.analytics.base import get_analysis
from core.services.customers import CustomerFacts
from core.services.definitions.bodies import OwnDimension
from core.services.definitions.service import Definitions
from core.services.drill import Drill
from core.services.filter_choices import offered, offered_beside
from tests.moving_shop import PRODUCTS, by_key, open_moving_shop
from tests.storehouse import Storehouse, sale

FIGURES = ("net_sales", "gross_margin", "orders")
TOTAL = (213, 128, 5)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_moving_shop(Storehouse(tmp_path_factory.mktemp("moving") / "home"))
    yield found
    found.close()


def ask(house: Storehouse, *by: str, scope: Scope | None = None, **more: Any) -> ResultTable:
    return house.metrics.ask(MetricQuery(FIGURES, by, **more), scope or Scope())


def split(house: Storehouse, by: str, **more: Any) -> dict[Any, tuple[Any, ...]]:
    return by_key(ask(house, by, **more).rows(), by, *FIGURES)


def texts(table: ResultTable) -> list[str]:
    return [str(caveat) for caveat in table.caveats]


@pytest.mark.parametrize(
    ("dimension", "expected"),
    [
        ("category", {"Gifts": (160, 96, 3), "Soap": (33, 22, 2), "Oil": (20, 10, 1)}),
        ("category_then", {"Oil": (120, 70, 1), "Gifts": (60, 36, 2), "Soap": (3, 2, 1),
                           None: (30, 20, 1)}),
        ("supplier", {"S2": (160, 96, 3), "S1": (20, 10, 1), None: (33, 22, 2)}),
        ("supplier_then", {"S1": (120, 70, 1), "S2": (60, 36, 2), None: (33, 22, 2)}),
        ("segment", {"Chain": (180, 106, 3), "Shop": (33, 22, 2)}),
        ("segment_then", {"Shop": (203, 122, 4), "Chain": (10, 6, 1)}),
        # Where a line states no country, the goods went where the customer was on that day.
        ("country", {"FR": (170, 100, 2), "DE": (10, 6, 1), "AT": (30, 20, 1), "IT": (3, 2, 1)}),
    ],
)  # fmt: skip
def test_splits_by_what_held_then_and_today(
    shop: Storehouse, dimension: str, expected: dict[Any, tuple[Any, ...]]
) -> None:
    found = ask(shop, dimension)
    assert by_key(found.rows(), dimension, *FIGURES) == expected
    assert tuple((found.total or {})[key] for key in FIGURES) == TOTAL


def test_suppliers_of_the_time_have_their_names(shop: Storehouse) -> None:
    rows = by_key(ask(shop, "supplier_then").rows(), "supplier_then", "supplier_then_name")
    assert rows == {"S1": ("Olivar",), "S2": ("Frantoio",), None: (None,)}


def test_then_and_today_side_by_side(shop: Storehouse) -> None:
    rows = ask(shop, "category", "category_then").rows()
    moved = {(row["category"], row["category_then"]): row["net_sales"] for row in rows}
    assert moved == {
        ("Gifts", "Oil"): 100, ("Gifts", "Gifts"): 60, ("Oil", "Oil"): 20,
        ("Soap", None): 30, ("Soap", "Soap"): 3,
    }  # fmt: skip


def test_filters_by_what_held_then(shop: Storehouse) -> None:
    oil = (Filter("category_then", ("Oil",)),)
    assert split(shop, "product", where=oil) == {"A": (100, 60, 1), "B": (20, 10, 1)}
    none = (Filter("category_then", (NO_VALUE,)),)
    assert split(shop, "product", where=none) == {"C": (30, 20, 1)}
    searched = (Filter("supplier_then", ("frant",), Operator.CONTAINS),)
    assert split(shop, "product", where=searched) == {"A": (60, 36, 2)}
    best = (Members("category_then", "net_sales", n=1),)
    assert split(shop, "product", members=best) == {"A": (100, 60, 1), "B": (20, 10, 1)}


def test_periods_top_lists_and_pivots_by_what_held_then(shop: Storehouse) -> None:
    period = Period(date(2025, 2, 1), date(2025, 3, 31))
    table = ask(shop, "segment_then", period=period, compare=Compare.PREVIOUS)
    rows = by_key(table.rows(), "segment_then", "net_sales", "net_sales_compared")
    assert rows == {"Shop": (53, 150), "Chain": (10, 0)}
    top = split(shop, "category_then", top=Top(1, "net_sales", others=True))
    assert sorted(value for value, _margin, _orders in top.values()) == [93, 120]
    months = ask(shop, "category_then", "month", pivot="month").rows()
    assert {row["category_then"] for row in months} == {"Oil", "Gifts", "Soap", None}


@pytest.mark.parametrize("dimension", ["category_then", "supplier_then", "segment_then"])
def test_lines_behind_a_cell_add_up_to_it(shop: Storehouse, dimension: str) -> None:
    drill = Drill(shop.metrics, shop.catalogue, shop.settings.inbox)
    query = MetricQuery(("net_sales",), (dimension,))
    for row in shop.metrics.ask(query).rows():
        found = drill.about(query, {dimension: row[dimension]}, Scope())
        lines = drill.page(found.behind, Scope()).rows()
        assert found.value == row["net_sales"] == sum(line["net_sales"] for line in lines)
        assert {line[dimension] for line in lines} == {row[dimension]}


def test_rights_by_what_held_then(shop: Storehouse) -> None:
    gifts = Scope(where=(Filter("category_then", ("Gifts",)),))
    assert split(shop, "product", scope=gifts) == {"A": (60, 36, 2)}
    # No filter opens the rest: A was oil in January.
    january = Period(date(2025, 1, 1), date(2025, 1, 31))
    assert split(shop, "product", scope=gifts, period=january) == {}
    other = (Filter("category_then", ("Oil",)),)
    assert split(shop, "product", scope=gifts, where=other) == {}
    assert [m.value for m in shop.metrics.members("category_then", scope=gifts)] == ["Gifts"]


def test_answers_by_today_say_what_has_changed(shop: Storehouse) -> None:
    text = "1 product has changed category: all its lines count in today's. "
    told = text + "“Category at the time of sale” keeps them apart."
    # C had no category before: nobody changed it.
    assert told in texts(ask(shop, "category"))
    assert told in texts(ask(shop, where=(Filter("category", ("Gifts",)),)))
    assert "1 product has changed supplier" in " ".join(texts(ask(shop, "supplier")))
    assert "1 customer has changed segment" in " ".join(texts(ask(shop, "segment")))
    for dimension in ("category_then", "product", "month"):
        assert not [text for text in texts(ask(shop, dimension)) if "changed" in text]


def test_pages_offer_what_held_then_where_it_differs(shop: Storehouse) -> None:
    keys = [dimension.key for dimension in offered(shop.metrics)]
    assert keys == ["category_then", "supplier_then", "segment_then"]
    beside = offered_beside(shop.metrics, {"category", "product", "segment"})
    assert [dimension.key for dimension in beside] == ["category_then", "segment_then"]
    analysis = get_analysis("margins")
    chosen = [("period", "all"), ("split", "category_then"), ("own.segment_then", "Shop")]
    found = analysis.run(shop.metrics, analysis.params_from(chosen), Scope())
    rows = by_key(found.tables["by_category_then"].rows(), "category_then", "net_sales")
    assert rows == {"Oil": (120,), "Gifts": (50,), "Soap": (3,), None: (30,)}


@pytest.mark.parametrize(("category", "customers"), [("Gifts", ["c1"]), ("Soap", ["c2"])])
def test_customers_are_those_who_bought_what_held_then(
    shop: Storehouse, category: str, customers: list[str]
) -> None:
    filters = parse_filters([("own.category_then", category), ("period", "all")])
    with CustomerFacts(shop.metrics).open(filters, Scope()) as history:
        assert history.customers["customer_id"].to_pylist() == customers


def test_investments_stand_where_their_product_stood(house: Storehouse) -> None:
    house.add("investments", [
        {"date": date(2025, 1, 15), "amount": 7, "product_id": "A"},
        {"date": date(2025, 2, 15), "amount": 11, "product_id": "A"},
        {"date": date(2025, 2, 15), "amount": 13, "category": "Oil"},
        {"date": date(2025, 2, 15), "amount": 17},
    ])  # fmt: skip
    open_moving_shop(house)
    rows = house.metrics.ask(MetricQuery(("investment",), ("category_then",))).rows()
    spent = {row["category_then"]: row["investment"] for row in rows if row["investment"]}
    assert spent == {"Oil": 20, "Gifts": 11, None: 17}
    rows = house.metrics.ask(MetricQuery(("investment",), ("supplier_then",))).rows()
    spent = {row["supplier_then"]: row["investment"] for row in rows if row["investment"]}
    assert spent == {"S1": 7, "S2": 11, None: 30}


def test_records_of_stock_and_budgets_speak_of_today(shop: Storehouse) -> None:
    with pytest.raises(PicholineError, match="Category at the time of sale"):
        shop.metrics.ask(MetricQuery(("gmroi",), ("category_then",)))
    with pytest.raises(PicholineError):
        shop.metrics.ask(MetricQuery(("net_sales",), ("category_then",), compare=Compare.BUDGET))


def test_later_rows_win_attribute_by_attribute(house: Storehouse) -> None:
    """Of rows valid from one day the last counts; what a row does not state goes on."""
    house.add("sales", [
        sale(str(month), f"2025-{month:02}-15", "A", 1, 10**month) for month in (1, 2, 3, 4)
    ])  # fmt: skip
    house.add("products", [{"product_id": "A", "category": "Read", "supplier_id": "S0"}],
              derived=True)  # fmt: skip
    assert split(house, "category_then").keys() == {"Read"}
    march = date(2025, 3, 1)
    house.add("products", [
        {"product_id": "A", "category": "First", "valid_from": march},
        {"product_id": "A", "category": "Stated"},
        {"product_id": "A", "category": "Second", "valid_from": march},
        {"product_id": "A", "supplier_id": "S9", "valid_from": date(2025, 4, 1)},
    ])  # fmt: skip
    found = {key: value for key, (value, *_rest) in split(house, "category_then").items()}
    assert found == {"Stated": 110, "Second": 11_000}
    found = {key: value for key, (value, *_rest) in split(house, "supplier_then").items()}
    assert found == {"S0": 1110, "S9": 10_000}
    assert split(house, "category").keys() == {"Second"}
    # An older import that comes again, undated, holds from the beginning only.
    house.add("products", [{"product_id": "A", "category": "Always"}])
    found = {key: value for key, (value, *_rest) in split(house, "category_then").items()}
    assert found == {"Always": 110, "Second": 11_000}


def test_what_is_valid_later_counts_once_there_are_sales(house: Storehouse) -> None:
    open_moving_shop(house)
    assert "Later" not in split(house, "category")
    house.add("sales", [sale("9", "2026-01-02", "A", 1, 1)])
    assert split(house, "category")["Later"][0] == 161
    assert split(house, "category_then")["Later"][0] == 1


def test_without_history_then_is_today_and_costs_nothing(house: Storehouse) -> None:
    """The questions are those on today's columns: the same tables, nothing more is stored."""
    house.add("products", [{**row, "valid_from": None} for row in PRODUCTS[::3]])
    house.add("sales", [
        sale(f"{n}", f"2025-01-{1 + n % 28:02}", "AB"[n % 2], 1, n, customer_id="c1")
        for n in range(100)
    ])  # fmt: skip
    info = house.warehouse.info()
    assert info.changed == {}
    assert offered(house.metrics) == ()
    assert not [c for source in info.sources for c in source.columns if c.endswith("_then")]
    for then, now in (("category_then", "category"), ("supplier_then", "supplier"),
                      ("segment_then", "segment")):  # fmt: skip
        one, other = ask(house, then), ask(house, now)
        assert one.source == other.source != "lines"
        assert split(house, then) == split(house, now)
        assert not texts(one)
    where = (Filter("category_then", ("Oil",)),)
    assert ask(house, "month", where=where).source == ask(
        house, "month", where=(Filter("category", ("Oil",)),)
    ).source  # fmt: skip
    filters = parse_filters([("own.category_then", "Oil"), ("period", "all")])
    with CustomerFacts(house.metrics).open(filters, Scope()) as history:
        assert history.customers["customer_id"].to_pylist() == ["c1"]


def test_a_row_that_repeats_what_held_is_no_history(house: Storehouse) -> None:
    house.add("products", [
        {"product_id": "A", "category": "Oil"},
        {"product_id": "A", "category": "Oil", "valid_from": date(2025, 1, 5)},
        {"product_id": "A", "brand": "Mas", "valid_from": date(2025, 1, 5)},
    ])  # fmt: skip
    house.add("sales", [sale("1", "2025-01-10", "A", 1, 1)])
    assert house.warehouse.info().changed == {}
    assert split(house, "brand").keys() == {"Mas"}


GROUPED = OwnDimension(
    "house", "House", base="supplier_then", groups=(("Ours", ("S1",)),), rest="Bought"
)
APART = OwnDimension("range", "Range", base="category_then", groups=(("Food", ("Oil", "Gifts")),))


def test_dimensions_of_ones_own_group_what_held_then(house: Storehouse) -> None:
    own = Definitions(house.catalogue, house.metrics)
    own.save(GROUPED)
    own.save(APART)
    open_moving_shop(house)
    assert split(house, "range") == {"Food": (180, 106, 3), "Soap": (3, 2, 1), None: (30, 20, 1)}
    assert split(house, "house") == {"Ours": (120, 70, 1), "Bought": (60, 36, 2),
                                     None: (33, 22, 2)}  # fmt: skip
    ours = (Filter("house", ("Ours",)),)
    assert split(house, "product", where=ours) == {"A": (100, 60, 1), "B": (20, 10, 1)}


def test_dimensions_of_ones_own_where_nothing_changed(house: Storehouse) -> None:
    own = Definitions(house.catalogue, house.metrics)
    own.save(GROUPED)
    own.save(APART)
    house.add("products", [PRODUCTS[0], {"product_id": "C", "category": "Soap"}])
    house.add("sales", [sale("1", "2025-01-31", "A", 1, 10), sale("2", "2025-01-31", "C", 1, 3)])
    assert {key: value[0] for key, value in split(house, "range").items()} == {
        "Food": 10,
        "Soap": 3,
    }
    assert {key: value[0] for key, value in split(house, "house").items()} == {"Ours": 10, None: 3}
