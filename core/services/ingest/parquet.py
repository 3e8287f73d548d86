"""Parquet files: one table of native columns."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.errors import PicholineError
from core.i18n import Message, msg

from .files import refuse_wide, unreadable
from .raw import RawColumn, RawTable, column_letter, name_list, unique_headers

_MOST_CELLS = 2_000_000_000
_MOST_BYTES = 6_000_000_000
_MOST_TEXT = 2_000_000_000
_FREE_CELLS = 60_000_000
_CELLS_A_BYTE = 100  # of the file: a value said once may stand in millions of rows


class ParquetSource:
    """A Parquet file: one sheet, named by the file."""

    def __init__(self, path: Path, name: str) -> None:
        """Read what the file says about itself; no rows yet.

        Raises:
            PicholineError: it is damaged, or would not fit into memory.
        """
        self._name = name
        self._path = path
        self.sheet_names = [Path(name).stem]
        self.passed_over: list[Message] = []
        try:
            known = pq.read_metadata(path)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise unreadable(name, error) from error
        refuse_wide(known.num_columns, self.sheet_names[0])
        unpacked = sum(known.row_group(g).total_byte_size for g in range(known.num_row_groups))
        cells = known.num_rows * known.num_columns
        repeated = cells > _FREE_CELLS and cells > path.stat().st_size * _CELLS_A_BYTE
        if unpacked > _MOST_BYTES or cells > _MOST_CELLS or repeated or self._repeats(known):
            raise PicholineError(
                "file.bomb",
                msg(
                    "The file {name} would unpack to {size} MB, more than can be held at once.",
                    name=name,
                    size=unpacked // 1_000_000,
                ),
                msg("Split it, for example by year, and import the parts."),
                status=413,
            )

    def _repeats(self, known: pq.FileMetaData) -> bool:
        """Whether texts that are stored once would fill the memory where they are repeated.

        The reader looks at every column first: where a column's description is damaged, it says
        so, while asking the description itself would end the process.
        """
        try:
            with pq.ParquetFile(self._path) as file:
                for group in range(known.num_row_groups):
                    next(file.iter_batches(batch_size=1, row_groups=[group]), None)
        except (pa.ArrowException, OSError, ValueError) as error:
            raise unreadable(self._name, error) from error
        return _repeats(self._path, known)

    def tables(self, sheet: str, header_row: int | None = None) -> list[RawTable]:  # noqa: ARG002
        """Return the file's table; its columns always bear their own names."""
        try:
            data = pq.read_table(self._path)
            data.validate(full=True)  # reading trusts lengths, places and the encoding of texts
        except (pa.ArrowException, OSError, ValueError) as error:
            raise unreadable(self._name, error) from error
        columns: list[RawColumn] = []
        nested: list[str] = []
        titles = unique_headers([str(title).strip() or "?" for title in data.column_names])
        for place, title in enumerate(titles):
            cells = _readable(data.column(place))
            if cells is None:
                nested.append(title)
            else:
                columns.append(RawColumn(title, column_letter(place), cells))
        if not columns:
            return []
        rows = np.arange(1, data.num_rows + 1, dtype=np.int64)
        table = RawTable(self.sheet_names[0], columns, rows, header_row=1)
        if nested:
            table.notes.append(
                msg("Columns that hold lists or bytes were left out: {names}.",
                    names=name_list(nested))
            )  # fmt: skip
        return [table]


def _repeats(path: Path, known: pq.FileMetaData) -> bool:
    """Whether texts that are stored once would fill the memory where they are repeated."""
    columns = range(known.num_columns)
    groups = [known.row_group(group) for group in range(known.num_row_groups)]
    doubtful = [
        place
        for place in columns
        if known.schema.column(place).physical_type == "BYTE_ARRAY"
        and sum(group.num_rows * group.column(place).total_uncompressed_size for group in groups)
        > _MOST_BYTES
        and any("DICTIONARY" in str(group.column(place).encodings) for group in groups)
    ]
    return any(
        _text_bytes(path, known.schema.column(place).path) > _MOST_TEXT for place in doubtful
    )


def _text_bytes(path: Path, column: str) -> int:
    """Return how long the texts of a column are together, without repeating them."""
    try:
        found = pq.read_table(path, columns=[column], read_dictionary=[column]).column(0)
    except (pa.ArrowException, OSError, ValueError):
        return 0  # damaged: the reading tells it
    if not pa.types.is_dictionary(found.type):
        return 0
    total = 0
    for part in found.chunks:
        lengths = pc.binary_length(part.dictionary)
        total += pc.sum(lengths.take(part.indices).cast(pa.int64())).as_py() or 0
    return total


def _readable(data: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return a column in a type the typing knows; None for lists, structures and bytes."""
    if pa.types.is_dictionary(data.type):
        data = data.cast(data.type.value_type)
    kind = data.type
    if pa.types.is_timestamp(kind) and kind.tz:
        # As text with its offset: the typing cuts it to the company's own day.
        moments = data.cast(pa.timestamp("s", "UTC"), safe=False)
        return pc.strftime(moments, format="%Y-%m-%dT%H:%M:%S+00:00")
    if pa.types.is_integer(kind):
        # Whole numbers beyond 2⁶³ are codes, not amounts.
        return data.cast(pa.string()) if kind == pa.uint64() else data.cast(pa.int64())
    if pa.types.is_floating(kind):
        return data.cast(pa.float64())
    if pa.types.is_date(kind) or pa.types.is_boolean(kind) or pa.types.is_timestamp(kind):
        return data
    if any(is_(kind) for is_ in (
        pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view, pa.types.is_null,
        pa.types.is_decimal, pa.types.is_time,
    )):  # fmt: skip
        return data if pa.types.is_decimal(kind) else data.cast(pa.string())
    return None
