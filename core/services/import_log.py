"""What an import did, step by step, for screens and the command line."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core import log as events
from core.errors import PicholineError
from core.i18n import Message, msg, pack, unpack
from core.models.arrivals import ImportLog
from core.models.query import Scope
from core.models.tables import now
from core.repository.catalogue import Catalogue
from core.repository.import_logs import ImportLogStore
from core.services.rights import refuse_restricted

NUMBERS = "numbers"  # the step after an import counts: its numbers are ready to be asked for


@dataclass(frozen=True)
class Step:
    """One step: seconds since the start when it ended, seconds it took, what was found."""

    key: str
    at: float
    seconds: float
    said: Message

    def as_dict(self) -> dict[str, Any]:
        """Return the step for JSON, in the reader's language."""
        return {"step": self.key, "at": self.at, "seconds": self.seconds, "said": str(self.said)}


@dataclass(frozen=True)
class Log:
    """The log of one file.

    Attributes:
        file_name, owner, started_at: of the file.
        outcome: see `core.repository.import_logs`.
        looked: the file was only looked at.
        steps: in their order.
        code, title, remedy: why it was refused; empty otherwise.
    """

    file_name: str
    owner: str
    started_at: datetime
    outcome: str
    looked: bool
    steps: tuple[Step, ...]
    code: str = ""
    title: str = ""
    remedy: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the log for JSON, in the reader's language."""
        return {
            "file_name": self.file_name,
            "owner": self.owner,
            "started_at": self.started_at.isoformat(timespec="seconds"),
            "outcome": self.outcome,
            "looked": self.looked,
            "steps": [step.as_dict() for step in self.steps],
            "error": {"code": self.code, "title": self.title, "remedy": self.remedy}
            if self.code
            else None,
        }


class ImportLogs:
    """The logs of one home; every method refuses a restricted scope."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Read this catalogue."""
        self._store = ImportLogStore(catalogue)

    def of_import(self, import_id: int, scope: Scope) -> Log | None:
        """Return what an import did; None for one that was made before logs were kept."""
        refuse_restricted(scope)
        found = self._store.of_import(import_id)
        return _log(found) if found else None

    def close_left(self) -> int:
        """End the logs of imports whose worker died; return how many there were."""
        return self._store.close_left()

    def not_imported(self, scope: Scope, limit: int = 50) -> list[Log]:
        """Return the files that were refused or did not end, the newest first."""
        refuse_restricted(scope)
        return [_log(found) for found in self._store.not_imported(limit)]


def prepare_numbers(
    catalogue: Catalogue, import_ids: list[int], ready: Callable[[], object]
) -> None:
    """Prepare the numbers of imports that count, and add that to their log.

    A failure is the next question's: the imports count all the same.
    """
    began = now()
    try:
        ready()
        said = msg("The numbers are ready.")
    except PicholineError as error:
        events.event("job.warehouse", code=error.code)
        said = msg("The numbers could not be prepared: {why}", why=error.title)
    store = ImportLogStore(catalogue)
    found = store.of_import(import_ids[0]) if import_ids else None
    if found is None:
        return
    moment = now()
    step = {
        "step": NUMBERS,
        "at": round((moment - _aware(found.started_at)).total_seconds(), 3),
        "seconds": round((moment - began).total_seconds(), 3),
        "said": pack(said),
    }
    store.add_step(import_ids[0], step)


def _log(found: ImportLog) -> Log:
    steps = tuple(
        Step(str(one["step"]), float(one["at"]), float(one["seconds"]), unpack(str(one["said"])))
        for one in found.steps
    )
    why = found.why
    return Log(
        found.file_name,
        found.owner,
        _aware(found.started_at),
        found.outcome,
        found.looked,
        steps,
        why.get("code", ""),
        str(unpack(why["title"])) if "title" in why else "",
        str(unpack(why["remedy"])) if "remedy" in why else "",
    )


def _aware(moment: datetime) -> datetime:
    """Return a stored moment with its zone, which SQLite does not keep."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
