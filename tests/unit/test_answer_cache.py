"""Kept answers: from memory and disk, bounded, dropped, brought back, counted."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.models.query import Compare, MetricQuery, Scope
from core.models.result import ResultTable
from core.services.answer_cache import AnswerCache, computed_ahead
from tests.answers import BY_COUNTRY, ITALY, WHOLE, address, counts, lines, patient, table
from tests.storehouse import Storehouse, sale


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path / "home")
    found.add("sales", lines())
    yield found
    found.close()


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


def _fails() -> ResultTable:
    raise AssertionError
