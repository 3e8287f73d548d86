"""Periods worked out by hand on a paper calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.models.filters import Preset
from core.models.query import Compare, Period
from core.services import calendar

OCTOBER = 10


def period(start: str, end: str) -> Period:
    return Period(date.fromisoformat(start), date.fromisoformat(end))


SPAN = period("2021-03-08", "2025-03-12")
TODAY = date(2026, 1, 1)


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        (Preset.LAST_12_MONTHS, ("2024-03-13", "2025-03-12")),
        (Preset.CAMPAIGN_TO_DATE, ("2024-10-01", "2025-03-12")),
        (Preset.LAST_CAMPAIGN, ("2023-10-01", "2024-09-30")),
        (Preset.YEAR_TO_DATE, ("2025-01-01", "2025-03-12")),
        (Preset.LAST_YEAR, ("2024-01-01", "2024-12-31")),
        (Preset.QUARTER_TO_DATE, ("2025-01-01", "2025-03-12")),
        (Preset.MONTH_TO_DATE, ("2025-03-01", "2025-03-12")),
        (Preset.LAST_MONTH, ("2025-02-01", "2025-02-28")),
        (Preset.ALL, ("2021-03-08", "2025-03-12")),
    ],
)
def test_presets_end_on_the_last_day_with_data(preset: Preset, expected: tuple[str, str]) -> None:
    assert calendar.preset_period(preset, SPAN, TODAY, OCTOBER) == period(*expected)


@pytest.mark.parametrize(
    ("preset", "last", "expected"),
    [
        # The last day closes its month, year or campaign: that one is the last full one.
        (Preset.LAST_MONTH, "2024-02-29", ("2024-02-01", "2024-02-29")),
        (Preset.LAST_YEAR, "2024-12-31", ("2024-01-01", "2024-12-31")),
        (Preset.LAST_CAMPAIGN, "2024-09-30", ("2023-10-01", "2024-09-30")),
        (Preset.LAST_CAMPAIGN, "2024-09-29", ("2022-10-01", "2023-09-30")),
        (Preset.CAMPAIGN_TO_DATE, "2024-10-01", ("2024-10-01", "2024-10-01")),
        # Twelve whole months where the data end with a month, leap day or not.
        (Preset.LAST_12_MONTHS, "2024-02-29", ("2023-03-01", "2024-02-29")),
        (Preset.LAST_12_MONTHS, "2025-02-28", ("2024-03-01", "2025-02-28")),
        (Preset.LAST_12_MONTHS, "2024-02-28", ("2023-03-01", "2024-02-28")),
    ],
)
def test_presets_at_the_edge_of_their_period(
    preset: Preset, last: str, expected: tuple[str, str]
) -> None:
    span = period("2020-01-01", last)
    assert calendar.preset_period(preset, span, TODAY, OCTOBER) == period(*expected)


def test_days_still_to_come_are_not_waited_for() -> None:
    span = period("2024-01-01", "2026-12-31")
    found = calendar.preset_period(Preset.MONTH_TO_DATE, span, date(2025, 5, 7), OCTOBER)
    assert found == period("2025-05-01", "2025-05-07")


def test_a_campaign_may_start_in_any_month() -> None:
    assert calendar.grain_start(date(2025, 1, 31), "campaign", 10) == date(2024, 10, 1)
    assert calendar.grain_start(date(2025, 10, 1), "campaign", 10) == date(2025, 10, 1)
    assert calendar.grain_start(date(2025, 6, 30), "campaign", 7) == date(2024, 7, 1)
    assert calendar.grain_start(date(2025, 6, 30), "campaign", 1) == date(2025, 1, 1)


@pytest.mark.parametrize(
    ("grain", "start", "end"),
    [
        ("day", "2024-12-30", "2024-12-30"),
        ("week", "2024-12-30", "2025-01-05"),
        ("month", "2024-12-01", "2024-12-31"),
        ("quarter", "2024-10-01", "2024-12-31"),
        ("year", "2024-01-01", "2024-12-31"),
        ("campaign", "2024-10-01", "2025-09-30"),
    ],
)
def test_grains(grain: str, start: str, end: str) -> None:
    found = calendar.grain_start(date(2024, 12, 30), grain, OCTOBER)
    assert Period(found, calendar.grain_end(found, grain)) == period(start, end)


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(1, 12))
def test_every_day_lies_in_exactly_one_bucket(day: date, first_month: int) -> None:
    for grain in ("day", "week", "month", "quarter", "year", "campaign"):
        start = calendar.grain_start(day, grain, first_month)
        end = calendar.grain_end(start, grain)
        assert start <= day <= end
        assert calendar.grain_start(end + timedelta(days=1), grain, first_month) == (
            end + timedelta(days=1)
        )


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        # The same days of the calendar.
        (("2025-01-01", "2025-03-12"), ("2024-01-01", "2024-03-12")),
        (("2024-01-15", "2024-02-29"), ("2023-01-15", "2023-02-28")),
        (("2024-02-29", "2024-03-09"), ("2023-02-28", "2023-03-09")),
        (("2025-02-11", "2025-03-09"), ("2024-02-11", "2024-03-09")),
        (("2024-01-01", "2024-03-10"), ("2023-01-01", "2023-03-10")),
        # Whole months against whole months, the leap day with its month.
        (("2025-02-01", "2025-02-28"), ("2024-02-01", "2024-02-29")),
        (("2024-02-01", "2024-02-29"), ("2023-02-01", "2023-02-28")),
        (("2024-10-01", "2025-02-28"), ("2023-10-01", "2024-02-29")),
        # Whole ISO weeks against the weeks of the same number; 2020 had a week 53, 2019 and 2021
        # had not.
        (("2025-03-03", "2025-03-09"), ("2024-03-04", "2024-03-10")),
        (("2020-12-28", "2021-01-03"), ("2019-12-23", "2019-12-29")),
        (("2021-01-04", "2022-01-02"), ("2019-12-30", "2020-12-27")),
        (("2019-12-30", "2021-01-03"), ("2018-12-31", "2019-12-29")),
    ],
)
def test_a_year_before(asked: tuple[str, str], expected: tuple[str, str]) -> None:
    assert calendar.compared_period(period(*asked), Compare.YEAR) == period(*expected)


@pytest.mark.parametrize(
    ("preset", "asked", "expected"),
    [
        # To date: the preceding period of the same kind, the same elapsed days.
        (Preset.MONTH_TO_DATE, ("2025-03-01", "2025-03-12"), ("2025-02-01", "2025-02-12")),
        (Preset.MONTH_TO_DATE, ("2025-03-01", "2025-03-30"), ("2025-02-01", "2025-02-28")),
        (Preset.QUARTER_TO_DATE, ("2025-04-01", "2025-05-15"), ("2025-01-01", "2025-02-14")),
        (Preset.YEAR_TO_DATE, ("2025-01-01", "2025-03-12"), ("2024-01-01", "2024-03-11")),
        (Preset.CAMPAIGN_TO_DATE, ("2024-10-01", "2025-03-12"), ("2023-10-01", "2024-03-11")),
        # ... but whole months against whole months.
        (Preset.MONTH_TO_DATE, ("2025-03-01", "2025-03-31"), ("2025-02-01", "2025-02-28")),
        (Preset.QUARTER_TO_DATE, ("2025-01-01", "2025-02-28"), ("2024-10-01", "2024-11-30")),
        (Preset.YEAR_TO_DATE, ("2024-01-01", "2024-02-29"), ("2023-01-01", "2023-02-28")),
        (Preset.LAST_MONTH, ("2024-03-01", "2024-03-31"), ("2024-02-01", "2024-02-29")),
        (Preset.LAST_YEAR, ("2024-01-01", "2024-12-31"), ("2023-01-01", "2023-12-31")),
        (Preset.LAST_CAMPAIGN, ("2023-10-01", "2024-09-30"), ("2022-10-01", "2023-09-30")),
        (Preset.LAST_12_MONTHS, ("2024-03-01", "2025-02-28"), ("2023-03-01", "2024-02-29")),
        (Preset.LAST_12_MONTHS, ("2024-03-13", "2025-03-12"), ("2023-03-13", "2024-03-12")),
        # Any days: as many days before.
        (Preset.CUSTOM, ("2025-03-03", "2025-03-12"), ("2025-02-21", "2025-03-02")),
        (Preset.CUSTOM, ("2024-04-01", "2024-06-30"), ("2024-01-01", "2024-03-31")),
        (Preset.CUSTOM, ("2024-03-01", "2024-03-01"), ("2024-02-29", "2024-02-29")),
    ],
)
def test_the_period_before(
    preset: Preset, asked: tuple[str, str], expected: tuple[str, str]
) -> None:
    assert calendar.compared_period(period(*asked), Compare.PREVIOUS, preset) == period(*expected)


def test_nothing_precedes_all_data() -> None:
    for compare in Compare:
        assert calendar.compared_period(SPAN, compare, Preset.ALL) is None


@given(st.dates(date(1990, 1, 1), date(2060, 1, 1)), st.integers(0, 800))
def test_the_period_before_never_overlaps_and_ends_the_day_before(start: date, days: int) -> None:
    asked = Period(start, start + timedelta(days=days))
    found = calendar.compared_period(asked, Compare.PREVIOUS)
    assert found is not None
    assert found.start <= found.end == start - timedelta(days=1)


@pytest.mark.parametrize(
    ("preset", "asked", "now", "expected"),
    [
        (Preset.MONTH_TO_DATE, ("2025-03-01", "2025-03-12"), "2025-03-12", True),
        (Preset.MONTH_TO_DATE, ("2025-03-01", "2025-03-31"), "2025-03-31", False),
        (Preset.YEAR_TO_DATE, ("2025-01-01", "2025-03-31"), "2025-03-31", True),
        (Preset.CAMPAIGN_TO_DATE, ("2024-10-01", "2025-09-30"), "2025-09-30", False),
        (Preset.LAST_12_MONTHS, ("2024-03-13", "2025-03-12"), "2025-03-12", True),
        (Preset.LAST_12_MONTHS, ("2024-03-01", "2025-02-28"), "2025-02-28", False),
        (Preset.LAST_MONTH, ("2025-02-01", "2025-02-28"), "2025-03-12", False),
        (Preset.CUSTOM, ("2024-05-03", "2024-05-12"), "2025-03-12", False),
        (Preset.CUSTOM, ("2024-05-03", "2025-05-12"), "2025-03-12", True),
    ],
)
def test_unfinished(preset: Preset, asked: tuple[str, str], now: str, expected: bool) -> None:
    found = calendar.is_unfinished(preset, period(*asked), date.fromisoformat(now), OCTOBER)
    assert found is expected


def test_months_are_clipped_not_overflown() -> None:
    assert calendar.add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert calendar.add_months(date(2024, 2, 29), -12) == date(2023, 2, 28)
    assert calendar.add_months(date(2024, 1, 15), -13) == date(2022, 12, 15)
