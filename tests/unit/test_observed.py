"""Roll-ups made for what was asked: costly questions are kept without values, and served next."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.models.query import Filter, MetricQuery
from core.repository.warehouse import Policy, Warehouse
from core.repository.warehouse.observed import Observed, Wish, wishes
from core.services.doctor.warehouse import warehouse_checks
from core.services.metrics import Metrics
from tests.storehouse import Storehouse, sale


def test_only_what_costs_much_and_often_is_wished_for(tmp_path: Path) -> None:
    file = tmp_path / "cache" / "observed.json"
    seen = Observed(file)
    for _ in range(6):
        seen.note({"warehouse", "channel"}, 400.0, monthly=True)
        seen.note({"currency"}, 1.0, monthly=True)  # cheap
        seen.note({"invoice_id"}, 900.0, monthly=False)  # a roll-up would be the lines again
    seen.note({"promotion"}, 5000.0, monthly=False)  # once
    seen.flush()
    assert wishes(file) == (Wish(("channel", "warehouse"), monthly=True, times=6, cost=2400.0),)
    assert {tuple(s["columns"]) for s in json.loads(file.read_text())} == {
        ("channel", "warehouse"), ("promotion",)
    }  # fmt: skip
    assert file.stat().st_mode & 0o077 == 0
    again = Observed(file)
    again.note({"warehouse", "channel"}, 400.0, monthly=True)
    again.flush()
    assert wishes(file)[0].times == 7


def test_the_file_is_bounded_and_a_damaged_one_is_written_anew(tmp_path: Path) -> None:
    file = tmp_path / "observed.json"
    file.write_text('{"no": "list"}')
    assert wishes(file) == ()
    seen = Observed(file)
    for i in range(300):
        seen.note({f"column_{i}"}, 100.0 + i, monthly=True)
    seen.flush()
    kept = json.loads(file.read_text())
    assert len(kept) == 200
    assert min(s["cost"] for s in kept) == 200.0  # the costliest stay


def wish_for(house: Storehouse, *columns: str) -> None:
    seen = Observed(house.settings.observed)
    for _ in range(5):
        seen.note(columns, 300.0, monthly=True)
    seen.flush()


def test_the_next_build_makes_a_roll_up_that_answers_the_same(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    chance = np.random.default_rng(2)
    house.add("sales", [
        sale(f"i{i}", "2024-03-05", "A", int(q), 3.5, warehouse=f"W{w}", promotion=f"R{w % 2}")
        for i, (q, w) in enumerate(chance.integers((-1, 0), (5, 4), size=(300, 2)))
    ])  # fmt: skip
    query = MetricQuery(("net_sales", "orders"), ("warehouse",), (Filter("promotion", ("R1",)),))
    assert house.metrics.ask(query, cached=False).source == "lines"
    wish_for(house, "promotion", "warehouse")
    house.add("sales", [sale("new", "2024-04-01", "A", 1, 10, warehouse="W1", promotion="R1")])
    (made,) = [s for s in house.warehouse.info().sources if s.asked]
    assert made.columns == {"line_kind", "promotion", "warehouse"}
    assert (made.table, made.monthly, made.asked) == ("wished_1", True, 5)
    (told,) = [
        check.found
        for check in warehouse_checks(house.settings, house.catalogue, full=True)
        if check.key == "wished"
    ]
    assert str(told) == (
        "wished_1: 5 rows by promotion, warehouse; asked 5 times before it was made"
    )
    sums = replace(query, metrics=("net_sales",))
    found = house.metrics.ask(sums, cached=False)
    assert found.source == "wished_1"
    with house.warehouse.read() as cursor:
        expected = cursor.execute(
            "SELECT warehouse, sum(net_sales) FROM lines WHERE promotion = 'R1' GROUP BY 1"
        ).fetchall()
    assert {row["warehouse"]: row["net_sales"] for row in found.rows()} == dict(expected)
    house.close()


def test_what_would_not_be_small_is_not_made(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    wish_for(house, "warehouse")
    house.add(
        "sales", [sale(f"i{i}", "2024-03-05", "A", 1, 2, warehouse=f"W{i}") for i in range(9)]
    )
    assert not [s for s in house.warehouse.info().sources if s.asked]
    house.close()


def test_new_lines_are_added_to_wished_roll_ups_too(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    house.warehouse.close()
    growing = Policy(delta_from=0, share=1000.0)
    house.warehouse = Warehouse(house.settings, house.catalogue, house.segments, growing)
    house.metrics = Metrics(house.settings, house.catalogue, house.warehouse)
    wish_for(house, "warehouse")
    house.add("sales", [sale(f"i{i}", "2024-03-05", "A", 1, 2, warehouse="W") for i in range(40)])
    query = MetricQuery(("net_sales",), ("warehouse",))
    assert house.metrics.ask(query).source == "wished_1"
    house.add("sales", [sale("j", "2024-03-09", "A", 1, 5, warehouse="V")])
    found = house.metrics.ask(query)
    assert found.source == "wished_1"
    assert {r["warehouse"]: r["net_sales"] for r in found.rows()} == {"W": 80, "V": 5}
    assert [s.rows for s in house.warehouse.info().sources if s.asked] == [2]
    house.close()
