"""Kept answers: one address for one question, computed once, checked before they are believed."""

import os
import pickle
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from threading import Barrier, Event, Lock

import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.i18n import msg
from core.models.catalogue import SHIPPED
from core.models.query import Compare, Filter, MetricQuery, Operator, Period, Scope, Threshold, Top
from core.models.result import ResultTable
from core.services.answer_address import Address, normalised, question_address
from core.services.answer_cache import AnswerCache, computed_ahead
from core.services.metrics import Metrics
from core.settings import Settings
from tests.conftest import run_process
from tests.storehouse import Storehouse, sale

FRANCE, ITALY = Filter("country", ("FR",)), Filter("country", ("IT",))
BY_COUNTRY = MetricQuery(("net_sales", "orders"), ("country",))
WHOLE = Period(date(2025, 1, 1), date(2025, 12, 31))


def lines(count: int = 40) -> list[dict[str, object]]:
    return [
        dict(
            sale(
                f"I{n}", f"2025-{n % 12 + 1:02}-15", f"P{n % 5}", 2, 10 + n,
                customer_id=f"C{n % 7}", country=("FR", "IT", "DE")[n % 3], channel="web",
            )
        )
        for n in range(count)
    ]  # fmt: skip


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path / "home")
    found.add("sales", lines())
    yield found
    found.close()


def patient(house: Storehouse) -> Metrics:
    """Return metrics of this home, as another process has them, that keep every answer on disk."""
    metrics = Metrics(house.settings, house.catalogue, house.warehouse)
    metrics.answers = AnswerCache(house.settings.cache / "answers", worth_seconds=0)
    return metrics


def counts(cache: AnswerCache) -> dict[str, int]:
    return dict(cache.state().counts)


def table(rows: int = 1) -> ResultTable:
    return ResultTable(columns=(), data=pa.table({"n": list(range(rows))}))


def address(key: str, state: str = "s") -> Address:
    return Address(state, key)


# One question, one address ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            MetricQuery(("net_sales",), where=(Filter("country", ("FR", "IT")), FRANCE)),
            MetricQuery(("net_sales",), where=(FRANCE, Filter("country", ("IT", "FR", "IT")))),
        ),
        (MetricQuery(("net_sales",), ("country",)), MetricQuery(("net_sales",) * 2, ("country",))),
        (
            MetricQuery(("net_sales",), ("country",)),
            MetricQuery(("net_sales",), ("country",), order="-net_sales"),
        ),
        (
            MetricQuery(("net_sales",), ("month", "country")),
            MetricQuery(("net_sales",), ("month", "country"), order="month"),
        ),
        (
            MetricQuery(("net_sales",), having=(Threshold("orders", 1), Threshold("cogs", 2))),
            MetricQuery(("net_sales",), having=(Threshold("cogs", 2), Threshold("orders", 1))),
        ),
    ],
)
def test_two_spellings_are_one_question(one: MetricQuery, other: MetricQuery) -> None:
    assert normalised(one, SHIPPED) == normalised(other, SHIPPED)


@pytest.mark.parametrize(
    "other",
    [
        MetricQuery(("orders", "net_sales"), ("country",)),
        MetricQuery(("net_sales", "orders"), ("country",), order="net_sales"),
        MetricQuery(("net_sales", "orders"), ("country",), (FRANCE,)),
        MetricQuery(("net_sales", "orders"), ("country",), period=WHOLE),
        MetricQuery(("net_sales", "orders"), ("country",), totals=False),
        MetricQuery(("net_sales", "orders"), ("country",), top=Top(2, "net_sales")),
    ],
)
def test_another_question_has_another_address(other: MetricQuery) -> None:
    assert question_address("s", SHIPPED, Scope(), other) != question_address(
        "s", SHIPPED, Scope(), BY_COUNTRY
    )


def test_the_ends_of_a_range_keep_their_order() -> None:
    low_high = Filter("day", ("2025-01-01", "2025-02-01"), Operator.BETWEEN)
    high_low = replace(low_high, values=low_high.values[::-1])
    asked = [
        normalised(MetricQuery(("orders",), where=(f,)), SHIPPED) for f in (low_high, high_low)
    ]
    assert asked[0] != asked[1]


def test_an_address_holds_data_definitions_and_rights_but_no_name() -> None:
    def found(state: str = "s", version: int = 0, scope: Scope | None = None) -> Address:
        known = replace(SHIPPED, version=version)
        return question_address(state, known, scope or Scope(), BY_COUNTRY)

    assert found() == found(scope=Scope("somebody else"))
    several = {
        found(), found("t"), found(version=1), found(scope=Scope(where=(FRANCE,))),
        found(scope=Scope(where=(ITALY,))), found(scope=Scope(where=(FRANCE, ITALY))),
    }  # fmt: skip
    assert len(several) == 6


