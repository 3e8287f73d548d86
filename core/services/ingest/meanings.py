"""Value mapping: what spellings mean, in one layout or in every file, before values are typed."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.repository.aliases import Spelling

from .by_value import trim
from .quarantine import shown
from .raw import RawColumn
from .vocabulary import plain

# Field of the business schema → the kind of value whose spellings can be mapped.
KINDS: Mapping[str, str] = {
    "product_id": "product",
    "customer_id": "customer",
    "supplier_id": "supplier",
    "category": "category",
    "channel": "channel",
    "country": "country",
    "currency": "currency",
    "unit": "unit",
}
CODES = frozenset({"product", "customer", "supplier"})
Meanings = Mapping[str, Mapping[str, str]]  # kind → spelling as compared → what is meant


def compared(kind: str, text: str) -> str:
    """Return a spelling as it is compared: codes as they are, words without case and accents."""
    return text.strip() if kind in CODES else plain(text)


def spellings(values: Mapping[str, Mapping[str, str]]) -> list[Spelling]:
    """Return what a mapping says about values: field → written → meant, as it is kept."""
    return [
        Spelling(KINDS[key], written, compared(KINDS[key], written), meaning)
        for key, found in values.items()
        for written, meaning in found.items()
    ]


def meant(
    column: RawColumn, key: str, stated: Mapping[str, str], known: Meanings
) -> tuple[RawColumn, int]:
    """Return a column whose spellings are replaced by what they mean, and how many cells.

    Args:
        column: as read; it stays as it is.
        key: field it is mapped to.
        stated: spelling → meaning, of its layout; comes before what is known.
        known: meanings that hold in every file.
    """
    kind = KINDS.get(key, key)
    wanted = {**known.get(kind, {}), **{compared(kind, s): m for s, m in stated.items()}}
    if not wanted:
        return column, 0
    texts = column.data if pa.types.is_string(column.data.type) else shown(column.data)
    encoded = pc.dictionary_encode(texts)
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.unify_dictionaries().combine_chunks()
        if isinstance(encoded, pa.ChunkedArray):
            return column, 0
    spelled = trim(encoded.dictionary).to_pylist()
    found = [None if text is None else wanted.get(compared(kind, text)) for text in spelled]
    other = np.array(
        [m is not None and m != text for m, text in zip(found, spelled, strict=True)], dtype=bool
    )
    if not other.any():
        return column, 0
    values = pa.array(
        [m if changed else text
         for m, changed, text in zip(found, other, encoded.dictionary.to_pylist(), strict=True)],
        pa.string(),
    )  # fmt: skip
    places = encoded.indices.fill_null(-1).to_numpy(zero_copy_only=False)
    data = pa.chunked_array([values.take(encoded.indices)])
    return RawColumn(column.header, column.letter, data), int(np.append(other, False)[places].sum())
