"""Members picked by a metric, and groups over a threshold, against pandas."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from core.errors import PicholineError
from core.models.query import Compare, Filter, Members, MetricQuery, Period, Scope, Threshold, Top
from core.services.metrics import OTHERS
from tests.storehouse import Storehouse
from tests.unit.questions import COLUMNS, ask, figures, make_lines, open_house, same, split

SUMMER = Period(date(2024, 6, 1), date(2024, 12, 31))


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_lines()


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_house(tmp_path_factory.mktemp("members") / "home", lines)
    yield found
    found.close()


def picked(lines: pd.DataFrame, members: Members) -> list[str]:
    """Return the members as the words of the question have them."""
    values = {
        key[0]: figures(part)[members.metric]
        for key, part in split(lines, (members.dimension,)).items()
        if key[0] is not None
    }
    fits = [
        key
        for key, value in values.items()
        if value is not None
        and (members.low is None or value >= members.low)
        and (members.high is None or value <= members.high)
    ]
    fits.sort(key=lambda key: (values[key] if members.lowest else -values[key], key))
    return fits[: members.n]


@pytest.mark.parametrize(
    "members",
    [
        Members("customer", "net_sales", 3),
        Members("customer", "net_sales", 3, keep=False),
        Members("customer", "margin_rate", 4, lowest=True),
        Members("product", "net_sales", low=2000),
        Members("product", "margin_rate", high=0.4, keep=False),
        Members("customer", "orders", low=5, high=9),
        Members("customer", "net_sales", 2, high=4000),
        Members("country", "customers", 2),
        Members("month", "net_sales", 3),
        Members("customer", "net_sales", low=1e12),
    ],
)
@pytest.mark.parametrize("period", [None, SUMMER])
def test_only_picked_members_count(
    house: Storehouse, lines: pd.DataFrame, members: Members, period: Period | None
) -> None:
    where = (Filter("channel", ("shop", "web")),)
    part = lines[lines["channel"].isin(["shop", "web"])]
    if period:
        part = part[(part["date"] >= period.start) & (part["date"] <= period.end)]
    chosen = picked(part, members)
    inside = part[COLUMNS[members.dimension]].isin(chosen)
    expected = figures(part[inside if members.keep else ~inside])
    found = ask(house, "net_sales", "customers", "margin_rate", where=where, period=period,
                members=(members,))  # fmt: skip
    for key in ("net_sales", "margin_rate"):
        assert same((found.total or {})[key], expected[key]), key
    assert ((found.total or {})["customers"] or 0) == expected["customers"]
    assert str(len(chosen)) in str(found.caveats[0])


def test_both_periods_speak_of_the_same_members(house: Storehouse, lines: pd.DataFrame) -> None:
    members = Members("customer", "net_sales", 3)
    period = Period(date(2024, 12, 1), date(2024, 12, 31))
    found = ask(house, "net_sales", period=period, compare=Compare.YEAR, members=(members,))
    december = lines[(lines["date"] >= period.start) & (lines["date"] <= period.end)]
    before = lines[lines["date"] <= date(2023, 12, 31)]
    chosen = picked(december, members)
    then = before[before["customer_id"].isin(chosen)]["net"].sum() / 100
    assert same((found.total or {})["net_sales_compared"], then)
    assert "for both" in str(found.caveats[0])


def test_members_are_picked_under_the_rights(house: Storehouse, lines: pd.DataFrame) -> None:
    scope = Scope("x", (Filter("country", ("FR",)),))
    query = MetricQuery(("net_sales",), members=(Members("customer", "net_sales", 2),))
    total = house.metrics.ask(query, scope, cached=False).total or {}
    part = lines[lines["country"] == "FR"]
    chosen = picked(part, Members("customer", "net_sales", 2))
    assert same(total["net_sales"], part[part["customer_id"].isin(chosen)]["net"].sum() / 100)


@pytest.mark.parametrize(
    "limit",
    [
        Threshold("net_sales", 1500),
        Threshold("margin_rate", None, 0.3),
        Threshold("orders", 3, 8),
        Threshold("gross_margin", 100, 5000),
    ],
)
def test_groups_under_a_threshold_are_hidden(
    house: Storehouse, lines: pd.DataFrame, limit: Threshold
) -> None:
    found = ask(house, "net_sales", "customers", by=("customer", "country"), having=(limit,))
    groups = {key: figures(part) for key, part in split(lines, ("customer", "country")).items()}

    def fits(value: float | None) -> bool:
        low, high = limit.low, limit.high
        return value is not None and (low is None or value >= low) and (
            high is None or value <= high
        )  # fmt: skip

    shown = {key: values for key, values in groups.items() if fits(values[limit.metric])}
    rows = {(r["customer"], r["country"]): r for r in found.rows()}
    assert rows.keys() == shown.keys()
    for key, row in rows.items():
        assert same(row["net_sales"], shown[key]["net_sales"])
    assert same((found.total or {})["net_sales"], lines["net"].sum() / 100)
    assert str(len(groups) - len(shown)) in str(found.caveats[-1])


def test_a_top_list_is_taken_among_groups_over_the_threshold(
    house: Storehouse, lines: pd.DataFrame
) -> None:
    groups = {key[0]: figures(part) for key, part in split(lines, ("customer",)).items()}
    fits = [k for k, v in groups.items() if v["orders"] >= 12]
    best = sorted(fits, key=lambda k: -(groups[k]["margin_rate"] or 0))[:3]
    found = ask(house, "net_sales", "margin_rate", by=("customer",), order="-margin_rate",
                having=(Threshold("orders", 12),),
                top=Top(3, "margin_rate", others=True))  # fmt: skip
    rows = found.rows()
    assert [r["customer"] for r in rows] == [*best, OTHERS]
    rest = lines[~lines["customer_id"].isin(best)]
    assert same(rows[-1]["margin_rate"], figures(rest)["margin_rate"])


@pytest.mark.parametrize(
    "members",
    [
        Members("customer", "net_sales"),
        Members("customer", "net_sales", 0),
        Members("customer", "net_sales", low=5, high=1),
        Members("customer", "sales", 3),
        Members("client", "net_sales", 3),
    ],
)
def test_meaningless_picks_are_refused(house: Storehouse, members: Members) -> None:
    with pytest.raises(PicholineError) as error:
        ask(house, "net_sales", members=(members,))
    assert str(error.value.remedy)
