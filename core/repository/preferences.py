"""Colours and layout of people in the catalogue."""

from collections.abc import Mapping

from core.models.desk import Preferences
from core.models.tables import now
from core.repository.catalogue import Catalogue


class PreferenceStore:
    """One row for each person who has changed something."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def of(self, owner: str) -> Preferences | None:
        """Return what somebody has chosen; None where nothing was."""
        with self._catalogue.session() as session:
            return session.get(Preferences, owner)

    def keep(self, owner: str, values: Mapping[str, str]) -> Preferences:
        """Write what somebody has chosen, in the place of what was."""
        with self._catalogue.session() as session:
            kept = session.merge(Preferences(owner=owner, changed_at=now(), values=dict(values)))
            session.commit()
            return kept

    def forget(self, owner: str) -> None:
        """Drop what somebody has chosen."""
        with self._catalogue.session() as session:
            kept = session.get(Preferences, owner)
            if kept is not None:
                session.delete(kept)
                session.commit()
