"""Commands that run or examine the installation: serve, worker, doctor."""

import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

import click

from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command, option

if TYPE_CHECKING:
    from core.services.application import Application

PATIENCE_SECONDS = 60.0  # without patient work, before its worker ends and frees its memory


@command("serve", N_("Serve Picholine to a browser on this machine. Ctrl+C stops it."))
@option("--host", metavar="H", help=N_("Address to listen on (default 127.0.0.1)."))
@option("--port", type=click.IntRange(0, 65535), metavar="P", help=N_("Port (default 8050)."))
@option("--demo", is_flag=True, help=N_("Load the demo company if the home folder is empty."))
@option("--no-browser", is_flag=True, help=N_("Do not open a browser."))
@as_option
def serve(
    session: Session,
    *,
    host: str | None,
    port: int | None,
    demo: bool,
    no_browser: bool,
    user: str,
) -> None:
    """Run the web server and its worker until told to stop."""
    from dashboard.commands.server import Server
    from dashboard.commands.window import open_browser

    chosen = {"host": host, "port": port}
    given = {name: value for name, value in chosen.items() if value is not None}
    settings = session.settings.model_copy(update=given)
    show = (lambda _address: None) if no_browser else open_browser
    Server(settings, session.say, user).run(demo=demo, show=show)


@command("worker", N_("Run the worker alone: it does the long work of the web server."))
@option("--attached", is_flag=True, hidden=True, help="End when stdin closes: with the parent.")
@option("--patient", is_flag=True, hidden=True, help="Do only what nobody waits for, then end.")
def worker(session: Session, *, attached: bool, patient: bool) -> None:
    """Claim and run jobs until told to stop."""
    from core import log
    from core.services.application import Application
    from core.services.job_handlers import HANDLERS
    from core.services.lanes import Lane
    from core.services.worker import Worker
    from core.services.worker_lock import worker_lock

    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    if attached:
        from dashboard.commands.server import watch_parent

        watch_parent(stop)
    session.settings.create_home()
    with worker_lock(session.settings.home, Lane.PATIENT if patient else "") as name:
        application = Application.open(session.settings)
        log.configure(
            session.settings.logs / ("patient" if patient else "worker"), session.settings.log_level
        )
        log.event("worker.started")
        if not attached:
            session.say(msg("The worker is running; Ctrl+C stops it."))
        try:
            if patient:
                lane, patience = Lane.PATIENT, PATIENCE_SECONDS
                Worker(application, name, HANDLERS, lane=lane, patience=patience).run(stop)
            else:
                _work(application, name, stop)
        finally:
            log.event("worker.stopped")
            application.close()


def _work(application: "Application", name: str, stop: threading.Event) -> None:
    """Do what people wait for, and have a second worker do the rest where there may be two."""
    from core.services.inbox_watch import InboxWatch
    from core.services.job_handlers import HANDLERS
    from core.services.lanes import Lane, taking
    from core.services.schedules import DataWatch
    from core.services.sql_source import SourceWatch
    from core.services.upkeep import Upkeep
    from core.services.worker import Worker
    from dashboard.commands.second_lane import SecondLane, spawn_worker

    settings = application.settings
    chores = (
        Upkeep(application).look,
        DataWatch(application).look,
        InboxWatch(application).look,
        SourceWatch(application).look,
        application.uploads.look,
    )
    if settings.workers == 1:
        Worker(application, name, HANDLERS, idle=chores).run(stop)
        return
    patient = taking(Lane.PATIENT, settings)
    second = SecondLane(
        lambda: any(patient(job) for job in application.jobs.store.waiting()),
        lambda: spawn_worker(settings, "--patient"),
    )
    second.start()
    try:
        Worker(application, name, HANDLERS, idle=chores, lane=Lane.PROMPT).run(stop)
    finally:
        second.stop()


@command("doctor", N_("Examine the installation and the home folder, and say what to mend."))
@option(
    "--full",
    is_flag=True,
    help=N_("Compare every stored sum with the lines, not a sample of them."),
)
def doctor(session: Session, *, full: bool) -> None:
    """Report every check; exit 1 when something is broken."""
    from core.services.doctor import Level, examine

    marks = {Level.OK: "✓", Level.NOTE: "·", Level.WARNING: "!", Level.BROKEN: "✗"}
    checks = examine(session.settings, full=full)
    lines = [
        f"{marks[check.level]} {check.title}: {check.found}"
        + (f"\n    → {check.remedy}" if check.remedy else "")
        for check in checks
    ]
    broken = any(check.level is Level.BROKEN for check in checks)
    session.emit({"ok": not broken, "checks": [c.as_dict() for c in checks]}, "\n".join(lines))
    if broken:
        sys.exit(1)
