"""Computing likely next answers while nobody waits, and the pages people used after an import.

One thread of low priority in the web process: it computes only while no request runs and the
machine has room, and stops between two questions when a request comes. What it finds goes into
the kept answers, under the rights of the person it is computed for.
"""

import os
import sys
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from threading import Condition, Thread, get_native_id
from time import monotonic

from core import log
from core.errors import PicholineError
from core.models.filters import FilterState, filtered_by, parse_filters
from core.services.analytics.base import Pairs, analyses, get_analysis
from core.services.answer_cache import StoppedError, computed_ahead
from core.services.application import Application
from core.services.filter_choices import choices, filter_keys
from core.services.neighbours import Pick, neighbours

_QUIET_SECONDS = 0.4  # without a request before anything is begun
_LOOK_SECONDS = 2.0  # between two looks at the data version
_WAITING = 48  # states that wait to be computed
_STEPS = 24  # states beside one that was asked
_REMEMBERED = 12  # pages to compute anew after an import
_FREQUENT = 4
_OTHER_PAGES = 2
_FIRST_VALUES = 2  # of a filter's list, before anybody picked one
_LISTED = ("country", "category")
_GIVES_WAY = 10
_BUSY = 1.5  # runnable processes per processor above which the machine has no room


@dataclass(frozen=True)
class Visit:
    """A page as somebody looked at it.

    Attributes:
        analysis: key of the page's analysis.
        pairs: of its address.
        owner: who looked.
        look: what else the drawing depends on, for whoever draws.
    """

    analysis: str
    pairs: tuple[tuple[str, str], ...]
    owner: str
    look: tuple[str, ...] = ()


