"""Every answer about the random company's lines and stock, from whole numbers."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.models.query import Filter, Period
from tests import random_company as company
from tests.exact.costs import Averages
from tests.exact.formulas import amount, metrics, stock_metrics
from tests.exact.keys import (
    CALENDAR,
    DIMENSIONS,
    MICRO,
    SCORED,
    SCORED_SUMS,
    STOCK_DIMENSIONS,
    Key,
    Row,
)
from tests.exact.lain import item_days, recorded_days
from tests.exact.slices import Codes, Kept, Slices, dated, numbered
from tests.exact.sold import SUMS, sold_lines
from tests.exact.spent import invested_lines

_STOCK_SUMS = ("value", "level_days", "out", "received", "came")
_PRODUCT_LINES = Filter("line_kind", ("product",))
_NOTHING_SOLD = dict.fromkeys(("gross_margin", "cogs", "units"), 0)


class Recomputed:
    """What the definitions say of any slice."""

    def __init__(
        self, sales: pd.DataFrame, segments: Mapping[str | None, str | None] | None = None
    ) -> None:
        """Compute every line's parts.

        Args:
            sales: the lines as they were imported.
            segments: the RFM segment of each customer, which no split of lines changes.
        """
        averages = Averages(sales)
        lines = sold_lines(sales, averages)
        whole = dated(pd.concat([lines, invested_lines(lines)], ignore_index=True))
        whole["rfm_segment"] = [(segments or {}).get(c) for c in whole["customer_id"]]
        self.lines = Slices(whole, DIMENSIONS)
        self._sums = whole[list(SUMS)].to_numpy(np.int64)
        self._sold = whole["quantity"].to_numpy() > 0
        product = whole["is_product"].to_numpy() > 0
        self.is_sale: Kept = whole["is_sale"].to_numpy() > 0
        self._counted = {
            "orders": _Distinct(whole["order"], self._sold),
            "customers": _Distinct(whole["customer_id"], self._sold),
            "products": _Distinct(whole["product_id"], self._sold & product),
            "kinds": _Distinct(whole["unit"], product & (whole["quantity"] != 0).to_numpy()),
        }
        self._scores = _scores(self._counted["customers"].values)
        items = dated(item_days(averages))
        self._stock = Slices(items, STOCK_DIMENSIONS)
        self._stock_sums = items[list(_STOCK_SUMS)].to_numpy(np.int64)
        self._stock_kinds = _Distinct(items["unit"], items["came"].to_numpy() > 0)
        selling = pd.date_range(min(lines["date"]), max(lines["date"])).date
        self._selling = Slices(dated(pd.DataFrame({"date": selling})), CALENDAR)
        self._calendar = Slices(dated(pd.DataFrame({"date": recorded_days()})), CALENDAR)

    def values(self, dimension: str) -> list[str]:
        """Return a dimension's values as filters spell them."""
        return self.lines.spelt(dimension)

    def answers(
        self, by: Sequence[str], where: Sequence[Filter] = (), period: Period | None = None
    ) -> dict[Key, Row]:
        """Return the metrics of every group; of `()` for none."""
        return self.of(self.lines.chosen(where, period), by, period)

    def of(self, keep: Kept, by: Sequence[str], period: Period | None = None) -> dict[Key, Row]:
        """Return the metrics of every group of some rows, which lie in the period."""
        group, keys = self.lines.split(keep, by)
        sums = dict(zip(SUMS, _added(self._sums[keep], group), strict=True))
        counts = {k: d.count(keep, group, len(keys)) for k, d in self._counted.items()}
        columns = {**sums, **counts, **self._scored(keep, group, len(keys))}
        days = self._selling.split(self._selling.chosen((), period), moments := _calendar(by))[1]
        at = [by.index(key) for key in moments]
        inside = set(days)
        return {
            key: metrics(row, inside=tuple(key[i] for i in at) in inside)
            for key, row in zip(keys, _rows(columns), strict=True)
        }

    def _scored(self, keep: Kept, group: Codes, groups: int) -> dict[str, list[object]]:
        """Return the scores of the distinct customers who bought: their sum, or their mean."""
        owner, customer = self._counted["customers"].pairs(keep, group)
        known = np.isin(customer, self._scores["customer"])
        owner, customer = owner[known], customer[known]
        place = np.searchsorted(self._scores["customer"], customer)
        size = np.bincount(owner, minlength=groups)
        found: dict[str, list[object]] = {}
        for key in SCORED:
            total = np.zeros(groups, np.int64)
            np.add.at(total, owner, self._scores[key][place])
            pairs = zip(total.tolist(), size.tolist(), strict=True)
            found[key] = [
                None if not n else amount(t) if key in SCORED_SUMS else t / MICRO / n
                for t, n in pairs
            ]
        return found

    def stocked(
        self, by: Sequence[str], where: Sequence[Filter] = (), period: Period | None = None
    ) -> dict[Key, Row]:
        """Return the metrics of stock of every group that has stock, or came in."""
        keep = self._stock.chosen(where, period)
        group, keys = self._stock.split(keep, by)
        columns = dict(zip(_STOCK_SUMS, _added(self._stock_sums[keep], group), strict=True))
        columns["kinds"] = self._stock_kinds.count(keep, group, len(keys))
        asked = self._calendar.chosen(where, period, CALENDAR)
        places, moments = self._calendar.split(asked, _calendar(by))
        days = dict(zip(moments, np.bincount(places).tolist(), strict=True))
        at = [i for i, key in enumerate(by) if key in CALENDAR]
        sold = self.answers(by, (*where, _PRODUCT_LINES), period)
        return {
            key: stock_metrics(
                row, days.get(tuple(key[i] for i in at), 0), sold.get(key, _NOTHING_SOLD)
            )
            for key, row in zip(keys, _rows(columns), strict=True)
        }


