"""Warehouse files: built once, swapped in whole, collected, safe between threads and processes."""

import multiprocessing
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path

import pytest

from core.errors import PicholineError
from core.models.query import MetricQuery
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.warehouse import Warehouse
from core.repository.warehouse.lock import file_lock
from core.services.metrics import Metrics
from core.settings import load_settings
from tests.storehouse import Storehouse, sale


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path / "home")
    found.add("sales", [sale("1", "2025-01-05", "A", 2, 10)])
    yield found
    found.close()


def net_sales(metrics: Metrics) -> object:
    return (metrics.ask(MetricQuery(("net_sales",))).total or {})["net_sales"]


def files(house: Storehouse) -> set[str]:
    return {path.name for path in house.settings.warehouse.iterdir()}


def test_one_file_per_version_and_only_one_build(house: Storehouse) -> None:
    assert house.warehouse.ensure() == 1
    built = (house.settings.warehouse / "v1.duckdb").stat().st_mtime_ns
    other = Warehouse(house.settings, house.catalogue, house.segments)
    assert other.ensure() == 1
    assert (house.settings.warehouse / "v1.duckdb").stat().st_mtime_ns == built
    other.close()


def test_a_new_version_is_served_at_once_and_the_old_one_collected(house: Storehouse) -> None:
    assert net_sales(house.metrics) == Decimal(20)
    house.add("sales", [sale("2", "2025-01-06", "A", 1, 5)])
    assert net_sales(house.metrics) == Decimal(25)
    assert {name for name in files(house) if name.startswith("v")} == {"v2.duckdb"}
    assert net_sales(house.metrics) == Decimal(25)


def test_a_reader_keeps_its_version_while_a_newer_one_comes(house: Storehouse) -> None:
    with house.warehouse.reading() as (cursor, info):
        house.add("sales", [sale("2", "2025-01-06", "A", 1, 5)])
        assert net_sales(house.metrics) == Decimal(25)
        house.warehouse.collect()
        assert info.data_version == 1
        assert cursor.execute("SELECT sum(net_sales) FROM lines").fetchone() == (Decimal(20),)


def test_leftovers_of_a_crash_do_no_harm(house: Storehouse) -> None:
    folder = house.settings.warehouse
    (folder / "v1.duckdb.building").write_bytes(b"half a file")
    (folder / "v0.duckdb.building.wal").write_bytes(b"half a file")
    assert net_sales(house.metrics) == Decimal(20)
    assert {name for name in files(house) if "building" in name} == set()
    (folder / "v0.duckdb").write_bytes(b"of an earlier day")
    assert house.warehouse.collect() == 1


def test_nobody_can_write(house: Storehouse) -> None:
    with house.warehouse.read() as cursor:
        for table in ("lines", "sold", "file_1.main.sold"):
            with pytest.raises(Exception, match=r"read-only|base table"):
                cursor.execute(f"DELETE FROM {table}")


def test_another_base_currency_builds_anew(house: Storehouse, tmp_path: Path) -> None:
    house.add("fx_rates", [
        {"date": sale("", "2025-01-01", "", 0, 0)["date"], "currency": "EUR", "rate_to_base": 2}
    ])  # fmt: skip
    assert net_sales(house.metrics) == Decimal(20)
    house.close()
    settings = load_settings(tmp_path / "home", threads=2, base_currency="USD")
    warehouse = Warehouse(settings, Catalogue(settings.catalogue_url), house.segments)
    assert warehouse.info().base_currency == "USD"
    warehouse.close()


def test_a_damaged_file_is_a_clear_error(house: Storehouse) -> None:
    house.warehouse.ensure()
    house.close()
    (house.settings.warehouse / "v1.duckdb").write_bytes(b"not a database" * 1000)
    with pytest.raises(PicholineError, match="cannot be read") as error:
        house.warehouse.ensure()
    assert error.value.code == "warehouse.unreadable"


def test_a_missing_segment_is_a_clear_error(house: Storehouse) -> None:
    for path in house.settings.segments.rglob("*.parquet"):
        path.unlink()
    with pytest.raises(PicholineError, match="cannot be prepared") as error:
        house.warehouse.ensure()
    assert error.value.code == "warehouse.build"
    assert not (house.settings.warehouse / "v1.duckdb").exists()


def test_threads_share_one_file(house: Storehouse) -> None:
    def ask(place: int) -> object:
        return (
            house.metrics.ask(MetricQuery(("net_sales",), ("product",)), cached=bool(place % 2))
            .rows()[0]["net_sales"]
        )  # fmt: skip

    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(ask, range(64)))
    assert found == {Decimal(20)}


def test_threads_see_only_whole_versions(house: Storehouse) -> None:
    with ThreadPoolExecutor(4) as pool:
        asked = [pool.submit(net_sales, house.metrics) for _ in range(20)]
        house.add("sales", [sale("2", "2025-01-06", "A", 1, 5)])
        asked += [pool.submit(net_sales, house.metrics) for _ in range(20)]
    assert {future.result() for future in asked} <= {Decimal(20), Decimal(25)}
    assert asked[-1].result() == Decimal(25)


def _ensure(home: str, answers: "multiprocessing.Queue[tuple[int, int]]") -> None:
    settings = load_settings(Path(home), threads=1)
    catalogue = Catalogue(settings.catalogue_url)
    warehouse = Warehouse(settings, catalogue, SegmentStore(settings.segments))
    warehouse.ensure()
    path = settings.warehouse / "v1.duckdb"
    answers.put((warehouse.info().lines, path.stat().st_ino))
    warehouse.close()


def test_processes_build_a_version_once(house: Storehouse) -> None:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[tuple[int, int]] = context.Queue()
    processes = [
        context.Process(target=_ensure, args=(str(house.settings.home), answers)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    found = {answers.get(timeout=60) for _ in processes}
    for process in processes:
        process.join(60)
    # All of them read the very same file.
    assert len(found) == 1
    assert found.pop()[0] == 1


def test_the_lock_is_exclusive_and_freed(tmp_path: Path) -> None:
    path = tmp_path / "some.lock"
    with file_lock(path, 0) as first:
        assert first
        began = time.monotonic()
        with file_lock(path, 0.2) as second:
            assert not second
        assert time.monotonic() - began >= 0.2
    with file_lock(path, 0) as third:
        assert third


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs POSIX file permissions")
def test_collect_leaves_a_running_build_alone(house: Storehouse) -> None:
    building = house.settings.warehouse / "v1.duckdb.building"
    building.write_bytes(b"at work")
    with file_lock(house.settings.warehouse / "build.lock", 0):
        assert house.warehouse.collect() == 0
    assert building.exists()


def test_postgresql_answers_as_sqlite_does(
    house: Storehouse, postgres_url: str, tmp_path: Path
) -> None:
    other = Storehouse(tmp_path / "other", database_url=postgres_url)
    rows = [
        sale("1", "2025-01-05", "A", 3, 7.25, country="FR"),
        sale("2", "2025-02-05", "B", -1, 2, country="DE"),
    ]
    query = MetricQuery(("net_sales", "returns", "orders", "units"), ("country", "month"))
    answers = []
    for home in (house, other):
        if home is other:
            home.add("sales", [sale("1", "2025-01-05", "A", 2, 10)])
        before = home.metrics.ask(query)
        added = home.add("sales", rows)
        after = home.metrics.ask(query)
        home.undo(added)
        undone = home.metrics.ask(query)
        assert undone.rows() == before.rows() != after.rows()
        answers.append((after.rows(), after.total, after.data_version))
    assert answers[0] == answers[1]
    other.close()
