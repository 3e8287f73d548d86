"""Values of a file that are new or not recognised, each with what may be meant by it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.repository.known_values import KnownValues

from .by_value import trim
from .meanings import CODES, KINDS, compared
from .nearest import KnownCodes, KnownNames, KnownTexts, Near, known_countries, known_currencies
from .prepare import Prepared
from .quarantine import shown
from .typed import UNKNOWN

MOST = 40  # values of one column that are asked about
_CHOICES = 200


@dataclass(frozen=True)
class NewValue:
    """A value a person may say the meaning of.

    Attributes:
        field: it would be stored in.
        written: as it stands in the file.
        rows: how many there are.
        meant: what this layout says it means; "" where it says nothing.
        suggestion: what may be meant; "" where nothing is near.
        why: of the suggestion.
        sure: of the suggestion, 0 to 1.
        choices: known values to choose from; empty where they follow from the field.
    """

    field: str
    written: str
    rows: int
    meant: str = ""
    suggestion: str = ""
    why: str = ""
    sure: float = 0.0
    choices: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Return the value for JSON."""
        return {**self.__dict__, "choices": list(self.choices)}


def new_values(done: Prepared, known: KnownValues) -> tuple[NewValue, ...]:
    """Return the values of a prepared sheet that are new or not recognised.

    Countries and currencies: those that are not recognised. Categories, channels and units: those
    nobody used before, once some are stored. Codes: new ones that are near to a stored one, or to
    the name it bears.
    """
    found: list[NewValue] = []
    for key, place in done.table.places.items():
        kind = KINDS.get(key)
        if kind is None or key not in done.table.columns:
            continue
        stated = done.sheet.mapping.values.get(key, {})
        written = _written(done, place)
        found += [
            NewValue(key, text, written.get(compared(kind, text), (text, 0))[1], meant)
            for text, meant in stated.items()
        ]
        open_ = {plain: pair for plain, pair in written.items()
                 if plain not in {compared(kind, text) for text in stated}}  # fmt: skip
        found += _of_column(done, key, kind, open_, known)
    return tuple(found)


def _written(done: Prepared, place: int) -> dict[str, tuple[str, int]]:
    """Return the texts of a column with how often they occur, by how they are compared."""
    key = next(k for k, p in done.table.places.items() if p == place)
    kind = KINDS[key]
    texts = trim(_combined(shown(done.raw.columns[place].data))).drop_null()
    counted: dict[str, tuple[str, int]] = {}
    for pair in pc.value_counts(texts).to_pylist():
        text, times = pair["values"], pair["counts"]
        plain = compared(kind, text)
        counted[plain] = (counted.get(plain, (text, 0))[0], counted.get(plain, ("", 0))[1] + times)
    return counted


def _combined(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    if isinstance(texts, pa.ChunkedArray):
        return pa.concat_arrays(texts.chunks) if texts.num_chunks else pa.array([], pa.string())
    return texts


def _of_column(
    done: Prepared,
    key: str,
    kind: str,
    written: Mapping[str, tuple[str, int]],
    known: KnownValues,
) -> list[NewValue]:
    if kind in ("country", "currency"):
        strange = _unknown_countries(done, key) if kind == "country" else _rejected(done, key)
        texts = known_countries() if kind == "country" else known_currencies()
        names = {compared(kind, text) for text in strange}
        asked = [pair for plain, pair in written.items() if plain in names]
        return [_value(key, text, rows, texts.nearest(text)) for text, rows in asked[:MOST]]
    stored = known.counted(kind)
    if not stored:
        return []
    held = set(_combined(done.table.columns[key]).drop_null().unique().to_pylist()) - set(stored)
    asked = [pair for _plain, pair in written.items() if pair[0] in held]
    if kind in CODES:
        codes, names = KnownCodes(stored), KnownNames(known.names(kind) if asked else {})
        near = [(text, rows, names.nearest(text) or codes.nearest(text))
                for text, rows in asked[: MOST * 5]]  # fmt: skip
        return [_value(key, *one) for one in near if one[2]][:MOST]
    texts = KnownTexts({text: text for text in stored})
    choices = tuple(sorted(stored))[:_CHOICES]
    return [_value(key, text, rows, texts.nearest(text), choices) for text, rows in asked[:MOST]]


def _value(
    key: str, text: str, rows: int, near: Near | None, choices: tuple[str, ...] = ()
) -> NewValue:
    if near is None:
        return NewValue(key, text, rows, choices=choices)
    return NewValue(key, text, rows, "", near.value, str(near.why), near.sure, choices)


def _unknown_countries(done: Prepared, key: str) -> list[str]:
    values = _combined(done.table.columns[key]).drop_null().unique().to_pylist()
    return [text.removeprefix(UNKNOWN) for text in values if text.startswith(UNKNOWN)]


def _rejected(done: Prepared, key: str) -> list[str]:
    place = done.table.places[key]
    rows = [p.rows for p in done.table.problems
            if p.code == "unknown_currency" and p.column == place]  # fmt: skip
    if not rows:
        return []
    cells = shown(done.raw.columns[place].data.take(pa.array(np.concatenate(rows))))
    return [text for text in _combined(cells).unique().to_pylist() if text]
