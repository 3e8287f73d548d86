"""Jobs in the catalogue, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread

import pytest

from core.errors import PicholineError
from core.i18n import use_language
from core.models.tables import JobStatus
from core.repository.catalogue import Catalogue
from core.repository.jobs import ANALYSE, JobStore
from core.services.jobs import Jobs, as_dict

LONG = timedelta(hours=1)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[JobStore]:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    catalogue = Catalogue(url)
    catalogue.create()
    yield JobStore(catalogue.engine)
    catalogue.engine.dispose()


def test_jobs_are_claimed_in_order_and_once(store: JobStore) -> None:
    first, second = store.add("a", {"x": 1}, "local"), store.add("b", {}, "local")
    claimed = store.claim("w")
    assert claimed is not None
    assert (claimed.id, claimed.status, claimed.params) == (first, JobStatus.RUNNING, {"x": 1})
    assert claimed.started_at is not None
    found = store.claim("w")
    assert found is not None
    assert found.id == second
    assert store.claim("w") is None


def test_many_workers_share_the_queue_without_overlap(store: JobStore) -> None:
    ids = {store.add("a", {}, "local") for _ in range(40)}
    taken: list[int] = []
    start = Barrier(4)

    def work(name: str) -> None:
        start.wait()
        while job := store.claim(name):
            taken.append(job.id or 0)

    threads = [Thread(target=work, args=(f"w{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(ids)


def test_progress_and_result_are_stored(store: JobStore) -> None:
    job_id = store.add("a", {}, "local")
    store.claim("w")
    assert store.report(job_id, 0.5, "half") is False
    found = store.find(job_id)
    assert found is not None
    assert (found.progress, found.step) == (0.5, "half")
    assert store.finish(job_id, JobStatus.DONE, result={"n": 1})
    found = store.find(job_id)
    assert found is not None
    assert (found.status, found.progress, found.result) == (JobStatus.DONE, 1.0, {"n": 1})
    assert found.finished_at is not None


def test_a_finished_job_does_not_change(store: JobStore) -> None:
    job_id = store.add("a", {}, "local")
    store.claim("w")
    assert store.finish(job_id, JobStatus.DONE)
    assert not store.finish(job_id, JobStatus.FAILED)
    assert store.report(job_id, 0.1, "late") is True
    store.cancel(job_id)
    found = store.find(job_id)
    assert found is not None
    assert (found.status, found.progress, found.cancel) == (JobStatus.DONE, 1.0, False)


def test_a_queued_job_is_cancelled_at_once(store: JobStore) -> None:
    job_id = store.add("a", {}, "local")
    store.cancel(job_id)
    found = store.find(job_id)
    assert found is not None
    assert found.status is JobStatus.CANCELLED
    assert store.claim("w") is None


def test_a_running_job_learns_that_it_shall_stop(store: JobStore) -> None:
    job_id = store.add("a", {}, "local")
    store.claim("w")
    store.cancel(job_id)
    assert store.report(job_id, 0.2, "") is True


def test_orphans_are_those_of_the_same_name_or_long_silent(store: JobStore) -> None:
    mine, other = store.add("a", {}, "local"), store.add("a", {}, "local")
    store.claim("me")
    store.claim("other")
    assert [job.id for job in store.orphans("me", LONG)] == [mine]
    assert [job.id for job in store.orphans("third", -LONG)] == [mine, other]
    store.beat(other)
    assert store.orphans("third", LONG) == []


def test_owners_see_their_own_jobs(store: JobStore) -> None:
    jobs = Jobs(store)
    mine = jobs.submit("a", {}, "anna")
    jobs.submit("a", {}, "bert")
    assert [job.id for job in jobs.recent("anna")] == [mine]
    for call in (jobs.get, jobs.cancel):
        with pytest.raises(PicholineError) as caught:
            call(mine, "bert")
        assert (caught.value.code, caught.value.status) == ("job.unknown", 404)
    assert jobs.get(mine, "anna").status is JobStatus.QUEUED


def test_a_job_keeps_its_callers_language(store: JobStore) -> None:
    with use_language("fr"):
        job_id = Jobs(store).submit("a", {"x": 1})
    assert Jobs(store).get(job_id).params == {"language": "fr", "x": 1}


def test_a_job_reads_as_json(store: JobStore) -> None:
    jobs = Jobs(store)
    found = as_dict(jobs.cancel(jobs.submit("a", {})))
    assert found["status"] == "cancelled"
    assert found["started_at"] is None
    assert str(found["finished_at"]).startswith("20")


def test_analyses_wait_for_everything_else(store: JobStore) -> None:
    slow, dropped, later = (store.add(kind, {}, "local") for kind in (ANALYSE, "import", ANALYSE))
    claimed = [store.claim("w") for _ in range(3)]
    assert [job.id for job in claimed if job] == [dropped, slow, later]


def test_what_failed_is_started_again_by_its_owner_only(store: JobStore) -> None:
    jobs = Jobs(store)
    failed = jobs.submit("import", {"sha256": "a"}, "ada")
    store.claim("w")
    store.finish(failed, JobStatus.FAILED, error={"code": "x"})
    assert as_dict(jobs.get(failed, "ada"))["retry"] is True
    again = jobs.retry(failed, "ada")
    assert (again.kind, again.status) == ("import", JobStatus.QUEUED)
    assert again.params == jobs.get(failed, "ada").params
    assert as_dict(again)["retry"] is False
    for job_id, owner, code in (
        (failed, "eve", "job.unknown"),  # somebody else's
        (again.id or 0, "ada", "job.repeat"),  # it has not ended
    ):
        with pytest.raises(PicholineError) as caught:
            jobs.retry(job_id, owner)
        assert caught.value.code == code
    looked = jobs.cancel(jobs.submit("preview", {}, "ada"), "ada")  # its dialogue is closed
    assert as_dict(looked)["retry"] is False
