"""What a person waits for is not held up by what may take its time."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from core.models.arrivals import SqlSource
from core.models.query import Scope
from core.models.tables import Job, JobStatus
from core.repository.jobs import ANALYSE, INBOX, SOURCE
from core.services import lanes
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.lanes import Lane, lane_of, taking
from core.services.sql_source import add_source, submit_source
from core.services.worker import Worker
from core.settings import load_settings
from tests.unit.ingest_home import line, write_csv

# Counting so far takes a database a good while.
ENDLESS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000000) "
    "SELECT max(i) AS quantity FROM n"
)


@pytest.fixture
def application(home: Path) -> Iterator[Application]:
    found = Application.open(load_settings(home))
    yield found
    found.close()


def dropped(application: Application, path: Path, kind: str = "import") -> int:
    with path.open("rb") as stream:
        stored = application.intake.store(stream, path.name)
    params = {"sha256": stored.sha256, "file_name": path.name}
    return application.jobs.submit(kind, params)


def test_folders_sources_analyses_and_large_files_are_patient(
    application: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job_id = dropped(application, write_csv(tmp_path / "a.csv", [line(1)]))
    file = application.jobs.get(job_id)
    settings = application.settings
    for kind in (ANALYSE, INBOX, SOURCE):
        assert lane_of(Job(kind=kind), settings) is Lane.PATIENT
    for kind in ("undo", "demo", "correct", "preview", "import"):
        assert lane_of(Job(kind=kind), settings) is Lane.PROMPT
    assert lane_of(file, settings) is Lane.PROMPT
    size = (tmp_path / "a.csv").stat().st_size
    monkeypatch.setattr(lanes, "LARGE_BYTES", size)
    assert lane_of(file, settings) is Lane.PROMPT
    monkeypatch.setattr(lanes, "LARGE_BYTES", size - 1)
    assert lane_of(file, settings) is Lane.PATIENT


def test_each_lane_takes_its_own_jobs_in_their_order(application: Application) -> None:
    jobs, settings = application.jobs, application.settings
    slow, first, second = (jobs.submit(kind, {}) for kind in (SOURCE, "undo", "undo"))

    def claim(lane: Lane | None) -> int | None:
        found = jobs.store.claim("w", taking(lane, settings))
        return found.id if found else None

    assert [claim(Lane.PROMPT) for _n in range(3)] == [first, second, None]
    assert [claim(Lane.PATIENT), claim(Lane.PATIENT)] == [slow, None]
    last = jobs.submit(SOURCE, {})
    assert claim(None) == last


def test_a_patient_worker_ends_when_there_is_nothing_left(application: Application) -> None:
    job_id = application.jobs.submit("undo", {"import_id": 1})
    stop = Event()
    Worker(application, "p", HANDLERS, lane=Lane.PATIENT, patience=0.2).run(stop)
    assert stop.is_set()
    assert application.jobs.get(job_id).status is JobStatus.QUEUED


def until(application: Application, job_id: int, *wanted: JobStatus) -> Job:
    limit = time.monotonic() + 90
    while time.monotonic() < limit:
        found = application.jobs.get(job_id)
        if found.status in wanted:
            return found
        time.sleep(0.05)
    pytest.fail(f"{application.jobs.get(job_id)!r} is not {wanted}")


def test_a_dropped_file_passes_a_source_that_takes_for_ever(
    application: Application, tmp_path: Path
) -> None:
    """Two real processes: the second is killed at its work, and its job is reported."""
    scope = Scope()
    address = f"sqlite:///{application.settings.catalogue_url.removeprefix('sqlite:///')}"
    source = SqlSource(name="slow", address=address, query=ENDLESS, table_name="sales")
    add_source(application, source, scope)
    command = [sys.executable, "-m", "dashboard.cli", "worker", "--home"]
    worker = subprocess.Popen([*command, str(application.settings.home)], stderr=subprocess.DEVNULL)
    try:
        endless = submit_source(application, "slow", scope)
        until(application, endless, JobStatus.RUNNING)
        small = dropped(application, write_csv(tmp_path / "a.csv", [line(1)]))
        job = until(application, small, JobStatus.DONE, JobStatus.FAILED)
        assert job.status is JobStatus.DONE, job.error
        assert application.jobs.get(endless).status is JobStatus.RUNNING
        os.kill(child_of(worker.pid), signal.SIGKILL)
        lost = until(application, endless, JobStatus.FAILED)
        assert lost.error["code"] == "job.lost"
    finally:
        worker.terminate()
        assert worker.wait(30) == 0


def child_of(pid: int) -> int:
    """Return the process a worker started; threads start children too."""
    found = [
        int(child)
        for task in Path(f"/proc/{pid}/task").iterdir()
        for child in (task / "children").read_text().split()
    ]
    assert len(found) == 1
    return found[0]
