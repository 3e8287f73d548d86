"""A window of the application's own: an installed browser without its bars, or pywebview."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from time import monotonic

from core import log

_STOP_SECONDS = 5.0
# A browser that ends so early showed nothing: an error, or an earlier one took the address over.
_FAILED_SECONDS, _HANDED_SECONDS = 4.0, 1.0
_NAMES = (
    "google-chrome",
    "google-chrome-stable",
    "chromium",
    "chromium-browser",
    "microsoft-edge",
    "microsoft-edge-stable",
    "brave-browser",
    "chrome",
    "msedge",
)
_MAC = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "Chromium.app/Contents/MacOS/Chromium",
    "Brave Browser.app/Contents/MacOS/Brave Browser",
)
_WINDOWS = (
    r"Google\Chrome\Application\chrome.exe",
    r"Microsoft\Edge\Application\msedge.exe",
    r"Chromium\Application\chrome.exe",
    r"BraveSoftware\Brave-Browser\Application\brave.exe",
)
_WINDOWS_ROOTS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
# A window of pywebview wants the main thread of a process: it gets one of its own.
_WEBVIEW = (
    "import sys, webview; "
    "webview.create_window('Picholine', sys.argv[1], width=1440, height=900); "
    "webview.start(private_mode=False, storage_path=sys.argv[2])"
)


def has_screen() -> bool:
    """Return whether opening a browser makes sense here."""
    if sys.platform.startswith("linux"):
        return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return True


def open_browser(address: str) -> None:
    """Open the address in the person's browser, where there is a screen."""
    if has_screen():
        webbrowser.open(address)


def find_browser() -> str | None:
    """Return an installed browser that knows windows without bars."""
    return next((found for found in map(shutil.which, _candidates()) if found), None)


def _candidates() -> Iterator[str]:
    """Return where such browsers lie on this system, the likeliest first."""
    yield from _NAMES
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (str(folder / name) for name in _MAC)
    if os.name == "nt":
        for root in filter(None, map(os.environ.get, _WINDOWS_ROOTS)):
            yield from (str(Path(root) / name) for name in _WINDOWS)


def app_command(profile: Path, browser: str | None, flags: Sequence[str] = ()) -> list[str] | None:
    """Return what opens a window, without the address, which comes last; None: nothing can.

    Args:
        profile: folder of the window's own settings, cookies and kept answers.
        browser: the program to take; None: what is installed.
        flags: more options for the browser.
    """
    found = browser or find_browser()
    if found:
        own = [f"--user-data-dir={profile}", "--no-first-run", "--no-default-browser-check"]
        quiet = ["--disable-background-mode", "--window-size=1440,900"]
        return [found, *own, *quiet, *flags, "--app="]
    if find_spec("webview"):
        return [sys.executable, "-c", _WEBVIEW, ""]
    return None


class AppWindow:
    """A window's process: opened once, watched, closed with the server."""

    def __init__(
        self, command: Sequence[str], profile: Path, closed: Callable[[bool], None]
    ) -> None:
        """Open nothing yet.

        Args:
            command: of `app_command`.
            profile: folder of the window's own settings.
            closed: called when the window has been closed; told whether it ever was to be seen.
        """
        self._command = command
        self._profile = profile
        self._closed = closed
        self._child: subprocess.Popen[bytes] | None = None

    def open(self, address: str) -> None:
        """Open it and watch until it is closed."""
        *start, last = self._command
        tail = [last + address] if last else [address, str(self._profile)]
        self._profile.mkdir(parents=True, exist_ok=True)
        # A group of its own: Ctrl+C is for the server, which closes the window in order.
        self._child = subprocess.Popen(  # noqa: S603 - a program found above or named by the person
            [*start, *tail],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=os.name != "nt",
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
        )
        log.event("window.opened", browser=start[0])
        watcher = threading.Thread(target=self._watch, name="window-watch", daemon=True)
        watcher.start()

    def close(self) -> None:
        """Close it, if it is still open; all its processes are gone afterwards."""
        child = self._child
        if child is None:
            return
        if child.poll() is None:
            child.terminate()
            with suppress(subprocess.TimeoutExpired):
                child.wait(_STOP_SECONDS)
        if os.name != "nt":  # what a killed browser leaves: its group has our child's number
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
        elif child.poll() is None:
            child.kill()
        child.wait()

    def _watch(self) -> None:
        child, started = self._child, monotonic()
        if child is None:
            return
        code = child.wait()
        lasted = monotonic() - started
        seen = lasted > (_HANDED_SECONDS if code == 0 else _FAILED_SECONDS)
        log.event("window.closed", code=code, seen=seen)
        self._closed(seen)
