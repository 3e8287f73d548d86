"""The worklist: who calls whom, how it went, and a note; kept beside the runs, not in them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from core.models.query import Filter, MetricQuery, Scope
from core.models.tables import WorkItem
from core.repository.catalogue import Catalogue
from core.repository.worklist import FIELDS, ItemKey, Values, WorkItemStore
from core.services.metrics import Metrics

STATUSES: Mapping[str, str] = {
    "open": N_("Open"),
    "contacted": N_("Contacted"),
    "kept": N_("Kept"),
    "lost": N_("Gone"),
    "ignored": N_("Left alone"),
}
FIELD_NAMES: Mapping[str, str] = {
    "assignee": N_("Who calls"),
    "status": N_("Status"),
    "note": N_("Note"),
}
UNTOUCHED: Values = {"assignee": "", "status": "open", "note": ""}
LONGEST: Mapping[str, int] = {"assignee": 80, "note": 1000}
_LONGEST_ID = 200
_BREAKS = ("\n",)


@dataclass(frozen=True)
class Item:
    """What stands about one customer.

    Attributes:
        status: key of `STATUSES`.
        updated_at: moment of the last change (UTC); None: nothing was written yet.
        updated_by: who changed it last.
    """

    customer_id: str
    assignee: str = ""
    status: str = "open"
    note: str = ""
    updated_at: datetime | None = None
    updated_by: str = ""

    def values(self) -> dict[str, str]:
        """Return what can be changed, by field."""
        return {name: getattr(self, name) for name in FIELDS}


@dataclass(frozen=True)
class Change:
    """One change: the item after it, and before.

    Attributes:
        id: what `undo` takes.
    """

    id: int
    item: Item
    before: Values
    changed_at: datetime
    changed_by: str


class Worklist:
    """The lists of one home; readers see and write the customers their rights include."""

    def __init__(self, catalogue: Catalogue, metrics: Metrics) -> None:
        """Keep the stores; nothing is read before the first call."""
        self._store = WorkItemStore(catalogue)
        self._metrics = metrics

    def items(self, list_key: str, scope: Scope) -> dict[str, Item]:
        """Return what was written about the customers of a list this reader may see."""
        found = {stored.customer_id: _item(stored) for stored in self._store.items(list_key)}
        if not scope.where or not found:
            return found
        seen = self._visible(tuple(sorted(found)), scope)
        return {key: item for key, item in found.items() if key in seen}

    def change(
        self, key: ItemKey, field: str, value: str | None, seen: Values, scope: Scope
    ) -> Change | None:
        """Write one field of an item.

        Args:
            key: list and customer.
            field: one of `FIELD_NAMES`.
            value: what was typed; nothing: empty.
            seen: the values of all fields the person had in front of them before.
            scope: who writes.

        Returns:
            The change; None where the field has this value already.

        Raises:
            PicholineError: the value does not fit, the customer is not among the reader's, or
                somebody else changed the item meanwhile.
        """
        typed = checked(field, value)
        self._admit(key, scope)
        stored = self._store.find(key)
        now = _item(stored).values() if stored else dict(UNTOUCHED)
        before = {name: str(seen.get(name) or UNTOUCHED[name]) for name in FIELDS}
        if now != before:
            raise _overtaken(stored, now)
        if now[field] == typed:
            return None
        return self._save(key, {**now, field: typed}, stored, scope)

    def undo(self, change_id: int, scope: Scope) -> Change:
        """Take back one's own change, as long as it is the item's last; return the way back.

        Raises:
            PicholineError: there is no such change of this person, or others came after it.
        """
        found = self._store.change(change_id)
        if found is None or found[0].changed_by != scope.owner:
            raise _unknown()
        change, item = found
        key = ItemKey(item.list_key, item.customer_id)
        self._admit(key, scope)
        if item.revision != change.revision:
            raise _overtaken(item, _item(item).values())
        return self._save(key, {**UNTOUCHED, **change.before}, item, scope)

    def history(self, key: ItemKey, scope: Scope) -> list[Change]:
        """Return what was done to an item, the newest first.

        Raises:
            PicholineError: the customer is not among the reader's.
        """
        self._admit(key, scope)
        return [
            Change(
                id=found.id or 0,
                item=_written(key.customer_id, found.after),
                before={**UNTOUCHED, **found.before},
                changed_at=found.changed_at,
                changed_by=found.changed_by,
            )
            for found in self._store.changes(key)
        ]

    def _save(self, key: ItemKey, values: Values, stored: WorkItem | None, scope: Scope) -> Change:
        revision = stored.revision if stored else 0
        saved = self._store.save(key, values, revision, scope.owner)
        if saved is None:
            latest = self._store.find(key)
            raise _overtaken(latest, _item(latest).values() if latest else UNTOUCHED)
        return Change(
            id=saved.id or 0,
            item=replace(
                _written(key.customer_id, values),
                updated_at=saved.changed_at,
                updated_by=saved.changed_by,
            ),
            before={**UNTOUCHED, **saved.before},
            changed_at=saved.changed_at,
            changed_by=saved.changed_by,
        )

    def _admit(self, key: ItemKey, scope: Scope) -> None:
        """Refuse a customer that is none, or none of this reader's (told alike)."""
        sound = 0 < len(key.customer_id) <= _LONGEST_ID and key.customer_id.isprintable()
        if sound and (not scope.where or self._visible((key.customer_id,), scope)):
            return
        raise PicholineError(
            "worklist.customer",
            msg("There is no customer “{name}” on your list.", name=key.customer_id[:40]),
            msg("Reload the page; ask who manages your rights if somebody is missing."),
            status=404,
        )

    def _visible(self, customer_ids: tuple[str, ...], scope: Scope) -> frozenset[str]:
        """Return which of these customers have a line this reader may see."""
        answer = self._metrics.ask(
            MetricQuery(
                ("net_sales",),
                by=("customer",),
                where=(Filter("customer", customer_ids),),
                totals=False,
            ),
            scope,
        )
        return frozenset(answer.data.column("customer").to_pylist())


