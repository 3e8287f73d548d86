"""Work on the distinct values of a column, then spread the result over its rows."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from .raw import Rows

OK = ""


@dataclass(frozen=True)
class Distinct:
    """The distinct trimmed texts of a column and where each row finds its own."""

    values: pa.Array  # string, no nulls
    places: pa.Array  # int32 index into `values`, null where the cell is empty

    def spread(self, converted: pa.Array) -> pa.Array:
        """Return one converted value per row."""
        return converted.take(self.places)

    def coded(self, converted: pa.Array) -> pa.DictionaryArray:
        """Return one converted value per row, as numbers of the different ones."""
        if converted is self.values:
            return pa.DictionaryArray.from_arrays(self.places, converted, safe=False)
        found = pc.dictionary_encode(converted)
        places = found.indices.take(self.places)
        return pa.DictionaryArray.from_arrays(places, found.dictionary, safe=False)

    def rows_of(self, chosen: NDArray[np.bool_]) -> Rows:
        """Return the rows whose value is among the chosen ones."""
        if not chosen.any():
            return np.empty(0, dtype=np.int64)
        places = self.places.fill_null(-1).to_numpy(zero_copy_only=False)
        marked = np.append(chosen, False)
        return np.flatnonzero(marked[places])


def distinct(column: pa.ChunkedArray | pa.Array) -> Distinct:
    """Return the distinct texts of a text column, trimmed; empty cells become null."""
    encoded = pc.dictionary_encode(column)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):  # no chunk at all
            encoded = pc.dictionary_encode(pa.array([], pa.string()))
    texts = encoded.dictionary.cast(pa.string())
    trimmed = trim(texts)
    if trimmed.equals(texts):
        return Distinct(texts, encoded.indices)
    again = pc.dictionary_encode(trimmed)
    places = again.indices.take(encoded.indices)
    return Distinct(again.dictionary.cast(pa.string()), places)


def trim(texts: pa.Array) -> pa.Array:
    """Strip spaces of every kind, byte-order marks and zero-width signs; empty becomes null."""
    stripped = pc.utf8_trim(texts, characters=" \t\r\n\x0b\x0c\u00a0\u2007\u2009\u202f\u200b\ufeff")
    return pc.if_else(pc.equal(stripped, ""), pa.scalar(None, pa.string()), stripped)
