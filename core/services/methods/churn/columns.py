"""Columns of any kind as a matrix of numbers, with the way back from matrix columns to them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.services.methods.churn.scores import Numbers

Columns = Mapping[str, NDArray[np.generic]]
_NUMERIC_SHARE = 0.95
_MAX_LEVELS = 40
_RARE = 10  # customers: a rarer text is one of "the others"


@dataclass(frozen=True)
class Encoder:
    """Which columns are numbers and which texts are told apart.

    Attributes:
        numbers: keys of numeric columns, one matrix column each; NaN where unknown.
        levels: per text column the texts that get a matrix column (1 where it stands, else 0).
        ignored: text columns of too many different texts, such as identifiers or names.
    """

    numbers: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    ignored: tuple[str, ...] = ()

    @classmethod
    def of(cls, columns: Columns) -> "Encoder":
        """Look at columns of equal length and decide how each is read."""
        numbers: list[str] = []
        levels: dict[str, tuple[str, ...]] = {}
        ignored: list[str] = []
        for key, values in columns.items():
            if _as_numbers(values) is not None:
                numbers.append(key)
                continue
            found, counts = np.unique(_as_texts(values), return_counts=True)
            common = tuple(str(text) for text in found[counts >= _RARE])
            if 0 < len(common) <= _MAX_LEVELS:
                levels[key] = common
            else:
                ignored.append(key)
        return cls(tuple(numbers), levels, tuple(ignored))

    @property
    def owners(self) -> tuple[str, ...]:
        """Keys of the columns that are used, numbers first."""
        return (*self.numbers, *self.levels)

    @property
    def owner(self) -> NDArray[np.int64]:
        """For each matrix column the place of its column among `owners`."""
        spread = [1] * len(self.numbers) + [len(texts) for texts in self.levels.values()]
        return np.repeat(np.arange(len(spread)), spread)

    @property
    def names(self) -> tuple[str, ...]:
        """Keys of the matrix columns: the column's own or `column=text`."""
        texts = (f"{key}={text}" for key, found in self.levels.items() for text in found)
        return (*self.numbers, *texts)

    def matrix(self, columns: Columns) -> Numbers:
        """Return shape (rows, matrix columns).

        Raises:
            KeyError: a column is missing.
        """
        parts = [_numbers_or_unknown(columns[key])[:, None] for key in self.numbers]
        for key, texts in self.levels.items():
            parts.append((_as_texts(columns[key])[:, None] == np.array(texts)).astype(float))
        rows = len(next(iter(columns.values())))
        return np.hstack(parts) if parts else np.empty((rows, 0))

    def as_dict(self) -> dict[str, Any]:
        """Return what JSON can carry."""
        levels = {key: list(texts) for key, texts in self.levels.items()}
        return {"numbers": list(self.numbers), "levels": levels, "ignored": list(self.ignored)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Encoder":
        """Return the encoder `as_dict` described."""
        levels = {key: tuple(texts) for key, texts in data["levels"].items()}
        return cls(tuple(data["numbers"]), levels, tuple(data["ignored"]))


def _as_texts(values: NDArray[np.generic]) -> NDArray[np.str_]:
    """Return texts without blanks around them; unknown ones as the empty text."""
    return np.array(["" if _unknown(v) else str(v).strip() for v in values.tolist()], dtype=str)


def _as_numbers(values: NDArray[np.generic]) -> Numbers | None:
    """Return the column as numbers, or None where it is text.

    A column of texts is numeric where nearly all that are known read as numbers.
    """
    if np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_:
        return values.astype(np.float64)
    known = sum(bool(text) for text in _as_texts(values))
    numbers = _numbers_or_unknown(values)
    read = int((~np.isnan(numbers)).sum())
    return numbers if read and read >= _NUMERIC_SHARE * known else None


def _numbers_or_unknown(values: NDArray[np.generic]) -> Numbers:
    if np.issubdtype(values.dtype, np.number) or values.dtype == np.bool_:
        return values.astype(np.float64)
    return np.array([_number(value) for value in values.tolist()], dtype=np.float64)


def _unknown(value: object) -> bool:
    return value is None or (isinstance(value, float) and np.isnan(value))


def _number(value: object) -> float:
    try:
        found = float(str(value))
    except ValueError:
        return np.nan
    return found if np.isfinite(found) else np.nan
