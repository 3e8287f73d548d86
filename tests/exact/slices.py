"""Rows that are filtered and split by dimensions, with the calendar's."""

from collections.abc import Hashable, Iterable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.models.query import NO_VALUE, Filter, Operator, Period
from tests.exact.keys import CALENDAR, Key

Codes = npt.NDArray[np.int64]
Kept = npt.NDArray[np.bool_]
COLUMNS = {
    "product": "product_id", "supplier": "supplier_id", "customer": "customer_id",
    "invoice": "invoice_id",
}  # fmt: skip


class Slices:
    """Rows whose values of each dimension are numbered once."""

    def __init__(self, frame: pd.DataFrame, dimensions: Iterable[str]) -> None:
        """Number the values."""
        self.rows = len(frame)
        self.days = pd.to_datetime(frame["date"]).to_numpy()
        self._codes: dict[str, Codes] = {}
        self._values: dict[str, list[Any]] = {}
        self._spelt: dict[str, list[str]] = {}
        for key in dimensions:
            codes, values = numbered(frame[COLUMNS.get(key, key)])
            self._codes[key], self._values[key] = codes, values
            self._spelt[key] = [NO_VALUE if v is None else _spelt(key, v) for v in values]

    def chosen(
        self, where: Sequence[Filter], period: Period | None, only: Sequence[str] | None = None
    ) -> Kept:
        """Return which rows pass the filters, or those of them on some dimensions."""
        keep = np.ones(self.rows, dtype=bool)
        for f in where:
            if only is not None and f.dimension not in only:
                continue
            meant = np.array([value in f.values for value in self._spelt[f.dimension]], dtype=bool)
            inside = meant[self._codes[f.dimension]]
            keep &= inside if f.operator is Operator.IN else ~inside
        if period:
            keep &= self.days >= np.datetime64(period.start)
            keep &= self.days <= np.datetime64(period.end)
        return keep

    def spelt(self, dimension: str) -> list[str]:
        """Return a dimension's values as filters spell them."""
        return self._spelt[dimension]

    def split(self, keep: Kept, by: Sequence[str]) -> tuple[Codes, list[Key]]:
        """Return the group of each kept row, and the groups' values."""
        number = np.zeros(int(keep.sum()), dtype=np.int64)
        for key in by:
            number = number * len(self._values[key]) + self._codes[key][keep]
        found, places = np.unique(number, return_inverse=True)
        columns: list[list[Any]] = []
        left = found
        for key in reversed(by):
            left, codes = np.divmod(left, len(self._values[key]))
            values = self._values[key]
            columns.insert(0, [values[code] for code in codes.tolist()])
        keys: list[Key] = list(zip(*columns, strict=True)) if by else [()] * len(found)
        return places.astype(np.int64), keys


def numbered(column: pd.Series) -> tuple[Codes, list[Any]]:
    """Return a number from 0 for each row's value, and the values; what is missing is one."""
    known = column.astype(object)
    codes, values = pd.factorize(known.where(known.notna(), None), use_na_sentinel=False)
    return codes.astype(np.int64), [None if pd.isna(v) else v for v in values]


def _spelt(dimension: str, value: Hashable) -> str:
    if isinstance(value, date):
        return {"month": f"{value:%Y-%m}", "year": f"{value:%Y}"}.get(dimension, f"{value}")
    return str(value)


def dated(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the calendar's columns: the first day of each grain, and parts of the date."""
    days = list(frame["date"])
    known = {d: _grains(d) for d in set(days)}
    added = pd.DataFrame([known[d] for d in days], columns=list(CALENDAR), index=frame.index)
    return pd.concat([frame, added], axis=1)


def _grains(d: date) -> tuple[Any, ...]:
    autumn = date(d.year - (d.month < 10), 10, 1)
    return (
        d, d - timedelta(days=d.weekday()), d.replace(day=1),
        date(d.year, 3 * ((d.month - 1) // 3) + 1, 1), date(d.year, 1, 1), autumn, _period_445(d),
        str(d.isoweekday()), f"{d.month:02}",
    )  # fmt: skip


def _period_445(d: date) -> date:
    def start(year: int) -> date:
        fourth = date(year, 10, 4)
        return fourth - timedelta(days=fourth.weekday())

    first = start(d.year) if d >= start(d.year) else start(d.year - 1)
    week = (d - first).days // 7
    starts = [0, 4, 8, 13, 17, 21, 26, 30, 34, 39, 43, 47]
    return first + timedelta(weeks=max(s for s in starts if s <= week))
