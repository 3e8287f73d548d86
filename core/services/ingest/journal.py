"""What an import does, step by step with times and counts: kept with it, and with refused files.

The steps are told by `note` from wherever they happen; outside of an import nobody listens.
"""

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from time import monotonic
from typing import Any

from core import log
from core.errors import JobStoppedError, PicholineError
from core.formats import shown
from core.i18n import Message, Shown, pack
from core.models.arrivals import ImportLog
from core.models.formats import Format
from core.models.tables import now
from core.repository.catalogue import Catalogue
from core.repository.import_logs import CANCELLED, FAILED, IMPORTED, REFUSED, ImportLogStore

_KEEP_SECONDS = 1.0  # between two times the steps are stored, for an import that is killed
_HASH_LENGTH = 64


class Journal:
    """The steps of one file."""

    def __init__(self, store: ImportLogStore, log_: ImportLog) -> None:
        """Begin; `log_` is stored once the work has taken a while, or has ended."""
        self._store = store
        self._log = log_
        self._id: int | None = None
        self._began = self._told = self._kept = monotonic()
        self._steps: list[dict[str, Any]] = []
        self._imports: Sequence[int] = ()

    def note(self, step: str, said: Message) -> None:
        """Add a step that has just ended.

        Args:
            step: `read`, `header`, `mapped`, `typed`, `checked`, `compared`, `rules`, `stored`,
                `committed`; others may follow.
            said: what was found, with its counts.
        """
        moment = monotonic()
        self._steps.append(
            {
                "step": step,
                "at": round(moment - self._began, 3),
                "seconds": round(moment - self._told, 3),
                "said": pack(said),
            }
        )
        self._told = moment
        if not self._log.looked and moment - self._kept >= _KEEP_SECONDS:
            self._keep()

    def imported(self, import_ids: Sequence[int], sha256: str) -> None:
        """Say which imports count now."""
        self._imports = import_ids
        self._log.sha256 = sha256

    def end(self, outcome: str, error: PicholineError | None = None) -> None:
        """Store the whole of it."""
        why = {}
        if error is not None:
            why = {"code": error.code, "title": pack(error.title), "remedy": pack(error.remedy)}
        self._keep(outcome=outcome, why=why, finished_at=now(), sha256=self._log.sha256)
        if self._imports:
            self._store.belong(self._id or 0, self._imports)

    def _keep(self, **ended: Any) -> None:
        self._kept = monotonic()
        if self._id is None:
            for name, value in {**ended, "steps": [*self._steps]}.items():
                setattr(self._log, name, value)
            self._id = self._store.add(self._log)
        else:
            self._store.change(self._id, steps=[*self._steps], **ended)


_open: ContextVar[Journal | None] = ContextVar("picholine_journal", default=None)


def note(step: str, said: Message) -> None:
    """Add a step to the log of the running import; without one nothing happens."""
    journal = _open.get()
    if journal is not None:
        journal.note(step, said)


def imported(import_ids: Sequence[int], sha256: str) -> None:
    """Say which imports the running one became."""
    journal = _open.get()
    if journal is not None:
        journal.imported(import_ids, sha256)


def counted(number: int) -> Shown:
    """Return a count for a place of a message."""
    return shown(int(number), Format.INTEGER)


@contextmanager
def logged(
    catalogue: Catalogue, path: Path, name: str, owner: str, *, looked: bool
) -> Generator[None]:
    """Keep a log of the work inside the block.

    Args:
        catalogue: where it is kept.
        path: the file; in the inbox it is named by its SHA-256.
        name: of the file.
        owner: who brings it in.
        looked: the file is only looked at; its log is kept where it cannot be read.
    """
    sha256 = path.name if len(path.name) == _HASH_LENGTH else ""
    record = ImportLog(
        owner=owner, file_name=name, sha256=sha256, job_id=log.job_id.get(), looked=looked
    )
    journal = Journal(ImportLogStore(catalogue), record)
    token = _open.set(journal)
    try:
        yield
    except PicholineError as error:
        journal.end(REFUSED, error)
        raise
    except JobStoppedError:
        if not looked:
            journal.end(CANCELLED)
        raise
    except Exception:
        journal.end(FAILED)
        raise
    else:
        if not looked:
            journal.end(IMPORTED)
    finally:
        _open.reset(token)
