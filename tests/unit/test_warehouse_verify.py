"""The self-check finds a stored sum that is not the lines', and says which; the doctor tells."""

from datetime import date
from pathlib import Path

import duckdb
import pytest

from core.repository.warehouse import verify
from core.services.doctor import Level, examine
from tests.storehouse import Storehouse, sale


def test_a_wrong_sum_is_found_and_told(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    house.add("products", [{"product_id": "A", "category": "Oil", "supplier_id": "S"}])
    house.add("sales", [
        sale(str(i), f"2025-0{1 + i % 2}-05", "A", 2, 10, country="FR", customer_id=f"C{i % 3}")
        for i in range(40)
    ])  # fmt: skip
    house.add("investments", [{"date": date(2025, 1, 5), "amount": 7, "country": "FR"}])
    with house.warehouse.reading() as (cursor, info):
        found = verify(cursor, info)
        sampled = verify(cursor, info, months=1, seed=3)
    assert found.differences == sampled.differences == ()
    assert found.tables >= 10
    assert 0 < sampled.groups < found.groups
    checks = {check.key: check for check in examine(house.settings)}
    assert checks["sums"].level is Level.OK
    assert "v3.duckdb" in str(checks["warehouse"].found)
    house.close()
    with duckdb.connect(house.settings.warehouse / "v3.duckdb") as connection:
        connection.execute(
            "UPDATE month_market SET net_sales = net_sales + 0.000001 WHERE date = '2025-02-01'"
        )
    with house.warehouse.reading() as (cursor, info):
        (one,) = verify(cursor, info).differences
    assert (one.table, one.measure) == ("month_market", "net_sales")
    assert (one.stored, one.lines) == ("400.000001", "400.000000")
    assert "2025-02-01" in one.group
    house.close()
    told = {check.key: check for check in examine(house.settings, full=True)}["sums"]
    assert told.level is Level.BROKEN
    assert "400.000001" in str(told.found)
    assert told.remedy is not None


@pytest.mark.parametrize(
    ("table", "change", "measure"),
    [
        ("order_values", "net_sales = net_sales + 1", "net_sales"),
        ("order_values", "sold_lines = 0", "sold_lines"),
        ("order_values", "bin = bin + 1", "bin"),
        ("order_category_values", "category = NULL", "orders"),
        ("order_category_values", "net_sales = NULL", "unknown_amount"),
    ],
)
def test_a_wrong_order_is_found(tmp_path: Path, table: str, change: str, measure: str) -> None:
    house = Storehouse(tmp_path / "home")
    house.add("products", [{"product_id": "A", "category": "Oil"}, {"product_id": "B"}])
    house.add("sales", [
        sale("1", "2025-01-05", "A", 2, 10), sale("1", "2025-01-05", "B", 1, 5, line_no=2),
        sale("2", "2025-02-07", "A", 1, 30), sale("3", "2025-02-07", "A", -1, 30),
        sale("4", "2025-02-08", "A", 1, 9, currency="XAF"),  # no rate: unknown
    ])  # fmt: skip
    with house.warehouse.reading() as (cursor, info):
        assert verify(cursor, info).differences == ()
    house.close()
    newest = max(house.settings.warehouse.glob("v*.duckdb"))
    with duckdb.connect(newest) as connection:
        connection.execute(f"UPDATE {table} SET {change} WHERE date = '2025-01-05'")
    with house.warehouse.reading() as (cursor, info):
        found = verify(cursor, info).differences
    assert (table, measure) in {(one.table, one.measure) for one in found}
    assert {one.table for one in found} == {table}
    house.close()