class Prefetch:
    """What is computed ahead for one web process."""

    def __init__(
        self,
        application: Application,
        *,
        has_room: Callable[[], bool] | None = None,
        quiet_seconds: float = _QUIET_SECONDS,
        steps: int = _STEPS,
    ) -> None:
        """Start nothing yet; the first visit starts the thread.

        Args:
            application: the services.
            has_room: whether the machine has room now; by its load where it can be told.
            quiet_seconds: how long no request must have run.
            steps: states computed beside one that was asked, at most.
        """
        self._application = application
        self._has_room = has_room or machine_has_room
        self._quiet = quiet_seconds
        self._most = steps
        # Draws a page with all its questions, where there is somebody who draws.
        self.draw: Callable[[Visit], None] | None = None
        self._state = Condition()
        self._running = 0
        self._last = monotonic()
        self._stopping = False
        self._thread: Thread | None = None
        self._waiting: deque[Visit] = deque()
        self._done: OrderedDict[tuple[int, Visit], None] = OrderedDict()
        self._used: OrderedDict[Visit, None] = OrderedDict()
        self._picks: dict[str, Counter[Pick]] = {}
        self._pages: Counter[str] = Counter()
        self._version = 0
        self._looked = monotonic()
        self._working = False

    # What requests say -----------------------------------------------------------------------

    def enter(self) -> None:
        """Say that a request begins: what is being computed ahead stops at its next question."""
        with self._state:
            self._running += 1

    def leave(self) -> None:
        """Say that a request ended."""
        with self._state:
            self._running = max(0, self._running - 1)
            self._last = monotonic()
            self._state.notify()

    def visited(self, analysis: str, pairs: Pairs, owner: str, look: tuple[str, ...] = ()) -> None:
        """Say that somebody looked at a page; what may come next waits to be computed."""
        visit = Visit(analysis, tuple(pairs), owner, look)
        with self._state:
            if self._stopping:
                return
            self._used[visit] = None
            self._used.move_to_end(visit)
            while len(self._used) > _REMEMBERED:
                self._used.popitem(last=False)
            self._pages[analysis] += 1
            counted = self._picks.setdefault(owner, Counter())
            named = ((filtered_by(name), value) for name, value in visit.pairs)
            counted.update((key, value) for key, value in named if key)
            self._waiting.appendleft(visit)
            while len(self._waiting) > _WAITING:
                self._waiting.pop()
            if self._thread is None:
                self._version = self._application.metrics.turn()
                self._thread = Thread(target=self._run, name="prefetch", daemon=True)
                self._thread.start()
            self._state.notify()

    def stop(self) -> None:
        """End the thread; what it computes is given up at the next question."""
        with self._state:
            self._stopping = True
            self._state.notify()
        if self._thread is not None:
            self._thread.join()

    def settled(self, timeout: float) -> bool:
        """Wait until nothing waits to be computed; return whether it came to that."""
        limit = monotonic() + timeout
        with self._state:
            while self._waiting or self._working:
                if not self._state.wait(max(0.0, min(limit - monotonic(), 0.05))) and (
                    monotonic() >= limit
                ):
                    return False
        return True

    # The thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        _lower_priority()
        while not self._stopping:
            visit = self._next()
            if visit is None:
                continue
            try:
                self._work(visit)
            except StoppedError:
                with self._state:
                    self._waiting.append(visit)
            except PicholineError:
                pass  # whoever asks for it is told
            except Exception:  # noqa: BLE001 - nobody waits for this
                log.failure("prefetch.failed", analysis=visit.analysis)
            finally:
                with self._state:
                    self._working = False
                    self._state.notify_all()

    def _next(self) -> Visit | None:
        """Wait for quiet and return the next state; None to look again."""
        with self._state:
            self._state.wait(timeout=self._quiet / 2 if self._waiting else _LOOK_SECONDS)
            if not self._free():
                return None
        self._look_for_new_data()
        # Making the files of new data is the worker's, or of who asks; see `_work` too.
        if not self._application.warehouse.is_ready():
            return None
        with self._state:
            if not self._waiting or not self._free():
                return None
            self._working = True
            return self._waiting.popleft()

    def _free(self) -> bool:
        quiet = not self._running and monotonic() - self._last >= self._quiet
        return quiet and not self._stopping and self._has_room()

    def _wanted(self) -> bool:
        return not self._running and not self._stopping

    def _look_for_new_data(self) -> None:
        """After a change of the data, compute the pages people used last."""
        if monotonic() - self._looked < _LOOK_SECONDS:
            return
        self._looked = monotonic()
        version = self._application.metrics.turn()
        with self._state:
            if version != self._version:
                self._version = version
                self._waiting.extendleft(self._used)
                log.event("prefetch.new_data", data_version=version, pages=len(self._used))

    def _work(self, visit: Visit) -> None:
        """Compute a state; if somebody looked at it, its neighbours too."""
        with computed_ahead(self._wanted), self._application.warehouse.without_building():
            self._compute(visit)
            if visit in self._used:
                for step in islice(self._steps(visit), self._most):
                    self._compute(step)

    def _compute(self, visit: Visit) -> None:
        application = self._application
        analysis = get_analysis(visit.analysis)
        key = (self._version, visit)
        if analysis.run is None or key in self._done:
            return
        if not self._wanted():
            raise StoppedError
        scope = application.access.scope_of(visit.owner)
        try:
            params = analysis.params_from(visit.pairs)
            if self.draw is not None:
                self.draw(visit)
            else:
                analysis.run(application.metrics, params, scope)
            for dimension in filter_keys(application.metrics):
                choices(application.metrics, params.filters, dimension, scope)
        except PicholineError as error:
            log.event("prefetch.refused", analysis=visit.analysis, code=error.code)
        self._done[key] = None
        while len(self._done) > _WAITING * _STEPS:
            self._done.popitem(last=False)

    def _steps(self, visit: Visit) -> Iterator[Visit]:
        """Yield the likely next states: other pages of the same one, then its neighbours."""
        state = parse_filters(visit.pairs)
        own = [pair for pair in visit.pairs if pair not in state.to_pairs()]
        others = [a.key for a in analyses() if a.run is not None and a.key != visit.analysis]
        for key in sorted(others, key=lambda name: -self._pages[name])[:_OTHER_PAGES]:
            yield replace(visit, analysis=key, pairs=tuple(state.to_pairs()))
        for beside in neighbours(state, self._frequent(state, visit.owner)):
            yield replace(visit, pairs=(*beside.to_pairs(), *own))

    def _frequent(self, state: FilterState, owner: str) -> list[Pick]:
        """Return the values a person picks most, and those that stand first in the lists."""
        picked = [pick for pick, _n in self._picks.get(owner, Counter()).most_common(_FREQUENT)]
        scope = self._application.access.scope_of(owner)
        for dimension in _LISTED:
            found = choices(self._application.metrics, state, dimension, scope)
            picked += [(dimension, member.value) for member in found[:_FIRST_VALUES]]
        return list(dict.fromkeys(picked))


def machine_has_room() -> bool:
    """Return whether the machine's load leaves room; yes where it cannot be told."""
    if not hasattr(os, "getloadavg"):
        return True
    return os.getloadavg()[0] < _BUSY * (os.cpu_count() or 1)


def _lower_priority() -> None:
    """Let this thread give way to the others, where a thread has a priority of its own."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), _GIVES_WAY)
