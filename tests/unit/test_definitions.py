"""Own metrics and dimensions on data: right at every level, in versions, never in circles."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from core.errors import PicholineError
from core.i18n import translate
from core.models.query import NO_VALUE, Compare, Filter, MetricQuery, Period, Scope, Top
from core.services.definitions.bodies import Own, OwnDimension, OwnMetric
from core.services.definitions.checks import users_of
from core.services.definitions.service import Definitions
from core.services.drill import Drill
from core.services.export.context import filter_texts
from core.services.export.text import csv_lines
from tests.storehouse import Storehouse, sale

DAYS = 120
COUNTRIES = ("FR", "DE", "IT", "ES", None)
START = date(2025, 1, 1)


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    """Return random lines: returns, unknown countries and customers, products without cost."""
    chance = Random(7)
    rows = []
    for i in range(400):
        product = chance.choice("ABCDE")
        rows.append({
            "invoice": f"i{i // 2}", "day": START + timedelta(days=chance.randrange(DAYS)),
            "product": product, "quantity": chance.choice([1, 2, 3, 5, -1]),
            "price": chance.randrange(100, 3000) / 100, "country": chance.choice(COUNTRIES),
            "customer": chance.choice(["a", "b", "c", "d", "e", None]),
            "cost": None if product == "E" else chance.randrange(50, 1500) / 100,
        })  # fmt: skip
    found = pd.DataFrame(rows)
    found["day"] = pd.to_datetime(found.groupby("invoice")["day"].transform("first"))
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, frame: pd.DataFrame) -> Iterator[Storehouse]:
    found = Storehouse(tmp_path_factory.mktemp("definitions"))
    found.add("sales", [
        sale(r.invoice, r.day.date().isoformat(), r.product, r.quantity, r.price,
             country=r.country if isinstance(r.country, str) else None,
             customer_id=r.customer if isinstance(r.customer, str) else None,
             unit_cost=None if pd.isna(r.cost) else r.cost)
        for r in frame.itertuples()
    ])  # fmt: skip
    found.add("products", [{"product_id": p, "name": f"Oil {p}"} for p in "ABCDE"])
    yield found
    found.close()


@pytest.fixture
def own(house: Storehouse) -> Iterator[Definitions]:
    """Return the definitions; what a test defined is removed after it, users first."""
    found = Definitions(house.catalogue, house.metrics)
    yield found
    while left := [version.own.key for version in found.current()]:
        for key in left:
            if not users_of(key, house.metrics.known()):
                found.remove(key)


def ask(house: Storehouse, *keys: str, by: tuple[str, ...] = (), **options: Any) -> Any:
    return house.metrics.ask(MetricQuery(keys, by, **options))


def facts(frame: pd.DataFrame) -> dict[str, float]:
    """Return net sales, gross margin and distinct customers by the definitions' page."""
    sales = (frame["quantity"] * frame["price"]).sum()
    known = frame[frame["cost"].notna()]
    margin = (known["quantity"] * (known["price"] - known["cost"])).sum()
    buyers = frame.loc[frame["quantity"] > 0, "customer"].nunique()
    return {"net_sales": sales, "gross_margin": margin, "customers": buyers}


def test_a_ratio_is_that_of_the_totals_at_every_level(
    house: Storehouse, own: Definitions, frame: pd.DataFrame
) -> None:
    own.save(OwnMetric("per_customer", "Per customer", formula="net_sales / customers"))
    own.save(OwnMetric("after_fee", "After fee", formula="gross_margin - 10% * net_sales"))
    answer = ask(house, "per_customer", "after_fee", by=("country",))
    for row in answer.rows():
        country = row["country"]
        part = frame[frame["country"].isna() if country is None else frame["country"] == country]
        wanted = facts(part)
        assert row["per_customer"] == pytest.approx(wanted["net_sales"] / wanted["customers"])
        fee = wanted["gross_margin"] - 0.1 * wanted["net_sales"]
        assert float(row["after_fee"]) == pytest.approx(fee, abs=0.005)
    wanted = facts(frame)
    assert answer.total["per_customer"] == pytest.approx(wanted["net_sales"] / wanted["customers"])
    rows = [row["per_customer"] for row in answer.rows()]
    assert answer.total["per_customer"] != pytest.approx(sum(rows) / len(rows))
    assert isinstance(answer.total["after_fee"], Decimal)
    assert any("Costs are known" in str(c) for c in answer.caveats)


