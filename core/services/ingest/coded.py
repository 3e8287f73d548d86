"""Text columns held as numbers of their distinct texts: what large files are read into."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from .by_value import Distinct, distinct
from .raw import Mask, RawColumn, Rows, empty_cells


class CodedColumn(RawColumn):
    """A text column whose cells are numbers of its distinct texts; written out when asked for."""

    def __init__(self, header: str, letter: str, coded: pa.DictionaryArray) -> None:
        """Keep the numbers; `data`, the cells as texts, is made when somebody looks at it.

        Args:
            header: title of the column.
            letter: its letter.
            coded: the cells; none of them is null.
        """
        self.header = header
        self.letter = letter
        self.numbers = None
        self.moments = None
        self.part = ""
        self.coded = coded
        self._texts: Distinct | None = None

    def __getattr__(self, name: str) -> Any:
        """Write the cells out the first time they are looked at."""
        if name != "data":
            raise AttributeError(name)
        texts = self.coded.dictionary.cast(pa.string())
        self.data = pa.chunked_array([texts.take(self.coded.indices)])
        return self.data

    @property
    def is_text(self) -> bool:
        """Its cells are text."""
        return True

    @property
    def texts(self) -> Distinct:
        """The distinct trimmed texts."""
        if self._texts is None:
            self._texts = distinct(self.coded)
        return self._texts

    def empty(self) -> Mask:
        """Return which cells are empty, or hold spaces only."""
        nothing = empty_cells(pa.chunked_array([self.coded.dictionary.cast(pa.string())]))
        if not nothing.any():
            return np.zeros(len(self.coded), dtype=bool)
        return nothing[self.coded.indices.to_numpy(zero_copy_only=False)]

    def says(self, text: str) -> Mask:
        """Return which cells are just this text."""
        same = np.flatnonzero(np.asarray(pc.equal(self.coded.dictionary.cast(pa.string()), text)))
        if not len(same):
            return np.zeros(len(self.coded), dtype=bool)
        return self.coded.indices.to_numpy(zero_copy_only=False) == same[0]

    def keep(self, mask: Mask) -> None:
        """Leave out the cells where `mask` is false."""
        self.coded = self.coded.filter(pa.array(mask))
        self._texts = None
        self.__dict__.pop("data", None)

    def take(self, rows: Rows, header: str | None = None) -> RawColumn:
        """Return the cells of some rows, in their order, as a column of its own."""
        coded = self.coded.take(pa.array(rows))
        return CodedColumn(self.header if header is None else header, self.letter, coded)
