"""The Overview's questions answered by DuckDB, PostgreSQL and ClickHouse: equal, and how fast.

`PICHOLINE_BENCH_HOME` names a home folder with data (its catalogue and segments are only read);
otherwise a demo company is made. An engine that is not installed is left out.
"""

import os
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from statistics import median
from tempfile import TemporaryDirectory, mkdtemp
from time import perf_counter
from typing import Any

from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import get_analysis
from core.services.metrics import Metrics
from core.services.reading import Reading, open_reading
from core.settings import load_settings
from tests.desk import demo_application
from tests.postgres import PrivatePostgres, find_binaries

LINES = 200_000
ROUNDS = 5


class Fresh(Metrics):
    """Answers every question anew."""

    def ask(self, *given: Any, **named: Any) -> Any:
        return super().ask(*given, **{**named, "cached": False})


def main() -> None:
    home = os.environ.get("PICHOLINE_BENCH_HOME")
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        if not home:
            home = f"{folder}/home"
            demo_application(Path(home), LINES).close()
        store = open_reading(load_settings(Path(home)))
        lines = store.metrics.status().lines
        print(f"Overview at {lines:,} lines, every question asked anew, median of {ROUNDS}:")
        with postgres() as url:
            engines = {"duckdb": "", **({"postgresql": url} if url else {})}
            if find_spec("chdb"):
                engines["clickhouse"] = ""
            compare(store, engines)


def compare(store: Reading, engines: dict[str, str]) -> None:
    """Time every engine, and assert that it answers what DuckDB does."""
    expected: AnalysisResult | None = None
    base = 0.0
    for name, url in engines.items():
        changes = {"engine": name, "engine_url": url}
        settings = store.settings.model_copy(update=changes)
        metrics = Fresh(settings, store.catalogue, store.warehouse)
        began = perf_counter()
        found = overview(metrics)
        first = perf_counter() - began
        took = median(timed(metrics) for _ in range(ROUNDS))
        expected, base = expected or found, base or took
        for key, table in expected.tables.items():
            assert found.tables[key].rows() == table.rows(), (name, key)
        print(
            f"  {name:<11} {took * 1000:9.1f} ms  {took / base:6.1f} × DuckDB"
            f"   first answer, publishing and loading included: {first:.1f} s"
        )
        metrics.close()


def overview(metrics: Metrics) -> AnalysisResult:
    """Return what the page shows of all data."""
    analysis = get_analysis("overview")
    assert analysis.run is not None
    return analysis.run(metrics, analysis.params_from([("period", "all")]), Scope())


def timed(metrics: Metrics) -> float:
    began = perf_counter()
    overview(metrics)
    return perf_counter() - began


@contextmanager
def postgres() -> Generator[str]:
    """Run a server for the measurement; "" without one."""
    binaries = find_binaries()
    if binaries is None:
        yield ""
        return
    folder = Path(mkdtemp(prefix="picholine-pg-"))
    server = PrivatePostgres(binaries, folder)
    try:
        server.start()
        yield server.new_database()
    finally:
        server.stop()
        rmtree(folder, ignore_errors=True)
