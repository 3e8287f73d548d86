"""Background analyses: kept results, one job for equal questions, files, rights, schedules."""

import json
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pyarrow.parquet as pq
import pytest

from core.errors import PicholineError
from core.i18n import use_language
from core.models.query import Filter, Scope
from core.models.tables import JobStatus, ScoreSet
from core.services import schedules, studies
from core.services.application import Application
from core.services.job_handlers import HANDLERS
from core.services.jobs import as_dict
from core.services.runs import result_key
from core.services.schedules import DataWatch, submit_due
from core.services.worker import Worker
from core.settings import load_settings
from tests import scratch
from tests.desk import demo_application
from tests.scratch import ANALYSIS

NOBODY = Scope()


@pytest.fixture(scope="module", autouse=True)
def _registered() -> Iterator[None]:
    with scratch.registered():
        yield


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with a small company, prepared once."""
    home = tmp_path_factory.mktemp("company") / "home"
    found = demo_application(home, 1_000)
    found.warehouse.ensure()
    found.close()
    return home


@pytest.fixture
def application(tmp_path: Path, company: Path) -> Iterator[Application]:
    home = tmp_path / "home"
    shutil.copytree(company, home)
    found = Application.open(load_settings(home))
    yield found
    found.close()


def ignore(_fraction: float, _step: object) -> None:
    """Hear nothing of the progress."""


def asked(application: Application, scope: Scope = NOBODY, **pairs: str) -> studies.Standing:
    params = ANALYSIS.params_from(pairs.items())
    return studies.standing(application, ANALYSIS, params, scope)


def started(application: Application, scope: Scope = NOBODY, **pairs: Any) -> int:
    again = pairs.pop("again", False)
    params = ANALYSIS.params_from(pairs.items())
    return studies.start(application, ANALYSIS, params, scope, again=again)


def computed(application: Application, **pairs: str) -> Any:
    params = ANALYSIS.params_from(pairs.items())
    return studies.answer(application, ANALYSIS, params, NOBODY, ignore)


def work(application: Application) -> int:
    worker = Worker(application, "w", HANDLERS)
    count = 0
    while worker.run_next(Event()):
        count += 1
    return count


def test_a_run_is_asked_computed_and_kept(application: Application) -> None:
    assert asked(application).phase == "idle"
    job_id = started(application)
    assert asked(application).phase == "running"
    work(application)
    found = asked(application)
    assert found.phase == "ready"
    assert found.kept is not None
    assert found.job is not None
    assert (found.job.id, found.job.result) == (job_id, {"run": found.kept.run.id})
    result = found.kept.result
    assert result.tables["customers"].data.num_rows > 10
    assert str(result.notes[0]) == "Value: 12.3%"
    assert found.kept.run.card == {
        "Customers": result.tables["customers"].data.num_rows,
        "Value": 0.873,
    }
    assert found.kept.run.seconds > 0


def test_a_kept_result_is_not_computed_again(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = computed(application)
    monkeypatch.setattr(scratch.HURRY, "wait", lambda _seconds: pytest.fail("computed again"))
    second = computed(application)
    assert second.tables["customers"].data.equals(first.tables["customers"].data)


def test_equal_questions_in_flight_are_one_job(application: Application) -> None:
    ids: list[int] = []
    threads = [Thread(target=lambda: ids.append(started(application))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(ids)) == 1
    other = started(application, horizon="24")
    assert other not in ids
    assert work(application) == 2


def test_only_what_matters_is_part_of_the_question(application: Application) -> None:
    span = application.metrics.span()
    assert span is not None
    same = [
        asked(application).question.key,
        asked(application, period="all").question.key,
        asked(application, compare="none", horizon="12.0").question.key,
        asked(application, period="custom", to=span.end.isoformat()).question.key,
        asked(application, scope=Scope("other")).question.key,
    ]
    assert len(set(same)) == 1
    different = [
        same[0],
        asked(application, horizon="13").question.key,
        asked(application, country="FR").question.key,
        asked(application, to="2024-05-01").question.key,
        asked(application, scope=Scope("local", (Filter("country", ("FR",)),))).question.key,
    ]
    assert len(set(different)) == len(different)
    assert result_key("a", 1, [], 1, NOBODY) != result_key("a", 2, [], 1, NOBODY)
    assert result_key("a", 1, [], 1, NOBODY) != result_key("a", 1, [], 2, NOBODY)


def test_a_study_gets_the_last_day_and_nothing_else_of_the_period(application: Application) -> None:
    params = ANALYSIS.params_from([("from", "2024-01-01"), ("to", "2024-05-01")])
    found = studies.normal(application, params)
    assert (found.filters.start, found.filters.end) == (None, date(2024, 5, 1))
    assert application.metrics.resolve(found.filters).period.end == date(2024, 5, 1)
    early = ANALYSIS.params_from([("from", "1999-05-01"), ("to", "2001-05-01")])
    resolved = application.metrics.resolve(studies.normal(application, early).filters)
    assert resolved.period.end == date(2001, 5, 1)


def test_a_new_data_version_asks_anew_and_sees_the_past(application: Application) -> None:
    computed(application)
    imports = application.catalogue.imports()
    application.intake.undo(imports[0].id or 0)
    assert asked(application).phase == "idle"
    computed(application)
    kept = asked(application).kept
    assert kept is not None
    model = json.loads(application.runs.model_path(kept.run).read_text())
    assert model == {"horizon": 12, "past": 1}


def test_files_of_a_run_stay_until_it_is_removed(application: Application) -> None:
    computed(application)
    kept = asked(application).kept
    assert kept is not None
    folder = application.settings.home / "runs" / str(kept.run.id)
    assert sorted(path.name for path in folder.iterdir()) == ["model.json", "scores.parquet"]
    assert pq.read_table(folder / "scores.parquet").num_rows == kept.run.card["Customers"]
    orphan = folder.with_name("999")
    orphan.mkdir()
    old = time.time() - 7200
    os.utime(orphan, (old, old))
    os.utime(folder, (old, old))
    assert application.runs.collect(99) == 1
    assert folder.is_dir()
    assert not orphan.exists()
    application.runs.remove(kept.run.id or 0, Scope("local"))
    assert not folder.exists()
    assert asked(application).phase == "idle"
    with application.catalogue.session() as session:
        assert session.get(ScoreSet, 1) is None


@pytest.mark.parametrize(
    ("pairs", "published"),
    [
        ({}, True),
        ({"horizon": "12"}, True),  # the default, stated
        ({"horizon": "24"}, False),
        ({"country": "FR"}, False),
        ({"to": "2024-06-30"}, False),
    ],
)
def test_only_the_standard_run_publishes(
    application: Application, pairs: dict[str, str], *, published: bool
) -> None:
    computed(application, **pairs)
    kept = asked(application, NOBODY, **pairs).kept
    with application.catalogue.session() as session:
        found = session.get(ScoreSet, 1)
    assert kept is not None
    assert (found is not None) is published
    if found is not None:
        assert (found.run_id, found.analysis, found.columns) == (kept.run.id, "scratch", ["orders"])
        assert found.data_version == application.catalogue.current_version()
        assert (application.runs.files.folder / found.file).is_file()


def test_again_computes_and_keeps_both_runs(application: Application) -> None:
    computed(application)
    started(application)
    work(application)
    assert len(application.runs.recent(Scope("local"))) == 1
    started(application, again=True)
    work(application)
    assert len(application.runs.recent(Scope("local"))) == 2
    assert asked(application).kept.run.id == 2  # type: ignore[union-attr]


def test_a_failed_run_says_why_in_both_languages_and_waits(application: Application) -> None:
    started(application, fault="error")
    work(application)
    found = asked(application, fault="error")
    assert found.phase == "failed"
    assert found.job is not None
    assert as_dict(found.job)["error"]["title"] == "See the list of imports."
    with use_language("fr"):
        assert as_dict(found.job)["error"] == {
            "code": "scratch.fault",
            "title": "Voyez la liste des imports.",
            "remedy": "Déposez-le à nouveau.",
        }
    assert asked(application).phase == "idle"
    started(application, fault="error")
    assert asked(application, fault="error").phase == "running"


def test_a_cancelled_run_leaves_nothing(application: Application) -> None:
    job_id = started(application, pace="20")
    stop = Event()
    thread = Thread(target=Worker(application, "w", HANDLERS).run, args=(stop,))
    thread.start()
    limit = time.monotonic() + 20
    while application.jobs.get(job_id).progress == 0 and time.monotonic() < limit:
        time.sleep(0.02)
    application.jobs.cancel(job_id)
    while asked(application, pace="20").phase == "running" and time.monotonic() < limit:
        time.sleep(0.02)
    stop.set()
    thread.join()
    assert asked(application, pace="20").phase == "cancelled"
    assert application.runs.recent(Scope("local")) == []
    assert list((application.settings.home / "runs").glob("*")) == []


def test_rights_are_recomputed_by_the_worker(application: Application) -> None:
    """A job that was asked for by somebody who saw everything finds what this person may see."""
    job_id = started(application)
    application.access.allow("local", "country", ["FR"])
    narrow = application.access.scope_of("local")
    assert narrow == Scope("local", (Filter("country", ("FR",)),))
    work(application)
    assert application.jobs.get(job_id).result == {"superseded": True}
    assert asked(application).kept is None
    assert asked(application).phase == "cancelled"
    started(application, narrow)
    work(application)
    kept = asked(application, narrow).kept
    assert kept is not None
    wide = application.runs.store.recent(scope=asked(application).question.scope.owner)
    assert wide == []


def test_somebody_elses_run_does_not_exist(application: Application) -> None:
    computed(application)
    for run_id, owner in ((1, "eve"), (2, "local")):
        with pytest.raises(PicholineError) as caught:
            application.runs.get(run_id, Scope(owner))
        assert caught.value.status == 404
    with pytest.raises(PicholineError):
        application.runs.remove(1, Scope("eve"))
    assert application.runs.recent(Scope("eve")) == []


def test_data_that_change_meanwhile_are_not_mixed(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was computed over a change of the data is thrown away and computed again."""
    first = application.catalogue.imports()[0].id or 0
    changes = iter([lambda: application.intake.undo(first)])

    def pause(_seconds: float) -> None:
        next(changes, lambda: 0)()

    monkeypatch.setattr(scratch.HURRY, "wait", pause)
    result = computed(application)
    assert result.data_version == application.catalogue.current_version()
    assert len(application.runs.recent(Scope("local"))) == 1


