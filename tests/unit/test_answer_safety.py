"""Kept answers are checked before they are believed, and computed once for many who ask."""

import os
import pickle
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier, Event, Lock

import pytest

from core.errors import PicholineError
from core.i18n import msg
from core.models.query import Filter, Scope
from core.models.result import ResultTable
from core.services.answer_cache import AnswerCache
from core.settings import Settings
from tests.answers import BY_COUNTRY, FRANCE, address, counts, lines, patient, table
from tests.storehouse import Storehouse


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path / "home")
    found.add("sales", lines())
    yield found
    found.close()


class Bomb:
    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return os.mkdir, (str(self.mark),)


def tamper(settings: Settings, statement: str, *values: object) -> None:
    with sqlite3.connect(settings.cache / "answers" / "cache.db") as connection:
        connection.execute(statement, values)
    connection.close()


def test_planted_and_damaged_entries_are_removed_and_never_executed(
    house: Storehouse, tmp_path: Path
) -> None:
    mark = tmp_path / "executed"
    right = house.metrics.ask(BY_COUNTRY, cached=False).rows()
    planted: list[tuple[str, tuple[object, ...]]] = [
        ("UPDATE Cache SET mode = 4, value = ?", (pickle.dumps(Bomb(mark)),)),
        ("UPDATE Cache SET value = ?", (pickle.dumps(Bomb(mark)),)),
        ("UPDATE Cache SET value = substr(value, 1, length(value) - 9)", ()),
        ("UPDATE Cache SET value = zeroblob(99)", ()),
        ("UPDATE Cache SET mode = 2, filename = '/etc/hostname'", ()),
    ]
    for statement, values in planted:
        writer = patient(house)
        writer.ask(BY_COUNTRY)
        writer.close()
        tamper(house.settings, statement, *values)
        reader = patient(house)
        reader.answers._worth = 60  # writes nothing, so that what was planted must have gone
        assert reader.ask(BY_COUNTRY).rows() == right
        assert counts(reader.answers).get("disk", 0) == 0
        reader.close()
        assert not reader.answers.state().groups, statement
    assert not mark.exists()


def test_an_entry_moved_to_another_address_is_not_believed(house: Storehouse) -> None:
    """Whoever can write into the folder cannot show one person's rows to another this way."""
    writer = patient(house)
    everything = writer.ask(BY_COUNTRY)
    writer.close()
    with sqlite3.connect(house.settings.cache / "answers" / "cache.db") as connection:
        ((content,),) = connection.execute("SELECT value FROM Cache").fetchall()
    connection.close()
    french = Scope("anna", (FRANCE,))
    limited = patient(house)
    limited.ask(BY_COUNTRY, french)
    limited.close()
    tamper(house.settings, "UPDATE Cache SET value = ?", content)
    found = patient(house)
    assert found.ask(BY_COUNTRY, french).rows() == [
        row for row in everything.rows() if row["country"] == "FR"
    ]
    assert counts(found.answers)["damaged"] == 1
    found.close()


def test_equal_questions_at_the_same_time_are_computed_once(house: Storehouse) -> None:
    house.warehouse.ensure()
    start = Barrier(12)

    def ask(n: int) -> list[dict[str, object]]:
        start.wait()
        where = (FRANCE, Filter("channel", ("web",)))
        return house.metrics.ask(
            replace(BY_COUNTRY, where=where if n % 2 else where[::-1]), Scope(f"user {n}")
        ).rows()

    with ThreadPoolExecutor(12) as pool:
        found = list(pool.map(ask, range(12)))
    assert all(rows == found[0] for rows in found)
    assert found[0][0]["orders"] == 14
    counted = counts(house.metrics.answers)
    assert counted["computed"] == 1
    assert counted.get("memory", 0) + counted.get("joined", 0) == 11


def in_flight(
    cache: AnswerCache, error: BaseException, waiters: int
) -> tuple[list[object], list[str]]:
    """Let one thread fail while others wait for it; return what each got, and who computed."""
    begun, go_on, lock = Event(), Event(), Lock()
    computed: list[str] = []

    def first() -> ResultTable:
        begun.set()
        go_on.wait(10)
        raise error

    def second() -> ResultTable:
        with lock:
            computed.append("again")
        return table(3)

    def ask(compute: Callable[[], ResultTable]) -> object:
        try:
            return cache.answer(address("a"), compute).data.num_rows
        except BaseException as found:
            return found

    with ThreadPoolExecutor(waiters + 1) as pool:
        leader = pool.submit(ask, first)
        assert begun.wait(10)
        others = [pool.submit(ask, second) for _n in range(waiters)]
        time.sleep(0.05)
        go_on.set()
        return [leader.result(10), *(other.result(10) for other in others)], computed


def test_who_waits_computes_when_the_first_was_stopped(tmp_path: Path) -> None:
    stopped = KeyboardInterrupt()
    found, computed = in_flight(AnswerCache(tmp_path / "answers"), stopped, 5)
    assert found == [stopped, 3, 3, 3, 3, 3]
    assert computed == ["again"]


def test_a_reason_that_holds_for_all_is_told_to_all(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers")
    refused = PicholineError("query.shape", msg("No."), msg("Ask otherwise."), status=409)
    found, computed = in_flight(cache, refused, 3)
    assert [(e.code, e.status) for e in found if isinstance(e, PicholineError)] == [
        ("query.shape", 409)
    ] * 4
    assert not computed
    assert cache.answer(address("a"), lambda: table(2)).data.num_rows == 2  # nothing was kept


def test_a_question_inside_its_own_answer_does_not_wait_for_itself(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers")
    outer = cache.answer(address("a"), lambda: cache.answer(address("a"), lambda: table(4)))
    assert outer.data.num_rows == 4
