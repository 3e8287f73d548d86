"""What an import did is kept with it; refused, cancelled and interrupted files have a log too."""

import json
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from click.testing import CliRunner

from core.errors import JobStoppedError, PicholineError
from core.i18n import use_language
from core.models.arrivals import ImportLog
from core.models.query import Filter, Scope
from core.models.tables import ImportStatus, JobStatus
from core.repository.import_logs import ImportLogStore
from core.services.application import Application
from core.services.ingest import ImportOptions
from core.services.ingest.exclusive import at_one_version
from core.services.job_handlers import HANDLERS
from core.services.worker import Worker
from core.settings import load_settings
from dashboard.cli import main
from tests.unit.ingest_home import line, write_csv

EVERYONE = Scope()


@pytest.fixture
def application(home: Path) -> Iterator[Application]:
    found = Application.open(load_settings(home))
    yield found
    found.close()


def test_every_step_is_kept_with_its_time_and_counts(
    application: Application, tmp_path: Path
) -> None:
    rows = [line(1), line(2), line(3, Quantity="many")]
    application.intake.run(write_csv(tmp_path / "a.csv", rows))
    (report,) = application.intake.run(
        write_csv(tmp_path / "b.csv", [*rows[:1], line(4)]), ImportOptions(owner="ada")
    )
    log = application.import_logs.of_import(report.import_id or 0, EVERYONE)
    assert log is not None
    assert (log.file_name, log.owner, log.outcome) == ("b.csv", "ada", "imported")
    assert [step.key for step in log.steps] == [
        "read", "header", "mapped", "typed", "compared", "rules", "stored", "committed",
    ]  # fmt: skip
    said = {step.key: str(step.said) for step in log.steps}
    assert said["read"] == "Sheet b: rows read: 2; columns: 7."
    assert said["header"] == "Sheet b: row 1 holds the titles."
    assert said["mapped"].endswith("columns with a meaning: 7 of 7, as remembered.")
    assert said["compared"] == "Sheet b: rows that are stored already: 1."
    assert said["stored"].startswith("Rows written: 1; files: ")
    assert said["committed"] == f"Import 2 counts with data version {report.data_version}."
    times = [step.at for step in log.steps]
    assert times == sorted(times)
    assert all(step.seconds >= 0 for step in log.steps)


def test_a_refused_file_keeps_its_log_and_a_look_that_worked_keeps_none(
    application: Application, tmp_path: Path
) -> None:
    application.intake.preview(write_csv(tmp_path / "fine.csv", [line(1)]))
    assert application.import_logs.not_imported(EVERYONE) == []
    bare = write_csv(tmp_path / "bare.csv", [["x", 1]], ["Thing", "Qty"])
    with pytest.raises(PicholineError):
        application.intake.run(bare, ImportOptions(table="sales"))
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(b"PK\x03\x04 nothing else")
    with pytest.raises(PicholineError):
        application.intake.preview(torn)
    newest, oldest = application.import_logs.not_imported(EVERYONE)
    assert (newest.file_name, newest.outcome, newest.looked) == ("torn.xlsx", "refused", True)
    assert (oldest.file_name, oldest.looked) == ("bare.csv", False)
    assert oldest.code
    assert oldest.title
    restricted = Scope("eve", (Filter("country", ("FR",)),))
    with pytest.raises(PicholineError) as caught:
        application.import_logs.not_imported(restricted)
    assert caught.value.code == "access.restricted"


def test_a_cancelled_import_says_so(application: Application, tmp_path: Path) -> None:
    def stop(fraction: float, _step: object) -> None:
        if fraction >= 0.4:
            raise JobStoppedError

    with pytest.raises(JobStoppedError):
        application.intake.run(write_csv(tmp_path / "a.csv", [line(1)]), progress=stop)
    (log,) = application.import_logs.not_imported(EVERYONE)
    assert log.outcome == "cancelled"
    assert [step.key for step in log.steps] == ["read", "header", "mapped"]


def test_the_log_of_a_killed_worker_is_closed_by_the_next_one(application: Application) -> None:
    store, jobs = ImportLogStore(application.catalogue), application.jobs
    job = jobs.submit("import", {"sha256": "0" * 64})
    assert jobs.store.claim("w") is not None
    store.add(ImportLog(file_name="a.csv", job_id=job))
    store.add(ImportLog(file_name="by hand.csv"))  # a command line may still be at it
    Worker(application, "w", HANDLERS).care()
    assert jobs.get(job).status is JobStatus.FAILED
    (log,) = application.import_logs.not_imported(EVERYONE)
    assert (log.file_name, log.outcome) == ("a.csv", "interrupted")


def test_a_job_adds_that_the_numbers_are_ready(application: Application, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [line(1)])
    with path.open("rb") as stream:
        stored = application.intake.store(stream, "a.csv")
    job = application.jobs.submit("import", {"sha256": stored.sha256, "file_name": "a.csv"})
    Worker(application, "w", HANDLERS).run_next(Event())
    assert application.jobs.get(job).status is JobStatus.DONE
    with use_language("en"):
        log = application.import_logs.of_import(1, EVERYONE)
        assert log is not None
        assert str(log.steps[-1].said) == "The numbers are ready."


def test_the_command_line_shows_both(home: Path, tmp_path: Path) -> None:
    def answer(*arguments: object, code: int = 0) -> Any:
        found = CliRunner().invoke(main, [*map(str, arguments), "--json"])
        assert found.exit_code == code, found.output
        return json.loads(found.stdout or "null")

    answer("import", write_csv(tmp_path / "a.csv", [line(1)]))
    torn = tmp_path / "torn.xlsx"
    torn.write_bytes(b"PK\x03\x04 nothing else")
    CliRunner().invoke(main, ["import", str(torn)])
    log = answer("imports", "show", 1)["log"]
    assert [step["step"] for step in log["steps"]][-1] == "committed"
    (refused,) = answer("imports", "refused")
    assert (refused["file_name"], refused["outcome"]) == ("torn.xlsx", "refused")
    assert refused["error"]["code"]


def test_what_came_meanwhile_is_compared_before_the_commit(
    application: Application, tmp_path: Path
) -> None:
    """While a file is prepared another one brings one of its rows: it is not stored twice."""
    slow = write_csv(tmp_path / "slow.csv", [line(1), line(2)])
    quick = write_csv(tmp_path / "quick.csv", [line(2)])
    came: list[int] = []

    def meanwhile(fraction: float, _step: object) -> None:
        if fraction >= 0.4 and not came:
            came.append(application.intake.run(quick)[0].import_id or 0)

    (report,) = application.intake.run(slow, progress=meanwhile)
    assert (report.accepted, report.already_there) == (1, 1)
    log = application.import_logs.of_import(report.import_id or 0, EVERYONE)
    assert log is not None
    assert "again" in [step.key for step in log.steps]
    # An undo changes what counts as well: then both rows are new.
    for import_id in (came[0], report.import_id or 0):
        application.catalogue.set_status(import_id, ImportStatus.UNDONE)
    (again,) = application.intake.run(slow)
    assert (again.accepted, again.already_there) == (2, 0)


def test_data_that_change_all_the_time_hold_nobody_up_for_ever(tmp_path: Path) -> None:
    versions = iter(range(100))
    prepared: list[int] = []

    def prepare() -> int:
        prepared.append(len(prepared))
        return prepared[-1]

    done = at_one_version(tmp_path, lambda: next(versions), prepare, lambda ready: ready)
    assert done == 2  # two tries beside the others, one alone
