"""What drove a change: the members that moved a figure most, by each dimension.

A member's part is its figure of the period less its figure of the compared one; a member without a
line in a period has sold nothing there, which is known. The parts of all members add to the change
exactly, because the figure is a sum of lines.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.catalogue import DIMENSIONS, METRICS
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.vocabulary import in_sentence

_AMOUNT = pa.decimal128(30, 6)
_NAMED = 2  # members of each dimension in the sentence
_NOTABLE = 0.05  # of the change: a smaller part is not named


def movers(answer: ResultTable, metric: str) -> ResultTable | None:
    """Return the members of an answer by how much they moved, the largest change first.

    Args:
        answer: one additive metric (among others) by one dimension, compared.
        metric: its key.

    Returns:
        Dimension, name, figure, compared figure, change (same unit) and the member's own rate of
        change (a fraction; unknown where it sold nothing before). None without a comparison.
    """
    compared = f"{metric}_compared"
    if answer.compared is None or compared not in answer.data.column_names:
        return None
    now, before = (_known(answer.data.column(key)) for key in (metric, compared))
    change = pc.subtract(now, before).cast(_AMOUNT)
    whole = pc.sum(change).as_py() or Decimal(0)
    names = [c for c in answer.columns if c.role in ("dimension", "label")]
    data = pa.table(
        {
            **{column.key: answer.data.column(column.key) for column in names},
            metric: now,
            compared: before,
            f"{metric}_change": change,
            f"{metric}_change_rate": answer.data.column(f"{metric}_change_rate"),
        }
    )
    order = pc.sort_indices(pc.negate(pc.abs(change)))
    columns = (*names, *_columns(metric, answer))
    return replace(
        answer, columns=columns, data=data.take(order), total=_total(data, metric, whole)
    )


def _known(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.fill_null(column, 0).cast(_AMOUNT)


def _columns(metric: str, answer: ResultTable) -> tuple[Column, ...]:
    now, before = answer.column(metric), answer.column(f"{metric}_compared")
    good = METRICS[metric].good
    change = Column(f"{metric}_change", msg(N_("Change")), now.format, "change", metric, good)
    return (now, before, change, answer.column(f"{metric}_change_rate"))


def _total(data: pa.Table, metric: str, whole: Decimal) -> Mapping[str, Any]:
    sums = {key: pc.sum(data.column(key)).as_py() for key in (metric, f"{metric}_compared")}
    before = sums[f"{metric}_compared"] or Decimal(0)
    rate = float(whole / before) if before > 0 else None
    return {**sums, f"{metric}_change": whole, f"{metric}_change_rate": rate}


def drivers_words(tables: Iterable[ResultTable], metric: str, currency: str) -> Message | None:
    """Return in one sentence how a figure changed and who moved it; None where nothing moved.

    Args:
        tables: of `movers`, in the order they are to be named; the first one speaks of all lines.
        metric: key of an amount.
        currency: ISO 4217 code of the amount.
    """
    found = list(tables)
    total = (found[0].total or {}) if found else {}
    change = total.get(f"{metric}_change")
    if not change:
        return None
    listed: Message | None = None
    for table in found:
        one = _by(table, metric, currency)
        if one:
            listed = one if listed is None else msg("{list}; {one}", list=listed, one=one)
    before, after = total[f"{metric}_compared"], total[metric]
    values = {
        "metric": Message(METRICS[metric].name),
        "before": shown(before, Format.MONEY, compact=True, currency=currency),
        "after": shown(after, Format.MONEY, compact=True, currency=currency),
        "change": shown(change, Format.MONEY, compact=True, signed=True, currency=currency),
        "rate": shown(total[f"{metric}_change_rate"], Format.PERCENT, signed=True),
    }
    if listed is None:
        return msg("{metric} went from {before} to {after} ({change}, {rate}).", **values)
    return msg(
        "{metric} went from {before} to {after} ({change}, {rate}): {drivers}.",
        drivers=listed,
        **values,
    )


def _by(table: ResultTable, metric: str, currency: str) -> Message | None:
    """Return the largest movers of a dimension, where they are a notable part of the change.

    A dimension with a single member explains nothing.
    """
    if table.data.num_rows == 1:
        return None
    column = next(c for c in table.columns if c.role == "dimension")
    dimension = DIMENSIONS[column.key]
    key = f"{metric}_change"
    whole = abs((table.total or {})[key])
    listed: Message | None = None
    for row in table.data.slice(0, _NAMED).to_pylist():
        if not row[key] or abs(row[key]) < whole * Decimal(_NOTABLE):
            continue
        amount = shown(row[key], Format.MONEY, compact=True, signed=True, currency=currency)
        one = msg("{name} {amount}", name=_name(row, column.key), amount=amount)
        listed = one if listed is None else msg("{list}, {one}", list=listed, one=one)
    if listed is None:
        return None
    return msg("by {dimension} {members}", dimension=in_sentence(dimension), members=listed)


def _name(row: Mapping[str, Any], key: str) -> Any:
    label, value = row.get(f"{key}_name"), row[key]
    if label:
        return Message(str(label)) if DIMENSIONS[key].keyed else str(label)
    if value is None:
        return Message(DIMENSIONS[key].unknown)
    return shown(value, DIMENSIONS[key].format)
