"""Work items in the catalogue: what people do about the customers of a list, and its history."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.models.tables import WorkItem, WorkItemChange, now
from core.repository.catalogue import Catalogue

FIELDS = ("assignee", "status", "note")
Values = Mapping[str, str]


@dataclass(frozen=True)
class ItemKey:
    """Which customer of which list."""

    list_key: str
    customer_id: str


class WorkItemStore:
    """The items of every list; each change is one transaction together with its history."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue."""
        self._catalogue = catalogue

    def items(self, list_key: str) -> list[WorkItem]:
        """Return the items of a list."""
        with self._catalogue.session() as session:
            return list(session.exec(select(WorkItem).where(WorkItem.list_key == list_key)))

    def find(self, key: ItemKey) -> WorkItem | None:
        """Return one item; None where nothing was written about the customer yet."""
        with self._catalogue.session() as session:
            return _find(session, key)

    def save(
        self, key: ItemKey, values: Values, revision: int, owner: str
    ) -> WorkItemChange | None:
        """Write all values of an item, if nobody has changed it meanwhile.

        Args:
            key: list and customer.
            values: one for each of `FIELDS`.
            revision: of the item the values were made from; 0: there was none.
            owner: who changes it.

        Returns:
            The change; None where the item has another revision by now.
        """
        with self._catalogue.session() as session:
            item = _find(session, key)
            before = {name: getattr(item, name) for name in FIELDS} if item else {}
            item_id = _insert(session, key, values, owner) if revision == 0 else None
            if revision and item and _update(session, item, values, revision, owner):
                item_id = item.id
            if item_id is None:
                session.rollback()
                return None
            change = WorkItemChange(
                item_id=item_id,
                revision=revision + 1,
                changed_by=owner,
                before=before,
                after=dict(values),
            )
            session.add(change)
            session.commit()
            return change

    def change(self, change_id: int) -> tuple[WorkItemChange, WorkItem] | None:
        """Return a change and the item it was made to, as it stands now."""
        with self._catalogue.session() as session:
            change = session.get(WorkItemChange, change_id)
            item = session.get(WorkItem, change.item_id) if change else None
            return (change, item) if change and item else None

    def changes(self, key: ItemKey) -> list[WorkItemChange]:
        """Return what was done to an item, the newest first."""
        with self._catalogue.session() as session:
            query = (
                select(WorkItemChange)
                .join(WorkItem, col(WorkItem.id) == WorkItemChange.item_id)
                .where(WorkItem.list_key == key.list_key, WorkItem.customer_id == key.customer_id)
                .order_by(col(WorkItemChange.id).desc())
            )
            return list(session.exec(query))


def _find(session: Session, key: ItemKey) -> WorkItem | None:
    query = select(WorkItem).where(
        WorkItem.list_key == key.list_key, WorkItem.customer_id == key.customer_id
    )
    return session.exec(query).first()


def _insert(session: Session, key: ItemKey, values: Values, owner: str) -> int | None:
    """Add the item; None where somebody else has just done so."""
    item = WorkItem(
        owner=owner,
        updated_by=owner,
        list_key=key.list_key,
        customer_id=key.customer_id,
    )
    for name in FIELDS:
        setattr(item, name, values[name])
    session.add(item)
    try:
        session.flush()
    except IntegrityError:
        return None
    return item.id


def _update(session: Session, item: WorkItem, values: Values, revision: int, owner: str) -> bool:
    """Change the item if it still has the revision (compare and set); return whether it had."""
    statement = (
        update(WorkItem)
        .where(col(WorkItem.id) == item.id, col(WorkItem.revision) == revision)
        .values(**dict(values), revision=revision + 1, updated_at=now(), updated_by=owner)
    )
    return session.connection().execute(statement).rowcount == 1
