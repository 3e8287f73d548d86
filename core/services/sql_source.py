"""SQL sources: a query on another database, imported like a file, on a press or by the clock."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from core import log
from core.errors import PicholineError
from core.i18n import Message, msg, pack, translate, unpack
from core.models.arrivals import SqlSource
from core.models.query import Scope
from core.models.schema import TABLES
from core.models.tables import Import, now
from core.repository.jobs import SOURCE
from core.repository.sql_reader import check_address, check_query, read_query
from core.repository.sql_sources import SourceStore
from core.repository.watched import WatchedStore
from core.services.application import Application
from core.services.ingest import ImportOptions, ImportReport
from core.services.ingest import Mapping as ColumnMapping
from core.services.ingest.doubts import doubts_of, joined
from core.services.ingest.files import file_hash
from core.services.rights import refuse_restricted
from core.services.worker import Task

MODES = ("append", "replace", "upsert")
RUNNING = ("queued", "running")
_NAME = re.compile(r"[^\W_][\w .-]{0,59}")
_LEAST_MINUTES, _MOST_MINUTES = 1, 60 * 24 * 31
_LOOK_SECONDS = 5.0
Progress = Callable[[float, Message], None]


def add_source(application: Application, source: SqlSource, scope: Scope) -> SqlSource:
    """Store a source; nothing is read yet.

    Raises:
        PicholineError: the name is taken, the address holds a password, the query is no single
            SELECT, the table, mapping, mode or schedule cannot be, or the person may not import.
    """
    refuse_restricted(scope)
    check_source(source)
    source.owner = scope.owner
    made = SourceStore(application.catalogue).add(source)
    log.event("source.added", source=made.name, by=scope.owner)
    return made


def check_source(source: SqlSource) -> None:
    """Refuse a source that cannot be; nothing is read. Its query loses a closing semicolon.

    Raises:
        PicholineError: what is wrong with it.
    """
    if not _NAME.fullmatch(source.name):
        raise _wrong("name", source.name, msg("Use letters, digits, spaces, dots and hyphens."))
    if source.mode not in MODES:
        raise _wrong("mode", source.mode, msg("Possible are: {allowed}.", allowed=", ".join(MODES)))
    if source.table_name is not None and source.table_name not in TABLES:
        allowed = msg("Possible are: {allowed}.", allowed=", ".join(TABLES))
        raise _wrong("table", source.table_name, allowed)
    minutes = source.every_minutes
    if minutes is not None and not _LEAST_MINUTES <= minutes <= _MOST_MINUTES:
        raise _wrong("every", str(minutes), msg("Write a number of minutes, 1 to 44640."))
    if source.daily_at is not None and _time_of(source.daily_at) is None:
        raise _wrong("daily", source.daily_at, msg("Write it as HH:MM, for example 06:30."))
    options_of(source)  # refuses a mapping that does not fit the table
    check_address(source.address)
    source.query = check_query(source.query)


def all_sources(application: Application, scope: Scope) -> list[SqlSource]:
    """Return the sources, by name."""
    refuse_restricted(scope)
    return SourceStore(application.catalogue).all()


def get_source(application: Application, name: str, scope: Scope) -> SqlSource:
    """Return a source by name.

    Raises:
        PicholineError: there is none.
    """
    refuse_restricted(scope)
    return SourceStore(application.catalogue).get(name)


def remove_source(application: Application, name: str, scope: Scope) -> None:
    """Forget a source; its imports stay as they are.

    Raises:
        PicholineError: there is none of that name.
    """
    refuse_restricted(scope)
    SourceStore(application.catalogue).remove(name)
    log.event("source.removed", source=name, by=scope.owner)


def submit_source(application: Application, name: str, scope: Scope) -> int:
    """Queue a run of a source; return the job's number.

    Raises:
        PicholineError: there is none of that name, or it runs already.
    """
    refuse_restricted(scope)
    found = SourceStore(application.catalogue).get(name)
    if found.status in RUNNING:
        raise PicholineError(
            "source.running",
            msg("The source “{name}” is running already.", name=name),
            msg("Wait until it has finished."),
            status=409,
        )
    return _submit(application, found, scope.owner)


def run_source(
    application: Application, name: str, scope: Scope, progress: Progress
) -> dict[str, Any]:
    """Read a source and import what it gives; return how it ended, which is also kept.

    Returns:
        `status` ("done", "nothing", "unchanged"), `rows`, `reports`, `why` as a text.

    Raises:
        PicholineError: the database or the intake refuses; that is kept too.
    """
    refuse_restricted(scope)
    store = SourceStore(application.catalogue)
    source = store.get(name)
    store.change(source.id or 0, status="running", started_at=now())
    try:
        outcome = _run(application, source, progress)
    except PicholineError as error:
        why = Message("{title} {remedy}", {"title": error.title, "remedy": error.remedy})
        ended = {"code": error.code, "why": pack(why)}
        store.change(source.id or 0, status="failed", finished_at=now(), outcome=ended)
        log.event("source.failed", source=name, code=error.code)
        raise
    except BaseException:
        store.change(source.id or 0, status="failed", finished_at=now(), outcome={})
        raise
    store.change(source.id or 0, status="done", finished_at=now(), outcome=outcome)
    log.event("source.done", source=name, rows=outcome["rows"], ended=outcome["ended"])
    return {**outcome, "why": translate(outcome["why"]) if outcome.get("why") else ""}


def handle(application: Application, params: Mapping[str, Any], task: Task) -> dict[str, Any]:
    """Run a source as a job: `{name}` → how it ended."""
    scope = application.access.scope_of(task.owner)
    outcome = run_source(application, str(params["name"]), scope, task.report)
    task.committed()
    return outcome


class SourceWatch:
    """Queues what is due, now and then; a failed run waits for its next turn."""

    def __init__(
        self,
        application: Application,
        clock: Callable[[], float] = monotonic,
        moment: Callable[[], datetime] = now,
    ) -> None:
        """Watch the sources of one home; `clock` counts seconds, `moment` tells the time in UTC."""
        self._application = application
        self._clock = clock
        self._moment = moment
        self._looked = float("-inf")
        self._started = False

    def look(self) -> None:
        """Be called when the worker has nothing to do; cheap."""
        tick = self._clock()
        if tick - self._looked < _LOOK_SECONDS:
            return
        self._looked = tick
        store = SourceStore(self._application.catalogue)
        paused = store.paused()
        for source in store.all():
            if source.status in RUNNING:
                if not self._started:  # left behind by a worker that died
                    store.change(source.id or 0, status="")
            elif source.id not in paused and is_due(
                source, self._moment(), self._application.settings.time_zone
            ):
                _submit(self._application, source, source.owner)
        self._started = True


def is_due(source: SqlSource, moment: datetime, zone: str) -> bool:
    """Return whether a source is to be run at a moment.

    Args:
        source: as stored.
        moment: in UTC.
        zone: the company's time zone, in which a daily time is meant.
    """
    last = _aware(source.started_at)
    if source.every_minutes is not None:
        return last is None or moment - last >= timedelta(minutes=source.every_minutes)
    at = _time_of(source.daily_at or "")
    if at is None:
        return False
    local = moment.astimezone(ZoneInfo(zone))
    turn = datetime.combine(local.date(), at, tzinfo=local.tzinfo)
    turn = turn if turn <= local else turn - timedelta(days=1)
    return (last or _aware(source.created_at) or moment) < turn


def as_dict(source: SqlSource) -> dict[str, Any]:
    """Return a source for lists and JSON; an address never holds a password."""
    outcome = dict(source.outcome)
    why = outcome.pop("why", "")
    return {
        "name": source.name,
        "owner": source.owner,
        "address": source.address,
        "query": source.query,
        "table": source.table_name,
        "mode": source.mode,
        "every_minutes": source.every_minutes,
        "daily_at": source.daily_at,
        "status": source.status,
        "started_at": _iso(source.started_at),
        "finished_at": _iso(source.finished_at),
        **outcome,
        "why": str(unpack(why)) if why else "",
    }


def _submit(application: Application, source: SqlSource, owner: str) -> int:
    store = SourceStore(application.catalogue)
    store.change(source.id or 0, status="queued", started_at=now())
    return application.jobs.submit(SOURCE, {"name": source.name}, owner)


def _run(application: Application, source: SqlSource, progress: Progress) -> dict[str, Any]:
    progress(0.0, msg("Reading the database"))
    inbox = application.settings.inbox
    part = inbox / f"{uuid4().hex}.part"

    def told(rows: int) -> None:
        progress(0.1, msg("Reading the database: {n} rows", n=rows))

    try:
        rows = read_query(source.address, source.query, part, told)
        if not rows:
            return {"ended": "nothing", "rows": 0, "reports": []}
        sha256 = file_hash(part)
        if source.outcome.get("sha256") == sha256 and (
            before := WatchedStore(application.catalogue).imported(sha256)
        ):
            return _unchanged(rows, sha256, before[0])
        part.replace(inbox / sha256)
    finally:
        part.unlink(missing_ok=True)
    reports = _import(application, source, inbox / sha256, progress)
    found = [report.as_dict() for report in reports]
    return {"ended": "imported", "rows": rows, "sha256": sha256, "reports": found}


def _import(
    application: Application, source: SqlSource, path: Path, progress: Progress
) -> list[ImportReport]:
    options = options_of(source)
    if options.mapping is None:
        doubts = doubts_of(application.intake.preview(path, options))
        if doubts:
            raise PicholineError(
                "source.doubt",
                joined(doubts),
                msg("Name the columns as Picholine does, or add the source with a mapping file."),
            )
    return application.intake.run(path, options, progress=lambda f, s: progress(0.2 + 0.8 * f, s))


def options_of(source: SqlSource) -> ImportOptions:
    """Return the options by which the rows of a source are imported."""
    mapping = ColumnMapping.from_dict(source.mapping) if source.mapping else None
    return ImportOptions(
        table=source.table_name,
        mapping=mapping,
        mode=source.mode,
        file_name=f"{source.name}.parquet",
        owner=source.owner,
    )


def _unchanged(rows: int, sha256: str, before: Import) -> dict[str, Any]:
    why = msg("Nothing has changed since import {id}.", id=before.id)
    return {
        "ended": "unchanged",
        "rows": rows,
        "sha256": sha256,
        "reports": [],
        "why": pack(why),
    }


def _time_of(text: str) -> time | None:
    try:
        return time.fromisoformat(text) if re.fullmatch(r"\d\d:\d\d", text) else None
    except ValueError:
        return None


def _aware(moment: datetime | None) -> datetime | None:
    """Return a stored moment with its zone, which SQLite does not keep."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _iso(moment: datetime | None) -> str | None:
    found = _aware(moment)
    return found.isoformat(timespec="seconds") if found else None


def _wrong(name: str, value: str, remedy: Message) -> PicholineError:
    return PicholineError(
        "source.invalid",
        msg("“{value}” cannot be the {name} of a source.", value=value[:80], name=name),
        remedy,
    )
