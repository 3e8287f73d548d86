"""The window of its own, as real processes: closed, killed or interrupted, everything ends."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from core.services.worker_lock import worker_alive
from dashboard.commands import window
from tests.conftest import missing
from tests.unit.test_cli_serve import HEARING, SECONDS, until

DESKTOP = (sys.executable, "-m", "dashboard.cli", "desktop")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0")


class Desktop:
    """A running window with its server."""

    def __init__(self, home: Path, *options: str, screen: str = "") -> None:
        self.home = home
        environment = {k: v for k, v in os.environ.items() if k != "WAYLAND_DISPLAY"}
        self.process = subprocess.Popen(
            [*HEARING, *DESKTOP, "--home", str(home), *options],
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            text=True,
            env={**environment, "PICHOLINE_LANGUAGE": "en", "DISPLAY": screen},
        )
        self.said = ""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            if found := re.search(r"http://\S+(?= \()", line):
                self.address = found[0]
                return
        pytest.fail(f"no address: {self.said}")

    def browsers(self) -> list[int]:
        """Return the processes that use the window's own folder."""
        wanted = f"--user-data-dir={self.home / 'window'}"
        return [
            int(path.parent.name)
            for path in Path("/proc").glob("[0-9]*/cmdline")
            if wanted in _read(path) and "(zombie)" not in _read(path.parent / "status")
        ]

    def ended(self) -> int:
        """Wait for the end and return the exit code."""
        code = self.process.wait(SECONDS)
        until(lambda: not self.browsers(), "the browser's end", 15)
        until(lambda: not worker_alive(self.home), "the worker's end", 15)
        assert not (self.home / "window" / "address.txt").exists()
        return code


def _read(path: Path) -> str:
    try:
        return path.read_bytes().decode(errors="replace").replace("\0", "\n")
    except OSError:
        return ""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Desktop]]:
    if not Path("/proc/self/cmdline").exists():
        pytest.skip("processes are counted where the system lists them")
    if window.find_browser() is None:
        missing("Chromium")
    started: list[Desktop] = []

    def run(*options: str, **more: Any) -> Desktop:
        flags = [f"--browser-flag={flag}" for flag in FLAGS]
        started.append(Desktop(tmp_path / "home", *flags, *options, **more))
        return started[-1]

    yield run
    for one in started:
        one.process.kill()
        one.process.wait()
        assert one.process.stderr is not None
        one.process.stderr.close()
        for pid in one.browsers():
            os.kill(pid, signal.SIGKILL)


def test_closing_the_window_ends_everything(start: Callable[..., Desktop], browser: Any) -> None:
    """The usual port is taken, by this test or by somebody else: a free one serves."""
    with socket.socket() as taken:
        with suppress(OSError):
            taken.bind(("127.0.0.1", 8050))
            taken.listen()
        one = start()
    assert not one.address.endswith(":8050")
    told = one.home / "window" / "DevToolsActivePort"
    until(told.is_file, "the window")
    port = told.read_text().splitlines()[0]
    window = browser.browser_type.connect_over_cdp(f"http://127.0.0.1:{port}")
    (shown,) = window.contexts[0].pages
    assert shown.url.startswith(one.address)
    shown.wait_for_selector("#desk")
    window.new_browser_cdp_session().send("Browser.close")
    assert one.ended() == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(one.address)


def test_a_killed_browser_ends_it_too(start: Callable[..., Desktop]) -> None:
    one = start("--port", "0")
    until(lambda: worker_alive(one.home), "the worker")
    time.sleep(4.5)  # one that dies at once was never to be seen, and the server goes on
    os.kill(min(one.browsers()), signal.SIGKILL)
    assert one.ended() == 0


def test_a_second_start_shows_a_window_of_the_first_and_ctrl_c_ends_it(
    start: Callable[..., Desktop],
) -> None:
    one = start("--port", "0")
    until((one.home / "window" / "address.txt").is_file, "the window")
    again = subprocess.run(
        [*DESKTOP, "--home", str(one.home), *(f"--browser-flag={flag}" for flag in FLAGS)],
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PICHOLINE_LANGUAGE": "en"},
    )
    assert again.returncode == 0
    assert f"already runs at {one.address}" in again.stderr
    assert one.process.poll() is None
    until(one.browsers, "the browser")
    one.process.send_signal(signal.SIGINT)
    assert one.ended() == 0


def test_without_a_screen_the_address_is_said(tmp_path: Path) -> None:
    one = Desktop(tmp_path / "home", "--port", "0")
    assert one.process.stderr is not None
    said = one.process.stderr.readline()
    one.process.send_signal(signal.SIGINT)
    assert one.process.wait(SECONDS) == 0
    one.process.stderr.close()
    assert one.address in said
    assert "--browser" in said


def test_browsers_are_looked_for_where_systems_keep_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where none is on the path, the usual folders are searched; what is named wins."""
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert window.find_browser() == str(program)
    command = window.app_command(tmp_path / "profile", None, ("--headless",))
    assert command is not None
    assert command[0] == str(program)
    assert f"--user-data-dir={tmp_path / 'profile'}" in command
    assert command[-1] == "--app="
    named = window.app_command(tmp_path / "profile", "other")
    assert named is not None
    assert named[0] == "other"
    program.unlink()
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert window.app_command(tmp_path, None) is None
