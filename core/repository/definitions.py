"""Own metrics and dimensions in the catalogue: every version is kept, the last one counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import DefinitionVersion
from core.repository.catalogue import Catalogue

# Read before every question: the statement is put together once.
_NEWEST = select(func.max(col(DefinitionVersion.id)))


@dataclass(frozen=True)
class Stored:
    """One version of a definition.

    Attributes:
        key: of the metric or dimension.
        kind: `metric` or `dimension`.
        edition: 1 for the first version of this key.
        body: what was written; see `core.services.definitions.bodies`.
        removed: whether this version took the definition away.
        owner: who wrote it.
        created_at: when.
    """

    key: str
    kind: str
    edition: int
    body: Mapping[str, Any]
    removed: bool
    owner: str
    created_at: datetime


class DefinitionStore:
    """The definitions of one home; rows are added, never changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue; nothing is read before the first call."""
        self._catalogue = catalogue

    def version(self) -> int:
        """Return a number that every change raises; 0 before the first definition."""
        with self._catalogue.engine.connect() as connection:
            found = connection.execute(_NEWEST).scalar()
        return int(found or 0)

    def current(self) -> list[Stored]:
        """Return the last version of every key that is not removed, the oldest change first."""
        return [row for row in self.newest() if not row.removed]

    def newest(self) -> list[Stored]:
        """Return the last version of every key, removed ones too, the oldest change first."""
        newest = select(func.max(DefinitionVersion.id)).group_by(col(DefinitionVersion.key))
        query = (
            select(DefinitionVersion)
            .where(col(DefinitionVersion.id).in_(newest))
            .order_by(col(DefinitionVersion.id))
        )
        with self._catalogue.session() as session:
            return [_stored(row) for row in session.exec(query)]

    def history(self, key: str) -> list[Stored]:
        """Return every version of a key, the newest first."""
        query = (
            select(DefinitionVersion)
            .where(DefinitionVersion.key == key)
            .order_by(col(DefinitionVersion.edition).desc())
        )
        with self._catalogue.session() as session:
            return [_stored(row) for row in session.exec(query)]

    def keys(self) -> set[str]:
        """Return every key that was ever used, removed ones too."""
        with self._catalogue.session() as session:
            return set(session.exec(select(DefinitionVersion.key).distinct()))

    def add(
        self,
        key: str,
        kind: str,
        body: Mapping[str, Any],
        *,
        owner: str,
        after: int,
        seen: int,
        removed: bool = False,
    ) -> int:
        """Add a version; return the number all definitions now have.

        Args:
            key: of the definition.
            kind: `metric` or `dimension`.
            body: what was written.
            owner: who wrote it.
            after: the edition it follows; 0 for a new key.
            seen: `version()` at the time everything was checked.
            removed: takes the definition away.

        Raises:
            PicholineError: somebody changed the definitions meanwhile.
        """
        row = DefinitionVersion(
            owner=owner, key=key, edition=after + 1, kind=kind, body=dict(body), removed=removed
        )
        try:
            with self._catalogue.session() as session:
                _lock(session)
                if (session.exec(select(func.max(DefinitionVersion.id))).one() or 0) != seen:
                    raise _changed()
                session.add(row)
                session.commit()
                return row.id or 0
        except IntegrityError as error:
            raise _changed() from error


def _lock(session: Session) -> None:
    """Let one change at a time look at what is in force."""
    if session.get_bind().dialect.name == "postgresql":
        session.connection().exec_driver_sql(
            "LOCK TABLE definitionversion IN SHARE ROW EXCLUSIVE MODE"
        )
    else:
        session.connection().exec_driver_sql("BEGIN IMMEDIATE")


def _changed() -> PicholineError:
    return PicholineError(
        "definition.changed",
        msg("Somebody else changed the definitions meanwhile."),
        msg("Look at the present version, and make your change again."),
        status=409,
    )


def _stored(row: DefinitionVersion) -> Stored:
    return Stored(row.key, row.kind, row.edition, row.body, row.removed, row.owner, row.created_at)
