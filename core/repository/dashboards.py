"""Dashboards of one's own in the catalogue: every statement is about one owner's."""

from typing import Any

from sqlmodel import Session, col, delete, func, select

from core.models.boards import Dashboard, DashboardEdition
from core.models.tables import now
from core.repository.catalogue import Catalogue

KEPT_EDITIONS = 200  # of a board; as many steps as the desk undoes
Stored = tuple[Dashboard, DashboardEdition]


class DashboardStore:
    """The boards people made."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def of(self, owner: str) -> list[Stored]:
        """Return an owner's boards that are not removed: starred ones first, then by name."""
        query = _stored().where(Dashboard.owner == owner, col(Dashboard.removed).is_(False))
        with self._catalogue.session() as session:
            found = list(session.exec(query))
        return sorted(found, key=lambda one: (not one[0].starred, one[1].name.casefold()))

    def get(self, owner: str, board_id: int) -> Stored | None:
        """Return a board of this owner, also a removed one; None where there is none."""
        with self._catalogue.session() as session:
            return _of(session, owner, board_id)

    def add(self, owner: str, name: str, body: dict[str, Any]) -> Stored:
        """Keep a new board."""
        board = Dashboard(owner=owner)
        with self._catalogue.session() as session:
            session.add(board)
            session.flush()
            edition = DashboardEdition(
                dashboard_id=board.id or 0, edition=1, name=name, body=body
            )  # fmt: skip
            session.add(edition)
            session.commit()
            session.refresh(board)
            session.refresh(edition)
        return board, edition

    def write(self, owner: str, board_id: int, name: str, body: dict[str, Any]) -> Stored | None:
        """Write a new edition and put it in force; None where there is no such board.

        Of a board that changes often the oldest editions are dropped.
        """
        with self._catalogue.session() as session:
            found = _of(session, owner, board_id)
            if found is None:
                return None
            board = found[0]
            of_board = col(DashboardEdition.dashboard_id) == board_id
            last = session.exec(select(func.max(DashboardEdition.edition)).where(of_board)).one()
            number = int(last or 0) + 1
            edition = DashboardEdition(
                dashboard_id=board_id, edition=number, name=name, body=body
            )  # fmt: skip
            old = col(DashboardEdition.edition) <= number - KEPT_EDITIONS
            session.exec(delete(DashboardEdition).where(of_board, old))
            board.edition, board.changed_at = number, now()
            session.add(board)
            session.add(edition)
            session.commit()
            session.refresh(board)
            session.refresh(edition)
            return board, edition

    def turn(self, owner: str, board_id: int, edition: int) -> Stored | None:
        """Put another edition in force; None where it is not kept."""
        with self._catalogue.session() as session:
            found = _of(session, owner, board_id)
            query = select(DashboardEdition).where(
                DashboardEdition.dashboard_id == board_id, DashboardEdition.edition == edition
            )
            if found is None or session.exec(query).first() is None:
                return None
            board = found[0]
            board.edition, board.changed_at = edition, now()
            session.add(board)
            session.commit()
            return _of(session, owner, board_id)

    def mark(self, owner: str, board_id: int, **values: bool) -> Stored | None:
        """Write flags of a board; None where there is none.

        A board that becomes the first one takes the place of the one before.
        """
        with self._catalogue.session() as session:
            found = _of(session, owner, board_id)
            if found is None:
                return None
            if values.get("first"):
                before = select(Dashboard).where(
                    Dashboard.owner == owner, col(Dashboard.first).is_(True)
                )
                for other in session.exec(before):
                    other.first = False
            for name, value in values.items():
                setattr(found[0], name, value)
            session.add(found[0])
            session.commit()
            return _of(session, owner, board_id)


def _stored() -> Any:
    return select(Dashboard, DashboardEdition).where(
        col(DashboardEdition.dashboard_id) == col(Dashboard.id),
        col(DashboardEdition.edition) == col(Dashboard.edition),
    )


def _of(session: Session, owner: str, board_id: int) -> Stored | None:
    query = _stored().where(Dashboard.owner == owner, Dashboard.id == board_id)
    found: Stored | None = session.exec(query).first()
    return found
