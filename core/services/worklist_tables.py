"""The worklist beside what an analysis found: who calls, how it went, for pages and exports."""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.query import Scope
from core.models.result import AnalysisResult, Column, ResultTable
from core.services.worklist import FIELD_NAMES, STATUSES, Item, Worklist

LISTED, OPEN = "customers", "customers_open"
LISTS: Mapping[str, str] = {"churn": "churn"}  # analysis → key of the list
CUSTOMER = "customer"  # column with the code

_COLUMNS = (
    *(
        Column(key, Message(name), Format.TEXT, "flag", translate=key == "status")
        for key, name in FIELD_NAMES.items()
    ),
    Column("changed_on", msg(N_("Changed on")), Format.DATE, "flag"),
    Column("changed_by", msg(N_("Changed by")), Format.TEXT, "flag"),
)


def with_worklist(
    result: AnalysisResult, analysis: str, worklist: Worklist, scope: Scope
) -> AnalysisResult:
    """Return a result with the list's entries beside its customers, as they stand now.

    A second table holds the customers whose entry is open. Analyses without a list come back as
    they are.
    """
    table = result.tables.get(LISTED)
    if analysis not in LISTS or table is None:
        return result
    listed = joined(table, worklist.items(LISTS[analysis], scope))
    tables: dict[str, ResultTable] = {}
    titles: dict[str, Message] = {}
    for key, found in result.tables.items():
        tables[key], titles[key] = found, result.titles[key]
        if key == LISTED:
            tables |= {LISTED: listed, OPEN: _open(listed)}
            titles[OPEN] = msg(N_("Customers to call, open ones"))
    return replace(result, tables=tables, titles=titles)


def joined(table: ResultTable, items: Mapping[str, Item]) -> ResultTable:
    """Return a table of customers with the columns of the list after its own."""
    untouched = Item("")
    found = [items.get(code, untouched) for code in table.data.column(CUSTOMER).to_pylist()]
    values = {
        "assignee": pa.array([item.assignee or None for item in found], pa.string()),
        "status": pa.array([STATUSES.get(item.status, item.status) for item in found], pa.string()),
        "note": pa.array([item.note or None for item in found], pa.string()),
        "changed_on": pa.array(
            [item.updated_at.date() if item.updated_at else None for item in found], pa.date32()
        ),
        "changed_by": pa.array([item.updated_by or None for item in found], pa.string()),
    }
    data = table.data
    for column in _COLUMNS:
        data = data.append_column(column.key, values[column.key])
    return replace(table, columns=(*table.columns, *_COLUMNS), data=data)


def _open(table: ResultTable) -> ResultTable:
    statuses = table.data.column("status").to_pylist()
    kept = pa.array([status == STATUSES["open"] for status in statuses], pa.bool_())
    return replace(table, data=table.data.filter(kept))
