"""Rights: which rules make which scope, and every number a restricted person sees."""

import random
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.errors import PicholineError
from core.models.query import (
    NO_VALUE,
    Compare,
    Filter,
    Members,
    MetricQuery,
    Operator,
    Period,
    Scope,
    Top,
)
from core.models.tables import ScoreSet
from core.services.access import Access
from core.services.application import Application
from core.services.metrics import Metrics
from core.settings import load_settings
from tests.storehouse import Storehouse, sale

COUNTRIES = ("FR", "IT", "DE", None)
YEAR = Period(date(2025, 1, 1), date(2025, 12, 31))
BEFORE = Period(date(2024, 1, 1), date(2024, 12, 31))
RULES: dict[str, tuple[tuple[str, tuple[str, ...]], ...]] = {
    "anna": (("country", ("FR",)),),
    "ben": (("country", ("FR", "IT")), ("channel", ("web",))),
    "cleo": (("customer", (NO_VALUE, "C1", "C2")),),
    "dora": (("country", (NO_VALUE,)),),
    "emil": (("category", ("oil",)), ("salesperson", ("S1",))),
    "nobody": (("country", ("XX",)),),
}


def company() -> list[dict[str, Any]]:
    chance = random.Random(20250101)
    rows = []
    for n in range(400):
        day = date(2024 + n % 2, chance.randint(1, 12), chance.randint(1, 28))
        customer = f"C{chance.randint(1, 9)}"
        rows.append(
            dict(
                sale(
                    f"I{n // 2}", day.isoformat(), f"P{chance.randint(1, 6)}",
                    chance.choice((1, 2, 3, 5, -1)), chance.randint(100, 9900) / 100,
                    unit_cost=chance.randint(50, 4000) / 100,
                    customer_id=customer if chance.random() < 0.8 else None,
                    country=chance.choice(COUNTRIES), channel=chance.choice(("web", "shop")),
                    salesperson=chance.choice(("S1", "S2")),
                )
            )
        )  # fmt: skip
    return rows


def products() -> list[dict[str, Any]]:
    return [
        {"product_id": f"P{n}", "name": f"Product {n}", "category": ("oil", "soap")[n % 2]}
        for n in range(1, 7)
    ]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("rights") / "home")
    found.add("sales", company())
    found.add("products", products())
    access = Access(found.catalogue, found.metrics)
    for user, rules in RULES.items():
        for dimension, values in rules:
            access.allow(user, dimension, values)
    yield found
    found.close()


@pytest.fixture(scope="module")
def access(house: Storehouse) -> Access:
    return Access(house.catalogue, house.metrics)


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    frame = pd.DataFrame(company())
    named = {row["product_id"]: row["category"] for row in products()}
    frame["category"] = frame["product_id"].map(named)
    frame["customer"] = frame["customer_id"]
    amounts = [
        Decimal(str(q)) * Decimal(str(p))
        for q, p in zip(frame["quantity"], frame["unit_price"], strict=True)
    ]
    frame["net"] = amounts
    frame["margin"] = [
        a - Decimal(str(q)) * Decimal(str(c))
        for a, q, c in zip(amounts, frame["quantity"], frame["unit_cost"], strict=True)
    ]
    return frame


def visible(lines: pd.DataFrame, user: str) -> pd.DataFrame:
    """Return the lines a user may see, from the rules as they are written above."""
    kept = lines
    for dimension, values in RULES[user]:
        named = kept[dimension].isin([v for v in values if v != NO_VALUE])
        kept = kept[named | (kept[dimension].isna() & (NO_VALUE in values))]
    return kept


def figures(part: pd.DataFrame) -> dict[str, Any]:
    """Compute the metrics below as the definitions say; unknown where no line matches."""
    if part.empty:
        return dict.fromkeys(("net_sales", "gross_margin", "margin_rate", "orders", "customers"))
    sold = part[part["quantity"] > 0]
    net, margin = sum(part["net"]), sum(part["margin"])
    return {
        "net_sales": net,
        "gross_margin": margin,
        "margin_rate": float(margin / net) if net else None,
        "orders": sold["invoice_id"].nunique(),
        "customers": sold["customer_id"].nunique(),
    }


METRICS = ("net_sales", "gross_margin", "margin_rate", "orders", "customers")


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    for key, value in expected.items():
        if value is None or found[key] is None:
            if value is not found[key] and (value or found[key]):
                return False
        elif abs(float(found[key]) - float(value)) > 1e-6:
            return False
    return True


# Rules -----------------------------------------------------------------------------------------


def test_nobody_is_limited_without_a_rule(access: Access) -> None:
    assert access.scope_of("somebody") == Scope("somebody")


