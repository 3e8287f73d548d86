"""From figures of groups of customers to their lines: cohorts, segments, scores, places."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.models.formats import Format
from core.models.lines import AGE, FIRST, OF, Pair, spelled
from core.models.query import NO_VALUE
from core.models.result import Column, ResultTable

_GRAINS = {Format.MONTH: "month", Format.QUARTER: "quarter", Format.CAMPAIGN: "campaign"}
_AGE = "age_"  # begins the columns of a triangle's ages
_PLACES = ("country", "channel", "segment")
# Beside figures of all time, these are those of the year up to the last day.
_EVER, YEAR_DAYS = "net_sales_ever", 365
OF_LAST_YEAR = frozenset({"net_sales", "net_sales_share", "gross_margin", "margin_rate"})
_FOLLOWED = frozenset({"p_second", "at_risk"})  # tables of those that are followed from the start


@dataclass(frozen=True)
class Told:
    """One thing that tells a group: its name in the address, the column that holds it.

    Attributes:
        grain: of a first purchase, which the address states before the day.
    """

    name: str
    column: str
    grain: str = ""

    def pair(self, row: Mapping[str, Any]) -> Pair:
        """Return what a row adds to the address."""
        value = row.get(self.column)
        text = value.isoformat() if isinstance(value, date) else str(value)
        found = NO_VALUE if value is None else f"{self.grain}:{text}" if self.grain else text
        return OF, spelled((self.name, found))


def told_by(table: ResultTable) -> tuple[Told, ...]:
    """Return what tells the customers of each row; nothing where they are no such group."""
    columns = {column.key: column for column in table.columns}
    split = [column.key for column in table.columns if column.role == "dimension"]
    if "customer" in columns:
        return ()
    if "cohort" in columns:
        age = (Told(AGE, "age"),) if "age" in columns else ()
        return (Told(FIRST, "cohort", _GRAINS[columns["cohort"].format]), *age)
    if "segment_key" in columns or split == ["r", "f"]:
        scored = (Told("rfm_segment", "segment_key"),)
        return scored if "segment_key" in columns else (Told("r", "r"), Told("f", "f"))
    return _by_place(columns, split)


def _by_place(columns: Mapping[str, Column], split: list[str]) -> tuple[Told, ...]:
    """Return what tells groups by where, or in which campaign, they first bought."""
    if split[:1] == ["campaign"] and "clv" in columns:
        places = (Told(f"first_{key}", key) for key in split[1:])
        return (Told(FIRST, "campaign", "campaign"), *places)
    if len(split) == 1 and split[0] in _PLACES and {"clv", *_FOLLOWED} & set(columns):
        (place,) = split
        first = _FOLLOWED & set(columns) and place != "segment"
        return (Told(f"first_{place}" if first else place, place),)
    return ()


def speaks_of_year(table: ResultTable) -> bool:
    """Whether some of a table's figures are those of the last year, others those of all time."""
    keys = {column.key for column in table.columns}
    return _EVER in keys or {"r", "f", "net_sales_share"} <= keys


def age_of(column: Column) -> tuple[Pair, ...]:
    """Return what a column of a triangle adds to the address: how long after the first purchase."""
    age = column.key.removeprefix(_AGE)
    return ((OF, spelled((AGE, age))),) if column.key.startswith(_AGE) and age.isdecimal() else ()
