"""Periods: presets resolved against the data, like-for-like comparison, calendar grains.

All functions are pure; a day is a business date of the company's zone.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

from core.i18n import Message
from core.models.filters import Preset
from core.models.query import Compare, Period

_DAY = timedelta(days=1)
_WEEK_DAYS = 7
_YEAR_MONTHS = 12
_LAST_WEEK_DAY = 28  # 28 December always lies in the last ISO week of its year
_GRAIN_MONTHS = {"month": 1, "quarter": 3, "year": 12, "campaign": 12}
_YEAR_PERIODS = 12
_PERIOD_WEEKS = (0, 4, 8, 13, 17, 21, 26, 30, 34, 39, 43, 47)  # before each period of a 4-4-5 year
_ANCHOR_DAY = 4  # the week that holds it has most of its days in the month
# The natural period of a preset "to date", in months.
_TO_DATE = {
    Preset.MONTH_TO_DATE: "month",
    Preset.QUARTER_TO_DATE: "quarter",
    Preset.YEAR_TO_DATE: "year",
    Preset.CAMPAIGN_TO_DATE: "campaign",
}
_LAST_FULL = {
    Preset.LAST_MONTH: "month",
    Preset.LAST_YEAR: "year",
    Preset.LAST_CAMPAIGN: "campaign",
}


@dataclass(frozen=True)
class Resolved:
    """A filter state's period against the data.

    Attributes:
        period: None only where there are no data.
        compared: the like-for-like period, None without comparison.
        unfinished: the last month (or the preset's period) still lacks days.
    """

    period: Period | None
    compared: Period | None
    caveats: tuple[Message, ...] = ()
    unfinished: bool = False


def add_months(day: date, months: int) -> date:
    """Move a day by months; the 31st becomes the last day of a shorter month."""
    place = day.year * _YEAR_MONTHS + day.month - 1 + months
    year, month = divmod(place, _YEAR_MONTHS)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def month_end(day: date) -> date:
    """Return the last day of a day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def grain_start(day: date, grain: str, first_month: int = 1) -> date:
    """Return the first day of the day, ISO week, month, …, campaign or 4-4-5 period of a day.

    Args:
        day: any day.
        grain: key of a calendar dimension.
        first_month: the campaign's first month, 1–12.
    """
    if grain == "day":
        return day
    if grain == "week":
        return day - timedelta(days=day.weekday())
    if grain == "period_445":
        return period_start(period_number(day, first_month), first_month)
    length = _GRAIN_MONTHS[grain]
    offset = first_month - 1 if grain == "campaign" else 0
    place = day.year * _YEAR_MONTHS + day.month - 1 - offset
    year, month = divmod(place - place % length + offset, _YEAR_MONTHS)
    return date(year, month + 1, 1)


def grain_end(start: date, grain: str, first_month: int = 1) -> date:
    """Return the last day of the bucket that starts on `start`."""
    if grain == "day":
        return start
    if grain == "week":
        return start + timedelta(days=_WEEK_DAYS - 1)
    if grain == "period_445":
        return period_start(period_number(start, first_month) + 1, first_month) - _DAY
    return add_months(start, _GRAIN_MONTHS[grain]) - _DAY


def bucket_number(day: date, grain: str, first_month: int = 1) -> int:
    """Return the number of a day's bucket: that of the next bucket is one more."""
    if grain == "period_445":
        return period_number(day, first_month)
    if grain in {"day", "week"}:
        return grain_start(day, grain).toordinal() // (1 if grain == "day" else _WEEK_DAYS)
    start = grain_start(day, grain, first_month)
    return (start.year * _YEAR_MONTHS + start.month - 1) // _GRAIN_MONTHS[grain]


def period_number(day: date, first_month: int) -> int:
    """Return the number of a day's 4-4-5 period: twelve times its year, plus 0 to 11.

    A 4-4-5 year begins on the Monday of the week that holds the 4th of its first month: with
    January it is the ISO year. Its quarters have 4 + 4 + 5 weeks; a 53rd week belongs to the last
    period.
    """
    year = day.year
    if day >= _year_445(year + 1, first_month):
        year += 1
    elif day < _year_445(year, first_month):
        year -= 1
    week = (day - _year_445(year, first_month)).days // _WEEK_DAYS
    place = sum(week >= before for before in _PERIOD_WEEKS) - 1
    return year * _YEAR_PERIODS + place


def period_start(number: int, first_month: int) -> date:
    """Return the first day of a 4-4-5 period, by its number."""
    year, place = divmod(number, _YEAR_PERIODS)
    return _year_445(year, first_month) + timedelta(weeks=_PERIOD_WEEKS[place])


def period_name(start: date, first_month: int) -> str:
    """Return what people call a 4-4-5 period: 2025 P03, or 2024/25 P03 of a year that crosses."""
    year, place = divmod(period_number(start, first_month), _YEAR_PERIODS)
    named = str(year) if first_month == 1 else f"{year}/{(year + 1) % 100:02d}"
    return f"{named} P{place + 1:02d}"


def _year_445(year: int, first_month: int) -> date:
    """Return the first day of the 4-4-5 year that begins around the first month of a year."""
    anchor = date(year, first_month, _ANCHOR_DAY)
    return anchor - timedelta(days=anchor.weekday())


def months_between(start: date, end: date) -> int:
    """Return the number of month steps between two days' months."""
    return (end.year - start.year) * _YEAR_MONTHS + end.month - start.month


def is_whole_months(period: Period) -> bool:
    """Whether a period starts on a first and ends on a last day of a month."""
    return period.start.day == 1 and period.end == month_end(period.end)


def is_whole_weeks(period: Period) -> bool:
    """Whether a period runs from a Monday to a Sunday."""
    return period.start.weekday() == 0 and period.end.weekday() == _WEEK_DAYS - 1


def preset_period(preset: Preset, span: Period, today: date, first_month: int) -> Period:
    """Return the days of a named period; "now" is the last day with data, not after today.

    Args:
        preset: any preset but `CUSTOM`, which brings its own days.
        span: first and last day with data.
        today: the company's present day.
        first_month: the campaign's first month.
    """
    now = as_of(span, today)
    if preset in _TO_DATE:
        return Period(grain_start(now, _TO_DATE[preset], first_month), now)
    if preset in _LAST_FULL:
        return _last_full(_LAST_FULL[preset], now, first_month)
    if preset is Preset.LAST_12_MONTHS:
        if now == month_end(now):
            return Period(add_months(now.replace(day=1), 1 - _YEAR_MONTHS), now)
        return Period(add_months(now, -_YEAR_MONTHS) + _DAY, now)
    return span


def _last_full(grain: str, now: date, first_month: int) -> Period:
    start = grain_start(now, grain, first_month)
    if grain_end(start, grain) != now:
        start = add_months(start, -_GRAIN_MONTHS[grain])
    return Period(start, grain_end(start, grain))


def as_of(span: Period, today: date) -> date:
    """Return the day the data speak of as "now"; data wholly in the future keep their first day."""
    return span.reached(today)


def is_unfinished(preset: Preset, period: Period, now: date, first_month: int) -> bool:
    """Whether days are still to come in the preset's period, or in the last month shown."""
    grain = _TO_DATE.get(preset, "month")
    last = grain_start(min(period.end, now), grain, first_month)
    reached = min(period.end, now)
    if preset in _TO_DATE:
        return reached < grain_end(last, grain)
    # A period that ends inside a month on purpose is finished when the data go on after it.
    return period.end > now or (period.end == now and now != month_end(now))


def compared_period(
    period: Period, compare: Compare, preset: Preset = Preset.CUSTOM
) -> Period | None:
    """Return the like-for-like period, or None for all data, which nothing precedes.

    Whole calendar months are set against whole calendar months; chosen days that make whole ISO
    weeks (and do not start a month) against the same weeks of the year before. Otherwise the
    previous period has the same elapsed days from its own start, and a year before is the same
    days of the calendar, 29 February read as the 28th.
    """
    if preset is Preset.ALL:
        return None
    if compare is Compare.YEAR:
        return _year_before(period, weeks=preset is Preset.CUSTOM and period.start.day > 1)
    months = months_between(period.start, period.end) + 1
    if is_whole_months(period):
        back = _GRAIN_MONTHS[_TO_DATE[preset]] if preset in _TO_DATE else months
        start = add_months(period.start, -back)
        return Period(start, month_end(add_months(start, months - 1)))
    if preset in _TO_DATE:
        start = add_months(period.start, -_GRAIN_MONTHS[_TO_DATE[preset]])
        return Period(start, min(start + timedelta(days=period.days - 1), period.start - _DAY))
    if preset is Preset.LAST_12_MONTHS:
        return Period(add_months(period.start, -_YEAR_MONTHS), period.start - _DAY)
    return Period(period.start - timedelta(days=period.days), period.start - _DAY)


def _year_before(period: Period, *, weeks: bool) -> Period:
    start, end = (add_months(day, -_YEAR_MONTHS) for day in (period.start, period.end))
    if is_whole_months(period):
        return Period(start, month_end(end))
    if weeks and is_whole_weeks(period):
        return Period(_same_week_before(period.start), _same_week_before(period.end))
    return Period(start, end)


def _same_week_before(day: date) -> date:
    """Return the same day of the same ISO week a year before; week 53 falls on the last week."""
    year, week, weekday = day.isocalendar()
    weeks = date(year - 1, 12, _LAST_WEEK_DAY).isocalendar().week
    return date.fromisocalendar(year - 1, min(week, weeks), weekday)
