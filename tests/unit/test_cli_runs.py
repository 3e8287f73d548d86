"""Background analyses on the command line: foreground runs, kept results, the list of runs."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from core.models.query import Scope
from core.models.tables import JobStatus
from core.services import studies
from core.services.application import Application
from core.services.jobs import as_dict
from core.settings import load_settings
from dashboard.cli import main
from tests import scratch
from tests.desk import demo_application
from tests.scratch import ANALYSIS

KILLED = """
import sys
from tests import scratch
import os
os.environ["PICHOLINE_WORKERS"] = "1"  # a second one would not know this analysis
keep = scratch.registered()
keep.__enter__()
from dashboard.cli import main
main(["worker", "--home", sys.argv[1]])
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("company") / "home"
    demo_application(home, 1_000).close()
    return home


@pytest.fixture(autouse=True)
def registered(monkeypatch: pytest.MonkeyPatch, company: Path) -> Iterator[None]:
    monkeypatch.setenv("PICHOLINE_LANGUAGE", "en")
    monkeypatch.setenv("PICHOLINE_HOME", str(company))
    with scratch.registered():
        yield


def call(*arguments: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in arguments])


def answer(*arguments: object) -> Any:
    found = call(*arguments)
    assert found.exit_code == 0, found.stderr
    return json.loads(found.stdout)


def test_a_run_in_the_foreground_is_kept(tmp_path: Path) -> None:
    first = call("analyse", "scratch", "--set", "horizon=24")
    assert first.exit_code == 0, first.stderr
    assert "Reading the file 60%" in first.stderr
    assert "Keeping the result" in first.stderr
    value = json.loads(first.stdout)
    assert value["notes"] == ["Value: 12.3%"]
    assert len(value["tables"]["customers"]["rows"]) > 10
    second = call("analyse", "scratch", "--set", "horizon=24", "--set", "period=all")
    assert second.stderr == ""
    assert json.loads(second.stdout) == value
    again = call("analyse", "scratch", "--set", "horizon=24", "--again")
    assert "Reading the file" in again.stderr
    runs = answer("runs", "--json")
    assert [run["run_id"] for run in runs] == [2, 1]
    assert runs[0]["settings"]["horizon"] == "24"
    assert runs[0]["card"]["Value"] == 0.873
    listed = call("runs").stdout
    assert "scratch" in listed
    assert "horizon=24" in listed
    model, scores = tmp_path / "m.json", tmp_path / "s.csv"
    assert call("runs", "export", 1, "--out", model).exit_code == 0
    assert json.loads(model.read_text())["horizon"] == 24
    assert call("runs", "export", 1, "--out", scores).exit_code == 0
    rows = list(csv.DictReader(scores.read_text().splitlines()))
    assert len(rows) == len(value["tables"]["customers"]["rows"])
    assert {"customer_id", "orders"} == set(rows[0])
    assert answer("runs", "export", 1) == {"horizon": 24, "past": 0}
    assert call("runs", "remove", 1).exit_code == 0
    assert [run["run_id"] for run in answer("runs", "--json")] == [2]
    assert call("analyse", "scratch", "--set", "horizon=24").stderr == ""


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("runs", "export", "99"), "run.unknown"),
        (("runs", "export"), "run.id"),
        (("runs", "export", "99", "--out", "x.xlsx"), "run.unknown"),
        (("analyse", "scratch", "--set", "horizon=999"), "option.value"),
        (("analyse", "scratch", "--set", "fault=error"), "scratch.fault"),
        (("analyses", "nothing"), "analysis.unknown"),
    ],
)
def test_errors_say_what_to_do(arguments: tuple[str, ...], code: str) -> None:
    found = call(*arguments, "--json")
    assert found.exit_code == 1
    error = json.loads(found.stdout)["error"]
    assert error["code"] == code
    assert error["remedy"]


def test_settings_are_listed_with_their_defaults() -> None:
    text = call("analyses", "scratch").stdout
    assert "--set horizon=12" in text
    assert "1–60" in text
    assert "first, second" in text
    (entry,) = answer("analyses", "scratch", "--json")
    assert entry["background"] is True
    assert entry["options"][0] == {
        "name": "horizon",
        "label": "Period",
        "kind": "integer",
        "default": "12",
        "choices": {},
        "low": 1,
        "high": 60,
        "unit": "Month",
        "hint": "Day",
    }
    keys = {entry["key"] for entry in answer("analyses", "--json")}
    assert {"overview", "margins", "scratch"} <= keys


def test_every_form_is_answered(tmp_path: Path) -> None:
    text = call("analyse", "scratch", "--format", "csv", "--table", "customers").stdout
    assert text.splitlines()[0] == "customer,orders"
    book = tmp_path / "book.xlsx"
    assert call("analyse", "scratch", "--out", book).exit_code == 0
    assert book.stat().st_size > 3000


def test_a_killed_worker_loses_the_run_and_nothing_else(company: Path) -> None:
    """SIGKILL in a run: no files, no entry; reported as lost; it can be started again."""
    application = Application.open(load_settings(company))
    before = {run.id for run in application.runs.recent(Scope("local"))}
    slow = ANALYSIS.params_from([("pace", "30")])

    def start_worker() -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-c", KILLED, str(company)]
        return subprocess.Popen(command, stderr=subprocess.DEVNULL)

    def wait(job_id: int, *statuses: JobStatus) -> Any:
        limit = time.monotonic() + 60
        while application.jobs.get(job_id).status not in statuses and time.monotonic() < limit:
            time.sleep(0.02)
        return application.jobs.get(job_id)

    job_id = studies.start(application, ANALYSIS, slow, Scope())
    worker = start_worker()
    try:
        limit = time.monotonic() + 60
        while application.jobs.get(job_id).progress < 0.1 and time.monotonic() < limit:
            time.sleep(0.02)
        os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
        assert studies.standing(application, ANALYSIS, slow, Scope()).phase == "running"
        worker = start_worker()
        lost = wait(job_id, JobStatus.FAILED)
        assert as_dict(lost)["error"]["code"] == "job.lost"
        assert "start it again" in as_dict(lost)["error"]["remedy"].lower()
        assert studies.standing(application, ANALYSIS, slow, Scope()).phase == "failed"
        assert {run.id for run in application.runs.recent(Scope("local"))} == before
        folders = {path.name for path in application.runs.files.folder.glob("*")}
        assert folders <= {str(run) for run in before}
        again = studies.start(application, ANALYSIS, slow, Scope())
        assert again != job_id
        application.jobs.cancel(again)
        wait(again, JobStatus.CANCELLED)
        quick = ANALYSIS.params_from([("horizon", "36")])
        third = studies.start(application, ANALYSIS, quick, Scope())
        assert wait(third, JobStatus.DONE, JobStatus.FAILED).status is JobStatus.DONE
        assert studies.standing(application, ANALYSIS, quick, Scope()).phase == "ready"
    finally:
        worker.terminate()
        assert worker.wait(20) == 0
        application.close()
