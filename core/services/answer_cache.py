"""Answers given before: in memory and on disk, each computed once however many ask for it.

What lies on disk is bytes that are checked and never executed; an entry that is damaged, or that
was put under another address than its own, is removed and computed anew.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock, get_ident
from time import monotonic, perf_counter, time

from core import log
from core.errors import PicholineError
from core.models.result import AnalysisResult, ResultTable
from core.repository.kept import Kept, KeptBytes
from core.repository.tally import Tally
from core.services.answer_address import Address
from core.services.result_codec import DamagedError, decode, encode
from core.settings import Settings

_MEMORY_BYTES = 64 << 20
_ENTRY_BYTES = 2_000  # columns, caveats and SQL of an answer, beside its rows
_LARGEST = 1 / 8  # of the memory: what is larger is not kept
_WORTH_SECONDS = 0.015  # what is computed faster is not worth a file
_STATES = 3  # of the data: the present one and two earlier ones, for undo and redo
_WAITING_WRITES = 64
_FLUSH_SECONDS = 5.0
_TABLE, _KEY, _STATE = "answer", "key", "state"

# How an answer came about; `ahead` ones were computed before anybody asked.
MEMORY, DISK, JOINED, COMPUTED, AHEAD = "memory", "disk", "joined", "computed", "ahead"
DROPPED, DAMAGED, SINCE = "dropped", "damaged", "since"
_GIVEN = (MEMORY, DISK, JOINED)

_ahead: ContextVar[Callable[[], bool] | None] = ContextVar("ahead", default=None)


@dataclass(frozen=True)
class CacheState:
    """What is kept, and what it was good for.

    Attributes:
        since: moment counting began, in seconds since 1970; None: nothing was asked yet.
        counts: number of answers by how they came about, of all processes of the home.
        entries: in the memory of this process.
        bytes: of them.
        groups: entries on disk by the state of the data they rest on, the newest first.
        state: the state served now; None before the first question.
    """

    since: float | None
    counts: Mapping[str, int]
    entries: int
    bytes: int
    groups: tuple[Kept, ...]
    state: str | None

    @property
    def asked(self) -> int:
        """Number of questions people asked."""
        return sum(self.counts.get(name, 0) for name in (*_GIVEN, COMPUTED))

    @property
    def hit_ratio(self) -> float | None:
        """Share of the questions that were answered without computing; None without questions."""
        given = sum(self.counts.get(name, 0) for name in _GIVEN)
        return given / self.asked if self.asked else None


@dataclass
class _Flight:
    """An answer that is being computed, and those who wait for it."""

    thread: int
    done: Event = field(default_factory=Event)
    found: ResultTable | None = None
    error: BaseException | None = None


class StoppedError(Exception):
    """What was computed ahead is not wanted now."""


@contextmanager
def computed_ahead(wanted: Callable[[], bool]) -> Generator[None]:
    """Count answers computed inside the block as computed before anybody asked.

    Args:
        wanted: asked before each of them; when it says no, `StoppedError` is raised.
    """
    token = _ahead.set(wanted)
    try:
        yield
    finally:
        _ahead.reset(token)


def open_answers(settings: Settings) -> "AnswerCache":
    """Return the kept answers of a home folder; nothing is opened yet."""
    return AnswerCache(settings.cache / "answers", disk_bytes=settings.answers_mb << 20)


def check_wanted() -> None:
    """Stop here when this is computed ahead and not wanted any more.

    Raises:
        StoppedError: somebody waits for the machine.
    """
    wanted = _ahead.get()
    if wanted is not None and not wanted():
        raise StoppedError


class AnswerCache:
    """The answers of one home folder; safe to share between threads and between processes."""

    def __init__(
        self,
        folder: Path,
        *,
        memory_bytes: int = _MEMORY_BYTES,
        disk_bytes: int = 256 << 20,
        worth_seconds: float = _WORTH_SECONDS,
    ) -> None:
        """Open nothing yet.

        Args:
            folder: of kept answers; it may be deleted at any time.
            memory_bytes: of answers held in this process.
            disk_bytes: of answers held in the folder; 0 keeps none.
            worth_seconds: an answer computed faster than this is held in memory only.
        """
        self._disk = KeptBytes(folder, max(disk_bytes, 1), "stored") if disk_bytes else None
        self._tally = Tally(folder.with_suffix(".json"))
        self._limit = memory_bytes
        self._worth = worth_seconds
        self._memory: OrderedDict[str, tuple[ResultTable, int, str]] = OrderedDict()
        self._bytes = 0
        self._flights: dict[str, _Flight] = {}
        self._counts: Counter[str] = Counter()
        self._flushed = float("-inf")
        self._states: list[str] = []
        self._writer: ThreadPoolExecutor | None = None
        self._waiting = 0
        self._lock = Lock()

    def answer(self, address: Address, compute: Callable[[], ResultTable]) -> ResultTable:
        """Return a kept answer, wait for one that is being computed, or compute it.

        Args:
            address: everything the answer depends on.
            compute: finds it; what it raises is raised to everybody who waits for it, if it is a
                reason that holds for all of them.
        """
        while True:
            with self._lock:
                held = self._memory.get(address.key)
                if held is not None:
                    self._memory.move_to_end(address.key)
                flight = self._flights.get(address.key)
                mine = held is None and flight is None
                if mine:
                    flight = self._flights[address.key] = _Flight(get_ident())
            if held is not None:
                self._count(MEMORY)
                return held[0]
            if flight is None or mine:
                return self._lead(address, flight or _Flight(get_ident()), compute)
            if flight.thread == get_ident():  # a question inside its own answer
                return compute()
            check_wanted()
            found = self._awaited(flight)
            if found is not None:
                self._count(JOINED)
                return found

    def served(self, state: str) -> None:
        """Say which state of the data answers now; answers of long gone states are dropped."""
        with self._lock:
            if self._states and self._states[0] == state:
                return
            self._states = [state, *(s for s in self._states if s != state)][:_STATES]
            gone = [key for key, entry in self._memory.items() if entry[2] not in self._states]
            for key in gone:
                self._forget(key)
        if gone:
            self._count(DROPPED, len(gone))
        self._later(lambda: self._drop_earlier(state))

    def state(self, *, on_disk: bool = True) -> CacheState:
        """Return what is kept and how often it served; what lies on disk if wanted."""
        self._flush(wait=1.0)
        stored = self._tally.read()
        looked = on_disk and self._disk is not None and self._disk.exists()
        groups = self._disk.groups() if looked and self._disk else []
        with self._lock:
            return CacheState(
                since=stored.get(SINCE),
                counts={name: int(value) for name, value in stored.items() if name != SINCE},
                entries=len(self._memory),
                bytes=self._bytes,
                groups=tuple(groups),
                state=self._states[0] if self._states else None,
            )

    def clear(self) -> int:
        """Forget every answer and begin counting anew; return how many lay on disk."""
        with self._lock:
            self._memory.clear()
            self._bytes = 0
            self._counts.clear()
        self._tally.clear()
        return self._disk.clear() if self._disk and self._disk.exists() else 0

    def close(self) -> None:
        """Write what waits to be written, and release the store."""
        with self._lock:
            writer, self._writer = self._writer, None
        if writer is not None:
            writer.shutdown(wait=True)
        self._flush(wait=1.0)
        if self._disk is not None:
            self._disk.close()

    # One computation for all who ask ---------------------------------------------------------

    def _lead(
        self, address: Address, flight: _Flight, compute: Callable[[], ResultTable]
    ) -> ResultTable:
        try:
            found = self._stored(address)
            if found is None:
                check_wanted()
                began = perf_counter()
                found = compute()
                self._keep(address, found, perf_counter() - began)
                self._count(AHEAD if _ahead.get() else COMPUTED)
            else:
                self._hold(address, found)
                self._count(DISK)
        except BaseException as error:
            flight.error = error
            raise
        else:
            flight.found = found
            return found
        finally:
            with self._lock:
                self._flights.pop(address.key, None)
            flight.done.set()

    @staticmethod
    def _awaited(flight: _Flight) -> ResultTable | None:
        """Return what another thread finds; None where it was stopped and someone else must."""
        flight.done.wait()
        if isinstance(flight.error, PicholineError):
            error = flight.error
            raise PicholineError(
                error.code, error.title, error.remedy, status=error.status
            ) from error
        return flight.found

    # In memory -------------------------------------------------------------------------------

    def _hold(self, address: Address, found: ResultTable) -> None:
        size = found.data.nbytes + len(found.sql) + _ENTRY_BYTES
        if size > self._limit * _LARGEST:
            return
        with self._lock:
            self._forget(address.key)
            self._memory[address.key] = (found, size, address.state)
            self._bytes += size
            while self._bytes > self._limit:
                self._forget(next(iter(self._memory)))

    def _forget(self, key: str) -> None:
        entry = self._memory.pop(key, None)
        if entry is not None:
            self._bytes -= entry[1]

    # On disk ---------------------------------------------------------------------------------

    def _stored(self, address: Address) -> ResultTable | None:
        if self._disk is None or not self._disk.exists():
            return None
        content = self._disk.get(address.key)
        if content is None:
            return None
        try:
            kept = decode(content)
            if kept.headline == {_KEY: address.key, _STATE: address.state}:
                return kept.tables[_TABLE]
        except (DamagedError, KeyError):
            pass
        log.event("answers.damaged", key=address.key)
        self._count(DAMAGED)
        self._disk.drop(address.key)
        return None

    def _keep(self, address: Address, found: ResultTable, seconds: float) -> None:
        self._hold(address, found)
        if self._disk is None or seconds < self._worth:
            return
        if found.data.nbytes <= self._limit * _LARGEST:
            self._later(lambda: self._write(address, found))

    def _write(self, address: Address, found: ResultTable) -> None:
        if self._disk is None:
            return
        try:
            content = encode(
                AnalysisResult({_TABLE: found}, {}, {_KEY: address.key, _STATE: address.state})
            )
        except TypeError as error:  # a value of a kind that cannot be kept: memory holds it
            log.event("answers.unkept", why=str(error))
            return
        self._disk.put(address.key, content, address.state)

    def _drop_earlier(self, state: str) -> None:
        if self._disk is None or not self._disk.exists():
            return
        others = [group.group for group in self._disk.groups() if group.group != state]
        for group in others[_STATES - 1 :]:
            count = self._disk.drop_group(group)
            self._count(DROPPED, count)
            log.event("answers.dropped", state=group, entries=count)

    def _later(self, work: Callable[[], None]) -> None:
        """Do it in the background: nobody waits for the disk. With much waiting it is left out."""
        with self._lock:
            if self._waiting >= _WAITING_WRITES:
                return
            self._waiting += 1
            if self._writer is None:
                self._writer = ThreadPoolExecutor(1, "answers")
            self._writer.submit(self._done, work)

    def _done(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:  # noqa: BLE001 - kept answers are a help, never a condition
            log.failure("answers.write")
        finally:
            with self._lock:
                self._waiting -= 1

    # Counting --------------------------------------------------------------------------------

    def _count(self, how: str, number: int = 1) -> None:
        if how in _GIVEN and _ahead.get():
            return  # nobody asked
        with self._lock:
            self._counts[how] += number
            due = monotonic() - self._flushed >= _FLUSH_SECONDS
        if due:
            self._flush()

    def _flush(self, wait: float = 0.0) -> None:
        with self._lock:
            counts, self._counts = self._counts, Counter()
            self._flushed = monotonic()
        if counts and not self._tally.add(counts, {SINCE: time()}, wait):
            with self._lock:
                self._counts.update(counts)
