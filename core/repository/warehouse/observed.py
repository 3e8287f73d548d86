"""Which questions cost much: kept as columns and counts, without values, for the next whole build.

A roll-up of its own is made for what is asked often and answered by reading many rows.
"""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from time import monotonic
from typing import Any

from core import log
from core.repository.warehouse.lock import file_lock

_DEAR = 20.0  # milliseconds a reading costs at least to be remembered
_WISHED_TIMES, _WISHED_COST = 5, 1000.0
_KEPT, _WISHES = 200, 4
_FLUSH_SECONDS = 30.0
_SINGLE = frozenset({"order_key", "invoice_id"})  # a roll-up by these would be the lines again


@dataclass(frozen=True)
class Wish:
    """A reading that was costly.

    Attributes:
        columns: dimension columns and keys it needed, sorted.
        monthly: whole months were fine enough.
        times: how often it was asked.
        cost: milliseconds of one core, as planned, all times together.
    """

    columns: tuple[str, ...]
    monthly: bool
    times: int
    cost: float


class Observed:
    """Collects costly readings in memory and adds them to a file now and then, in a thread."""

    def __init__(self, path: Path) -> None:
        """Keep the file's place; it is written when there is something to write."""
        self._path = path
        self._seen: dict[tuple[tuple[str, ...], bool], tuple[int, float]] = {}
        self._lock = Lock()
        self._flushed = monotonic()

    def note(self, columns: Iterable[str], cost: float, *, monthly: bool) -> None:
        """Remember a reading, if it cost enough and a roll-up could help.

        Args:
            columns: dimension columns and keys it needed.
            cost: milliseconds of one core, as planned.
            monthly: whole months were fine enough.
        """
        key = (tuple(sorted(columns)), monthly)
        if cost < _DEAR or _SINGLE & {*key[0]}:
            return
        with self._lock:
            times, total = self._seen.get(key, (0, 0.0))
            self._seen[key] = (times + 1, total + cost)
            due = monotonic() - self._flushed > _FLUSH_SECONDS
            if due:
                self._flushed = monotonic()
        if due:
            Thread(target=self.flush, name="observed", daemon=True).start()

    def flush(self) -> None:
        """Add what was collected to the file; keep it for later while another process writes."""
        with self._lock:
            seen, self._seen = self._seen, {}
        if not seen:
            return
        try:
            with file_lock(self._path.with_suffix(".lock"), timeout=0) as held:
                if held:
                    _write(self._path, _added(_read(self._path), seen))
                    return
        except OSError as error:
            log.event("observed.unwritable", why=str(error))
            return
        with self._lock:
            for key, (times, cost) in seen.items():
                more, sum_ = self._seen.get(key, (0, 0.0))
                self._seen[key] = (times + more, cost + sum_)


def wishes(path: Path) -> tuple[Wish, ...]:
    """Return the costliest readings of a file that a roll-up could be made for."""
    found = [w for w in _read(path) if w.times >= _WISHED_TIMES and w.cost >= _WISHED_COST]
    return tuple(sorted(found, key=lambda wish: -wish.cost)[:_WISHES])


def _added(
    kept: Sequence[Wish], seen: dict[tuple[tuple[str, ...], bool], tuple[int, float]]
) -> list[Wish]:
    known = {(wish.columns, wish.monthly): wish for wish in kept}
    for (columns, monthly), (times, cost) in seen.items():
        old = known.get((columns, monthly), Wish(columns, monthly, 0, 0.0))
        known[(columns, monthly)] = Wish(columns, monthly, old.times + times, old.cost + cost)
    return sorted(known.values(), key=lambda wish: -wish.cost)[:_KEPT]


def _read(path: Path) -> list[Wish]:
    try:
        stored: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
        return [
            Wish(tuple(s["columns"]), bool(s["monthly"]), int(s["times"]), float(s["cost"]))
            for s in stored
        ]
    except (OSError, ValueError, KeyError, TypeError):
        return []  # nothing was seen yet, or the file is damaged: it is written anew


def _write(path: Path, found: Iterable[Wish]) -> None:
    written = path.with_suffix(".new")
    text = json.dumps([
        {"columns": w.columns, "monthly": w.monthly, "times": w.times, "cost": round(w.cost, 1)}
        for w in found
    ])  # fmt: skip
    with open(os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:  # noqa: PTH123
        stream.write(text)
    written.replace(path)
