"""Could the values of a column be of this type? A few of them are enough to say no."""

import pyarrow as pa
import pyarrow.compute as pc

from core.models.schema import Kind

from . import dates, numbers
from .by_value import trim
from .raw import RawColumn

_LOOKED_AT = 200
_ENOUGH = 0.5
NUMERIC = frozenset({Kind.AMOUNT, Kind.QUANTITY, Kind.FRACTION, Kind.RATE, Kind.INTEGER})
DATED = frozenset({Kind.DATE, Kind.MONTH})


def plausible(column: RawColumn, kind: Kind) -> bool:
    """Return whether at least half of the first values could be of this type."""
    data = column.data.drop_null().slice(0, _LOOKED_AT)
    if not len(data):
        return True
    if not pa.types.is_string(data.type):
        moments = pa.types.is_temporal(data.type)
        return (kind in DATED) if moments else kind not in DATED or pa.types.is_floating(data.type)
    texts = trim(data.combine_chunks()).drop_null()
    if not len(texts) or kind not in NUMERIC | DATED:
        return True
    if kind in NUMERIC:
        good = numbers.take_apart(texts).body.is_valid()
    else:
        parts = dates.take_apart(texts, "UTC", epoch_1904=False, months=True)
        good = pa.array(parts.known | parts.numeric)
    return pc.mean(good.cast(pa.float64())).as_py() >= _ENOUGH
