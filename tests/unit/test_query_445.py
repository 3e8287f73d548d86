"""The 4-4-5 calendar: weeks counted one by one, and answers against pandas."""

from collections.abc import Iterator
from datetime import date, timedelta

import pandas as pd
import pytest

from core.models.query import Compare, Extra, Filter, MetricQuery, Operator, Period
from core.services import calendar
from tests.storehouse import Storehouse, sale
from tests.unit.questions import ask, same

WEEKS = (4, 4, 5) * 4


def periods(year: int, month: int) -> list[tuple[date, date]]:
    """Return first and last day of a year's periods, counted week by week."""

    def start(y: int) -> date:
        anchor = date(y, month, 4)
        return anchor - timedelta(days=anchor.weekday())

    found = []
    day, end = start(year), start(year + 1)
    for weeks in WEEKS:
        found.append((day, day + timedelta(weeks=weeks, days=-1)))
        day += timedelta(weeks=weeks)
    found[-1] = (found[-1][0], end - timedelta(days=1))
    return found


def test_january_makes_iso_years() -> None:
    for year in range(2015, 2034):
        assert periods(year, 1)[0][0] == date.fromisocalendar(year, 1, 1)
    # 2020 and 2026 have 53 weeks: the last period has six.
    for year in (2020, 2026):
        first, last = periods(year, 1)[-1]
        assert (last - first).days + 1 == 6 * 7


@pytest.mark.parametrize("month", [1, 4, 10, 12])
def test_every_day_lies_in_its_period(month: int) -> None:
    for year in range(2018, 2029):
        for place, (first, last) in enumerate(periods(year, month)):
            for day in (first, first + timedelta(days=9), last):
                assert calendar.grain_start(day, "period_445", month) == first
                assert calendar.period_number(day, month) == 12 * year + place
            assert calendar.grain_end(first, "period_445", month) == last
            name = f"{year} P{place + 1:02d}" if month == 1 else (
                f"{year}/{(year + 1) % 100:02d} P{place + 1:02d}")  # fmt: skip
            assert calendar.period_name(first, month) == name


@pytest.fixture(scope="module", params=[1, 10])
def house(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Storehouse]:
    found = Storehouse(
        tmp_path_factory.mktemp("periods") / "home", campaign_first_month=request.param
    )
    days = [date(2019, 12, 1) + timedelta(days=i) for i in range(0, 830, 3)]
    found.add("sales", [
        sale(str(i), day.isoformat(), "A", 1, 1 + i, customer_id=f"c{i % 7}")
        for i, day in enumerate(days)
    ])  # fmt: skip
    yield found
    found.close()


def lines(month: int) -> pd.DataFrame:
    frame = pd.DataFrame({
        "date": [date(2019, 12, 1) + timedelta(days=i) for i in range(0, 830, 3)],
    })  # fmt: skip
    frame["net"] = range(1, len(frame) + 1)
    frame["customer"] = [i % 7 for i in range(len(frame))]
    known = [p for year in range(2018, 2024) for p in periods(year, month)]
    frame["period"] = [
        next(i for i, (first, last) in enumerate(known) if first <= d <= last)
        for d in frame["date"]
    ]
    frame["start"] = [known[i][0] for i in frame["period"]]
    return frame


def test_sales_and_customers_by_period(house: Storehouse) -> None:
    frame = lines(house.settings.campaign_first_month)
    found = ask(house, "net_sales", "customers", by=("period_445",),
                extras=(Extra("average", "net_sales", window=2),)).rows()  # fmt: skip
    expected = frame.groupby("start")
    assert [row["period_445"] for row in found] == sorted(expected.groups)
    sums = [part["net"].sum() for _, part in expected]
    for place, (row, (_start, part)) in enumerate(zip(found, expected, strict=True)):
        assert same(row["net_sales"], part["net"].sum())
        assert row["customers"] == part["customer"].nunique()
        mean = (sums[place] + sums[place - 1]) / 2 if place else None
        assert same(row["net_sales_average"], mean)


def test_a_year_before_is_the_period_of_the_same_number(house: Storehouse) -> None:
    month = house.settings.campaign_first_month
    frame = lines(month)
    # The year before has 53 weeks where years begin in January.
    year = 2021 if month == 1 else 2020
    now, then = periods(year, month), periods(year - 1, month)
    if month != 1:
        now, then = now[3:], then[3:]  # the data begin in December
    asked, before = Period(now[0][0], now[-1][1]), Period(then[0][0], then[-1][1])
    query = MetricQuery(("net_sales",), ("period_445",), period=asked, compare=Compare.YEAR,
                        compared=before)  # fmt: skip
    rows = house.metrics.ask(query, cached=False).rows()
    assert [row["period_445"] for row in rows] == [first for first, _ in now]
    for row, here, there in zip(rows, now, then, strict=True):
        for name, (first, last) in (("net_sales", here), ("net_sales_compared", there)):
            part = frame[(frame["date"] >= first) & (frame["date"] <= last)]
            assert same(row[name], part["net"].sum()), (here, name)


def test_filters_take_a_day_or_a_name(house: Storehouse) -> None:
    month = house.settings.campaign_first_month
    frame = lines(month)
    (first, _), (_, last) = periods(2020, month)[1:3]
    named = [calendar.period_name(day, month) for day in (first, last)]
    part = frame[(frame["date"] >= first) & (frame["date"] <= last)]["net"].sum()
    for ends in ((first.isoformat(), last.isoformat()), (named[0], named[1])):
        chosen = Filter("period_445", ends, Operator.BETWEEN)
        assert same((ask(house, "net_sales", where=(chosen,)).total or {})["net_sales"], part)
    one = Filter("period_445", (named[0], last.isoformat()))
    assert same((ask(house, "net_sales", where=(one,)).total or {})["net_sales"], part)
