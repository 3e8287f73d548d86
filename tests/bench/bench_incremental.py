"""New lines on a large company: from the commit of an import to the first right answer.

PICHOLINE_BENCH_LINES sets the number of sales lines (200,000 by default); PICHOLINE_BENCH_HOME
names a demo home that is copied instead of making one. All figures of one run; the ratios count.
"""

import csv
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

from core.models.filters import FilterState
from core.models.query import MetricQuery
from core.models.rfm import DEFAULT_RULES, SegmentRule
from core.services.application import Application
from core.services.demo_load import load_demo
from core.settings import load_settings
from tests.bench.bench_query import MORE_PANELS

NEW_LINES = 10_000
ROUNDS = 3
LIMIT_SECONDS = 2.0
_COLUMNS = (
    "invoice_id", "date", "product_id", "quantity", "unit_price", "customer_id", "country",
    "channel", "currency",
)  # fmt: skip


def overview(application: Application) -> list[object]:
    """Return the answers of the overview's panels, computed and not kept."""
    resolved = application.metrics.resolve(FilterState())
    return [
        application.metrics.ask(
            MetricQuery(keys, by, (), resolved.period, FilterState().compare, resolved.compared),
            cached=False,
        ).rows()
        for keys, by in MORE_PANELS
    ]


def new_file(application: Application, folder: Path, number: int) -> Path:
    """Write a file of new orders of known customers and products, after the last day of sales."""
    chance = Random(number)
    with application.warehouse.reading() as (cursor, info):
        products, customers = (
            [row[0] for row in cursor.execute(f"SELECT {key} FROM {table}").fetchall()]
            for key, table in (("product_id", "product"), ("customer_id", "d_customers"))
        )
        span = info.span
    assert span
    path = folder / f"new-{number}.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        for i in range(NEW_LINES):
            order = i // 5
            writer.writerow([
                f"N{number}-{order}", span.end + timedelta(days=order % 2),
                chance.choice(products), chance.randint(1, 20), f"{chance.random() * 20:.2f}",
                customers[(order * 7919 + number) % len(customers)], "FR", "web", "EUR",
            ])  # fmt: skip
    return path


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return elapsed and processor seconds."""
    began, worked = perf_counter(), process_time()
    work()
    return perf_counter() - began, process_time() - worked


def main() -> None:
    given = os.environ.get("PICHOLINE_BENCH_HOME")
    lines = int(os.environ.get("PICHOLINE_BENCH_LINES", "200000"))
    with TemporaryDirectory(prefix="picholine-bench-") as folder:
        home = Path(folder) / "home"
        if given:
            shutil.copytree(given, home)
        application = Application.open(load_settings(home, threads=2))
        if not given:
            load_demo(
                application.settings, application.catalogue, application.segments, lines=lines
            )
        report(application, Path(folder))
        application.close()


def report(application: Application, folder: Path) -> None:
    whole = timed(application.warehouse.ensure)
    info = application.warehouse.info()
    build = info.build_seconds
    print(f"{info.lines:,} lines; whole build {build:.1f} s (opened now in {whole[0]:.2f} s)")
    before = overview(application)
    ids: list[int] = []
    for number in range(ROUNDS):
        path = new_file(application, folder, number)
        intake = timed(lambda p=path: ids.append(application.intake.run(p)[0].import_id or 0))  # type: ignore[misc]
        ready = timed(application.warehouse.ensure)
        shown = timed(lambda: overview(application))
        chain = application.warehouse.chain()
        print(
            f"  {NEW_LINES:,} new lines: intake {intake[0]:.2f} s; to the warehouse "
            f"{ready[0]:.2f} s ({ready[1]:.2f} s of processor), overview {shown[0]:.2f} s: visible "
            f"{ready[0] + shown[0]:.2f} s after the commit (limit {LIMIT_SECONDS:.0f}); whole "
            f"build ÷ delta {build / ready[0]:.0f}; files {chain.files if chain else ()}"
        )
    for name, change in (
        ("undo of the three", lambda: [application.intake.undo(i) for i in reversed(ids)]),
        ("other segment rules", lambda: application.rules.save((SegmentRule("all", "All"),))),
        ("default segment rules", lambda: application.rules.save(DEFAULT_RULES)),
    ):
        change()
        ready = timed(application.warehouse.ensure)
        print(f"  {name}: {ready[0]:.2f} s ({ready[1]:.2f} s of processor)")
    assert overview(application) == before


if __name__ == "__main__":
    main()
