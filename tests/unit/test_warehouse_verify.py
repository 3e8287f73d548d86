"""The self-check finds a stored sum that is not the lines', and says which; the doctor tells."""

from datetime import date
from pathlib import Path

import duckdb

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
