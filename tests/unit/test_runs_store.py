"""Requests, runs and schedules in the catalogue, on SQLite and on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest

from core.models.tables import Job, JobStatus, Run
from core.repository.catalogue import Catalogue
from core.repository.jobs import JobStore
from core.repository.runs import RunStore


@pytest.fixture(params=["sqlite", "postgresql"])
def catalogue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Catalogue]:
    url = f"sqlite:///{tmp_path / 'catalogue.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    found = Catalogue(url)
    found.create()
    yield found
    found.engine.dispose()


@pytest.fixture
def store(catalogue: Catalogue) -> RunStore:
    return RunStore(catalogue.engine)


def job() -> Job:
    return Job(kind="analyse", params={"key": "x"}, owner="local")


def run(key: str, owner: str = "local", analysis: str = "x") -> Run:
    return Run(
        analysis=analysis, edition=1, data_version=1, scope="s", owner=owner, seconds=1.0, key=key
    )


def at_once(store: RunStore, key: str, count: int = 6) -> list[tuple[int, bool]]:
    """Ask for one result from several threads at the same moment."""
    found: list[tuple[int, bool]] = []
    ready = Barrier(count)

    def ask() -> None:
        ready.wait()
        found.append(store.ask(key, 1, job()))

    threads = [Thread(target=ask) for _n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_who_asks_at_the_same_moment_shares_one_job(catalogue: Catalogue, store: RunStore) -> None:
    jobs = JobStore(catalogue.engine)
    for _round in range(3):
        found = at_once(store, "k")
        assert len(found) == 6
        assert len({job_id for job_id, _new in found}) == 1
        assert sum(new for _job_id, new in found) == 1
        assert len([j for j in jobs.recent("local", 99) if j.status is JobStatus.QUEUED]) == 1
        claimed = jobs.claim("w")
        assert claimed is not None
        assert store.ask("k", 1, job()) == (claimed.id, False)
        jobs.finish(claimed.id or 0, JobStatus.FAILED)


def test_the_last_job_of_a_result_is_found_and_forgotten(
    catalogue: Catalogue, store: RunStore
) -> None:
    jobs = JobStore(catalogue.engine)
    assert store.request("k") is None
    first, _new = store.ask("k", 1, job())
    found = store.request("k")
    assert found is not None
    assert found.id == first
    store.forget_request("k", first + 1)
    assert store.request("k") is not None
    assert store.forget_requests(before_version=2) == 0  # still queued
    jobs.cancel(first)
    assert store.forget_requests(before_version=1) == 0
    assert store.forget_requests(before_version=2) == 1
    second, _new = store.ask("k", 2, job())
    store.forget_request("k", second)
    assert store.request("k") is None


def test_runs_are_listed_by_owner_analysis_and_rows(store: RunStore) -> None:
    with store.session() as session:
        for one in (run("a"), run("a"), run("b", owner="eve"), run("c", analysis="y")):
            session.add(one)
        session.commit()
    assert store.newest("a").id == 2  # type: ignore[union-attr]
    assert [found.id for found in store.recent(owner="local")] == [4, 2, 1]
    assert [found.id for found in store.recent(analysis="x", scope="s", limit=2)] == [3, 2]
    assert store.recent(scope="other") == []
    store.remove(2)
    assert store.ids() == {1, 3, 4}
    with store.session() as session:
        session.add(run("d"))
        session.commit()
    assert store.newest("d").id == 5  # type: ignore[union-attr]


def test_a_schedule_is_one_entry_switched_on_and_off(store: RunStore) -> None:
    for enabled in (True, False, True):
        store.switch("local", "x", [("country", "FR")], enabled=enabled)
        assert len(store.schedules("local")) == enabled
    store.switch("local", "x", [], enabled=True)
    store.switch("eve", "x", [], enabled=True)
    assert [schedule.pairs for schedule in store.schedules("local")] == [[["country", "FR"]], []]
    assert len(store.schedules()) == 3
    assert len({schedule.id for schedule in store.schedules()}) == 3
