"""The second worker: started when patient work waits, ended when there is none for a while."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from time import monotonic

from core import log
from core.i18n import current_language
from core.settings import Settings

_LOOK_SECONDS = 0.5
_MOST_PAUSE_SECONDS = 30.0
_STOP_SECONDS = 10.0


def spawn_worker(settings: Settings, *options: str) -> "subprocess.Popen[bytes]":
    """Start a worker of the same home that ends with this process."""
    command = [sys.executable, "-m", "dashboard.cli", "worker", "--attached", *options]
    environment = {
        **os.environ,
        "PICHOLINE_HOME": str(settings.home),
        "PICHOLINE_LANGUAGE": current_language(),
    }
    # Its stdin is the line of life: it closes when this process ends, however it ends. A group
    # of its own keeps Ctrl+C for the server, which ends it in order.
    return subprocess.Popen(  # noqa: S603 - our own interpreter, no words from outside
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        env=environment,
        start_new_session=os.name != "nt",
        creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
    )


def end_worker(child: "subprocess.Popen[bytes] | None") -> None:
    """Let a worker end; one that does not end in time is killed (its job is marked later)."""
    if child is None:
        return
    if child.stdin is not None:
        child.stdin.close()
    try:
        child.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


class SecondLane:
    """Keeps a worker for patient work while there is any."""

    def __init__(
        self,
        waiting: Callable[[], bool],
        spawn: Callable[[], "subprocess.Popen[bytes]"],
    ) -> None:
        """Nothing runs before `start`.

        Args:
            waiting: returns whether patient work waits.
            spawn: starts the worker.
        """
        self._waiting = waiting
        self._spawn = spawn
        self._stopping = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="second-lane", daemon=True)

    def start(self) -> None:
        """Begin to look for patient work."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker, if one runs."""
        self._stopping.set()
        self._thread.join()
        end_worker(self._child)

    def _watch(self) -> None:
        pause, started = _LOOK_SECONDS, monotonic()
        while not self._stopping.wait(pause):
            if self._child is not None and self._child.poll() is None:
                pause = _LOOK_SECONDS
                continue
            died = self._child is not None and self._child.returncode != 0
            try:
                wanted = died or self._waiting()
            except Exception:  # noqa: BLE001 - whatever a driver raises, the next look may succeed
                log.failure("lane.look_failed")
                continue
            if not wanted:
                self._child = None
                continue
            # One that dies again and again is tried ever more rarely; its job is reported failed.
            quick = died and monotonic() - started < _MOST_PAUSE_SECONDS
            pause = min(pause * 2, _MOST_PAUSE_SECONDS) if quick else _LOOK_SECONDS
            self._child, started = self._spawn(), monotonic()
            log.event("lane.started", again=died)
