"""A file of contracts: which column says who left, who each customer is, what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.errors import PicholineError
from core.i18n import Message, msg
from core.services.ingest.numbers import read_numbers, take_apart
from core.services.ingest.raw import RawTable
from core.services.ingest.sources import open_source
from core.services.methods.churn.scores import Labels, Numbers

_NUMERIC_SHARE = 0.95
_TWO = 2


@dataclass(frozen=True)
class Asked:
    """What the reader said of the file; empty texts where nothing was said.

    Attributes:
        label: column that says who left.
        left_value: what stands there for those who left.
        identifier: column with the customer code.
        value_column: column with the monthly value.
    """

    label: str
    left_value: str
    identifier: str
    value_column: str


@dataclass(frozen=True)
class Contracts:
    """A file of contracts, read.

    Attributes:
        columns: what may explain leaving, by title: numbers (NaN where unknown) or texts.
        left: who left, shape (rows,).
        stated: for whom the file says whether they left.
        left_value: what stands in the label for those who left.
        customer_ids: code of each row's customer.
        monthly: what each is worth a month, NaN where unknown.
    """

    columns: Mapping[str, NDArray[np.generic]]
    left: Labels
    stated: Labels
    left_value: str
    customer_ids: tuple[str, ...]
    monthly: Numbers


def read_contracts(path: Path, name: str, asked: Asked) -> Contracts:
    """Read the first sheet of a file that holds a table.

    Raises:
        PicholineError: the file cannot be read, a column is not there, or the label does not
            part the customers in two.
    """
    table = _first_table(path, name)
    if not asked.label:
        raise _refused(msg("No column says who left."), _choices(table))
    columns = {column.header: _values(column.data, table) for column in table.columns}
    for wanted in (asked.label, asked.identifier, asked.value_column):
        if wanted and wanted not in columns:
            raise _refused(msg("The file has no column “{name}”.", name=wanted), _choices(table))
    texts = _texts(next(c.data for c in table.columns if c.header == asked.label))
    stated = np.array([bool(text) for text in texts])
    left_value = _left_value(texts, asked)
    ids = range(1, table.height + 1)
    if asked.identifier:
        ids = _texts(next(c.data for c in table.columns if c.header == asked.identifier))
    monthly = columns.get(asked.value_column, np.full(table.height, np.nan))
    if not np.issubdtype(monthly.dtype, np.number):
        raise _refused(msg("“{name}” holds no numbers.", name=asked.value_column), _choices(table))
    aside = {asked.label, asked.identifier}
    return Contracts(
        {key: values for key, values in columns.items() if key not in aside},
        np.array([text == left_value for text in texts]),
        stated,
        left_value,
        tuple(str(one) for one in ids),
        monthly.astype(np.float64),
    )


def _first_table(path: Path, name: str) -> RawTable:
    source = open_source(path, name)
    for sheet in source.sheet_names:
        table = source.read(sheet)
        if table is not None and table.height:
            return table
    raise _refused(
        msg("The file “{name}” holds no table.", name=name), msg("Choose a file with rows.")
    )


def _texts(data: pa.ChunkedArray) -> list[str]:
    found = data.cast(pa.string()).to_pylist()
    return [(text or "").strip() for text in found]


def _values(data: pa.ChunkedArray, table: RawTable) -> NDArray[np.generic]:
    """Return a column as floats, days as numbers too, or as texts."""
    kind = data.type
    if pa.types.is_temporal(kind):
        days = data.cast(pa.date32()).cast(pa.int32()).cast(pa.float64())
        return days.to_numpy().astype(np.float64)
    if pa.types.is_boolean(kind) or not (
        pa.types.is_string(kind) or pa.types.is_large_string(kind)
    ):
        return data.cast(pa.float64()).to_numpy().astype(np.float64)
    numbers = _numbers(data, table.decimal_hint)
    return np.array(_texts(data), dtype=object) if numbers is None else numbers


def _numbers(data: pa.ChunkedArray, hint: str | None) -> Numbers | None:
    """Return texts as numbers where nearly all that are known read as such, else None."""
    trimmed = pc.utf8_trim_whitespace(data.cast(pa.string())).combine_chunks()
    known = pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    coded = known.dictionary_encode()
    parts = take_apart(coded.dictionary)
    read = read_numbers(parts, parts.style or hint).values.cast(pa.float64())
    numbers = read.take(coded.indices).to_numpy(zero_copy_only=False).astype(np.float64)
    stated = len(known) - known.null_count
    good = int((~np.isnan(numbers)).sum())
    return numbers if good and good >= _NUMERIC_SHARE * stated else None


def _left_value(texts: list[str], asked: Asked) -> str:
    found, counts = np.unique([text for text in texts if text], return_counts=True)
    if asked.left_value:
        if asked.left_value not in found:
            raise _refused(
                msg(
                    "“{value}” stands nowhere in the column “{name}”.",
                    value=asked.left_value,
                    name=asked.label,
                ),
                msg("Choose one of: {keys}.", keys=", ".join(map(str, found[:20]))),
            )
        return asked.left_value
    if len(found) != _TWO:
        raise _refused(
            msg(
                "The column “{name}” holds {n} different values instead of two.",
                name=asked.label,
                n=len(found),
            ),
            msg("Choose another column, or say what stands there for those who left."),
        )
    return str(found[int(np.argmin(counts))])


def _choices(table: RawTable) -> Message:
    return msg("Choose one of: {keys}.", keys=", ".join(table.headers))


def _refused(title: Message, remedy: Message) -> PicholineError:
    return PicholineError("churn.file", title, remedy)
