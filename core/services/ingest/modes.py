"""How an import treats the rows of its table that are already stored.

| mode | earlier rows |
|---|---|
| append | stay; what the file repeats is recognised and not stored again |
| period | those of the file's days, or of stated days, no longer count while this import counts |
| upsert | those with a key the file states otherwise no longer count; of documents all lines |
| replace | none of the table counts |
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from core.errors import PicholineError
from core.i18n import N_, Message, msg, translate
from core.models.schema import TABLES
from core.models.tables import ImportMode
from core.repository.visible import PERIOD_DAYS, UPSERT_KEYS, Hiding, StoredTable

from .raw import Mask

if TYPE_CHECKING:
    from .columns import TypedTable
    from .options import ImportOptions

NEXT = 1 << 62  # stands for the number an import has not got yet: all others are lower


class Mode(StrEnum):
    """What becomes of earlier rows."""

    APPEND = "append"
    PERIOD = "period"
    UPSERT = "upsert"
    REPLACE = "replace"


_LACKS = {Mode.PERIOD: N_("day"), Mode.UPSERT: N_("key")}


@dataclass(frozen=True)
class Plan:
    """What an import of one sheet does to earlier rows.

    Attributes:
        mode: as stated, where it means something for the table.
        first, last: of the replaced period, both included.
    """

    mode: Mode
    first: date | None = None
    last: date | None = None

    @property
    def hiding(self) -> bool:
        """Whether rows are hidden one by one."""
        return self.mode in (Mode.PERIOD, Mode.UPSERT)

    def against(self, stored: StoredTable) -> StoredTable:
        """Return what of the stored rows the file is compared with: what stays beside it."""
        if self.mode is Mode.REPLACE:
            return StoredTable(stored.table)
        if self.mode is Mode.PERIOD:
            return stored.hiding(Hiding(NEXT, stored.table, NEXT, self.first, self.last))
        return stored

    def record(self, table: str) -> ImportMode | None:
        """Return what the catalogue notes beside the import; numbers come with the commit."""
        if not self.hiding:
            return None
        return ImportMode(
            import_id=0, table_name=table, before=0, first_day=self.first, last_day=self.last
        )


APPENDING = Plan(Mode.APPEND)


def possible(table: str) -> tuple[Mode, ...]:
    """Return the modes that mean something for a table."""
    found = [Mode.APPEND]
    if table in UPSERT_KEYS:
        found.append(Mode.UPSERT)
    if table in PERIOD_DAYS:
        found.append(Mode.PERIOD)
    return (*found, Mode.REPLACE)


def plan(options: "ImportOptions", key: str, table: "TypedTable", sound: Mask) -> Plan:
    """Decide what an import does to earlier rows.

    Args:
        options: the mode and days that were stated.
        key: the table the rows go to.
        table: its typed rows; their days are the period where none is stated.
        sound: rows without a problem.

    Raises:
        PicholineError: the mode means nothing for this table, or no row lies in the period.
    """
    mode = Mode(options.mode)
    if mode is Mode.UPSERT and TABLES[key].dimension:
        mode = Mode.APPEND  # a later row updates the earlier one of its key in any case
    if mode not in possible(key):
        raise PicholineError(
            "mode.table",
            msg(
                "“{table}” has no {what}, so earlier rows cannot be replaced in that way.",
                table=translate(TABLES[key].label),
                what=translate(_LACKS[mode]),
            ),
            msg("Add the rows to what is there, or replace the whole table."),
        )
    if mode is not Mode.PERIOD:
        return Plan(mode)
    days = _days(table, key).filter(pa.array(sound))
    found = pc.min_max(days).as_py()
    first, last = options.first_day or found["min"], options.last_day or found["max"]
    if first is None or last is None or not _within(days, first, last):
        raise PicholineError(
            "mode.empty",
            msg("No row that can be accepted lies in the period to be replaced."),
            msg("Nothing was replaced. Check the period and the dates; a dry run shows reasons."),
        )
    return Plan(mode, first, last)


def outside_note(plan_: Plan, key: str, table: "TypedTable", accepted: Mask) -> Message | None:
    """Return what is said of rows outside a replaced period; None where there are none."""
    if plan_.mode is not Mode.PERIOD or plan_.first is None or plan_.last is None:
        return None
    days = _days(table, key).filter(pa.array(accepted))
    return days_note(plan_.first, plan_.last, len(days) - _within(days, plan_.first, plan_.last))


def days_note(first: date, last: date, outside: int) -> Message | None:
    """Return what is said of rows outside a replaced period; None where there are none."""
    if not outside:
        return None
    return msg(
        "Rows of other days than {first} to {last} are added to what is there: {n}.",
        first=first.isoformat(),
        last=last.isoformat(),
        n=outside,
    )


def _within(days: pa.Array, first: date, last: date) -> int:
    inside = pc.and_(pc.greater_equal(days, first), pc.less_equal(days, last))
    return int(pc.sum(inside).as_py() or 0)


def _days(table: "TypedTable", key: str) -> pa.Array:
    """Return the day each row belongs to."""
    columns = [table.columns[name] for name in PERIOD_DAYS[key] if name in table.columns]
    typed = [column.cast(pa.date32()) for column in columns]
    return pc.coalesce(*typed) if typed else pa.nulls(table.height, pa.date32())
