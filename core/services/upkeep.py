"""What a process with time to spare does for the stored numbers."""

import logging
from collections.abc import Callable
from time import monotonic

from core import log
from core.errors import PicholineError
from core.repository.warehouse import verify
from core.services.application import Application

_LOOK_SECONDS = 0.25
QUIET_SECONDS = 30.0  # without a change of the data, before many small files are made one


class Upkeep:
    """Prepares the newest data, and puts files together that came one by one."""

    def __init__(self, application: Application, clock: Callable[[], float] = monotonic) -> None:
        """Care for one home folder; `clock` counts seconds."""
        self._application = application
        self._clock = clock
        self._looked = self._changed = float("-inf")
        self._seen = self._tidied = 0

    def look(self) -> None:
        """Be called when there is no job; cheap unless something is due.

        A version that cannot be prepared is tried once: whoever asks for it is told why.
        """
        moment = self._clock()
        if moment - self._looked < _LOOK_SECONDS:
            return
        self._looked = moment
        version = self._application.catalogue.current_version()
        try:
            if version != self._seen:
                self._seen, self._changed = version, moment
                self._application.warehouse.ensure()
                self._verify(version)
            elif version != self._tidied and moment - self._changed >= QUIET_SECONDS:
                self._tidied = version
                self._application.warehouse.tidy()
        except PicholineError as error:
            log.event("upkeep.failed", data_version=version, code=error.code)

    def _verify(self, version: int) -> None:
        """Compare some stored sums with the lines; what differs is for the log and the doctor."""
        with self._application.warehouse.reading() as (cursor, info):
            found = verify(cursor, info, months=1, seed=version)
        for one in found.differences:
            log.event(
                "warehouse.differs",
                level=logging.ERROR,
                table=one.table,
                measure=one.measure,
                stored=one.stored,
                lines=one.lines,
            )
