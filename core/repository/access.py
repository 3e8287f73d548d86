"""Row-level rules and roles in the catalogue."""

from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlmodel import col

from core.models.tables import AccessRule, RoleMember
from core.repository.catalogue import Catalogue


@dataclass(frozen=True)
class Limit:
    """A dimension and the values of it that one rule opens."""

    dimension: str
    values: tuple[str, ...]


class AccessStore:
    """The rules of one home; every change is one transaction."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Use the catalogue; nothing is read before the first call."""
        self._catalogue = catalogue

    def limits(self, user: str) -> list[Limit]:
        """Return what a user's own rules and those of the user's roles open."""
        # Asked before every question, hence one statement without the object layer.
        roles = select(col(RoleMember.role)).where(col(RoleMember.user) == user)
        subject, is_role = col(AccessRule.subject), col(AccessRule.is_role)
        wanted = (~is_role & (subject == user)) | (is_role & subject.in_(roles))
        query = select(col(AccessRule.dimension), col(AccessRule.values)).where(wanted)
        with self._catalogue.engine.connect() as connection:
            return [Limit(name, tuple(values)) for name, values in connection.execute(query)]

    def rules(self) -> list[AccessRule]:
        """Return every rule, the oldest first."""
        with self._catalogue.session() as session:
            return list(session.scalars(select(AccessRule).order_by(col(AccessRule.id))))

    def add(self, rule: AccessRule) -> int:
        """Store a rule; return its number."""
        with self._catalogue.session() as session:
            session.add(rule)
            session.commit()
            return rule.id or 0

    def remove(self, rule_id: int) -> AccessRule | None:
        """Delete a rule and return it; None where there is none."""
        with self._catalogue.session() as session:
            found = session.get(AccessRule, rule_id)
            if found is not None:
                session.delete(found)
                session.commit()
            return found

    def members(self) -> list[RoleMember]:
        """Return who has which role, by role and user."""
        query = select(RoleMember).order_by(col(RoleMember.role), col(RoleMember.user))
        with self._catalogue.session() as session:
            return list(session.scalars(query))

    def join(self, user: str, role: str) -> bool:
        """Give a user a role; False where the user has it already."""
        with self._catalogue.session() as session:
            query = select(RoleMember).where(
                col(RoleMember.role) == role, col(RoleMember.user) == user
            )
            if session.scalars(query).first() is not None:
                return False
            session.add(RoleMember(role=role, user=user))
            session.commit()
        return True

    def leave(self, user: str, role: str) -> bool:
        """Take a role from a user; False where the user did not have it."""
        statement = delete(RoleMember).where(
            col(RoleMember.role) == role, col(RoleMember.user) == user
        )
        with self._catalogue.engine.begin() as connection:
            return bool(connection.execute(statement).rowcount)
