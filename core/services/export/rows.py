"""The rows of a table as native cells, a batch at a time."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.i18n import use_language
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.export.shown import Native, Shown, shown_format

_BATCH = 8192
Cell = tuple[Native, Format]


def rows_of(table: ResultTable, columns: Sequence[Shown], language: str) -> Iterator[list[Cell]]:
    """Yield each row as (native value, format) cells, in the order of `columns`."""
    declared = {column.key: column for column in table.columns}
    for batch in table.data.to_batches(max_chunksize=_BATCH):
        values: dict[str, list[Any]] = {
            name: batch.column(name).to_pylist() for name in batch.schema.names
        }
        with use_language(language):
            made = [_cells(column, declared[column.key], values) for column in columns]
        yield from (list(row) for row in zip(*made, strict=True))


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
