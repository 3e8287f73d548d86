"""Remembered layouts and their versions: the last one of a signature is in force."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, func, select

from core.models.arrivals import LayoutVersion
from core.models.tables import Layout, now
from core.repository.catalogue import Catalogue


class LayoutStore:
    """The layouts of one catalogue; every change is one transaction and one more version."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def remember(
        self,
        signature: str,
        mapping: dict[str, Any],
        *,
        titles: Sequence[str] = (),
        file_name: str = "",
        by: str = "local",
        how: str = "import",
    ) -> LayoutVersion:
        """Let a mapping be in force for a header signature.

        What is in force already makes no new version.

        Args:
            signature: of the titles, as `core.services.ingest.matching.signature` writes it.
            mapping: as `Mapping.as_dict` writes it; {} forgets the layout.
            titles: of the columns; as before where none are given.
            file_name: the file it was learnt from; as before where none is given.
            by: whose import or change it is.
            how: "import", "edit", "restore" or "forget".
        """
        stated: dict[str, Any] = {
            "signature": signature,
            "saved_by": by,
            "how": how,
            "file_name": file_name,
            "titles": list(titles),
            "mapping": mapping,
        }
        try:
            return self._add(LayoutVersion(**stated))
        except IntegrityError:  # somebody else made a version at the same moment
            return self._add(LayoutVersion(**stated))

    def _add(self, made: LayoutVersion) -> LayoutVersion:
        """Add a version behind the last one, whose titles and file it takes over if need be."""
        signature, mapping = made.signature, made.mapping
        with self._catalogue.session() as session:
            last = _last(session, signature) or _before_versions(session, signature)
            if last is not None and last.mapping == mapping:
                last.file_name = made.file_name or last.file_name
                last.titles = made.titles or last.titles
                session.add(last)
                session.commit()
                return last
            if last is not None:
                made.edition = last.edition + 1
                made.file_name = made.file_name or last.file_name
                made.titles = made.titles or last.titles
            session.add(made)
            _put_in_force(session, signature, mapping)
            session.commit()
            return made

    def newest(self) -> list[LayoutVersion]:
        """Return the last version of every layout, forgotten ones too, the latest change first."""
        with self._catalogue.session() as session:
            ids = select(func.max(LayoutVersion.id)).group_by(col(LayoutVersion.signature))
            found = list(session.exec(select(LayoutVersion).where(col(LayoutVersion.id).in_(ids))))
            known = {version.signature for version in found}
            older = [
                _as_version(row) for row in session.exec(select(Layout))
                if row.signature not in known
            ]  # fmt: skip
        return sorted([*found, *older], key=lambda version: version.saved_at, reverse=True)

    def history(self, signature: str) -> list[LayoutVersion]:
        """Return every version of a layout, the newest first."""
        query = (
            select(LayoutVersion)
            .where(LayoutVersion.signature == signature)
            .order_by(col(LayoutVersion.edition).desc())
        )
        with self._catalogue.session() as session:
            found = list(session.exec(query))
            row = None if found else session.get(Layout, signature)
        return [_as_version(row)] if row else found

    def last(self, signature: str) -> LayoutVersion | None:
        """Return the last version of a layout; None where it was never remembered."""
        return next(iter(self.history(signature)), None)


def _last(session: Session, signature: str) -> LayoutVersion | None:
    query = (
        select(LayoutVersion)
        .where(LayoutVersion.signature == signature)
        .order_by(col(LayoutVersion.edition).desc())
        .limit(1)
    )
    return session.exec(query).first()


def _before_versions(session: Session, signature: str) -> LayoutVersion | None:
    """Return what was remembered before versions were kept, as the first of them."""
    row = session.get(Layout, signature)
    if row is None:
        return None
    first = _as_version(row)
    session.add(first)
    session.flush()
    return first


def _as_version(row: Layout) -> LayoutVersion:
    return LayoutVersion(signature=row.signature, mapping=row.mapping, saved_at=row.updated_at)


def _put_in_force(session: Session, signature: str, mapping: dict[str, Any]) -> None:
    if mapping:
        session.merge(Layout(signature=signature, mapping=mapping, updated_at=now()))
    elif row := session.get(Layout, signature):
        session.delete(row)
