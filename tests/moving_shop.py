"""A shop whose products and customers were something else before; every figure is worked out here.

Product A is oil of Olivar until the end of January, then a gift of Frantoio; C is soap from
10 February, and nothing before; B never changes. Customer c1 is a shop in France until the end of
February, then a chain in Germany. From 2026 on A would be something else: after the last sale.
"""

from datetime import date
from typing import Any

from tests.storehouse import Row, Storehouse, sale

PRODUCTS: tuple[Row, ...] = (
    {"product_id": "A", "name": "Oil A", "category": "Oil", "supplier_id": "S1",
     "standard_cost": 4},
    {"product_id": "A", "category": "Gifts", "supplier_id": "S2",
     "valid_from": date(2025, 2, 1)},
    {"product_id": "A", "category": "Later", "valid_from": date(2026, 1, 1)},
    {"product_id": "B", "name": "Oil B", "category": "Oil", "supplier_id": "S1",
     "standard_cost": 1},
    {"product_id": "C", "name": "Soap C", "category": "Soap", "standard_cost": 1,
     "valid_from": date(2025, 2, 10)},
)  # fmt: skip
CUSTOMERS: tuple[Row, ...] = (
    {"customer_id": "c1", "name": "One", "segment": "Shop", "country": "FR",
     "valid_from": date(2024, 1, 1)},
    {"customer_id": "c1", "segment": "Chain", "country": "DE", "valid_from": date(2025, 3, 1)},
    {"customer_id": "c2", "name": "Two", "segment": "Shop", "country": "IT"},
)  # fmt: skip
SUPPLIERS: tuple[Row, ...] = (
    {"supplier_id": "S1", "name": "Olivar"}, {"supplier_id": "S2", "name": "Frantoio"},
)  # fmt: skip
# Line by line: net sales 100, 50, 10, 20, 30, 3; the cost is today's standard cost.
SALES: tuple[Row, ...] = (
    sale("1", "2025-01-31", "A", 10, 10, customer_id="c1", channel="shop"),
    sale("2", "2025-02-01", "A", 5, 10, customer_id="c1", channel="web"),
    sale("3", "2025-03-10", "A", 1, 10, customer_id="c1", channel="web"),
    sale("1", "2025-01-31", "B", 10, 2, customer_id="c1", channel="shop"),
    sale("4", "2025-01-10", "C", 10, 3, customer_id="c2", country="AT"),
    sale("5", "2025-02-10", "C", 1, 3, customer_id="c2"),
)


def open_moving_shop(house: Storehouse) -> Storehouse:
    """Fill a home."""
    house.add("suppliers", SUPPLIERS)
    house.add("products", PRODUCTS)
    house.add("customers", CUSTOMERS)
    house.add("sales", SALES)
    return house


def by_key(rows: list[dict[str, Any]], key: str, *metrics: str) -> dict[Any, tuple[Any, ...]]:
    """Return figures by the values of a dimension."""
    return {row[key]: tuple(row[metric] for metric in metrics) for row in rows}