def _calendar(by: Sequence[str]) -> list[str]:
    return [key for key in by if key in CALENDAR]


class _Distinct:
    """Counts the distinct values of some rows in each group; a missing value is none."""

    def __init__(self, column: pd.Series, usable: npt.ArrayLike) -> None:
        self._codes, self.values = numbered(column)
        self._usable = np.asarray(usable, bool) & column.notna().to_numpy()

    def pairs(self, keep: Kept, group: Codes) -> tuple[Codes, Codes]:
        """Return each group with each of its distinct values."""
        usable = self._usable[keep]
        size = len(self.values)
        both = np.unique(group[usable] * size + self._codes[keep][usable])
        return both // size, both % size

    def count(self, keep: Kept, group: Codes, groups: int) -> list[int]:
        """Return how many there are in each group."""
        found: list[int] = np.bincount(self.pairs(keep, group)[0], minlength=groups).tolist()
        return found


def _added(rows: npt.NDArray[np.int64], group: Codes) -> list[list[int]]:
    """Return the sums of each column by group; whole numbers, hence exact."""
    if not len(rows):
        return [[] for _ in range(rows.shape[1])]
    order = np.argsort(group, kind="stable")
    starts = np.flatnonzero(np.diff(group[order], prepend=-1))
    found: list[list[int]] = np.add.reduceat(rows[order], starts, axis=0).T.tolist()
    return found


def _rows(columns: Mapping[str, Sequence[object]]) -> Iterable[Row]:
    names = list(columns)
    return (dict(zip(names, values, strict=True)) for values in zip(*columns.values(), strict=True))


def _scores(customers: Sequence[str | None]) -> dict[str, Codes]:
    """Return the published scores in millionths, and the number of each customer, sorted."""
    published = pd.DataFrame(company.scores())
    codes = {customer: code for code, customer in enumerate(customers)}
    published["customer"] = [codes.get(c, -1) for c in published["customer_id"]]
    published = published[published["customer"] >= 0].sort_values("customer")
    scores = {key: (published[key].to_numpy() * MICRO).astype(np.int64) for key in SCORED}
    return {"customer": published["customer"].to_numpy(np.int64), **scores}