def test_a_metric_over_own_metrics_follows_their_changes(
    house: Storehouse, own: Definitions
) -> None:
    own.save(OwnMetric("base_rate", "Base", formula="gross_margin / net_sales"))
    own.save(OwnMetric("twice", "Twice", formula="2 × base_rate"))
    before = ask(house, "twice").total["twice"]
    shipped = ask(house, "gross_margin", "net_sales", "cogs").total
    assert before == pytest.approx(2 * float(shipped["gross_margin"] / shipped["net_sales"]))
    own.save(OwnMetric("base_rate", "Base", formula="gross_margin / cogs"))
    assert ask(house, "twice").total["twice"] == pytest.approx(
        2 * float(shipped["gross_margin"] / shipped["cogs"])
    )


def test_comparison_and_top_lists_take_own_metrics(
    house: Storehouse, own: Definitions, frame: pd.DataFrame
) -> None:
    own.save(OwnMetric("per_customer", "Per customer", formula="net_sales / customers"))
    march = Period(date(2025, 3, 1), date(2025, 3, 31))
    february = Period(date(2025, 2, 1), date(2025, 2, 28))
    total = ask(
        house, "per_customer", period=march, compared=february, compare=Compare.PREVIOUS
    ).total
    for key, period in (("per_customer", march), ("per_customer_compared", february)):
        days = frame["day"].between(str(period.start), str(period.end))
        wanted = facts(frame[days])
        assert total[key] == pytest.approx(wanted["net_sales"] / wanted["customers"])
    change = total["per_customer"] - total["per_customer_compared"]
    assert total["per_customer_change"] == pytest.approx(change)
    every = ask(house, "per_customer", by=("country",), order="-per_customer").rows()
    top = ask(
        house, "per_customer", by=("country",), top=Top(2, "per_customer", others=True)
    ).rows()
    assert [row["country"] for row in top[:2]] == [row["country"] for row in every[:2]]
    rest = frame[~frame["country"].isin([row["country"] for row in every[:2]])]
    wanted = facts(rest)
    assert top[2]["per_customer"] == pytest.approx(wanted["net_sales"] / wanted["customers"])


def test_groups_count_distinct_customers_once(
    house: Storehouse, own: Definitions, frame: pd.DataFrame
) -> None:
    groups = (("Latin", ("France", "IT", "ES")), ("Unknown", (NO_VALUE,)))
    saved = own.save(OwnDimension("zone", "Zone", base="country", groups=groups))
    assert isinstance(saved.own, OwnDimension)
    assert saved.own.groups[0] == ("Latin", ("FR", "IT", "ES"))
    zones = frame["country"].map({"FR": "Latin", "IT": "Latin", "ES": "Latin", "DE": "DE"})
    zones = zones.fillna("Unknown")
    answer = ask(house, "net_sales", "customers", by=("zone", "month"))
    for row in answer.rows():
        part = frame[(zones == row["zone"]) & (frame["day"].dt.month == row["month"].month)]
        wanted = facts(part)
        assert float(row["net_sales"]) == pytest.approx(wanted["net_sales"])
        assert row["customers"] == wanted["customers"]
    assert answer.total["customers"] == facts(frame)["customers"]
    latin = Filter("zone", ("Latin",))
    filtered = ask(house, "net_sales", where=(latin,)).total
    assert float(filtered["net_sales"]) == pytest.approx(
        facts(frame[zones == "Latin"])["net_sales"]
    )
    assert [m.value for m in house.metrics.members("zone", search="lat")] == ["Latin"]
    scoped = ask(house, "customers", by=("zone",))
    only = house.metrics.ask(
        MetricQuery(("customers",), ("zone",)), Scope("x", (Filter("country", ("FR",)),))
    )
    assert [row["zone"] for row in only.rows()] == ["Latin"]
    assert only.rows()[0]["customers"] <= scoped.rows()[0]["customers"]
    dimensions = house.metrics.known().dimensions
    assert filter_texts([latin], dimensions=dimensions) == [("Zone", "Latin")]


def test_members_outside_all_groups_keep_their_names_or_are_the_rest(
    house: Storehouse, own: Definitions, frame: pd.DataFrame
) -> None:
    groups = (("Fine", ("Oil A", "B")),)
    own.save(OwnDimension("range", "Range", base="product", groups=groups))
    rows = {row["range"]: row for row in ask(house, "products", by=("range",)).rows()}
    assert {key: row["range_name"] for key, row in rows.items()} == {
        "Fine": "Fine", "C": "Oil C", "D": "Oil D", "E": "Oil E",
    }  # fmt: skip
    assert rows["Fine"]["products"] == 2
    own.save(OwnDimension("range", "Range", base="product", groups=groups, rest="Plain"))
    rows = {row["range"]: row for row in ask(house, "products", by=("range",)).rows()}
    assert {key: row["products"] for key, row in rows.items()} == {"Fine": 2, "Plain": 3}
    text = "".join(csv_lines(ask(house, "net_sales", by=("range",)), "en"))
    assert "Plain" in text
    assert "Range" in text


