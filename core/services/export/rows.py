"""The rows of a table as native cells, a batch at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.i18n import msg, use_language
from core.models.formats import Format
from core.models.result import LEVEL, Column, ResultTable
from core.services.export.shown import Native, Shown, shown_format

_BATCH = 8192
Cell = tuple[Native, Format]


def rows_of(table: ResultTable, columns: Sequence[Shown], language: str) -> Iterator[list[Cell]]:
    """Yield each row as (native value, format) cells, in the order of `columns`."""
    declared = {column.key: column for column in table.columns}
    places = table.subtotalled()
    for batch in table.data.to_batches(max_chunksize=_BATCH):
        values: dict[str, list[Any]] = {
            name: batch.column(name).to_pylist() for name in batch.schema.names
        }
        with use_language(language):
            made = [_cells(column, declared[column.key], values) for column in columns]
            for i, column in enumerate(columns):
                if column.key in places:
                    made[i] = _with_subtotals(made[i], values[LEVEL], places[column.key])
        yield from (list(row) for row in zip(*made, strict=True))


def _with_subtotals(cells: list[Cell], levels: list[int], place: int) -> list[Cell]:
    """Name the rows that stand for all values of a dimension; those after it stay empty."""
    named: Cell = (str(msg("Subtotal")), Format.TEXT)
    return [
        cell if level > place else (named if level == place else (None, Format.TEXT))
        for cell, level in zip(cells, levels, strict=True)
    ]


def _cells(shown: Shown, column: Column, values: dict[str, list[Any]]) -> list[Cell]:
    cells = values[shown.key]
    if shown.code in values:
        codes = values[shown.code]
        return [
            (
                shown.unknown if name is None and code is None else shown.convert(name, shown.kind),
                shown.kind,
            )
            for name, code in zip(cells, codes, strict=True)
        ]
    if shown.by is None:
        return [(shown.convert(value, shown.kind), shown.kind) for value in cells]
    kinds = [shown_format(column, Format(kind or Format.NUMBER)) for kind in values[shown.by]]
    return [(shown.convert(value, kind), kind) for value, kind in zip(cells, kinds, strict=True)]