def test_rules_of_one_dimension_unite_and_dimensions_intersect(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    access = Access(house.catalogue, house.metrics)
    access.allow("anna", "country", ["FR"])
    access.allow("anna", "country", ["IT", "FR"])
    access.allow("south", "country", ["ES"], is_role=True)
    access.allow("south", "channel", ["web"], is_role=True)
    access.allow("anna ", "channel", ["shop"], is_role=True)  # a role, not the user
    assert access.scope_of("anna").where == (Filter("country", ("FR", "IT")),)
    assert access.join("anna", "south")
    assert not access.join("anna", "south")
    assert access.scope_of("anna").where == (
        Filter("channel", ("web",)),
        Filter("country", ("ES", "FR", "IT")),
    )
    assert access.leave("anna", "south")
    assert not access.leave("anna", "south")
    for rule in access.rules():
        access.remove(rule.id or 0)
    assert access.scope_of("anna").where == ()
    house.close()


def test_rules_hold_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home", database_url=postgres_url)
    access = Access(house.catalogue, house.metrics)
    access.allow("anna", "country", ["FR", NO_VALUE])
    access.allow("south", "channel", ["web"], is_role=True)
    access.join("anna", "south")
    assert access.scope_of("anna").where == (
        Filter("channel", ("web",)),
        Filter("country", ("FR", NO_VALUE)),
    )
    house.close()


@pytest.mark.parametrize(
    ("subject", "dimension", "values", "code"),
    [
        ("anna", "contry", ["FR"], "query.dimension"),
        ("anna", "month", ["2025-01"], "access.dimension"),
        ("anna", "country", [" "], "access.values"),
        (" ", "country", ["FR"], "access.name"),
        ("x" * 81, "country", ["FR"], "access.name"),
        ("a\nb", "country", ["FR"], "access.name"),
    ],
)
def test_what_makes_no_rule(
    access: Access, subject: str, dimension: str, values: list[str], code: str
) -> None:
    before = len(access.rules())
    with pytest.raises(PicholineError) as caught:
        access.allow(subject, dimension, values)
    assert caught.value.code == code
    assert len(access.rules()) == before


def test_a_value_nobody_has_is_a_warning_with_the_nearest(access: Access) -> None:
    made = access.allow("warned", "country", ["FR", "Italy"])
    assert [str(w) for w in made.warnings] == [
        "No line has the value “Italy” of “country”; did you mean IT?"
    ]
    access.remove(made.rule.id or 0)
    with pytest.raises(PicholineError) as caught:
        access.remove(made.rule.id or 0)
    assert caught.value.status == 404


# Numbers ---------------------------------------------------------------------------------------


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


def test_investments_of_no_country_are_no_news_to_whom_they_are_closed(tmp_path: Path) -> None:
    """A filter on the rule's own dimension must not lift the rule where caveats are looked for."""
    house = Storehouse(tmp_path / "home")
    house.add("sales", [sale("A", "2025-01-01", "P1", 1, 10, country="FR")])
    house.add("investments", [{"date": date(2025, 1, 1), "amount": 5, "currency": "EUR"}])
    asked = MetricQuery(("investment", "net_sales"), where=(Filter("country", ("FR",)),))
    everybody = house.metrics.ask(asked)
    assert any("left out" in str(caveat) for caveat in everybody.caveats)
    limited = house.metrics.ask(asked, Scope("anna", (Filter("country", ("FR",)),)))
    assert not any("left out" in str(caveat) for caveat in limited.caveats)
    house.close()


# What is open to people who see all rows only --------------------------------------------------


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path / "home"))
    opened.access.allow("anna", "country", ["FR"])
    yield opened
    opened.close()


def test_files_imports_and_rules_for_everybody_are_closed(application: Application) -> None:
    from io import BytesIO

    from core.models.rfm import DEFAULT_RULES
    from core.services.studies import inbox_file

    anna = application.access.scope_of("anna")
    imports = application.imports
    stored = imports.store(BytesIO(b"a,b\n1,2\n"), "x.csv", Scope())
    attempts = [
        lambda: imports.all(anna),
        lambda: imports.get(1, anna),
        lambda: imports.store(BytesIO(b"a"), "x.csv", anna),
        lambda: imports.submit("preview", {"sha256": stored.sha256}, anna),
        lambda: imports.job(1, anna),
        lambda: imports.quarantined(1, anna),
        lambda: imports.undo(1, anna),
        lambda: imports.redo(1, anna),
        lambda: inbox_file(application, stored.sha256, anna),
        lambda: application.rules.save(DEFAULT_RULES[1:], anna),
    ]
    for attempt in attempts:
        with pytest.raises(PicholineError) as caught:
            attempt()
        assert (caught.value.code, caught.value.status) == ("access.restricted", 403)
    assert application.jobs.recent("anna") == []
    assert inbox_file(application, stored.sha256, Scope()).is_file()


def test_a_job_is_done_with_the_rights_its_owner_has_then(application: Application) -> None:
    """Queued by somebody who saw everything then: the worker asks again."""
    from core.models.tables import JobStatus
    from tests.unit.test_runs_service import work

    job = application.jobs.submit("demo", {"lines": 1000}, "anna")
    undo = application.jobs.submit("undo", {"import_id": 1}, "anna")
    work(application)
    for number in (job, undo):
        found = application.jobs.get(number, "anna")
        assert found.status is JobStatus.FAILED
        assert found.error["code"] == "access.restricted"
    assert application.catalogue.imports() == []
