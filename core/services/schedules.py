"""Schedules: an analysis runs once for every new data version, when the data have settled."""

from collections.abc import Callable
from time import monotonic

from core import log
from core.errors import PicholineError
from core.models.query import Scope
from core.models.tables import Schedule
from core.services.analytics.base import Analysis, Params, get_analysis
from core.services.application import Application
from core.services.studies import lasting, question_of

SETTLED_SECONDS = 3.0  # several imports in a row are one change
_LOOK_SECONDS = 1.0


def is_scheduled(
    application: Application, analysis: Analysis, params: Params, scope: Scope
) -> bool:
    """Return whether these parameters are run with every new data version."""
    pairs = _pairs(application, params)
    return any(
        schedule.analysis == analysis.key and schedule.pairs == pairs
        for schedule in application.runs.store.schedules(scope.owner)
    )


def switch(
    application: Application, analysis: Analysis, params: Params, scope: Scope, *, enabled: bool
) -> None:
    """Switch the schedule of these parameters on or off."""
    pairs = _pairs(application, params)
    application.runs.store.switch(scope.owner, analysis.key, pairs, enabled=enabled)
    log.event("schedule.switched", analysis=analysis.key, enabled=enabled)


def submit_due(application: Application) -> int:
    """Queue what is scheduled and was not tried on the current data; return how many runs."""
    if application.metrics.span() is None:
        return 0
    return sum(_submit(application, schedule) for schedule in application.runs.store.schedules())


class DataWatch:
    """Looks at the data version now and then, and queues what is due once it stays the same."""

    def __init__(self, application: Application, clock: Callable[[], float] = monotonic) -> None:
        """Watch one home folder; `clock` counts seconds."""
        self._application = application
        self._clock = clock
        self._looked = self._changed = float("-inf")
        self._seen = self._done = -1

    def look(self) -> None:
        """Be called when the worker has nothing to do; cheap unless something is due."""
        moment = self._clock()
        if moment - self._looked < _LOOK_SECONDS:
            return
        self._looked = moment
        version = self._application.catalogue.current_version()
        if version != self._seen:
            self._seen, self._changed = version, moment
        if self._done != version and moment - self._changed >= SETTLED_SECONDS:
            self._done = version
            count = submit_due(self._application)
            if count:
                log.event("schedule.submitted", runs=count, data_version=version)


def _submit(application: Application, schedule: Schedule) -> bool:
    try:
        analysis = get_analysis(schedule.analysis)
        params = analysis.params_from((name, value) for name, value in schedule.pairs)
        scope = application.access.scope_of(schedule.owner)
        question = question_of(application, analysis, params, scope)
    except PicholineError as error:  # an analysis, a choice or a definition that is no more
        log.event("schedule.unusable", schedule=schedule.id, code=error.code)
        return False
    runs = application.runs
    if runs.job(question) is not None or runs.store.newest(question.key) is not None:
        return False
    runs.ask(question, schedule.owner, scheduled=True)
    return True


def _pairs(application: Application, params: Params) -> list[list[str]]:
    return [list(pair) for pair in lasting(application, params).to_pairs()]
