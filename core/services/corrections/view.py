"""The quarantine of one import as it stands now: which rows are open, corrected, given up."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.models.corrections import GivenUpRow
from core.repository.corrections import Draft
from core.services.ingest import PLACE

OPEN, CORRECTED, GIVEN_UP = "open", "corrected", "given_up"
_LETTER = re.compile(r" \([A-Z]{1,3}\)$")
STATES = (OPEN, CORRECTED, GIVEN_UP)
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Counts:
    """Where the quarantined rows of an import are; together they are all of them."""

    open: int
    corrected: int
    given_up: int

    @property
    def all(self) -> int:
        """Rows the import set aside."""
        return self.open + self.corrected + self.given_up

    def as_dict(self) -> dict[str, int]:
        """Return the counts for JSON."""
        return {"open": self.open, "corrected": self.corrected, "given_up": self.given_up}


@dataclass(frozen=True)
class QuarantinedRow:
    """One row that was set aside.

    Attributes:
        place: its number in the quarantine, from 0; stays the same for ever.
        state: one of `STATES`.
        sheet, row: where it stands in the file.
        code, column, value: why it is set aside: of the last check where there was one.
        reason, remedy: marked English texts; "" where the check said nothing.
        cells: title → text, with what was written since.
        written: titles of the cells that differ from the file.
        corrected_by: number of the import that holds the corrected row.
        given_up: who gave it up and why; None where nobody did.
    """

    place: int
    state: str
    sheet: str
    row: int
    code: str
    column: str
    value: str
    reason: str
    remedy: str
    cells: dict[str, str]
    written: tuple[str, ...] = ()
    corrected_by: int | None = None
    given_up: GivenUpRow | None = None

    def as_suggested(self) -> dict[str, Any]:
        """Return the row as suggestions take it."""
        return {**self.cells, "_code": self.code, "_column": self.column, "_value": self.value}


def title_of(column: str | None, titles: Iterable[str]) -> str:
    """Return the title in a column's name such as `Quantity (D)`; "" where it names none."""
    named = column or ""
    bare = _LETTER.sub("", named)
    known = list(titles)
    return bare if bare in known else named if named in known else ""


@dataclass(frozen=True)
class Quarantine:
    """All quarantined rows of an import, and what happened to them since.

    Attributes:
        table: as the intake wrote it.
        drafts: the reader's own, by place.
        given_up: by place.
        corrected: number of the import of corrections → places.
    """

    table: pa.Table
    drafts: Mapping[int, Draft]
    given_up: Mapping[int, GivenUpRow]
    corrected: Mapping[int, Places]

    @property
    def titles(self) -> list[str]:
        """The titles of the rows' own cells."""
        return [name for name in self.table.column_names if name not in PLACE]

    @cached_property
    def states(self) -> NDArray[np.int8]:
        """The state of every row as its index in `STATES`."""
        found = np.zeros(self.table.num_rows, dtype=np.int8)
        found[list(self.given_up)] = STATES.index(GIVEN_UP)
        for places in self.corrected.values():
            found[places] = STATES.index(CORRECTED)
        return found

    @cached_property
    def counts(self) -> Counts:
        """How many rows are in each state."""
        return Counts(*np.bincount(self.states, minlength=len(STATES)).tolist())

    @cached_property
    def codes(self) -> NDArray[np.object_]:
        """The reason of every row: of the last check where there was one."""
        found = np.array(self.table["_code"].to_pylist(), dtype=object)
        for place, draft in self.drafts.items():
            if draft.verdict.get("_code") and place < len(found):
                found[place] = draft.verdict["_code"]
        return found

    def places(self, state: str | None = OPEN, code: str | None = None) -> Places:
        """Return the rows in a state (None: any) with a reason (None: any), in their order."""
        chosen = np.ones(self.table.num_rows, dtype=bool)
        if state is not None:
            chosen &= self.states == STATES.index(state)
        if code:
            chosen &= self.codes == code
        return np.flatnonzero(chosen)

    def reasons(self, state: str | None = OPEN) -> dict[str, int]:
        """Return how many rows in a state have each reason, the most frequent first."""
        codes, times = np.unique(self.codes[self.places(state)].astype(str), return_counts=True)
        pairs = sorted(
            zip(codes.tolist(), times.tolist(), strict=True), key=lambda p: (-p[1], p[0])
        )
        return dict(pairs)

    def rows(self, places: Iterable[int]) -> list[QuarantinedRow]:
        """Return these rows."""
        wanted = [int(place) for place in places]
        titles = self.titles
        by = {int(p): number for number, found in self.corrected.items() for p in found}
        return [
            self._row(place, cells, titles, by.get(place))
            for place, cells in zip(wanted, self.stored(wanted), strict=True)
        ]

    def stored(self, places: Iterable[int]) -> list[dict[str, Any]]:
        """Return these rows as they stand in the file, error cells and odd texts by their text."""
        chosen = pa.array(list(places), pa.int64())
        found: list[dict[str, Any]] = self.table.take(chosen).to_pylist()
        titles = self.titles
        for row in found:
            title = title_of(row["_column"], titles)
            if title and not row[title]:  # no value of its column: it stands as a text only
                row[title] = row["_value"]
        return found

    def _row(
        self, place: int, stored: Mapping[str, Any], titles: list[str], by: int | None
    ) -> QuarantinedRow:
        draft = self.drafts.get(place)
        verdict = {**stored, **(draft.verdict if draft and draft.verdict.get("_code") else {})}
        cells = {title: stored[title] or "" for title in titles}
        written = dict(draft.cells) if draft else {}
        return QuarantinedRow(
            place=place,
            state=STATES[self.states[place]],
            sheet=str(stored["_sheet"] or ""),
            row=int(stored["_row"]),
            code=str(verdict["_code"] or ""),
            column=str(verdict["_column"] or ""),
            value=str(verdict["_value"] or ""),
            reason=str(verdict["_reason"] or ""),
            remedy=str(verdict["_remedy"] or ""),
            cells={**cells, **{t: v for t, v in written.items() if t in cells}},
            written=tuple(t for t, v in written.items() if cells.get(t) != v),
            corrected_by=by,
            given_up=self.given_up.get(place),
        )
