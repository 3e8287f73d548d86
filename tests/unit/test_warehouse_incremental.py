"""Data that grow import by import answer as data that are built at once, to the micro-unit."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.warehouse import Policy, Warehouse
from core.services.metrics import Metrics
from core.settings import load_settings
from tests.growing import GROWING, START, STEPS, History, Pair, begin
from tests.storehouse import sale


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Pair]:
    found = Pair(tmp_path / "home")
    yield found
    found.close()


EXAMPLES = int(os.environ.get("PICHOLINE_TEST_HISTORIES", "1"))


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.lists(st.sampled_from(STEPS), min_size=3, max_size=4))
def test_any_history_answers_as_a_whole_build(
    tmp_path_factory: pytest.TempPathFactory, seed: int, steps: list[Callable[[History], None]]
) -> None:
    house = Pair(tmp_path_factory.mktemp("history") / "home")
    history = begin(house, seed)
    for step in steps:
        step(history)
        house.check()
    house.close()


def test_what_only_adds_is_added(house: Pair) -> None:
    history = begin(house)
    for step in (
        History.new_orders, History.continued_orders, History.new_names, History.investments,
        History.rules, History.returns,
    ):  # fmt: skip
        step(history)
        assert 1 <= house.deltas() <= 4
    house.check()


CHANGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("products", {"product_id": "P0", "standard_cost": 9}),
    ("products", {"product_id": "P4", "name": "Sold before it was named"}),
    ("customers", {"customer_id": "C1", "segment": "Elsewhere"}),
    ("suppliers", {"supplier_id": "S", "name": "Other"}),
    ("fx_rates", {"date": START + timedelta(days=1), "currency": "USD", "rate_to_base": 1}),
    ("purchases", {"purchase_id": "Z", "date": START + timedelta(days=2), "supplier_id": "S",
                   "product_id": "P1", "quantity": 10, "unit_cost": 9}),
    ("purchases", {"purchase_id": "Z", "date": START + timedelta(days=28), "supplier_id": "S",
                   "product_id": "P3", "quantity": 10, "unit_cost": 9}),
)  # fmt: skip


def test_what_changes_stored_lines_is_built_as_a_whole(house: Pair) -> None:
    begin(house)
    for table, row in CHANGES:
        house.add(table, [row])
        assert house.deltas() == 0, row
    house.check()


def test_sums_by_segment_follow_the_customers(house: Pair) -> None:
    rows = [
        sale(f"{c}-{i}", f"2025-0{1 + i % 2}-{1 + i:02}", "P0", 1 + c, 10, customer_id=f"C{c}")
        for c in range(6)
        for i in range(4 + c)
    ]
    house.add("sales", rows * 3)
    assert "month_rfm" in {s.table for s in house.warehouse.info().sources}
    house.add("sales", [sale("new", "2025-02-27", "P0", 900, 10, customer_id="C0")])
    assert house.deltas() == 1
    # The base holds sums of customers by the segments they were in.
    assert "month_rfm" not in {s.table for s in house.warehouse.info().sources}
    house.check()


def test_undo_and_redo_find_the_files_again(house: Pair) -> None:
    history = begin(house)
    first = house.warehouse.chain()
    history.new_orders()
    assert house.deltas() == 1
    second = house.warehouse.chain()
    history.undo()
    assert house.warehouse.chain() == first
    history.redo()
    assert house.warehouse.chain() == second
    house.check()


def test_an_undone_import_in_between_leaves_the_base(house: Pair) -> None:
    history = begin(house)
    for _ in range(2):
        history.new_orders()
        house.deltas()
    house.undo(history.imports[0])
    assert house.deltas() >= 1
    house.check()


def test_a_whole_build_takes_the_place_of_deltas(house: Pair) -> None:
    house.warehouse.close()
    policy = Policy(delta_from=0, share=1000.0, tidy_deltas=1)
    house.warehouse = Warehouse(house.settings, house.catalogue, house.segments, policy)
    house.metrics = Metrics(house.settings, house.catalogue, house.warehouse)
    history = begin(house)
    history.new_orders()
    assert house.deltas() == 1
    with house.warehouse.reading() as (cursor, info):
        assert house.warehouse.tidy()
        # Who reads keeps reading the files that were swapped out.
        assert cursor.execute("SELECT count(*) FROM sold").fetchone() == (info.lines,)
    assert house.deltas() == 0
    assert not house.warehouse.tidy()


def test_other_tables_than_those_of_the_warehouse_need_no_build(house: Pair) -> None:
    begin(house)
    before = house.warehouse.chain()
    house.add("reviews", [{"date": START, "product_id": "P1", "rating": 4}])
    assert house.warehouse.ensure() == house.catalogue.current_version()
    assert house.warehouse.chain() == before


def _hang(home: str, started: "multiprocessing.Queue[int]") -> None:
    settings = load_settings(Path(home), threads=1)
    catalogue = Catalogue(settings.catalogue_url)
    segments = SegmentStore(settings.segments)
    warehouse = Warehouse(settings, catalogue, segments, GROWING)
    started.put(os.getpid())
    while True:
        warehouse.ensure()
        warehouse.close()
        for path in settings.warehouse.glob("d*.duckdb"):
            path.unlink()


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
def test_a_process_killed_while_it_adds_leaves_what_stood(house: Pair) -> None:
    history = begin(house)
    history.new_orders()
    context = multiprocessing.get_context("spawn")
    started: multiprocessing.Queue[int] = context.Queue()
    process = context.Process(target=_hang, args=(str(house.settings.home), started))
    process.start()
    pid = started.get(timeout=60)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if list(house.settings.warehouse.glob("d*.building")):
            os.kill(pid, signal.SIGKILL)
            break
        time.sleep(0.001)
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    house.check()
    assert not list(house.settings.warehouse.glob("*.building*"))


def test_the_previous_data_serve_while_another_process_builds(house: Pair) -> None:
    history = begin(house)
    before = house.warehouse.info()
    history.new_orders()
    house.warehouse.leave_to(lambda: True, patience=0.05)
    assert house.warehouse.info() == before
    assert house.warehouse.behind()
    assert house.metrics.status().behind
    other = Warehouse(house.settings, house.catalogue, house.segments, GROWING)
    other.ensure()
    other.close()
    assert house.warehouse.info().data_version == house.catalogue.current_version()
    assert not house.warehouse.behind()
    house.check()