def test_the_address_is_the_same_in_every_process() -> None:
    code = (
        "from core.models.catalogue import SHIPPED\n"
        "from core.models.query import MetricQuery, Scope\n"
        "from core.services.answer_address import _shipped, question_address\n"
        "asked = MetricQuery(('net_sales', 'orders'), ('country',))\n"
        "print(question_address(_shipped(), SHIPPED, Scope(), asked).key)"
    )
    seeded = {**os.environ, "PYTHONHASHSEED": "4711"}
    found = {
        run_process(sys.executable, "-c", code, env={**seeded, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == 32


# Kept ------------------------------------------------------------------------------------------


def test_the_second_time_an_answer_comes_from_memory(house: Storehouse) -> None:
    first = house.metrics.ask(BY_COUNTRY)
    again = house.metrics.ask(replace(BY_COUNTRY, metrics=("net_sales", "orders", "orders")))
    assert again.data is first.data
    assert counts(house.metrics.answers) == {"computed": 1, "memory": 1}
    assert house.metrics.answers.state().hit_ratio == 0.5
    assert house.metrics.ask(BY_COUNTRY, cached=False) is not first


def test_another_process_reads_it_from_disk(house: Storehouse) -> None:
    asked = replace(BY_COUNTRY, period=WHOLE, compare=Compare.YEAR)
    writer, reader = patient(house), patient(house)
    written = writer.ask(asked)
    writer.close()
    read = reader.ask(asked)
    assert read == written
    assert read is not written
    assert read.caveats
    assert counts(reader.answers) == {"computed": 1, "disk": 1}
    (group,) = reader.answers.state().groups
    assert group.entries == 1
    assert group.group == reader.answers.state().state
    assert 0 < group.bytes < 20_000
    assert abs(group.newest - time.time()) < 60


def test_what_is_quickly_computed_gets_no_file(house: Storehouse) -> None:
    house.metrics.answers = AnswerCache(house.settings.cache / "answers", worth_seconds=60)
    house.metrics.ask(BY_COUNTRY)
    house.metrics.close()
    assert not (house.settings.cache / "answers").exists()


def test_lists_of_values_are_kept_for_every_language(house: Storehouse) -> None:
    first = house.metrics.members("country")
    assert [(m.value, m.lines) for m in first] == [("FR", 14), ("DE", 13), ("IT", 13)]
    assert house.metrics.members("country", search="ital")[0].lines == 13
    assert counts(house.metrics.answers) == {"computed": 1, "memory": 1}
    assert house.metrics.members("country", Scope(where=(ITALY,)))[0].lines == 13
    assert counts(house.metrics.answers)["computed"] == 2


def test_memory_is_bounded_by_bytes(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers", memory_bytes=100_000, worth_seconds=60)
    for n in range(50):
        cache.answer(address(str(n)), lambda: table(100))
    state = cache.state()
    assert state.bytes <= 100_000
    assert 20 <= state.entries < 50
    cache.answer(address("large"), lambda: table(10_000))
    assert cache.state().entries == state.entries
    asked: list[int] = []
    cache.answer(address("49"), lambda: asked.append(1) or table())  # type: ignore[func-returns-value]
    cache.answer(address("0"), lambda: asked.append(0) or table())  # type: ignore[func-returns-value]
    assert asked == [0]  # the longest unused had to go


def test_answers_of_long_gone_states_are_dropped(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers", worth_seconds=0)
    for number in range(5):
        state = f"state {number}"
        cache.served(state)
        cache.answer(address(f"key {number}", state), table)
        cache.close()
    found = cache.state()
    assert [group.group for group in found.groups] == ["state 4", "state 3", "state 2"]
    assert found.entries == 3
    assert found.counts["dropped"] == 4  # two, in memory and on disk
    cache.served("state 3")  # an undo
    assert cache.answer(address("key 3", "state 3"), _fails).data.num_rows == 1


def test_new_data_are_never_answered_from_old_answers(house: Storehouse) -> None:
    metrics = patient(house)
    before = metrics.ask(MetricQuery(("orders",))).total
    house.add("sales", [sale("N1", "2025-12-20", "P1", 1, 5, country="FR")])
    after = metrics.ask(MetricQuery(("orders",)))
    assert before == {"orders": 40}
    assert after.total == {"orders": 41}
    assert after.data_version == house.catalogue.current_version()
    metrics.close()


def test_an_undo_brings_the_answers_back(house: Storehouse) -> None:
    before = house.metrics.ask(BY_COUNTRY)
    number = house.add("sales", [sale("N1", "2025-12-20", "P1", 1, 5, country="FR")])
    house.metrics.ask(BY_COUNTRY)
    house.undo(number)
    again = house.metrics.ask(BY_COUNTRY)
    assert counts(house.metrics.answers) == {"computed": 2, "memory": 1}
    assert again.rows() == before.rows()
    assert again.data_version == house.catalogue.current_version() == before.data_version + 2


def test_clearing_forgets_answers_and_counts(house: Storehouse) -> None:
    metrics = patient(house)
    metrics.ask(BY_COUNTRY)
    metrics.close()
    assert metrics.answers.clear() == 1
    state = metrics.answers.state()
    assert (state.entries, state.groups, dict(state.counts), state.hit_ratio) == (0, (), {}, None)


def test_counting_survives_a_damaged_file(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers")
    (tmp_path / "answers.json").write_text("[not a tally")
    cache.answer(address("a"), table)
    assert counts(cache) == {"computed": 1}


def test_answers_computed_ahead_are_counted_apart(tmp_path: Path) -> None:
    cache = AnswerCache(tmp_path / "answers")
    with computed_ahead(lambda: True):
        cache.answer(address("a"), table)
        cache.answer(address("a"), table)
    cache.answer(address("a"), table)
    assert counts(cache) == {"ahead": 1, "memory": 1}
    assert cache.state().hit_ratio == 1.0


# Planted and damaged ---------------------------------------------------------------------------


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


# Asked by many at once ---------------------------------------------------------------------------


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


def _fails() -> ResultTable:
    raise AssertionError


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
