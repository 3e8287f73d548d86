"""The worker: runs jobs one by one, reports, stops, and never loses one silently."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from core.errors import PicholineError
from core.i18n import current_language, msg, use_language
from core.models.tables import ImportStatus, Job, JobStatus
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.worker import Handler, Task, Worker
from core.services.worker_lock import worker_alive, worker_lock
from core.settings import load_settings
from tests.conftest import run_process

Params = Mapping[str, Any]


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path / "home"))
    yield opened
    opened.close()


def wait_for(application: Application, job_id: int, *until: JobStatus, seconds: float = 60) -> Job:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        job = application.jobs.get(job_id)
        if job.status in until:
            return job
        time.sleep(0.02)
    pytest.fail(f"job {job_id} is still {application.jobs.get(job_id).status}")


def run_one(application: Application, handler: Handler, **params: Any) -> Job:
    job_id = application.jobs.submit("work", params)
    Worker(application, "w", {"work": handler}).run_next(Event())
    return application.jobs.get(job_id)


def test_a_job_runs_in_its_callers_language(application: Application) -> None:
    def handler(_app: Application, params: Params, task: Task) -> dict[str, Any]:
        task.report(0.4, msg("Reading the file"))
        return {"language": current_language(), "twice": params["x"] * 2}

    with use_language("fr"):
        job = run_one(application, handler, x=21)
    assert (job.status, job.progress) == (JobStatus.DONE, 1.0)
    assert job.result == {"language": "fr", "twice": 42}
    assert job.step == "Lecture du fichier"


def test_an_expected_failure_keeps_its_remedy(application: Application) -> None:
    def handler(*_given: object) -> dict[str, Any]:
        raise PicholineError("file.empty", msg("No lines match."), msg("Upload it again."))

    job = run_one(application, handler)
    assert job.status is JobStatus.FAILED
    assert job.error["code"] == "file.empty"
    assert job.error["remedy"] == "Upload it again."


def test_an_unexpected_failure_does_not_end_the_worker(application: Application) -> None:
    def handler(*_given: object) -> dict[str, Any]:
        raise ZeroDivisionError

    job = run_one(application, handler)
    assert (job.status, job.error["code"]) == (JobStatus.FAILED, "job.unexpected")
    assert "ZeroDivisionError" not in json.dumps(job.error)
    assert run_one(application, lambda *_: {"n": 1}).result == {"n": 1}


def test_an_unknown_kind_is_said(application: Application) -> None:
    job_id = application.jobs.submit("dance", {})
    assert Worker(application, "w", HANDLERS).run_next(Event())
    assert application.jobs.get(job_id).error["code"] == "job.kind"


def steps(_app: Application, _params: Params, task: Task) -> dict[str, Any]:
    for n in range(1000):
        time.sleep(0.02)
        task.report(n / 1000, "step")
    return {}


@pytest.fixture
def running(application: Application) -> Iterator[Callable[[Handler], Event]]:
    stop = Event()
    threads: list[Thread] = []

    def start(handler: Handler) -> Event:
        worker = Worker(application, "w", {"work": handler})
        threads.append(Thread(target=worker.run, args=(stop,)))
        threads[0].start()
        return stop

    yield start
    stop.set()
    for thread in threads:
        thread.join()


def test_a_cancelled_job_stops_at_its_next_step(
    application: Application, running: Callable[[Handler], Event]
) -> None:
    running(steps)
    job_id = application.jobs.submit("work", {})
    wait_for(application, job_id, JobStatus.RUNNING)
    application.jobs.cancel(job_id)
    job = wait_for(application, job_id, JobStatus.CANCELLED, seconds=5)
    assert job.error == {}


def test_what_was_committed_is_done_even_if_cancelled(application: Application) -> None:
    def handler(app: Application, _params: Params, task: Task) -> dict[str, Any]:
        task.committed()
        app.jobs.cancel(job_id)
        time.sleep(0.25)
        task.report(1.0, "after")
        return {"kept": True}

    job_id = application.jobs.submit("work", {})
    Worker(application, "w", {"work": handler}).run_next(Event())
    job = application.jobs.get(job_id)
    assert (job.status, job.result) == (JobStatus.DONE, {"kept": True})


def test_a_stopping_worker_says_so(
    application: Application, running: Callable[[Handler], Event]
) -> None:
    stop = running(steps)
    job_id = application.jobs.submit("work", {})
    wait_for(application, job_id, JobStatus.RUNNING)
    stop.set()
    job = wait_for(application, job_id, JobStatus.FAILED, seconds=5)
    assert job.error["code"] == "job.stopped"


def test_a_waiting_worker_answers_quickly(
    application: Application, running: Callable[[Handler], Event]
) -> None:
    running(lambda *_: {})
    time.sleep(0.3)
    waits = []
    for _n in range(5):
        job_id = application.jobs.submit("work", {})
        job = wait_for(application, job_id, JobStatus.DONE)
        assert job.started_at is not None
        waits.append((job.started_at - job.created_at).total_seconds())
    assert sorted(waits)[2] < 0.2


def test_only_one_worker_per_home(tmp_path: Path) -> None:
    assert not worker_alive(tmp_path)
    with worker_lock(tmp_path) as name:
        assert worker_alive(tmp_path)
        found = run_process(
            sys.executable, "-m", "dashboard.cli", "worker", "--home", str(tmp_path), "--json"
        )
        assert found.returncode == 1
        assert json.loads(found.stdout)["error"]["code"] == "worker.running"
    assert not worker_alive(tmp_path)
    with worker_lock(tmp_path) as again:
        assert again == name


def start_worker(home: Path) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "dashboard.cli", "worker", "--home", str(home)]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL)


def test_a_killed_worker_leaves_nothing_partial_and_its_job_is_reported(
    application: Application,
) -> None:
    home = application.settings.home
    job_id = application.jobs.submit("demo", {"lines": 3_000_000})
    worker = start_worker(home)
    try:
        limit = time.monotonic() + 60
        while application.jobs.get(job_id).progress < 0.2 and time.monotonic() < limit:
            time.sleep(0.01)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        assert application.jobs.get(job_id).status is JobStatus.RUNNING
        assert application.catalogue.imports() == []
        assert application.catalogue.current_version() == 0
        worker = start_worker(home)
        job = wait_for(application, job_id, JobStatus.FAILED)
        assert job.error["code"] == "job.lost"
        assert job.error["remedy"]
        again = application.jobs.submit("demo", {"lines": 1000})
        done = wait_for(application, again, JobStatus.DONE)
        assert done.result["tables"]["sales"] == 1000
        assert application.metrics.status().lines == 1000
    finally:
        worker.terminate()
        assert worker.wait(20) == 0


def test_an_upload_is_previewed_imported_and_undone(application: Application) -> None:
    content = b"invoice_id,date,product_id,quantity,unit_price\nA1,2025-03-01,P1,2,10.5\n"
    (application.settings.home / "s.csv").write_bytes(content)
    with (application.settings.home / "s.csv").open("rb") as stream:
        stored = application.intake.store(stream, "sales.csv")
    given = {"sha256": stored.sha256, "file_name": "sales.csv", "options": {"table": "sales"}}
    worker = Worker(application, "w", HANDLERS)

    def done(kind: str, params: dict[str, Any]) -> dict[str, Any]:
        job_id = application.jobs.submit(kind, params)
        worker.run_next(Event())
        job = application.jobs.get(job_id)
        assert job.status is JobStatus.DONE, job.error
        return job.result

    sheets = done("preview", given)["sheets"]
    assert len(sheets) == 1
    report = done("import", given)["reports"][0]
    assert (report["table"], report["read"], report["accepted"]) == ("sales", 1, 1)
    assert report["file_name"] == "sales.csv"
    version = application.catalogue.current_version()
    assert (application.settings.warehouse / f"v{version}.duckdb").is_file()
    assert done("undo", {"import_id": report["import_id"]})["data_version"] == version + 1
    assert application.catalogue.get_import(report["import_id"]).status is ImportStatus.UNDONE


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "0" * 64, "A" * 64])
def test_only_the_hash_of_an_upload_names_it(application: Application, name: str) -> None:
    job_id = application.jobs.submit("preview", {"sha256": name})
    Worker(application, "w", HANDLERS).run_next(Event())
    assert application.jobs.get(job_id).error["code"] == "file.unknown"


def test_an_analysis_runs_as_a_job(application: Application) -> None:
    job_id = application.jobs.submit("analyse", {"key": "overview", "pairs": [["period", "all"]]})
    Worker(application, "w", HANDLERS).run_next(Event())
    job = application.jobs.get(job_id)
    assert job.status is JobStatus.DONE, job.error
    assert "trend" in job.result["tables"]
