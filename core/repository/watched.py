"""Files of the watched folder, as the catalogue knows them."""

from typing import Any

from sqlmodel import col, select

from core.models.arrivals import WatchedFile
from core.models.tables import Import, now
from core.repository.catalogue import Catalogue


class WatchedStore:
    """The table of files that came through the watched folder, one row per content."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def get(self, sha256: str) -> WatchedFile | None:
        """Return what is known of a content."""
        with self._catalogue.session() as session:
            return session.get(WatchedFile, sha256)

    def put(self, sha256: str, file_name: str, size: int, **values: Any) -> WatchedFile:
        """Store what became of a file."""
        with self._catalogue.session() as session:
            found = session.get(WatchedFile, sha256)
            found = found or WatchedFile(sha256=sha256, file_name=file_name, size=size)
            for name, value in {"file_name": file_name, "size": size, **values}.items():
                setattr(found, name, value)
            found.changed_at = now()
            session.add(found)
            session.commit()
            return found

    def remove(self, sha256: str) -> None:
        """Forget a file."""
        with self._catalogue.session() as session:
            if found := session.get(WatchedFile, sha256):
                session.delete(found)
                session.commit()

    def all(self, status: str | None = None) -> list[WatchedFile]:
        """Return the files, or those of one status, the latest change first."""
        query = select(WatchedFile).order_by(col(WatchedFile.changed_at).desc())
        if status:
            query = query.where(WatchedFile.status == status)
        with self._catalogue.session() as session:
            return list(session.exec(query))

    def imported(self, sha256: str) -> list[Import]:
        """Return the imports of a content, undone ones too, the newest first."""
        query = select(Import).where(Import.sha256 == sha256).order_by(col(Import.id).desc())
        with self._catalogue.session() as session:
            return list(session.exec(query))
