"""Values of a dimension as columns: row and column totals are answers of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pyarrow as pa

from core.errors import PicholineError
from core.formats import shown
from core.i18n import N_, Message, Shown, msg, unpack
from core.models.catalogue import Dimension
from core.models.formats import Format
from core.models.result import LEVEL, Column
from core.services.metric_order import OTHERS

MAX_COLUMNS = 60
_ASIDE = frozenset({"dimension", "label", "flag"})


def pivoted(
    table: pa.Table,
    columns: Sequence[Column],
    cells: pa.Table,
    heads: pa.Table,
    dimension: Dimension,
) -> tuple[tuple[Column, ...], pa.Table, dict[str, Any]]:
    """Return rows with one column for each value and figure; the rows' own totals stand first.

    Args:
        table: the rows in their order, with their depth and their own totals.
        columns: those of `table`.
        cells: rows of the same columns and levels, split by the pivoted dimension too.
        heads: one row per column value, in the columns' order, with the columns' totals.
        dimension: the pivoted one.

    Raises:
        PicholineError: there would be too many columns.
    """
    figures = [column for column in columns if column.role not in _ASIDE]
    values = heads.column(dimension.key).to_pylist()
    _check(len(values) * len(figures), dimension)
    keys = [column.key for column in columns if column.role == "dimension"]
    rows = _named(table, [LEVEL, *keys])
    places = {name: i for i, name in enumerate(_named(cells, [LEVEL, *keys, dimension.key]))}
    found = list(columns)
    arrays = [table.column(column.key) for column in columns]
    totals: dict[str, Any] = {}
    for head, (value, member) in enumerate(zip(values, _members(heads, dimension), strict=True)):
        wanted = pa.array([places.get((*row, value)) for row in rows], pa.int64())
        for figure in figures:
            key = f"{figure.key}[{_spelled(value)}]"
            name = member if len(figures) == 1 else msg("{member}: {figure}", member=member,
                                                        figure=figure.name)  # fmt: skip
            found.append(replace(figure, key=key, name=name, member=member))
            arrays.append(cells.column(figure.key).take(wanted))
            totals[key] = heads.column(figure.key)[head].as_py()
    names = [column.key for column in found]
    return tuple(found), pa.table(arrays, names=names), totals


def _check(number: int, dimension: Dimension) -> None:
    if number > MAX_COLUMNS:
        name = Message(dimension.name)
        raise PicholineError(
            "query.columns",
            msg(
                "“{dimension}” would make {n} columns; {most} can be shown.",
                dimension=name,
                n=number,
                most=MAX_COLUMNS,
            ),
            msg(
                "Leave “{dimension}” in the rows, filter it, keep its top values, or ask for fewer "
                "metrics.",
                dimension=name,
            ),
        )


def _named(table: pa.Table, keys: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*(table.column(key).to_pylist() for key in keys), strict=True))


def _spelled(value: Any) -> str:
    """Return a value as it stands in a column's key; nothing for the lines without one."""
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else str(value)


def _members(heads: pa.Table, dimension: Dimension) -> list[Message]:
    """Return what people call the values, in the reader's language."""
    label = f"{dimension.key}_name"
    values = heads.column(dimension.key).to_pylist()
    labels = heads.column(label).to_pylist() if label in heads.column_names else values
    names: Mapping[str, str] = dict(dimension.names)
    return [
        _member(value, names.get(str(value), text), dimension)
        for value, text in zip(values, labels, strict=True)
    ]


def _member(value: Any, label: Any, dimension: Dimension) -> Message:
    if value is None:
        return Message(dimension.unknown)
    if value == OTHERS:
        return Message(N_("Others"))
    if isinstance(label, str) and (dimension.keyed or dimension.names):
        return unpack(label)
    if dimension.format in {Format.TEXT, Format.CODE} or label != value:
        return Message("{text}", {"text": str(value if label is None else label)})
    named: Shown = shown(value, dimension.format)
    return Message("{text}", {"text": named})
