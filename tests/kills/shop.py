"""A home with one import, a second file to bring in, and what must be there before and after."""

import hashlib
import shutil
import time
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.models.query import MetricQuery
from core.models.tables import ImportStatus, JobStatus
from core.services.application import Application
from core.services.ingest import ImportOptions
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.services.worker_lock import worker_lock
from core.settings import load_settings
from tests.unit.ingest_home import write_csv

_TITLES = ("Invoice", "Date", "Product code", "Description", "Quantity", "Unit price", "Customer")


@dataclass(frozen=True)
class State:
    """What counts: imports, stored lines, and their net sales."""

    imports: int
    lines: int
    net_sales: Decimal

    @property
    def counted(self) -> tuple[int, Decimal]:
        """Lines and net sales."""
        return self.lines, self.net_sales


@dataclass(frozen=True)
class Shop:
    """The prepared homes.

    Attributes:
        before: home with the first import.
        after: home with both.
        file: the second file, and `sha256` its hash.
        states: what counts before and after, worked out from how the files were written.
        seconds: how long the uninterrupted work takes, by its kind.
    """

    before: Path
    after: Path
    file: Path
    sha256: str
    states: tuple[State, State]
    seconds: dict[str, float]


def make_shop(folder: Path, lines: int) -> Shop:
    """Write two files and bring them in, the second one as a job whose length is measured."""
    first, net_first, _ = _write(folder / "first.csv", 400, "A")
    second, net_second, bad = _write(folder / "second.csv", lines, "B")
    states = (State(1, 400, net_first), State(2, 400 + lines - bad, net_first + net_second))
    before = folder / "before"
    application = Application.open(load_settings(before))
    application.intake.run(first, ImportOptions())
    application.warehouse.ensure()
    application.close()
    after = folder / "after"
    shutil.copytree(before, after)
    sha256 = hashlib.sha256(second.read_bytes()).hexdigest()
    shop = Shop(before, after, second, sha256, states, {})
    application = Application.open(load_settings(after))
    put_job(application, shop, "import")
    shop.seconds["import"] = _timed(application)
    assert state_of(application) == states[1]
    application.close()
    return shop


def _write(path: Path, lines: int, mark: str) -> tuple[Path, Decimal, int]:
    """Write sales of which every hundredth has no number as quantity; return their net sales."""
    rows: list[list[Any]] = []
    net, bad = Decimal(0), 0
    for n in range(lines):
        quantity, price = 1 + n % 4, Decimal(n % 90) + Decimal("0.25")
        wrong = mark == "B" and n % 100 == 7
        rows.append(
            [f"{mark}{n // 3}", f"2025-{1 + n % 12:02}-{1 + n % 27:02}", f"P{n % 40}",
             f"Oil {n % 40}", "many" if wrong else quantity, price, f"C{n % 50}"]
        )  # fmt: skip
        bad += wrong
        net += 0 if wrong else quantity * price
    return write_csv(path, rows, _TITLES), net, bad


def put_job(application: Application, shop: Shop, kind: str) -> int:
    """Queue an import of the second file, or the undoing of it."""
    if kind == "undo":
        return application.jobs.submit("undo", {"import_id": 2})
    inbox = application.settings.inbox
    inbox.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(shop.file, inbox / shop.sha256)
    params = {"sha256": shop.sha256, "file_name": shop.file.name, "options": {}}
    return application.jobs.submit("import", params)


def work(application: Application) -> JobStatus:
    """Start as a worker does after a restart: look after what was left, then do every job."""
    from threading import Event

    with worker_lock(application.settings.home) as name:
        worker = Worker(application, name, HANDLERS)
        worker.care()
        while worker.run_next(Event()):
            pass
    return application.jobs.recent()[0].status


def _timed(application: Application) -> float:
    started = time.monotonic()
    assert work(application) is JobStatus.DONE
    return time.monotonic() - started


def state_of(application: Application) -> State:
    """Return what counts, by the catalogue, the files and the metrics; they must agree."""
    imports = [
        record
        for record in application.catalogue.imports()
        if record.status is ImportStatus.COMMITTED
    ]
    lines = 0
    for record in imports:
        assert record.read == record.accepted + record.quarantined + record.already_there
        for segment in application.catalogue.segments_of(record.id or 0, "sales"):
            rows = pq.read_metadata(application.segments.path(segment.file)).num_rows
            assert rows == segment.rows
            lines += rows
        aside = application.intake.quarantined(record.id or 0).num_rows
        assert aside == record.quarantined
    assert lines == sum(record.accepted for record in imports)
    answer = application.metrics.ask(MetricQuery(("net_sales",)), cached=False)
    return State(len(imports), lines, Decimal(str((answer.total or {})["net_sales"])))
