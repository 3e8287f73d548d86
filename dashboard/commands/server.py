"""The serving process: one socket, the web application, and a worker that ends with it."""

import errno
import ipaddress
import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from time import monotonic
from types import FrameType

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.services.access import LOCAL
from core.services.application import Application
from core.services.demo_load import load_demo, wants_demo
from core.services.prefetch import Prefetch
from core.services.worker_lock import worker_alive
from core.settings import Settings
from dashboard.commands.progress import progress_on_stderr
from dashboard.commands.second_lane import end_worker, spawn_worker

_THREADS = 8
_STOP_SECONDS = 10.0
_CHECK_SECONDS = 0.5
_STEADY_SECONDS = 30.0  # a worker that ran so long was sound
_MEGABYTE = 1 << 20
_PATIENCE_SECONDS = 1.5  # for the worker to prepare new data before the previous ones serve


class Server:
    """Serves one home folder until it is told to stop."""

    def __init__(
        self, settings: Settings, say: Callable[[object], None], user: str = LOCAL
    ) -> None:
        """Serve with these settings and a user's rights; `say` tells the person what happens."""
        self._settings = settings
        self._user = user
        self._say = say

    def run(self, *, demo: bool, show: Callable[[str], None], any_port: bool = False) -> None:
        """Listen, prepare the data, start the worker and serve.

        Args:
            demo: load the demo company into an empty home.
            show: called with the address as soon as it answers.
            any_port: where the port of the settings is taken, take a free one.

        Raises:
            PicholineError: the port is taken, the host is not allowed, or the home is unusable.
        """
        settings = self._settings
        _check_host(settings)
        signal.signal(signal.SIGTERM, _interrupt)
        bound = _bind_one(settings, any_port=any_port)
        try:
            application = Application.open(settings)
            log.configure(settings.logs, settings.log_level)
            self._prepare(application, demo=demo)
            worker = WorkerProcess(settings)
            worker.start()
            application.warehouse.leave_to(lambda: worker_alive(settings.home), _PATIENCE_SECONDS)
            try:
                self._serve(application, bound, show)
            except KeyboardInterrupt:
                log.event("serve.interrupted")  # asked to stop before the first request
            finally:
                worker.stop()
                application.close()
        finally:
            bound.close()

    def _prepare(self, application: Application, *, demo: bool) -> None:
        with progress_on_stderr() as report:
            if demo and wants_demo(application.settings, application.catalogue):
                load_demo(
                    application.settings,
                    application.catalogue,
                    application.segments,
                    progress=report,
                )
            if application.catalogue.current_version():
                report(1.0, msg("Preparing the numbers"))
                application.warehouse.ensure()

    def _serve(
        self, application: Application, bound: socket.socket, show: Callable[[str], None]
    ) -> None:
        import waitress.server

        from dashboard.app import create_app

        prefetch = Prefetch(application) if application.settings.prefetch else None
        server = waitress.server.create_server(
            create_app(application, self._user, prefetch),
            sockets=[bound],
            threads=_THREADS,
            ident="",
            max_request_body_size=application.settings.max_upload_mb * _MEGABYTE,
            recv_bytes=1 << 16,
            channel_timeout=300,
        )
        address = _address(bound)
        self._say(msg("Picholine runs at {address} (Ctrl+C stops it).", address=address))
        log.event("serve.started", address=address)
        try:
            show(address)
            server.run()
        finally:
            if prefetch is not None:
                prefetch.stop()
            server.close()
            log.event("serve.stopped")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


class WorkerProcess:
    """The worker as a child of its own: restarted when it dies, ended with the server."""

    def __init__(self, settings: Settings) -> None:
        """Prepare a worker for the same settings; nothing runs before `start`."""
        self._settings = settings
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._watcher = threading.Thread(target=self._watch, name="worker-watch", daemon=True)

    def start(self) -> None:
        """Start the worker and watch it."""
        self._child = spawn_worker(self._settings)
        self._watcher.start()

    def stop(self) -> None:
        """End the worker; one that does not end in time is killed (its job is marked later)."""
        self._stopping.set()
        self._watcher.join()
        end_worker(self._child)

    def _watch(self) -> None:
        started, pause = monotonic(), _CHECK_SECONDS
        while not self._stopping.wait(pause):
            if self._child is None or self._child.poll() is None:
                if monotonic() - started > _STEADY_SECONDS:
                    pause = _CHECK_SECONDS
                continue
            log.event("worker.restarted", code=self._child.returncode)
            # One that dies again and again is tried ever more rarely.
            pause = min(pause * 2, _STEADY_SECONDS)
            self._child = spawn_worker(self._settings)
            started = monotonic()


def watch_parent(stop: threading.Event) -> None:
    """Set `stop` when stdin closes, which happens when the parent ends in whatever way."""

    def watch() -> None:
        while os.read(0, 1):
            pass
        # Work that does not reach its next step in time ends here; an import killed at any
        # moment leaves nothing behind. This thread itself must be over when Python ends: one that
        # waits keeps what its modules know alive, which DuckDB complains of at length.
        last = threading.Timer(_STOP_SECONDS, os._exit, (1,))
        last.daemon = True
        last.start()
        stop.set()

    threading.Thread(target=watch, name="parent-watch", daemon=True).start()


def _check_host(settings: Settings) -> None:
    if settings.allow_network or settings.host == "localhost":
        return
    try:
        loopback = ipaddress.ip_address(settings.host).is_loopback
    except ValueError:
        loopback = False
    if not loopback:
        raise PicholineError(
            "serve.network",
            msg("Picholine does not listen on {host}: it has no accounts yet.", host=settings.host),
            msg(
                "Anyone on the network could read and change the data. If you accept that, set "
                "PICHOLINE_ALLOW_NETWORK=true."
            ),
        )


def _bind_one(settings: Settings, *, any_port: bool) -> socket.socket:
    try:
        return _bind(settings.host, settings.port)
    except PicholineError as error:
        if not any_port or error.code != "serve.port":
            raise
        return _bind(settings.host, 0)


def _bind(host: str, port: int) -> socket.socket:
    """Take the port before anything long begins, so that a taken one is said at once."""
    bound: socket.socket | None = None
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        bound = socket.socket(family, kind, protocol)
        if os.name != "nt":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        bound.listen()  # who comes early waits until the data is ready
    except OSError as error:
        if bound is not None:
            bound.close()
        if error.errno == errno.EADDRINUSE:
            raise PicholineError(
                "serve.port",
                msg("Port {port} on {host} is already in use.", port=port, host=host),
                msg("Stop the other program, or choose another port with --port."),
            ) from error
        raise PicholineError(
            "serve.address",
            msg("Cannot listen on {host}, port {port}: {why}.", host=host, port=port, why=error),
            msg("Choose another address with --host and --port."),
        ) from error
    return bound


def _address(bound: socket.socket) -> str:
    host, port = bound.getsockname()[:2]
    shown = f"[{host}]" if bound.family is socket.AF_INET6 else host
    return f"http://{shown}:{port}"