def test_a_schedule_runs_once_per_data_version(application: Application) -> None:
    params = ANALYSIS.params_from([])
    schedules.switch(application, ANALYSIS, params, NOBODY, enabled=True)
    assert schedules.is_scheduled(application, ANALYSIS, params, NOBODY)
    other = ANALYSIS.params_from([("horizon", "24")])
    assert not schedules.is_scheduled(application, ANALYSIS, other, NOBODY)
    assert submit_due(application) == 1
    assert submit_due(application) == 0
    work(application)
    assert submit_due(application) == 0
    assert asked(application).kept.run.scheduled  # type: ignore[union-attr]
    application.intake.undo(application.catalogue.imports()[0].id or 0)
    assert submit_due(application) == 1
    schedules.switch(application, ANALYSIS, params, NOBODY, enabled=False)
    application.intake.redo(application.catalogue.imports()[0].id or 0)
    assert submit_due(application) == 0


def test_many_imports_in_a_row_give_one_run(application: Application) -> None:
    params = ANALYSIS.params_from([])
    computed(application)
    schedules.switch(application, ANALYSIS, params, NOBODY, enabled=True)
    clock = [0.0]
    watch = DataWatch(application, lambda: clock[0])
    record = application.catalogue.imports()[0].id or 0
    for n in range(10):
        (application.intake.redo if n % 2 else application.intake.undo)(record)
        clock[0] += 1.5
        watch.look()
    assert application.runs.job(asked(application).question) is None
    clock[0] += 5
    watch.look()
    watch.look()
    assert work(application) == 1
    runs = application.runs.recent(Scope("local"))
    assert runs[0].data_version == application.catalogue.current_version()
    assert len(runs) == 2


def test_a_disk_without_room_is_said(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_self: object, _outcome: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(application.runs.files), "prepare", full)
    started(application)
    work(application)
    found = asked(application)
    assert found.phase == "failed"
    assert as_dict(found.job)["error"]["code"] == "run.room"  # type: ignore[arg-type]
    assert application.runs.recent(Scope("local")) == []


def test_a_crash_while_committing_leaves_neither_run_nor_files(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_parts: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(type(application.runs.files), "adopt", broken)
    with pytest.raises(RuntimeError):
        computed(application)
    assert application.runs.recent(Scope("local")) == []
    assert list(application.runs.files.folder.glob("*")) == []


def test_the_edition_is_part_of_the_address(application: Application) -> None:
    computed(application)
    newer = replace(ANALYSIS, edition=2)
    assert studies.find(application, newer, newer.params_from([]), NOBODY) is None


def test_done_without_anything_kept_is_idle(application: Application) -> None:
    started(application)
    work(application)
    application.runs.kept.drop(asked(application).question.key)
    found = asked(application)
    assert (found.phase, found.kept) == ("idle", None)
    assert found.job is not None
    assert found.job.status is JobStatus.DONE
