"""Rules of RFM segments: what can be saved, what happens then, and what is kept of it."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PicholineError
from core.i18n import pack, translate, use_language
from core.models.query import Filter, MetricQuery, Scope
from core.models.rfm import (
    ANY,
    DEFAULT_RULES,
    NO_PURCHASE,
    SCORES,
    SegmentRule,
    segment_names,
    segment_of,
    segments_by_score,
)
from core.services.segment_rules import (
    SegmentRules,
    problems,
    rows_from_rules,
    rules_from_rows,
)
from tests.storehouse import Storehouse, sale

REST = SegmentRule("rest", "All others")
VIP = SegmentRule("vip", "Our best", (3, 5), (3, 5), (3, 5), name_fr="Nos meilleurs")


def codes(*rules: SegmentRule) -> list[tuple[int | None, str]]:
    return [(problem.place, problem.code) for problem in problems(rules)]


def test_the_default_rules_can_be_saved() -> None:
    assert problems(DEFAULT_RULES) == []
    reached = {segment_of(DEFAULT_RULES, *scores) for scores in product(SCORES, repeat=3)}
    assert reached == {rule.key for rule in DEFAULT_RULES}
    assert segment_of(DEFAULT_RULES, 5, 5, 5) == "champions"
    assert segment_of(DEFAULT_RULES, 1, 5, 5) == "cannot_lose"
    assert segment_of(DEFAULT_RULES, 5, 1, 3) == "new"
    assert segment_of(DEFAULT_RULES, 1, 1, 5) == "lost"
    assert all(str(rule.shown_name()) and str(rule.shown_advice()) for rule in DEFAULT_RULES)


def test_the_first_rule_that_fits_counts_and_unknown_scores_need_a_full_range() -> None:
    assert segment_of((VIP, REST), 3, 3, 3) == "vip"
    assert segment_of((REST, VIP), 3, 3, 3) == "rest"
    assert segment_of((VIP, REST), 5, 5, None) == "rest"
    assert segment_of((replace(VIP, monetary=ANY), REST), 5, 5, None) == "vip"
    assert segment_of((VIP,), 1, 1, 1) is None


@given(st.lists(st.tuples(*[st.tuples(st.integers(1, 5), st.integers(1, 5))] * 3), max_size=6))
def test_the_table_for_sql_holds_every_combination(
    ranges: list[tuple[tuple[int, int], tuple[int, int], tuple[int, int]]],
) -> None:
    rules = [SegmentRule(f"s{i}", f"S{i}", *found) for i, found in enumerate(ranges)]
    table = segments_by_score(rules)
    for r, f, m in product((None, *SCORES), repeat=3):
        assert table[36 * (r or 0) + 6 * (f or 0) + (m or 0)] == segment_of(rules, r, f, m)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ((), [(None, "rules.empty")]),
        (tuple(replace(REST, key=f"r{i}") for i in range(41)), [(None, "rules.many")]),
        ((VIP,), [(0, "rules.catch_all")]),
        ((REST, VIP), [(1, "rules.catch_all")]),
        ((REST, VIP, replace(REST, key="end", name="End")), [(1, "rules.unreachable")]),
        ((VIP, replace(VIP, key="b", name="B", name_fr="", recency=(4, 4)), REST),
         [(1, "rules.unreachable")]),
        ((VIP, replace(VIP, name="Other", name_fr="", recency=ANY), REST),
         [(1, "rules.same_key")]),
        ((VIP, replace(VIP, key="b", name="our BEST", name_fr="", recency=ANY), REST),
         [(1, "rules.same_name")]),
        ((replace(VIP, name="  "), REST), [(0, "rules.name")]),
        ((replace(VIP, advice="a" * 301), REST), [(0, "rules.long")]),
        ((replace(VIP, key="Best customers"), REST), [(0, "rules.key")]),
        ((replace(VIP, key=NO_PURCHASE), REST), [(0, "rules.key")]),
        ((replace(VIP, recency=(0, 5)), REST), [(0, "rules.range")]),
        ((replace(VIP, frequency=(4, 2)), REST), [(0, "rules.range")]),
        ((replace(VIP, monetary=(5, 6)), REST), [(0, "rules.range")]),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(
    rules: tuple[SegmentRule, ...], expected: list[tuple[int | None, str]]
) -> None:
    assert codes(*rules) == expected
    for problem in problems(rules):
        assert str(problem.title)
        assert str(problem.remedy)


def test_together_earlier_rules_can_make_a_later_one_unreachable() -> None:
    low, high = replace(VIP, recency=(1, 2)), replace(VIP, key="b", name="B", name_fr="")
    whole = replace(VIP, key="c", name="C", name_fr="", recency=ANY)
    assert codes(low, high, whole, REST) == [(2, "rules.unreachable")]
    assert codes(low, whole, REST) == []


def test_saving_changes_names_and_numbers_at_once(house: Storehouse) -> None:
    house.add("sales", [
        sale(str(i), f"2024-01-{i + 1:02}", "A", 1, 10 + i, customer_id=f"c{i}") for i in range(5)
    ])  # fmt: skip
    rules = SegmentRules(house.catalogue)
    by_segment = MetricQuery(("customers",), ("rfm_segment",))
    before = house.metrics.ask(by_segment)
    assert rules.is_default()
    version = rules.save((replace(VIP, frequency=ANY), REST), Scope("ann"))
    assert version == before.data_version + 1 == house.catalogue.current_version()
    assert not rules.is_default()
    after = house.metrics.ask(by_segment)
    # R and M are 1 to 5 for the five customers in turn: three of them have 3 or more of both.
    assert {row["rfm_segment"]: row["customers"] for row in after.rows()} == {"vip": 3, "rest": 2}
    names = {row["rfm_segment"]: row["rfm_segment_name"] for row in after.rows()}
    assert translate(names["vip"], "en") == "Our best"
    assert translate(names["vip"], "fr") == "Nos meilleurs"
    assert translate(names["rest"], "fr") == "All others"
    with use_language("fr"):
        labels = {m.value: m.label for m in house.metrics.members("rfm_segment")}
    assert labels == {"vip": "Nos meilleurs", "rest": "All others"}
    kept = MetricQuery(("customers",), where=(Filter("rfm_segment", ("vip",)),))
    assert (house.metrics.ask(kept).total or {})["customers"] == 3


def test_the_history_is_kept_and_the_defaults_come_back(house: Storehouse) -> None:
    rules = SegmentRules(house.catalogue)
    assert rules.history() == []
    first = rules.save((VIP, REST), Scope("ann"))
    assert (
        rules.save((VIP, REST), Scope("bob")) == first
    )  # nothing changed: nothing is computed anew
    second = rules.save((replace(VIP, name="Top", name_fr=""), REST), Scope("bob"))
    third = rules.reset("ann")
    assert rules.reset("bob") == third
    assert [first + 1, first + 2] == [second, third]
    assert rules.current() == DEFAULT_RULES
    found = [(e.owner, e.is_default, e.data_version, e.rules[0].key) for e in rules.history()]
    assert found == [
        ("ann", True, third, "champions"),
        ("bob", False, second, "vip"),
        ("ann", False, first, "vip"),
    ]


def test_what_cannot_be_used_is_not_saved(house: Storehouse) -> None:
    rules = SegmentRules(house.catalogue)
    with pytest.raises(PicholineError) as caught:
        rules.save((REST, VIP))
    assert caught.value.code == "rules.catch_all"
    assert house.catalogue.current_version() == 0
    assert rules.history() == []
    assert rules.is_default()


def test_rows_of_the_editor_and_rules_are_the_same() -> None:
    assert rules_from_rows(rows_from_rules((VIP, *DEFAULT_RULES))) == (VIP, *DEFAULT_RULES)
    found = rules_from_rows([
        {"name": " Été & Cie ", "recency_from": "4", "monetary_to": 2, "advice": "Call"},
        {"name": "Été & Cie"},
        {"key": "", "name": None, "name_fr": " "},
        {"name_fr": "Reste", "key": ""},
        {"name": "123"},
    ])  # fmt: skip
    assert [(r.key, r.name) for r in found] == [
        ("ete_cie", "Été & Cie"), ("ete_cie_2", "Été & Cie"), ("reste", "Reste"),
        ("segment_123", "123"),
    ]  # fmt: skip
    assert (found[0].recency, found[0].frequency, found[0].monetary) == ((4, 5), ANY, (1, 2))
    with pytest.raises(PicholineError) as caught:
        rules_from_rows([{"name": "A", "recency_from": "many"}])
    assert caught.value.code == "rules.range"


def test_names_survive_as_cells_of_a_kept_table() -> None:
    names = segment_names((VIP, REST))
    assert list(names) == ["vip", "rest", NO_PURCHASE]
    assert translate(pack(names["vip"]), "fr") == "Nos meilleurs"
    assert translate(pack(names["vip"]), "en") == "Our best"