@pytest.mark.parametrize(
    ("part", "value"),
    [
        ("weekday", lambda days: days.dt.isocalendar().day.astype(str)),
        ("weekend", lambda days: (1 + (days.dt.day_of_week > 4)).astype(str)),
        ("week", lambda days: days.dt.isocalendar().week.map("{:02}".format)),
        ("month", lambda days: days.dt.month.map("{:02}".format)),
        ("quarter", lambda days: days.dt.quarter.astype(str)),
        ("half", lambda days: (1 + (days.dt.month > 6)).astype(str)),
    ],
)
def test_parts_of_the_date_are_those_of_the_calendar(
    house: Storehouse, own: Definitions, frame: pd.DataFrame, part: str, value: Any
) -> None:
    own.save(OwnDimension("part", "Part", part=part))
    answer = ask(house, "net_sales", "orders", by=("part",))
    values = value(frame["day"])
    assert [row["part"] for row in answer.rows()] == sorted(set(values))
    for row in answer.rows():
        lines = frame[values == row["part"]]
        assert float(row["net_sales"]) == pytest.approx(facts(lines)["net_sales"])
        assert row["orders"] == lines.loc[lines["quantity"] > 0, "invoice"].nunique()


def test_seasons_group_months_of_the_year(
    house: Storehouse, own: Definitions, frame: pd.DataFrame
) -> None:
    groups = (("Winter", ("December", "janvier", "02")), ("Spring", ("03", "04", "05")))
    saved = own.save(OwnDimension("season", "Season", base="month_of_year", groups=groups))
    assert isinstance(saved.own, OwnDimension)
    assert saved.own.groups[0] == ("Winter", ("12", "01", "02"))
    assert [str(note) for note in saved.notes] == [
        "No line has: 12, 05. They count as soon as lines have them."
    ]
    rows = {
        row["season"]: row["net_sales"] for row in ask(house, "net_sales", by=("season",)).rows()
    }
    spring = frame[frame["day"].dt.month.isin([3, 4, 5])]
    assert float(rows["Spring"]) == pytest.approx(facts(spring)["net_sales"])


def test_days_of_the_week_are_filtered_by_name(house: Storehouse, frame: pd.DataFrame) -> None:
    wanted = facts(frame[frame["day"].dt.day_of_week == 5])["net_sales"]
    for text in ("6", "Saturday", "samedi"):
        total = ask(house, "net_sales", where=(Filter("weekday", (text,)),)).total
        assert float(total["net_sales"]) == pytest.approx(wanted)
    names = [row["weekday_name"] for row in ask(house, "net_sales", by=("weekday",)).rows()]
    assert [translate(name) for name in names][:2] == ["Monday", "Tuesday"]


def test_the_lines_behind_a_cell_are_those_of_its_group_and_parts(
    house: Storehouse, own: Definitions, frame: pd.DataFrame
) -> None:
    own.save(OwnDimension("home", "Home", base="country", groups=(("Home", ("FR", "DE")),)))
    own.save(OwnMetric("margin_less", "Margin less", formula="gross_margin - 5% * cogs"))
    drill = Drill(house.metrics, house.catalogue, house.settings.inbox)
    query = MetricQuery(("margin_less",), ("home", "weekday"))
    cell = {"home": "Home", "weekday": "1"}
    chosen = frame[frame["country"].isin(["FR", "DE"]) & (frame["day"].dt.day_of_week == 0)]
    assert drill.about(query, cell, Scope()).lines == chosen["cost"].notna().sum()


def code(own: Definitions, definition: Own, **options: Any) -> str:
    with pytest.raises(PicholineError) as caught:
        own.save(definition, **options)
    return caught.value.code


