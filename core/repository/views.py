"""Saved views in the catalogue: every statement is about one owner's."""

from sqlmodel import Session, col, select

from core.models.tables import SavedView, now
from core.repository.catalogue import Catalogue


class ViewStore:
    """The views people saved."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def of(self, owner: str) -> list[SavedView]:
        """Return an owner's views that are not removed: starred ones first, then by name."""
        query = select(SavedView).where(SavedView.owner == owner, col(SavedView.removed).is_(False))
        with self._catalogue.session() as session:
            found = list(session.exec(query))
        return sorted(found, key=lambda view: (not view.starred, view.name.casefold(), view.id))

    def get(self, owner: str, view_id: int) -> SavedView | None:
        """Return a view of this owner, also a removed one; None where there is none."""
        with self._catalogue.session() as session:
            return _of(session, owner, view_id)

    def add(self, owner: str, name: str, address: str) -> SavedView:
        """Keep a new view."""
        view = SavedView(owner=owner, name=name, address=address)
        with self._catalogue.session() as session:
            session.add(view)
            session.commit()
            session.refresh(view)
        return view

    def change(self, owner: str, view_id: int, **values: str | bool) -> SavedView | None:
        """Write values into a view of this owner; None where there is none.

        A view that becomes the first one takes the place of the one before.
        """
        with self._catalogue.session() as session:
            view = _of(session, owner, view_id)
            if view is None:
                return None
            if values.get("first"):
                before = select(SavedView).where(
                    SavedView.owner == owner, col(SavedView.first).is_(True)
                )
                for other in session.exec(before):
                    other.first = False
            for name, value in values.items():
                setattr(view, name, value)
            view.changed_at = now()
            session.add(view)
            session.commit()
            session.refresh(view)
            return view


def _of(session: Session, owner: str, view_id: int) -> SavedView | None:
    view = session.get(SavedView, view_id)
    return view if view is not None and view.owner == owner else None