def checked(field: str, value: str | None) -> str:
    """Return a typed value in its one spelling: no blanks around it, no control signs.

    Raises:
        PicholineError: there is no such field, no such status, or the text is too long.
    """
    if field not in FIELD_NAMES:
        raise PicholineError(
            "worklist.field",
            msg("“{name}” cannot be edited.", name=field),
            msg("Edit one of: {names}.", names=_listed(FIELD_NAMES.values())),
        )
    typed = "".join(sign for sign in value or "" if sign.isprintable() or sign in _BREAKS).strip()
    if field == "status" and typed not in STATUSES:
        raise PicholineError(
            "worklist.status",
            msg("“{text}” is no status.", text=typed[:40]),
            msg("Choose one of: {names}.", names=_listed(STATUSES.values())),
        )
    longest = LONGEST.get(field, len(typed))
    if len(typed) > longest:
        raise PicholineError(
            "worklist.long",
            msg(
                "“{name}” is {length} characters long; {longest} fit.",
                name=Message(FIELD_NAMES[field]),
                length=len(typed),
                longest=longest,
            ),
            msg("Shorten it and try again."),
        )
    return typed


def _item(stored: WorkItem) -> Item:
    return Item(
        customer_id=stored.customer_id,
        assignee=stored.assignee,
        status=stored.status,
        note=stored.note,
        updated_at=stored.updated_at,
        updated_by=stored.updated_by,
    )


def _written(customer_id: str, values: Values) -> Item:
    return Item(customer_id, values["assignee"], values["status"], values["note"])


def _overtaken(stored: WorkItem | None, now: Values) -> PicholineError:
    """Say who was faster and what stands there now."""
    return PicholineError(
        "worklist.overtaken",
        msg(
            "{who} has changed this row meanwhile; it now reads: {status} · {assignee} · {note}.",
            who=stored.updated_by if stored else "–",
            status=Message(STATUSES.get(now["status"], now["status"])),
            assignee=now["assignee"] or "–",
            note=now["note"] or "–",
        ),
        msg("Your change was not stored. Make it again if it is still right."),
        status=409,
    )


def _unknown() -> PicholineError:
    return PicholineError(
        "worklist.change",
        msg("There is no such change of yours to take back."),
        msg("Edit the row instead."),
        status=404,
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(str(Message(name)) for name in names)
