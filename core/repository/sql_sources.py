"""The list of SQL sources in the catalogue."""

from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from core.errors import PicholineError
from core.i18n import msg
from core.models.arrivals import PausedSource, SqlSource
from core.repository.catalogue import Catalogue


class SourceStore:
    """The table of sources; every change is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def all(self) -> list[SqlSource]:
        """Return every source, by name."""
        with self._catalogue.session() as session:
            return list(session.exec(select(SqlSource).order_by(col(SqlSource.name))))

    def get(self, name: str) -> SqlSource:
        """Return a source by name.

        Raises:
            PicholineError: there is none.
        """
        with self._catalogue.session() as session:
            found = session.exec(select(SqlSource).where(SqlSource.name == name)).first()
        if found is None:
            raise PicholineError(
                "source.unknown",
                msg("There is no source “{name}”.", name=name[:80]),
                msg("See the list of sources."),
                status=404,
            )
        return found

    def add(self, source: SqlSource) -> SqlSource:
        """Store a new source.

        Raises:
            PicholineError: the name is taken.
        """
        with self._catalogue.session() as session:
            if session.exec(select(SqlSource).where(SqlSource.name == source.name)).first():
                raise PicholineError(
                    "source.exists",
                    msg("There is a source “{name}” already.", name=source.name),
                    msg("Remove it first, or choose another name."),
                    status=409,
                )
            session.add(source)
            session.commit()
            return source

    def paused(self) -> frozenset[int]:
        """Return the numbers of the sources whose schedule rests."""
        with self._catalogue.session() as session:
            return frozenset(session.exec(select(PausedSource.source_id)))

    def pause(self, source_id: int, by: str) -> None:
        """Let the schedule of a source rest."""
        with self._catalogue.session() as session:
            session.merge(PausedSource(source_id=source_id, by=by))
            session.commit()

    def resume(self, source_id: int) -> None:
        """Let the schedule of a source count again."""
        with self._catalogue.session() as session:
            found = session.get(PausedSource, source_id)
            if found is not None:
                session.delete(found)
                session.commit()

    def change(self, source_id: int, **values: Any) -> None:
        """Change a source."""
        statement = update(SqlSource).where(col(SqlSource.id) == source_id)
        with self._catalogue.engine.begin() as connection:
            connection.execute(statement.values(**values))

    def remove(self, name: str) -> SqlSource:
        """Forget a source; its imports stay.

        Raises:
            PicholineError: there is none of that name.
        """
        found = self.get(name)
        self.resume(found.id or 0)
        with self._catalogue.session() as session:
            session.delete(found)
            session.commit()
        return found
