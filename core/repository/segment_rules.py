"""Saved rules of RFM segments in the catalogue."""

from sqlmodel import Session, col, select

from core.models.rfm import DEFAULT_RULES, SegmentRule
from core.models.tables import SegmentRuleSet
from core.repository.catalogue import Catalogue, raise_version

_NEWEST_FIRST = select(SegmentRuleSet).order_by(col(SegmentRuleSet.id).desc())


class RuleStore:
    """The history of rules; the newest entry is in force, the defaults before the first one."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def current(self) -> tuple[SegmentRule, ...]:
        """Return the rules in force."""
        with self._catalogue.session() as session:
            return _in_force(session)

    def save(self, rules: tuple[SegmentRule, ...], owner: str) -> int:
        """Add an entry and raise the data version in one transaction; return the version.

        Rules that are in force already change nothing.
        """
        with self._catalogue.session() as session:
            if _in_force(session) == rules:
                return self._catalogue.current_version()
            stored = [] if rules == DEFAULT_RULES else [rule.as_dict() for rule in rules]
            version = raise_version(session, "rules")
            session.add(SegmentRuleSet(owner=owner, rules=stored, data_version=version))
            session.commit()
            return version

    def history(self) -> list[SegmentRuleSet]:
        """Return every entry, the newest first."""
        with self._catalogue.session() as session:
            return list(session.exec(_NEWEST_FIRST))


def _in_force(session: Session) -> tuple[SegmentRule, ...]:
    newest = session.exec(_NEWEST_FIRST.limit(1)).first()
    if newest is None or not newest.rules:
        return DEFAULT_RULES
    return tuple(SegmentRule.from_dict(rule) for rule in newest.rules)
