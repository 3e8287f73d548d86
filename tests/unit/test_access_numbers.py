"""Every number a restricted person sees is that of the visible lines."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    Members,
    MetricQuery,
    Operator,
    Period,
    Top,
)
from core.models.tables import ScoreSet
from core.services.access import Access
from core.services.metrics import Metrics
from tests.ruled import METRICS, RULES, figures, lines_of, open_ruled, same, visible
from tests.storehouse import Storehouse

YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))

BEFORE = Period(date(2024, 1, 1), date(2024, 12, 31))


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_ruled(tmp_path_factory.mktemp("rights") / "home")
    yield found
    found.close()


@pytest.fixture(scope="module")
def access(house: Storehouse) -> Access:
    return Access(house.catalogue, house.metrics)


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return lines_of()


@pytest.mark.parametrize("user", RULES)
def test_every_number_is_that_of_the_visible_lines(
    house: Storehouse, access: Access, lines: pd.DataFrame, user: str
) -> None:
    scope, part = access.scope_of(user), visible(lines, user)
    for by in ("country", "category", "customer", "channel"):
        answer = house.metrics.ask(MetricQuery(METRICS, (by,)), scope)
        assert same(dict(answer.total or {}), figures(part)), by
        expected = {
            key: figures(group) for key, group in part.groupby(part[by].fillna("-"), dropna=False)
        }
        rows = {row[by] or "-": row for row in answer.rows()}
        assert rows.keys() == expected.keys(), by
        assert all(same(rows[key], expected[key]) for key in expected), by


@pytest.mark.parametrize("user", RULES)
def test_comparisons_keep_to_the_visible_lines(
    house: Storehouse, access: Access, lines: pd.DataFrame, user: str
) -> None:
    part = visible(lines, user)
    asked = MetricQuery(METRICS, ("month",), period=YEAR, compare=Compare.YEAR, compared=BEFORE)
    total = dict(house.metrics.ask(asked, access.scope_of(user)).total or {})
    now = figures(part[part["date"].map(lambda d: d.year) == 2025])
    then = figures(part[part["date"].map(lambda d: d.year) == 2024])
    assert same(total, now)
    assert same({key: total[f"{key}_compared"] for key in METRICS}, then)


@pytest.mark.parametrize(
    "where",
    [
        (Filter("country", ("IT", "DE")),),
        (Filter("country", ("FR",), Operator.NOT_IN),),
        (Filter("country", (NO_VALUE,)),),
        (Filter("country", ("ZZ",), Operator.NOT_IN),),
        (Filter("country", ("FR", "IT", "DE", NO_VALUE)),),
        (Filter("country", ("A", "Z"), Operator.BETWEEN),),
        (Filter("country", ("ital",), Operator.CONTAINS),),
        (Filter("country", ("fran",), Operator.NOT_CONTAINS),),
    ],
)
def test_no_filter_opens_what_a_rule_closes(
    house: Storehouse, access: Access, where: tuple[Filter, ...]
) -> None:
    scope = access.scope_of("anna")
    found = house.metrics.ask(MetricQuery(METRICS, ("country",), where), scope)
    assert {row["country"] for row in found.rows()} <= {"FR"}
    everything = house.metrics.ask(MetricQuery(METRICS), scope).total or {}
    assert (found.total or {})["net_sales"] in {None, everything["net_sales"]}


def test_others_of_a_top_list_are_the_visible_others(
    house: Storehouse, access: Access, lines: pd.DataFrame
) -> None:
    part = visible(lines, "ben")
    asked = MetricQuery(METRICS, ("product",), top=Top(2, "net_sales", others=True))
    answer = house.metrics.ask(asked, access.scope_of("ben"))
    rows = answer.rows()
    named = {row["product"] for row in rows[:2]}
    assert rows[2]["product"] == "__others__"
    assert same(rows[2], figures(part[~part["product_id"].isin(named)]))
    assert same(dict(answer.total or {}), figures(part))


def test_members_picked_by_a_metric_are_picked_among_the_visible_lines(
    house: Storehouse, access: Access, lines: pd.DataFrame
) -> None:
    part = visible(lines, "anna")
    best = part.groupby("product_id")["net"].sum().idxmax()
    asked = MetricQuery(METRICS, members=(Members("product", "net_sales", n=1),))
    total = house.metrics.ask(asked, access.scope_of("anna")).total or {}
    assert same(dict(total), figures(part[part["product_id"] == best]))


def test_lists_of_values_count_visible_lines_only(
    house: Storehouse, access: Access, lines: pd.DataFrame
) -> None:
    for user in RULES:
        part = visible(lines, user)
        for dimension in ("country", "customer", "channel"):
            found = house.metrics.members(dimension, access.scope_of(user))
            counted = part[dimension].fillna(NO_VALUE).value_counts()
            assert {m.value: m.lines for m in found} == dict(counted), (user, dimension)
    scope = access.scope_of("anna")
    assert house.metrics.members("country", scope, search="ital") == []
    assert house.metrics.members("customer", scope, where=(Filter("country", ("IT",)),)) == []
    assert house.metrics.status(scope).lines == len(visible(lines, "anna"))
    assert house.metrics.status(scope).limits == scope.where


def test_kept_answers_are_kept_by_right(house: Storehouse, access: Access) -> None:
    """The same question of somebody else, before and after, in memory and on disk."""
    asked = MetricQuery(("net_sales",), ("country",))
    everything = house.metrics.ask(asked)
    french = house.metrics.ask(asked, access.scope_of("anna"))
    assert {row["country"] for row in everything.rows()} == {"FR", "IT", "DE", None}
    assert {row["country"] for row in french.rows()} == {"FR"}
    other = Metrics(house.settings, house.catalogue, house.warehouse)
    assert other.ask(asked, access.scope_of("anna")).rows() == french.rows()
    assert house.metrics.ask(asked) == everything


def test_a_changed_rule_holds_at_the_next_question(house: Storehouse, access: Access) -> None:
    asked = MetricQuery(("net_sales",), ("country",))
    rule = access.allow("fred", "country", ["IT"]).rule
    assert [r["country"] for r in house.metrics.ask(asked, access.scope_of("fred")).rows()] == [
        "IT"
    ]
    access.allow("fred", "country", ["DE"])
    found = house.metrics.ask(asked, access.scope_of("fred")).rows()
    assert {row["country"] for row in found} == {"IT", "DE"}
    access.remove(rule.id or 0)
    assert [r["country"] for r in house.metrics.ask(asked, access.scope_of("fred")).rows()] == [
        "DE"
    ]


def test_scores_that_rest_on_all_lines_are_not_shown(house: Storehouse, access: Access) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder = house.settings.runs
    folder.mkdir(exist_ok=True)
    scores = pa.table({"customer_id": ["C1", "C2"], "clv": [10.0, 20.0]})
    pq.write_table(scores, folder / "scores.parquet")
    with house.catalogue.session() as session:
        session.add(
            ScoreSet(
                run_id=1, analysis="clv", data_version=1, columns=["clv"], file="scores.parquet"
            )
        )
        session.commit()
    assert (house.metrics.ask(MetricQuery(("clv",))).total or {})["clv"] == 30
    limited = house.metrics.ask(MetricQuery(("clv", "net_sales")), access.scope_of("cleo"))
    assert (limited.total or {})["clv"] is None
    assert any("all rows" in str(caveat) for caveat in limited.caveats)
