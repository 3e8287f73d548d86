"""Data-quality rules in the catalogue: every version is kept, the last one of a key counts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlmodel import col, func, select

from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import QualityRuleVersion
from core.repository.catalogue import Catalogue


@dataclass(frozen=True)
class StoredRule:
    """One version of a rule.

    Attributes:
        key: of the rule.
        edition: 1 for the first version of this key.
        body: what was written; see `core.services.quality.bodies`.
        removed: whether this version took the rule away.
        owner: who wrote it.
        created_at: when.
    """

    key: str
    edition: int
    body: Mapping[str, Any]
    removed: bool
    owner: str
    created_at: datetime


class RuleStore:
    """The rules of one home; rows are added, never changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue; nothing is read before the first call."""
        self._catalogue = catalogue

    def version(self) -> int:
        """Return a number that every change raises; 0 before the first change."""
        with self._catalogue.session() as session:
            return session.exec(select(func.max(QualityRuleVersion.id))).one() or 0

    def current(self) -> list[StoredRule]:
        """Return the last version of every key that is not removed, in the order of change."""
        newest = select(func.max(QualityRuleVersion.id)).group_by(col(QualityRuleVersion.key))
        query = (
            select(QualityRuleVersion)
            .where(col(QualityRuleVersion.id).in_(newest), ~col(QualityRuleVersion.removed))
            .order_by(col(QualityRuleVersion.id))
        )
        with self._catalogue.session() as session:
            return [_stored(row) for row in session.exec(query)]

    def history(self, key: str) -> list[StoredRule]:
        """Return every version of a key, the newest first."""
        query = (
            select(QualityRuleVersion)
            .where(QualityRuleVersion.key == key)
            .order_by(col(QualityRuleVersion.edition).desc())
        )
        with self._catalogue.session() as session:
            return [_stored(row) for row in session.exec(query)]

    def keys(self) -> set[str]:
        """Return every key that was ever used, removed ones too."""
        with self._catalogue.session() as session:
            return set(session.exec(select(QualityRuleVersion.key).distinct()))

    def add(
        self,
        key: str,
        body: Mapping[str, Any],
        *,
        owner: str,
        after: int,
        removed: bool = False,
    ) -> None:
        """Add a version.

        Args:
            key: of the rule.
            body: what was written.
            owner: who wrote it.
            after: the edition it follows; 0 for a new key.
            removed: takes the rule away.

        Raises:
            PicholineError: somebody changed this rule meanwhile.
        """
        row = QualityRuleVersion(
            owner=owner, key=key, edition=after + 1, body=dict(body), removed=removed
        )
        try:
            with self._catalogue.session() as session:
                session.add(row)
                session.commit()
        except IntegrityError as error:
            raise PicholineError(
                "rule.changed",
                msg("Somebody else changed the rule “{key}” meanwhile.", key=key),
                msg("Look at the present version, and make your change again."),
                status=409,
            ) from error


def _stored(row: QualityRuleVersion) -> StoredRule:
    return StoredRule(row.key, row.edition, row.body, row.removed, row.owner, row.created_at)