def test_circles_and_broken_users_are_refused(house: Storehouse, own: Definitions) -> None:
    own.save(OwnMetric("one", "One", formula="net_sales / customers"))
    own.save(OwnMetric("two", "Two", formula="one * 2"))
    assert code(own, OwnMetric("one", "One", formula="one + 1")) == "formula.circle"
    assert code(own, OwnMetric("one", "One", formula="two / 2")) == "formula.circle"
    own.save(OwnMetric("three", "Three", formula="two - net_sales / customers"))
    assert code(own, OwnMetric("one", "One", formula="net_sales")) == "definition.used"
    with pytest.raises(PicholineError, match="two") as caught:
        own.remove("one")
    assert caught.value.code == "definition.used"
    assert set(house.metrics.known().metrics) >= {"one", "two", "three"}


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (OwnMetric("net_sales", "X", formula="orders"), "definition.taken"),
        (OwnMetric("country", "X", formula="orders"), "definition.taken"),
        (OwnMetric("Größe", "X", formula="orders"), "definition.key"),
        (OwnMetric("orders_change", "X", formula="orders"), "definition.key"),
        (OwnMetric("period", "X", formula="orders"), "definition.key"),
        (OwnMetric("fine", "", formula="orders"), "definition.name"),
        (OwnMetric("fine", "x" * 90, formula="orders"), "definition.long"),
        (OwnDimension("fine", "X", part="second"), "definition.part"),
        (OwnDimension("fine", "X", base="month", groups=(("A", ("1",)),)), "definition.base"),
        (OwnDimension("fine", "X", base="country"), "definition.groups"),
        (OwnDimension("fine", "X", base="country", groups=(("A", ()),)), "definition.groups"),
        (
            OwnDimension("fine", "X", base="country", groups=(("A", ("FR",)), ("B", ("FR",)))),
            "definition.groups",
        ),
        (
            OwnDimension("fine", "X", base="country", groups=(("A", ("FR",)), ("A", ("DE",)))),
            "definition.groups",
        ),
        (OwnDimension("fine", "X", base="country", groups=(("DE", ("FR",)),)), "definition.groups"),
    ],
)
def test_what_cannot_be_defined(own: Definitions, definition: Own, expected: str) -> None:
    assert code(own, definition) == expected
    assert own.current() == []


def test_every_version_is_kept_and_comes_back(house: Storehouse, own: Definitions) -> None:
    key = "versioned"
    own.save(OwnMetric(key, "First", formula="net_sales / orders"), Scope("anna"))
    versions = [house.metrics.known().version]
    own.save(OwnMetric(key, "Second", formula="net_sales / customers"), Scope("bert"))
    versions.append(house.metrics.known().version)
    assert versions[0] < versions[1]
    assert code(own, OwnMetric(key, "Third", formula="orders"), after=1) == "definition.changed"
    assert code(own, OwnDimension(key, "Third", part="half")) == "definition.kind"
    own.undo(key)
    assert own.get(key).own.name == "First"
    own.remove(key)
    with pytest.raises(PicholineError, match="was removed"):
        ask(house, key)
    own.undo(key)
    assert ask(house, key).total[key] is not None
    own.restore(key, 2)
    history = [(v.edition, v.own.name, v.removed, v.owner) for v in own.history(key)]
    assert history == [
        (6, "Second", False, "local"), (5, "First", False, "local"), (4, "First", True, "local"),
        (3, "First", False, "local"), (2, "Second", False, "bert"), (1, "First", False, "anna"),
    ]  # fmt: skip
    own.remove(key)
    assert own.key_for("Versioned") == "versioned_2"
    with pytest.raises(PicholineError) as caught:
        own.restore(key, 9)
    assert caught.value.code == "definition.edition"


def test_a_cached_answer_never_outlives_a_definition(house: Storehouse, own: Definitions) -> None:
    own.save(OwnMetric("moving", "Moving", formula="net_sales / orders"))
    first = ask(house, "moving").total["moving"]
    assert ask(house, "moving").total["moving"] == first
    own.save(OwnMetric("moving", "Moving", formula="net_sales / customers"))
    wanted = ask(house, "net_sales", "customers").total
    assert ask(house, "moving").total["moving"] == pytest.approx(
        float(wanted["net_sales"]) / wanted["customers"]
    )
    trial = own.check(OwnMetric("moving", "Moving", formula="net_sales"))
    tried = house.metrics.ask(MetricQuery(("moving",)), known=trial.known).total
    assert tried == {"moving": wanted["net_sales"]}
    assert ask(house, "moving").total["moving"] != wanted["net_sales"]


def test_definitions_are_there_for_the_next_process(
    house: Storehouse, own: Definitions, tmp_path: Path
) -> None:
    own.save(OwnMetric("kept", "Kept", "Gardé", formula="net_sales / orders"))
    again = Storehouse(house.settings.home)
    assert again.metrics.known().metrics["kept"].own
    again.close()
