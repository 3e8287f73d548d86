"""Meanings of spellings, valid in every file; those of countries speak of stored rows too."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from core.models.corrections import Alias
from core.repository.catalogue import Catalogue, raise_version

COUNTRY = "country"


@dataclass(frozen=True)
class Spelling:
    """A spelling of a field and what it means.

    Attributes:
        field: kind of value, such as `country`.
        written: as it stands in files.
        plain: as it is compared.
        meant: the value it stands for.
    """

    field: str
    written: str
    plain: str
    meant: str


class AliasStore:
    """The history of meanings; the last entry of a field and spelling is in force."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def current(self) -> list[Alias]:
        """Return the meanings in force, the newest first."""
        with self._catalogue.session() as session:
            return _in_force(session)

    def save(self, spellings: Sequence[Spelling], owner: str) -> int:
        """Put meanings in force in one transaction; return the data version.

        Those in force already change nothing; only countries change what stored rows say.
        """
        with self._catalogue.session() as session:
            known = {(a.field, a.plain): a.meant for a in _in_force(session)}
            fresh = [s for s in spellings if known.get((s.field, s.plain)) != s.meant]
            for one in fresh:
                session.add(
                    Alias(owner=owner, field=one.field, written=one.written, plain=one.plain,
                          meant=one.meant)
                )  # fmt: skip
            version = 0
            if any(one.field == COUNTRY for one in fresh):
                version = raise_version(session, "aliases")
            session.commit()
        return version or self._catalogue.current_version()

    def remove(self, alias_id: int, owner: str) -> Alias | None:
        """Take a meaning back that is in force; None where there is no such one."""
        with self._catalogue.session() as session:
            found = next((a for a in _in_force(session) if a.id == alias_id), None)
            if found is None:
                return None
            session.add(
                Alias(owner=owner, field=found.field, written=found.written, plain=found.plain,
                      meant="", removed=True)
            )  # fmt: skip
            if found.field == COUNTRY:
                raise_version(session, "aliases")
            session.commit()
            return found

    def countries(self) -> tuple[tuple[str, str], ...]:
        """Return the spellings of countries, as they are compared, with their codes."""
        return tuple(
            sorted((found.plain, found.meant) for found in self.current() if found.field == COUNTRY)
        )


def _in_force(session: Session) -> list[Alias]:
    last: dict[tuple[str, str], Alias] = {}
    for found in session.exec(select(Alias).order_by(col(Alias.id))):
        last[found.field, found.plain] = found
    kept = [found for found in last.values() if not found.removed]
    return sorted(kept, key=lambda found: -(found.id or 0))
