"""What people last saw, and what happened to the data since, in the catalogue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import col, select

from core.models.desk import LastLook
from core.models.tables import DataVersion, Import, now
from core.repository.catalogue import Catalogue


class LastLookStore:
    """One row for each person who has looked at figures."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def of(self, owner: str) -> LastLook | None:
        """Return what somebody last saw; None where nothing was."""
        with self._catalogue.session() as session:
            return session.get(LastLook, owner)

    def keep(self, owner: str, version: int, rights: str, figures: Mapping[str, Any]) -> None:
        """Write what somebody sees now, in the place of what was."""
        look = LastLook(
            owner=owner,
            seen_at=now(),
            data_version=version,
            rights=rights,
            figures=dict(figures),
        )
        with self._catalogue.session() as session:
            session.merge(look)
            session.commit()

    def touch(self, owner: str, moment: datetime) -> None:
        """Note that somebody has looked at the same data again."""
        with self._catalogue.session() as session:
            look = session.get(LastLook, owner)
            if look is not None:
                look.seen_at = moment
                session.add(look)
                session.commit()

    def events(self, after: int, until: int) -> list[tuple[str, Import]]:
        """Return what happened to which import after one data version, up to another."""
        query = (
            select(DataVersion.reason, Import)
            .join(Import, col(Import.id) == DataVersion.import_id)
            .where(col(DataVersion.id) > after, col(DataVersion.id) <= until)
            .order_by(col(DataVersion.id))
        )
        with self._catalogue.session() as session:
            return [(reason, record) for reason, record in session.exec(query)]
