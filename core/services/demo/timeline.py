"""The demo's fixed calendar: four olive campaigns, their seasons, and the seeded streams.

The span never depends on today's date, so a screenshot, a test and a benchmark agree for good.
"""

import numpy as np
from numpy.typing import NDArray

START = np.datetime64("2022-10-01", "D")
END = np.datetime64("2026-09-30", "D")
DAYS = int((END - START).astype(int)) + 1
WEEKS = -(-DAYS // 7)
LEAD = 61
"""Days before the first sale for which markets and currencies are known (opening purchases)."""

WEEKEND = 2
"""The span begins on a Saturday: the first days of every demo week are its weekend."""

DATES: NDArray[np.datetime64] = START + np.arange(DAYS).astype("timedelta64[D]")
MONTH_OF_DAY: NDArray[np.int64] = (
    DATES.astype("datetime64[M]") - START.astype("datetime64[M]")
).astype(np.int64)
MONTHS = int(MONTH_OF_DAY[-1]) + 1
MONTH_START: NDArray[np.int64] = np.searchsorted(MONTH_OF_DAY, np.arange(MONTHS))
MONTH_OF_WEEK: NDArray[np.int64] = MONTH_OF_DAY[np.arange(WEEKS) * 7]
CAMPAIGNS = ("2022-23", "2023-24", "2024-25", "2025-26")

_TRADE_WEEK = np.array([1.15, 1.15, 1.10, 1.10, 1.10, 0.35, 0.05])
_SHOP_WEEK = np.array([1.08, 1.02, 0.98, 0.96, 0.94, 0.92, 1.10])


def stream(seed: int, *key: int) -> np.random.Generator:
    """Return the generator of one purpose; streams of different keys are independent."""
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def day_index(date: str) -> int:
    """Return the days from the first sale to an ISO date."""
    return int((np.datetime64(date, "D") - START).astype(int))


def iso(day: int) -> str:
    """Return the ISO date of a day index."""
    return str(START + np.timedelta64(day, "D"))


def epoch_days(days: NDArray[np.integer]) -> NDArray[np.int32]:
    """Return day indices as days since 1970, the memory layout of Arrow's date32."""
    return (days + int(START.astype(int))).astype(np.int32)


def _bump(day_of_year: NDArray[np.int64], first: int, last: int) -> NDArray[np.float64]:
    """Return a smooth hill between two days of the year, 1 at its top."""
    phase = (day_of_year - first) / (last - first)
    return np.where((phase > 0) & (phase < 1), np.sin(np.pi * np.clip(phase, 0, 1)) ** 2, 0.0)


def season(christmas: float, summer: float, winter: float = 0.0) -> NDArray[np.float64]:
    """Return a factor per day: hills at Christmas and in summer, a dip in January–February."""
    of_year = (DATES - DATES.astype("datetime64[Y]")).astype(np.int64)
    return (
        1.0
        + christmas * _bump(of_year, 308, 362)
        + summer * _bump(of_year, 155, 245)
        - winter * _bump(of_year, 3, 58)
    )


def order_intensity(*, shop: bool) -> NDArray[np.float64]:
    """Return the relative number of orders per day, mean 1, for the web shop or the trade."""
    weekday = (DATES.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
    week = (_SHOP_WEEK if shop else _TRADE_WEEK)[weekday]
    month_day = DATES.astype("datetime64[D]").astype(str)
    holiday = np.array([text[5:] in {"12-25", "01-01", "05-01"} for text in month_day])
    intensity = week * season(0.45, 0.22, 0.15) * np.where(holiday, 0.1, 1.0)
    return intensity / intensity.mean()
