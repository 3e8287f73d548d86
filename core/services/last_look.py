"""What changed since somebody last looked: imports, key figures, who moved them.

The figures are those a page opens with (no filters, the last twelve months), as they were then and
as they are now: both are what this person could read at that moment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from core.models.desk import LastLook
from core.models.filters import FilterState
from core.models.query import MetricQuery, Scope
from core.models.tables import Import, ImportStatus, now
from core.repository.catalogue import Catalogue
from core.repository.last_look import LastLookStore
from core.services.metrics import Metrics

FIGURES = ("net_sales", "gross_margin", "margin_rate", "orders")
ALL_TIME = "customers"  # of all days: those who were never there before are new
SPLITS = ("country", "category", "product", "customer")
MOVED = "net_sales"
_MEMBERS = 1000  # of a split; more are not kept, and nothing is said of them
_NAMED = 3  # movers of a split
_STEADY = timedelta(minutes=10)  # between two notes of having looked
_CENT = 0.005


@dataclass(frozen=True)
class Moved:
    """One figure, as it was and as it is; None: unknown."""

    metric: str
    before: float | None
    after: float | None


@dataclass(frozen=True)
class Mover:
    """A member whose net sales of the last twelve months changed."""

    dimension: str
    member: str
    name: str
    change: float


@dataclass(frozen=True)
class Changes:
    """What changed.

    Attributes:
        since: when the data were last seen as they were.
        added: imports that count now and did not then; none where somebody sees only a part.
        gone: imports that counted then and do not now.
        figures: those that changed.
        movers: the largest of each split, and only where figures changed.
    """

    since: datetime
    added: tuple[Import, ...] = ()
    gone: tuple[Import, ...] = ()
    figures: tuple[Moved, ...] = ()
    movers: tuple[Mover, ...] = ()

    @property
    def lines(self) -> int:
        """Rows that came in."""
        return sum(record.accepted for record in self.added)


class LastLooks:
    """What the people of one home last saw."""

    def __init__(self, catalogue: Catalogue, metrics: Metrics) -> None:
        """Keep the stores."""
        self._catalogue = catalogue
        self._store = LastLookStore(catalogue)
        self._metrics = metrics

    def look(self, scope: Scope) -> Changes | None:
        """Return what changed since this person last looked; None where nothing did.

        What is seen for the first time, or with other rights than before, is kept and compared
        with from now on.
        """
        kept = self._store.of(scope.owner)
        same = kept is not None and kept.rights == self._rights(scope)
        if kept is not None and same and kept.data_version == self._catalogue.current_version():
            if now() - _aware(kept.seen_at) > _STEADY:
                self._store.touch(scope.owner, now())
            return None
        found = self._now(scope)
        if found is None:
            return None
        version, figures = found
        if kept is None or not same:
            self._keep(scope, version, figures)
            return None
        if version == kept.data_version:
            return None  # newer data are being prepared
        changes = self._compared(kept, version, figures, scope)
        if not (changes.added or changes.gone or changes.figures):
            self._keep(scope, version, figures)
            return None
        return changes

    def seen(self, scope: Scope) -> None:
        """Compare with the data as they are now from now on."""
        found = self._now(scope)
        if found is not None:
            self._keep(scope, *found)

    def _keep(self, scope: Scope, version: int, figures: Mapping[str, Any]) -> None:
        self._store.keep(scope.owner, version, self._rights(scope), figures)

    def _rights(self, scope: Scope) -> str:
        rows = sorted((chosen.dimension, chosen.values) for chosen in scope.where)
        return f"{self._metrics.base_currency} {rows}"

    def _now(self, scope: Scope) -> tuple[int, dict[str, Any]] | None:
        """Return the data version and the figures as they are now; None without data."""
        if self._metrics.span() is None:
            return None
        period = self._metrics.resolve(FilterState()).period
        answer = self._metrics.ask(MetricQuery(FIGURES, period=period), scope)
        everybody = self._metrics.ask(MetricQuery((ALL_TIME,)), scope)
        totals = {**_total(answer.total), ALL_TIME: _total(everybody.total).get(ALL_TIME)}
        splits: dict[str, dict[str, tuple[str, float]]] = {}
        for key in SPLITS:
            table = self._metrics.ask(MetricQuery((MOVED,), by=(key,), period=period), scope)
            if table.data.num_rows <= _MEMBERS:
                splits[key] = {
                    str(row[key]): (str(row.get(f"{key}_name") or row[key]), float(row[MOVED] or 0))
                    for row in table.rows()
                    if row[key] is not None
                }
        return answer.data_version, {"totals": totals, "splits": splits}

    def _compared(
        self, kept: LastLook, version: int, figures: Mapping[str, Any], scope: Scope
    ) -> Changes:
        before, after = kept.figures.get("totals", {}), figures["totals"]
        moved = tuple(
            Moved(key, before.get(key), after.get(key))
            for key in (*FIGURES, ALL_TIME)
            if _differ(before.get(key), after.get(key))
        )
        events = [] if scope.where else self._store.events(kept.data_version, version)
        added, gone = _net(events)
        return Changes(
            since=_aware(kept.seen_at),
            added=added,
            gone=gone,
            figures=moved,
            movers=_movers(kept.figures.get("splits", {}), figures["splits"]),
        )


def _net(events: Iterable[tuple[str, Import]]) -> tuple[tuple[Import, ...], tuple[Import, ...]]:
    """Return the imports that count now and did not, and those that no longer do."""
    first: dict[int, tuple[str, Import]] = {}
    for reason, record in events:
        first.setdefault(record.id or 0, (reason, record))
    added, gone = [], []
    for reason, record in first.values():
        counted = reason == ImportStatus.UNDONE.value  # then: it could be undone
        counts = record.status is ImportStatus.COMMITTED
        if counts and not counted:
            added.append(record)
        elif counted and not counts:
            gone.append(record)
    return tuple(added), tuple(gone)


def _movers(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Mover, ...]:
    found: list[Mover] = []
    for key in SPLITS:
        if key not in before or key not in after:
            continue
        then, now_ = before[key], after[key]
        changes = [
            Mover(
                key,
                member,
                str((now_.get(member) or then[member])[0]),
                (now_[member][1] if member in now_ else 0.0)
                - (then[member][1] if member in then else 0.0),
            )
            for member in {**then, **now_}
        ]
        changes.sort(key=lambda mover: (-abs(mover.change), mover.member))
        found += [mover for mover in changes[:_NAMED] if abs(mover.change) >= _CENT]
    return tuple(found)


def _total(row: Mapping[str, Any] | None) -> dict[str, float | None]:
    keys = (*FIGURES, ALL_TIME)
    found = {key: (row or {}).get(key) for key in keys}
    return {key: None if value is None else float(value) for key, value in found.items()}


def _differ(before: float | None, after: float | None) -> bool:
    if before is None or after is None:
        return before is not after
    return abs(after - before) > 1e-9 * max(1.0, abs(before))


def _aware(moment: datetime) -> datetime:
    """Return a stored moment with its zone, which SQLite does not keep."""
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
