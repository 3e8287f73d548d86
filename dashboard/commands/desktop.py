"""`picholine desktop`: the server, its worker and a window of its own, which end together."""

import _thread
import signal
import urllib.request
from http.client import HTTPException
from pathlib import Path

import click

from core.i18n import N_, msg
from dashboard.commands.base import Session, as_option, command, option

_ANSWER_SECONDS = 2.0


@command("desktop", N_("Open Picholine in a window of its own, and stop when it is closed."))
@option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="P",
    help=N_("Port (default 8050, or a free one)."),
)
@option("--demo", is_flag=True, help=N_("Load the demo company if the home folder is empty."))
@option(
    "--browser",
    metavar="PROGRAM",
    help=N_("Browser for the window (default: an installed Chrome, Chromium or Edge)."),
)
@option("--browser-flag", "flags", multiple=True, hidden=True, help="More options for the browser.")
@as_option
def desktop(
    session: Session,
    *,
    port: int | None,
    demo: bool,
    browser: str | None,
    flags: tuple[str, ...],
    user: str,
) -> None:
    """Serve, show the window, and end when it is closed."""
    from dashboard.commands.server import Server

    given = {"host": "127.0.0.1"} | ({} if port is None else {"port": port})
    settings = session.settings.model_copy(update=given)
    window = Desktop(session, settings.home, browser, flags)
    if window.join_running():
        return
    try:
        server = Server(settings, session.say, user)
        server.run(demo=demo, show=window.show, any_port=port is None)
    finally:
        window.close()


class Desktop:
    """The window of one home folder; a second start shows another window of the first."""

    def __init__(
        self, session: Session, home: Path, browser: str | None, flags: tuple[str, ...]
    ) -> None:
        """Choose the browser; nothing is opened before `show`."""
        from dashboard.commands.window import AppWindow, app_command, has_screen

        self._session = session
        self._profile = home / "window"
        self._note = self._profile / "address.txt"
        command = app_command(self._profile, browser, flags) if has_screen() or flags else None
        self._window = AppWindow(command, self._profile, self._closed) if command else None
        self._ours = False

    def join_running(self) -> bool:
        """Show another window of a desktop of this home that already runs; tell whether one does.

        One browser cannot use a profile twice, and the first window would own the second one.
        """
        address = self._note.read_text("ascii") if self._note.is_file() else ""
        if not (self._window and address and _answers(address)):
            return False
        self._session.say(msg("Picholine already runs at {address}.", address=address))
        self._window.open(address)
        return True

    def show(self, address: str) -> None:
        """Open the window, or say where to look when there is none."""
        if self._window is None:
            self._say_where(address)
            return
        self._profile.mkdir(parents=True, exist_ok=True)
        self._note.write_text(address, "ascii")
        self._ours = True
        try:
            self._window.open(address)
        except OSError:
            self._say_where(address)

    def close(self) -> None:
        """Close the window and forget its address."""
        if self._ours and self._window:
            self._ours = False  # its end is no news from here on
            self._window.close()
            self._note.unlink(missing_ok=True)

    def _say_where(self, address: str) -> None:
        text = msg(
            "No browser for a window was found: install Chrome, Chromium or Edge, name one with "
            "--browser, or open {address} yourself. Ctrl+C stops Picholine.",
            address=address,
        )
        self._session.say(text)

    def _closed(self, seen: bool) -> None:  # noqa: FBT001 - what a window's process told
        if not self._ours:
            return
        if seen:
            _thread.interrupt_main(signal.SIGTERM)  # as if the server had been told to stop
        else:
            self._say_where(self._note.read_text("ascii"))


def _answers(address: str) -> bool:
    """Return whether the server of an earlier start still answers."""
    if not address.startswith("http://127.0.0.1:"):
        return False
    try:
        with urllib.request.urlopen(  # noqa: S310 - checked above
            f"{address}/desk/jobs", timeout=_ANSWER_SECONDS
        ) as answer:
            return bool(answer.headers.get("X-Request-Id"))
    except (OSError, HTTPException, ValueError):
        return False
