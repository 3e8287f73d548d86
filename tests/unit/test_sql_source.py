"""SQL sources: read only, exact, scheduled, and no password anywhere."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from core.errors import PicholineError
from core.models.arrivals import SqlSource
from core.models.query import Filter, Operator, Scope
from core.repository.segments import SegmentStore
from core.repository.sql_reader import read_query
from core.repository.sql_statement import bare_select
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.sql_source import (
    SourceWatch,
    add_source,
    all_sources,
    as_dict,
    is_due,
    remove_source,
    run_source,
    submit_source,
)
from core.services.worker import Worker
from core.settings import load_settings

ALL = Scope("local")
QUERY = (
    "SELECT invoice, sold_on AS date, sku AS product_id, qty AS quantity, price AS unit_price"
    " FROM lines"
)
ROWS = [("F1", "2025-03-31", "P1", 2, 10.5), ("F2", "2025-04-01", "007", 1, 0.1)]


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path / "home"))
    yield opened
    opened.close()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Return an SQLite database with sales lines."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE lines (invoice, sold_on, sku, qty, price)")
        connection.executemany("INSERT INTO lines VALUES (?, ?, ?, ?, ?)", ROWS)
    connection.close()
    return path


def change(shop: Path, *statements: str) -> None:
    connection = sqlite3.connect(shop)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def source(shop: Path, **changes: Any) -> SqlSource:
    stated = {"name": "shop", "address": f"sqlite:///{shop}", "query": QUERY, "table_name": "sales"}
    return SqlSource(**{**stated, **changes})


def run(application: Application, name: str = "shop") -> dict[str, Any]:
    return run_source(application, name, ALL, lambda _fraction, _step: None)


def stored(application: Application, table: str = "sales") -> list[dict[str, Any]]:
    segments: SegmentStore = application.segments
    files = [segments.path(s.file) for s in application.catalogue.visible_segments(table)]
    return [row for file in files for row in pq.read_table(file).to_pylist()]


def test_a_query_becomes_an_import(application: Application, shop: Path) -> None:
    add_source(application, source(shop), ALL)
    outcome = run(application)
    assert (outcome["ended"], outcome["rows"]) == ("imported", 2)
    assert (outcome["reports"][0]["accepted"], outcome["reports"][0]["read"]) == (2, 2)
    rows = {row["invoice_id"]: row for row in stored(application)}
    assert rows["F1"]["date"] == date(2025, 3, 31)
    assert rows["F2"]["product_id"] == "007"
    assert (rows["F1"]["unit_price"], rows["F2"]["unit_price"]) == (Decimal("10.5"), Decimal("0.1"))
    (record,) = application.catalogue.imports()
    assert (record.file_name, record.owner) == ("shop.parquet", "local")
    assert [p.name for p in application.settings.inbox.iterdir()] == [record.sha256]


def test_new_rows_are_added_and_unchanged_ones_read_no_further(
    application: Application, shop: Path
) -> None:
    add_source(application, source(shop), ALL)
    run(application)
    again = run(application)
    assert (again["ended"], again["reports"]) == ("unchanged", [])
    assert "import 1" in again["why"]
    change(shop, "INSERT INTO lines VALUES ('F3', '2025-04-02', 'P1', 4, 9)")
    report = run(application)["reports"][0]
    assert (report["accepted"], report["already_there"]) == (1, 2)
    change(shop, "DELETE FROM lines")
    assert run(application)["ended"] == "nothing"
    assert len(stored(application)) == 3


def test_modes_replace_and_upsert(application: Application, shop: Path) -> None:
    add_source(application, source(shop, mode="replace"), ALL)
    add_source(application, source(shop, name="corrections", mode="upsert"), ALL)
    run(application)
    change(shop, "DELETE FROM lines WHERE invoice = 'F2'", "UPDATE lines SET qty = 5")
    run(application)
    assert [(row["invoice_id"], row["quantity"]) for row in stored(application)] == [("F1", 5)]
    change(shop, "UPDATE lines SET qty = 7")
    run(application, "corrections")
    modes = [(r.accepted, r.already_there) for r in application.catalogue.imports()[:1]]
    assert modes == [(1, 0)]


def test_a_mapping_and_a_doubt(application: Application, shop: Path) -> None:
    query = "SELECT invoice AS a, sold_on AS b, sku AS c, qty AS d, price AS e FROM lines"
    add_source(application, source(shop, name="doubtful", query=query), ALL)
    with pytest.raises(PicholineError) as caught:
        run(application, "doubtful")
    assert caught.value.code == "source.doubt"
    (kept,) = all_sources(application, ALL)
    assert (kept.status, as_dict(kept)["code"]) == ("failed", "source.doubt")
    assert "lacks" in as_dict(kept)["why"]
    columns = {"invoice_id": "a", "date": "b", "product_id": "c", "quantity": "d",
               "unit_price": "e"}  # fmt: skip
    mapping = {"table": "sales", "columns": columns}
    add_source(application, source(shop, name="mapped", query=query, mapping=mapping), ALL)
    assert run(application, "mapped")["reports"][0]["accepted"] == 2


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://reader:secret@host/shop",
        "postgresql://reader@host/shop?password=secret",
        "mssql+pyodbc:///?odbc_connect=DRIVER%3Dx%3BPWD%3Dsecret",
    ],
)
def test_an_address_with_a_password_is_not_stored(application: Application, address: str) -> None:
    with pytest.raises(PicholineError) as caught:
        add_source(application, source(Path("x"), address=address), ALL)
    assert caught.value.code == "source.password"
    assert "secret" not in str(caught.value)
    assert all_sources(application, ALL) == []


def test_the_environment_holds_the_address(
    application: Application, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_source(application, source(shop, address="env:SHOP_URL"), ALL)
    monkeypatch.delenv("SHOP_URL", raising=False)
    with pytest.raises(PicholineError) as caught:
        run(application)
    assert caught.value.code == "source.environment"
    monkeypatch.setenv("SHOP_URL", f"sqlite:///{shop}")
    assert run(application)["rows"] == 2


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        ("SELECT 1", True),
        ("  with x AS (SELECT 1) SELECT * FROM x ; ", True),
        ("SELECT 'a; DELETE FROM t' AS \"update\" -- drop it\n FROM t /* insert; */", True),
        ("SELECT last_update, created FROM t", True),
        ("SELECT a FROM t; DELETE FROM t", False),
        ("SELECT a FROM t; SELECT 1", False),
        ("DELETE FROM t", False),
        ("WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", False),
        ("SELECT * INTO copy FROM t", False),
        ("SELECT 'a\\'; DELETE FROM t; --'", False),
        ("SELECT $$; DELETE $$", True),
        ("SELECT 1 /*! INTO OUTFILE 'x' */", False),
        ("PRAGMA writable_schema = 1", False),
        ("", False),
    ],
)
def test_only_one_select_is_a_query(query: str, allowed: bool) -> None:
    assert (bare_select(query) is not None) is allowed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"query": "DELETE FROM lines"}, "source.query"),
        ({"address": "nonsense"}, "source.address"),
        ({"name": "../x"}, "source.invalid"),
        ({"mode": "period"}, "source.invalid"),
        ({"table_name": "nothing"}, "source.invalid"),
        ({"every_minutes": 0}, "source.invalid"),
        ({"daily_at": "25:00"}, "source.invalid"),
        ({"mapping": {"table": "sales", "columns": {"x": "y"}}}, "mapping.invalid"),
    ],
)
def test_what_cannot_be_a_source_is_refused(
    application: Application, shop: Path, changes: dict[str, Any], code: str
) -> None:
    with pytest.raises(PicholineError) as caught:
        add_source(application, source(shop, **changes), ALL)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("sqlite:////nowhere/shop.db", "source.missing"),
        ("sqlite://", "source.missing"),
        ("oracle+oracledb://reader@host/shop", "source.driver"),
        ("nothing://reader@host/shop", "source.driver"),
    ],
)
def test_what_cannot_be_reached_is_said(tmp_path: Path, address: str, code: str) -> None:
    with pytest.raises(PicholineError) as caught:
        read_query(address, "SELECT 1", tmp_path / "x.parquet", lambda _rows: None)
    assert caught.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_query_that_fails_is_readable_and_leaves_nothing(
    application: Application, shop: Path
) -> None:
    add_source(application, source(shop, query="SELECT missing FROM lines"), ALL)
    with pytest.raises(PicholineError) as caught:
        run(application)
    assert caught.value.code == "source.failed"
    assert "no such column: missing" in str(caught.value.title)
    assert list(application.settings.inbox.iterdir()) == []


def test_types_are_those_of_the_whole_column(tmp_path: Path) -> None:
    database = tmp_path / "types.db"
    change(database, "CREATE TABLE t (a, b, c, d, e, f)")
    connection = sqlite3.connect(database)
    values = [(n, n, None, f"00{n}", "x", b"\x01") for n in range(10_000)]
    connection.executemany("INSERT INTO t VALUES (?, ?, ?, ?, ?, ?)", values)
    connection.execute("INSERT INTO t VALUES (1, 0.3, NULL, '9', 5, NULL)")
    connection.commit()
    connection.close()
    target = tmp_path / "t.parquet"
    counts: list[int] = []
    query = "SELECT a, b, c, d, e, f, a FROM t"
    assert read_query(f"sqlite:///{database}", query, target, counts.append) == 10_001
    assert counts == [10_000, 10_001]
    found = pq.read_table(target)
    kinds = ["int64", "decimal128(38, 9)", "string", "string", "string", "string", "int64"]
    assert [str(kind) for kind in found.schema.types] == kinds
    assert found.column_names == ["a", "b", "c", "d", "e", "f", "a (2)"]
    assert found["b"][10_000].as_py() == Decimal("0.3")
    assert found["d"][7].as_py() == "007"


def test_people_under_rules_have_no_sources(application: Application, shop: Path) -> None:
    limited = Scope("limited", (Filter("country", Operator.IN, ("FR",)),))
    for refused in (
        lambda: add_source(application, source(shop), limited),
        lambda: all_sources(application, limited),
        lambda: submit_source(application, "shop", limited),
        lambda: remove_source(application, "shop", limited),
    ):
        with pytest.raises(PicholineError) as caught:
            refused()
        assert caught.value.code == "access.restricted"


MIDNIGHT = datetime(2025, 6, 1, 22, tzinfo=UTC)  # in Paris


@pytest.mark.parametrize(
    ("stated", "minutes_ago", "hour", "due"),
    [
        ({"every_minutes": 30}, None, 0, True),
        ({"every_minutes": 30}, 29, 0, False),
        ({"every_minutes": 30}, 30, 0, True),
        ({"daily_at": "06:30"}, 20 * 60, 6, False),
        ({"daily_at": "06:30"}, 20 * 60, 7, True),
        ({"daily_at": "06:30"}, 20, 7, False),
        ({"daily_at": "06:30"}, 26 * 60, 5, True),
        ({}, None, 0, False),
    ],
)
def test_what_is_due(stated: dict[str, Any], minutes_ago: int | None, hour: int, due: bool) -> None:
    moment = MIDNIGHT + timedelta(hours=hour)
    started = None if minutes_ago is None else moment - timedelta(minutes=minutes_ago)
    found = source(Path("x"), started_at=started, **stated)
    assert is_due(found, moment, "Europe/Paris") is due


def test_the_worker_runs_what_is_due_once(application: Application, shop: Path) -> None:
    add_source(application, source(shop, every_minutes=60), ALL)
    seconds = iter(range(0, 10_000, 10))
    watch = SourceWatch(application, lambda: float(next(seconds)))
    worker = Worker(application, "test", HANDLERS)
    watch.look()
    with pytest.raises(PicholineError) as caught:
        submit_source(application, "shop", ALL)
    assert caught.value.code == "source.running"
    watch.look()
    assert worker.run_next(Event())
    assert not worker.run_next(Event())
    (kept,) = all_sources(application, ALL)
    assert (kept.status, as_dict(kept)["rows"]) == ("done", 2)
    watch.look()
    assert not worker.run_next(Event())
    submit_source(application, "shop", ALL)
    assert worker.run_next(Event())
    assert as_dict(all_sources(application, ALL)[0])["ended"] == "unchanged"


def test_postgresql_is_read_without_changing_anything(
    application: Application, postgres: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = postgres.new_database()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE lines AS SELECT 'F' || n AS invoice, DATE '2025-03-31' AS sold_on,"
            " lpad(n::text, 4, '0') AS sku, 1 AS qty, 10.25::numeric(12, 4) AS price"
            " FROM generate_series(1, 25000) n"
        )
        connection.execute("CREATE SEQUENCE counted")
    monkeypatch.setenv("SHOP_URL", address.replace("picholine@", "picholine:secret-word@"))
    add_source(application, source(Path("x"), address="env:SHOP_URL"), ALL)
    assert run(application)["reports"][0]["accepted"] == 25_000
    assert stored(application)[0]["product_id"] == "0001"
    sneaky = "SELECT nextval('counted') AS invoice"
    add_source(application, source(Path("x"), name="s", address="env:SHOP_URL", query=sneaky), ALL)
    with pytest.raises(PicholineError) as caught:
        run(application, "s")
    assert "read-only transaction" in str(caught.value.title)
    monkeypatch.setenv("SHOP_URL", "postgresql://nobody:secret-word@127.0.0.1:1/x")
    with pytest.raises(PicholineError) as caught:
        run(application)
    assert "secret-word" not in str(caught.value)
    said = str([as_dict(found) for found in all_sources(application, ALL)])
    assert "secret-word" not in said
