"""Fast ways from numpy to the Arrow types of the business schema."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from core.models.schema import AMOUNT_TYPE, ARROW_TYPES, RATE_TYPE, TABLES

from .timeline import epoch_days


def decimals(
    values: NDArray[np.floating] | NDArray[np.integer],
    places: int,
    *,
    nulls: NDArray[np.bool_] | None = None,
    kind: pa.DataType = AMOUNT_TYPE,
) -> pa.Decimal128Array:
    """Return numbers rounded to some places as decimals.

    The 128-bit words are written by hand: Arrow's own cast from integers only reaches types
    with nineteen digits before the point, so it would need two passes and a wider type.

    Args:
        values: the numbers.
        places: digits kept after the point.
        nulls: where the answer is empty.
        kind: the decimal type.
    """
    words = np.empty((len(values), 2), np.int64)
    np.multiply(
        np.rint(values * 10.0**places).astype(np.int64),
        10 ** (kind.scale - places),
        out=words[:, 0],
    )
    np.right_shift(words[:, 0], 63, out=words[:, 1])
    valid = None if nulls is None else pa.py_buffer(np.packbits(~nulls, bitorder="little"))
    return pa.Array.from_buffers(kind, len(values), [valid, pa.py_buffer(words)])


def rates(values: NDArray[np.floating]) -> pa.Decimal128Array:
    """Return currency rates."""
    return decimals(values, 8, kind=RATE_TYPE)


def dates(days: NDArray[np.integer], *, nulls: NDArray[np.bool_] | None = None) -> pa.Array:
    """Return day indices of the demo as dates."""
    return pa.array(epoch_days(days), pa.date32(), mask=nulls)


def picked(
    values: Sequence[str | None] | pa.Array,
    index: NDArray[np.integer],
    *,
    nulls: NDArray[np.bool_] | None = None,
) -> pa.Array:
    """Return the text at each index."""
    texts: Any = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return texts.take(pa.array(index, mask=nulls))


def _scalar(prefix: str | pa.Array) -> pa.Scalar | pa.Array:
    return pa.scalar(prefix) if isinstance(prefix, str) else prefix


def numbered(prefix: str | pa.Array, numbers: NDArray[np.integer]) -> pa.Array:
    """Return identifiers: a prefix and a number of nine digits, as long as it fits."""
    digits = pc.cast(pa.array(numbers + 100_000_000), pa.string())
    return pc.call_function("binary_join_element_wise", [_scalar(prefix), digits, pa.scalar("")])


def typed_table(name: str, columns: Mapping[str, pa.Array]) -> pa.Table:
    """Return columns in the order and with the types of a table of the business schema."""
    fields = [field for field in TABLES[name].fields if field.key in columns]
    arrays = [
        column if column.type == ARROW_TYPES[field.kind] else column.cast(ARROW_TYPES[field.kind])
        for field in fields
        for column in (columns[field.key],)
    ]
    return pa.Table.from_arrays(arrays, names=[field.key for field in fields])
