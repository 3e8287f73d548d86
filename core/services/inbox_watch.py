"""The watched folder: finished files are imported once, doubtful ones wait for a person.

A file counts as finished when its size and time stay the same for a while. Looking costs next to
nothing; the work is a job of its own (`INBOX`), which waits for what people started.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from typing import Any

from core import log
from core.errors import PicholineError
from core.i18n import Message, msg, pack, translate, use_language
from core.models.arrivals import WatchedFile
from core.models.query import Scope
from core.models.tables import ImportStatus
from core.repository.jobs import INBOX
from core.repository.watched import WatchedStore
from core.services.application import Application
from core.services.inbox_folder import DONE, REFUSED, is_ignored, put_away
from core.services.ingest import ImportOptions, ImportReport
from core.services.ingest.doubts import doubts_of, joined
from core.services.ingest.options import InboxFile
from core.services.rights import refuse_restricted
from core.services.worker import Task

OWNER = "inbox"  # who imports what came through the folder
SETTLED_SECONDS = 10.0
EMPTY_SECONDS = 60.0  # many programs create a file some time before they fill it
_AGAIN_SECONDS = 300.0  # before a file that could not be opened or moved is tried again
_LOOK_SECONDS = 1.0
_WAITING_SECONDS = 5.0
State = tuple[int, int]


class InboxWatch:
    """Looks at the folder while the worker is idle and queues a job for every finished file."""

    def __init__(self, application: Application, clock: Callable[[], float] = monotonic) -> None:
        """Watch the folder of the settings, if there is one; `clock` counts seconds."""
        self._application = application
        self._clock = clock
        self._folder = watched_folder(application)
        self._looked = self._settled = float("-inf")
        self._seen: dict[str, tuple[State, float]] = {}
        self._taken: dict[str, tuple[State, float]] = {}

    def look(self) -> None:
        """Be called when there is no job; cheap."""
        moment = self._clock()
        if self._folder is None or moment - self._looked < _LOOK_SECONDS:
            return
        self._looked = moment
        try:
            self._look(self._folder, moment)
            if moment - self._settled >= _WAITING_SECONDS:
                self._settled = moment
                settle(self._application, self._folder)
        except OSError as error:  # a network folder comes and goes
            log.event("inbox.unreadable", why=error.strerror or str(error))

    def _look(self, folder: Path, moment: float) -> None:
        there = {path.name: state for path in folder.iterdir() if (state := _state(path))}
        self._seen = {name: seen for name, seen in self._seen.items() if name in there}
        self._taken = {
            name: (state, since)
            for name, (state, since) in self._taken.items()
            if there.get(name) == state and (moment - since < _AGAIN_SECONDS or self._waits(name))
        }
        for name, state in sorted(there.items()):
            before, since = self._seen.get(name, (None, moment))
            if before != state:
                self._seen[name] = (state, moment)
            elif name not in self._taken and moment - since >= SETTLED_SECONDS:
                self._taken[name] = (state, moment)
                params = {"file_name": name, "size": state[0], "mtime": state[1]}
                self._application.jobs.submit(INBOX, params, OWNER)

    def _waits(self, name: str) -> bool:
        waiting = WatchedStore(self._application.catalogue).all("waiting")
        return any(found.file_name == name for found in waiting)


def take(application: Application, params: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """Take a finished file: `{file_name, size, mtime}` → `{status, imports}`.

    It ends `done` (imported, or imported before), `refused`, `waiting` for a person, or
    `unfinished` where it changed meanwhile.
    """
    refuse_restricted(application.access.scope_of(task.owner))
    folder = watched_folder(application)
    name = str(params["file_name"])
    state = (int(params["size"]), int(params["mtime"]))
    path = folder / Path(name).name if folder else None
    if path is None or _state(path) != state:
        return {"status": "unfinished"}
    with use_language(application.settings.language):
        try:
            with path.open("rb") as stream:
                stored = application.intake.store(stream, name)
        except PicholineError as error:
            return _refused(path, error)
        except OSError as error:  # another program holds it
            log.event("inbox.unreadable", file=name, why=error.strerror or str(error))
            return {"status": "unfinished"}
        if _state(path) != state:
            return {"status": "unfinished"}
        return _taken(application, path, stored, task)


def _taken(application: Application, path: Path, stored: InboxFile, task: Task) -> dict[str, Any]:
    files = WatchedStore(application.catalogue)
    size = stored.path.stat().st_size
    if earlier := files.imported(stored.sha256):
        said = _said_before(earlier[0].id or 0, undone=earlier[0].status is ImportStatus.UNDONE)
        return _ended(files, path, stored.sha256, size, DONE, said)
    known = files.get(stored.sha256)
    if known is not None and known.status == "waiting":
        return {"status": "waiting"}
    options = ImportOptions(file_name=path.name, owner=OWNER)
    try:
        doubts = doubts_of(application.intake.preview(stored.path, options, progress=task.report))
        if doubts:
            why = joined(doubts)
            files.put(stored.sha256, path.name, size, status="waiting", why=pack(why))
            log.event("inbox.waiting", file=path.name, doubts=len(doubts))
            return {"status": "waiting", "why": [str(doubt) for doubt in doubts]}
        reports = application.intake.run(stored.path, options, progress=task.report)
    except PicholineError as error:
        return _ended(files, path, stored.sha256, size, REFUSED, _of_error(error))
    task.committed()
    said = _of_reports(reports)
    ended = _ended(files, path, stored.sha256, size, DONE, said)
    return {**ended, "reports": [report.as_dict() for report in reports]}


def settle(application: Application, folder: Path) -> int:
    """Put away waiting files that a person has imported; return how many."""
    files, count = WatchedStore(application.catalogue), 0
    for waiting in files.all("waiting"):
        path = folder / waiting.file_name
        imports = files.imported(waiting.sha256)
        if not imports and not path.is_file():
            files.remove(waiting.sha256)
        elif imports:
            count += 1
            files.put(waiting.sha256, waiting.file_name, waiting.size, status=DONE, why="")
            if path.is_file() and path.stat().st_size == waiting.size:
                with use_language(application.settings.language):
                    put_away(path, DONE, str(_said_imported(imports[0].id or 0)))
    return count


@dataclass(frozen=True)
class Waiting:
    """A file of the watched folder that waits for a person; `why` is for the current reader."""

    sha256: str
    file_name: str
    size: int
    why: str
    found_at: str

    def as_dict(self) -> dict[str, Any]:
        """Return the file for JSON."""
        return {**self.__dict__}


def waiting_files(application: Application, scope: Scope) -> list[Waiting]:
    """Return the files that wait for a person, the oldest first; not what was just imported."""
    refuse_restricted(scope)
    files = WatchedStore(application.catalogue)
    found = [entry for entry in files.all("waiting") if not files.imported(entry.sha256)]
    return [_shown(entry) for entry in sorted(found, key=lambda entry: entry.found_at)]


def refuse_waiting(application: Application, sha256: str, scope: Scope) -> None:
    """Put a waiting file into `refused`: a person does not want it.

    Raises:
        PicholineError: no such file waits.
    """
    refuse_restricted(scope)
    files, folder = WatchedStore(application.catalogue), watched_folder(application)
    found = files.get(sha256)
    if found is None or found.status != "waiting" or folder is None:
        raise PicholineError(
            "inbox.unknown",
            msg("This file does not wait any more."),
            msg("Look at the list again."),
            status=404,
        )
    with use_language(application.settings.language):
        said = msg("{name} left this file out.", name=scope.owner)
        path = folder / found.file_name
        _ended(files, path, sha256, found.size, REFUSED, said)


def watched_folder(application: Application) -> Path | None:
    """Return the folder that is watched; none inside the home folder, which is our own."""
    folder = application.settings.watched_folder
    if folder is None:
        return None
    found = folder.expanduser().absolute()
    home = application.settings.home.absolute()
    if found == home or home in found.parents:
        log.event("inbox.inside_home", folder=str(found))
        return None
    return found


def _state(path: Path) -> State | None:
    """Return size and time of a file that could be taken; None for anything else."""
    if is_ignored(path.name) or path.is_symlink():
        return None
    try:
        found = path.stat()
    except OSError:
        return None
    young = not found.st_size and time() - found.st_mtime < EMPTY_SECONDS
    return None if young or not path.is_file() else (found.st_size, found.st_mtime_ns)


def _ended(
    files: WatchedStore, path: Path, sha256: str, size: int, status: str, said: Message
) -> dict[str, Any]:
    files.put(sha256, path.name, size, status=status, why=pack(said))
    if path.is_file():
        put_away(path, status, str(said))
    log.event("inbox.ended", file=path.name, status=status)
    return {"status": status, "why": [str(said)]}


def _refused(path: Path, error: PicholineError) -> dict[str, Any]:
    """Refuse a file that has no content to be known by: it is empty or far too large."""
    said = _of_error(error)
    put_away(path, REFUSED, str(said))
    log.event("inbox.ended", file=path.name, status=REFUSED, code=error.code)
    return {"status": REFUSED, "why": [str(said)]}


def _of_error(error: PicholineError) -> Message:
    return Message("{title} {remedy}", {"title": error.title, "remedy": error.remedy})


def _of_reports(reports: Sequence[ImportReport]) -> Message:
    notes = [note for report in reports for note in report.notes]
    return joined(
        [
            msg(
                "Import {id}: {read} rows read, {accepted} accepted, {quarantined} quarantined, "
                "{there} already there.",
                id=report.import_id,
                read=report.read,
                accepted=report.accepted,
                quarantined=report.quarantined,
                there=report.already_there,
            )
            for report in reports
        ]
        + notes
    )


def _said_imported(import_id: int) -> Message:
    return msg("A person imported this file: import {id}.", id=import_id)


def _said_before(import_id: int, *, undone: bool) -> Message:
    if undone:
        return msg("This file was imported before, as import {id}, and undone.", id=import_id)
    return msg("This file was imported before, as import {id}.", id=import_id)


def _shown(found: WatchedFile) -> Waiting:
    return Waiting(
        sha256=found.sha256,
        file_name=found.file_name,
        size=found.size,
        why=translate(found.why) if found.why else "",
        found_at=found.found_at.isoformat(timespec="seconds"),
    )
