"""The store: catalogue, segments, warehouse, jobs and worker of a home folder."""

from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import JobStatus
from core.repository.catalogue import Catalogue
from core.repository.jobs import JobStore
from core.services.doctor.check import Check, Level
from core.services.doctor.warehouse import warehouse_checks
from core.services.worker_lock import worker_alive
from core.settings import Settings

_JOBS = 50


def store_checks(settings: Settings, *, full: bool = False) -> list[Check]:
    """Return the state of the stored data; an empty home is healthy.

    Args:
        settings: of the home.
        full: every stored sum is compared with the lines, instead of a sample.
    """
    title = msg("Catalogue")
    if not settings.database_url and not (settings.home / "catalogue.db").is_file():
        return [Check("catalogue", Level.NOTE, title, msg("no data yet")), _worker(settings, 0)]
    catalogue = Catalogue(settings.catalogue_url)
    address = catalogue.engine.url.render_as_string(hide_password=True)
    try:
        catalogue.create()
        found = [Check("catalogue", Level.OK, title, address), _data(catalogue)]
        found += [
            *_segments(settings, catalogue),
            *warehouse_checks(settings, catalogue, full=full),
        ]
        jobs = JobStore(catalogue.engine).recent("local", _JOBS)
        waiting = sum(job.status is JobStatus.QUEUED for job in jobs)
        return [*found, _worker(settings, waiting)]
    except PicholineError as error:
        return [Check("catalogue", Level.BROKEN, title, error.title, error.remedy)]
    finally:
        catalogue.engine.dispose()


def _data(catalogue: Catalogue) -> Check:
    imports = catalogue.imports()
    text = msg(
        "version {version}; imports: {n}", version=catalogue.current_version(), n=len(imports)
    )
    return Check("data", Level.OK, msg("Data"), text)


def _segments(settings: Settings, catalogue: Catalogue) -> list[Check]:
    title = msg("Data files")
    known = catalogue.segment_files()
    there = {
        path.relative_to(settings.segments).as_posix()
        for path in settings.segments.glob("*/*.parquet")
    }
    lost = [s for s in catalogue.visible_segments() if s.file not in there]
    if lost:
        ids = ", ".join(str(number) for number in sorted({s.import_id for s in lost}))
        return [
            Check(
                "segments",
                Level.BROKEN,
                title,
                msg("missing, of the imports {ids}; files: {n}", n=len(lost), ids=ids),
                msg("Restore the folder “segments” from a backup, or undo these imports."),
            )
        ]
    found = [Check("segments", Level.OK, title, msg("complete; files: {n}", n=len(known & there)))]
    orphans = len(there - known)
    if orphans:
        text = msg("left over by an import that was stopped; files: {n}", n=orphans)
        remedy = msg("Nothing to do: the worker deletes them after an hour.")
        found.append(Check("orphans", Level.NOTE, title, text, remedy))
    return found


def _worker(settings: Settings, waiting: int) -> Check:
    title = msg("Worker")
    if worker_alive(settings.home):
        return Check("worker", Level.OK, title, msg("running"))
    if waiting:
        return Check(
            "worker",
            Level.BROKEN,
            title,
            msg("not running; jobs that wait for it: {n}", n=waiting),
            msg("Start `picholine serve` or `picholine worker`."),
        )
    return Check("worker", Level.NOTE, title, msg("not running; `picholine serve` starts it"))
