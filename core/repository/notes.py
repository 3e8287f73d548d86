"""Notes in the catalogue."""

from datetime import date

from sqlalchemy import func
from sqlmodel import col, select

from core.models.desk import Note
from core.models.tables import now
from core.repository.catalogue import Catalogue

Value = str | bool | date | None


class NoteStore:
    """The notes of one home, whoever wrote them."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def all(self) -> list[Note]:
        """Return the notes that are not removed: the latest time first, those of no time last."""
        query = select(Note).where(col(Note.removed).is_(False))
        with self._catalogue.session() as session:
            found = list(session.exec(query))
        return sorted(found, key=lambda note: (note.day or date.min, note.id or 0), reverse=True)

    def turn(self) -> tuple[int, str]:
        """Return what every change of a note raises."""
        query = select(func.count(col(Note.id)), func.max(Note.changed_at))
        with self._catalogue.session() as session:
            count, changed = session.exec(query).one()
        return count, str(changed or "")

    def count(self, owner: str) -> int:
        """Return how many notes somebody has that are not removed."""
        query = select(func.count(col(Note.id))).where(
            Note.owner == owner, col(Note.removed).is_(False)
        )
        with self._catalogue.session() as session:
            return session.exec(query).one()

    def get(self, owner: str, note_id: int) -> Note | None:
        """Return a note of this owner, also a removed one; None where there is none."""
        with self._catalogue.session() as session:
            note = session.get(Note, note_id)
        return note if note is not None and note.owner == owner else None

    def add(self, note: Note) -> Note:
        """Keep a new note."""
        with self._catalogue.session() as session:
            session.add(note)
            session.commit()
            session.refresh(note)
        return note

    def change(self, owner: str, note_id: int, **values: Value) -> Note | None:
        """Write values into a note of this owner; None where there is none."""
        with self._catalogue.session() as session:
            note = session.get(Note, note_id)
            if note is None or note.owner != owner:
                return None
            for name, value in values.items():
                setattr(note, name, value)
            note.changed_at = now()
            session.add(note)
            session.commit()
            session.refresh(note)
            return note
