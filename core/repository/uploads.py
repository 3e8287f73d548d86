"""Uploads in pieces, as the catalogue knows them."""

from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from core.models.arrivals import Upload
from core.models.tables import now
from core.repository.catalogue import Catalogue


class UploadStore:
    """The table of uploads; every change is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def add(self, upload: Upload) -> Upload:
        """Store a new upload."""
        with self._session() as session:
            session.add(upload)
            session.commit()
            return upload

    def get(self, key: str) -> Upload | None:
        """Return an upload as it stands now."""
        with self._session() as session:
            return session.get(Upload, key)

    def same(self, owner: str, file_name: str, size: int, fingerprint: str) -> Upload | None:
        """Return the newest unfinished upload of the same file by the same person."""
        query = (
            select(Upload)
            .where(
                Upload.owner == owner,
                Upload.file_name == file_name,
                Upload.size == size,
                Upload.fingerprint == fingerprint,
            )
            .order_by(col(Upload.created_at).desc())
        )
        with self._session() as session:
            return next((found for found in session.exec(query) if not found.answer), None)

    def unfinished(self, owner: str) -> list[Upload]:
        """Return what a person began and neither finished nor cancelled, the oldest first."""
        query = select(Upload).where(Upload.owner == owner, ~col(Upload.aside))
        with self._session() as session:
            found = session.exec(query.order_by(col(Upload.created_at)))
            return [upload for upload in found if not upload.answer]

    def change(self, key: str, **values: Any) -> None:
        """Change an upload and say that it was touched."""
        statement = update(Upload).where(col(Upload.key) == key)
        with self._catalogue.engine.begin() as connection:
            connection.execute(statement.values(touched_at=now(), **values))

    def remove(self, key: str) -> None:
        """Forget an upload."""
        with self._session() as session:
            if found := session.get(Upload, key):
                session.delete(found)
                session.commit()

    def stale(self, before: datetime) -> list[str]:
        """Return the keys of uploads nobody touched since a moment."""
        with self._session() as session:
            return list(session.exec(select(Upload.key).where(col(Upload.touched_at) < before)))

    def keys(self) -> set[str]:
        """Return every key."""
        with self._session() as session:
            return set(session.exec(select(Upload.key)))

    def _session(self) -> Session:
        return self._catalogue.session()
