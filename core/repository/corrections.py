"""Drafts of corrections and rows given up, in the catalogue."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert
from sqlmodel import Session, col, select

from core.models.corrections import CorrectionDraft, GivenUpRow
from core.models.tables import now
from core.repository.catalogue import Catalogue

Cells = Mapping[str, str]
_AT_ONCE = 500  # values in one statement


@dataclass(frozen=True)
class Draft:
    """What was written into a row, by title, and what its last check said (`_code` …)."""

    cells: Cells
    verdict: Cells


class CorrectionStore:
    """What people wrote into quarantined rows; every call is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def drafts(self, import_id: int, owner: str) -> dict[int, Draft]:
        """Return one person's drafts of an import, by the place of the row."""
        wanted = CorrectionDraft
        query = select(wanted.place, wanted.cells, wanted.verdict).where(
            wanted.import_id == import_id, wanted.owner == owner
        )
        with self._catalogue.session() as session:
            return {place: Draft(cells, verdict) for place, cells, verdict in session.exec(query)}

    def write(self, import_id: int, owner: str, cells: Mapping[int, Cells]) -> None:
        """Replace the drafts of these rows; a row without cells has none afterwards."""
        with self._catalogue.session() as session:
            _forget(session, import_id, owner, list(cells))
            _insert(session, import_id, owner, {p: (c, {}) for p, c in cells.items() if c})
            session.commit()

    def judge(self, import_id: int, owner: str, verdicts: Mapping[int, Cells]) -> None:
        """Note what the last check found in drafts; those without a verdict keep theirs."""
        with self._catalogue.session() as session:
            query = select(CorrectionDraft).where(
                CorrectionDraft.import_id == import_id, CorrectionDraft.owner == owner
            )
            cells = {d.place: d.cells for d in session.exec(query) if d.place in verdicts}
            _forget(session, import_id, owner, list(cells))
            judged = {place: (cells[place], verdicts[place]) for place in cells}
            _insert(session, import_id, owner, judged)
            session.commit()

    def forget(self, import_id: int, owner: str, places: Collection[int]) -> None:
        """Delete the drafts of these rows."""
        with self._catalogue.session() as session:
            _forget(session, import_id, owner, list(places))
            session.commit()

    def given_up(self, import_id: int) -> dict[int, GivenUpRow]:
        """Return the rows of an import that were given up, by place."""
        query = select(GivenUpRow).where(GivenUpRow.import_id == import_id)
        with self._catalogue.session() as session:
            return {found.place: found for found in session.exec(query)}

    def give_up(self, import_id: int, places: Collection[int], owner: str, note: str) -> None:
        """Mark rows as given up; those that are already keep who and why."""
        known = self.given_up(import_id)
        rows = [
            {"import_id": import_id, "place": place, "owner": owner, "note": note,
             "created_at": now()}
            for place in sorted(places)
            if place not in known
        ]  # fmt: skip
        if rows:
            with self._catalogue.session() as session:
                session.connection().execute(insert(GivenUpRow), rows)
                session.commit()

    def take_back(self, import_id: int, places: Collection[int]) -> None:
        """Open rows again that were given up."""
        with self._catalogue.session() as session:
            for some in _portions(list(places)):
                session.connection().execute(
                    delete(GivenUpRow).where(
                        col(GivenUpRow.import_id) == import_id, col(GivenUpRow.place).in_(some)
                    )
                )
            session.commit()


def _forget(session: Session, import_id: int, owner: str, places: list[int]) -> None:
    for some in _portions(places):
        session.connection().execute(
            delete(CorrectionDraft).where(
                col(CorrectionDraft.import_id) == import_id,
                col(CorrectionDraft.owner) == owner,
                col(CorrectionDraft.place).in_(some),
            )
        )


def _insert(
    session: Session, import_id: int, owner: str, drafts: Mapping[int, tuple[Cells, Cells]]
) -> None:
    rows = [
        {"import_id": import_id, "owner": owner, "place": place, "cells": dict(cells),
         "verdict": dict(verdict), "updated_at": now()}
        for place, (cells, verdict) in drafts.items()
    ]  # fmt: skip
    if rows:
        session.connection().execute(insert(CorrectionDraft), rows)


def _portions(places: list[int]) -> list[list[int]]:
    return [places[start : start + _AT_ONCE] for start in range(0, len(places), _AT_ONCE)]
