"""Serving, as a real process: address, worker, ports, and an orderly end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from click.testing import CliRunner

from core.services.worker_lock import worker_alive
from dashboard.cli import main
from tests.conftest import run_process

SERVE = (sys.executable, "-m", "dashboard.cli", "serve", "--no-browser")
SECONDS = 60.0
# A test run in the background of a script is deaf to Ctrl+C, and its children would be too.
_HEAR = (
    "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); "
    "os.execv(sys.argv[1], sys.argv[1:])"
)
HEARING = (sys.executable, "-c", _HEAR)


def until(true: Callable[[], object], what: str, seconds: float = SECONDS) -> None:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if true():
            return
        time.sleep(0.05)
    pytest.fail(f"not in time: {what}")


class Serving:
    """A running server."""

    def __init__(self, home: Path, *options: str) -> None:
        self.home = home
        self.process = subprocess.Popen(
            [*HEARING, *SERVE, "--home", str(home), "--port", "0", *options],
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PICHOLINE_LANGUAGE": "en"},
        )
        self.said = ""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            if found := re.search(r"http://\S+", line):
                self.address = found[0]
                return
        pytest.fail(f"no address: {self.said}")

    def worker(self) -> int:
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        children = path.read_text().split()
        # Threads start children too: look at every thread of the server.
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            children += (task / "children").read_text().split()
        return int(children[0]) if children else 0

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        self.process.send_signal(number)
        out, _said = self.process.communicate(timeout=SECONDS)
        return self.process.returncode, out


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    started: list[Serving] = []

    def start(*options: str) -> Serving:
        started.append(Serving(tmp_path / "home", *options))
        return started[-1]

    yield start
    for serving in started:
        with suppress(ProcessLookupError):
            serving.process.kill()
        serving.process.wait()
        for stream in (serving.process.stdout, serving.process.stderr):
            assert stream is not None
            stream.close()
        until(lambda: not worker_alive(tmp_path / "home"), "the worker's end")


def is_gone(pid: int) -> bool:
    try:
        return "(zombie)" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True


def test_it_serves_with_a_worker_and_ends_in_order(serve: Callable[..., Serving]) -> None:
    serving = serve("--demo")
    assert (serving.home / "demo_truths.json").is_file()
    with urllib.request.urlopen(serving.address) as answer:
        assert answer.status == 200
    until(lambda: worker_alive(serving.home), "the worker")
    worker = serving.worker()
    code, out = serving.stop()
    assert (code, out) == (0, "")
    assert is_gone(worker)
    assert not worker_alive(serving.home)
    port = int(serving.address.rpartition(":")[2])
    with socket.socket() as again:
        again.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        again.bind(("127.0.0.1", port))
        again.listen()


def test_ctrl_c_ends_it_too(serve: Callable[..., Serving]) -> None:
    serving = serve()
    assert serving.stop(signal.SIGINT)[0] == 0
    assert not worker_alive(serving.home)


def test_a_killed_worker_is_restarted(serve: Callable[..., Serving]) -> None:
    serving = serve()
    until(lambda: worker_alive(serving.home), "the worker")
    first = serving.worker()
    os.kill(first, signal.SIGKILL)
    until(lambda: serving.worker() not in {0, first}, "another worker")
    until(lambda: worker_alive(serving.home), "its life")
    assert serving.stop()[0] == 0


def test_the_worker_ends_with_a_killed_server(serve: Callable[..., Serving]) -> None:
    serving = serve()
    until(lambda: worker_alive(serving.home), "the worker")
    serving.process.kill()
    until(lambda: not worker_alive(serving.home), "the worker's end", 15)


def test_a_taken_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        found = run_process(*SERVE, "--home", str(tmp_path / "home"), "--port", port)
    assert found.returncode == 1
    assert port in found.stderr
    assert "--port" in found.stderr
    assert not (tmp_path / "home").exists()


def test_the_network_is_refused(tmp_path: Path) -> None:
    home = str(tmp_path / "home")
    found = run_process(*SERVE, "--home", home, "--host", "0.0.0.0", "--port", "0")
    assert found.returncode == 1
    assert "PICHOLINE_ALLOW_NETWORK" in found.stderr


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org"])
def test_addresses_of_the_network_are_refused(tmp_path: Path, host: str) -> None:
    """Refused before anything is opened, so no process of its own is needed to see it."""
    asked = ["--home", str(tmp_path / "home"), "serve", "--no-browser", "--host", host]
    found = CliRunner().invoke(main, [*asked, "--port", "0"])
    assert found.exit_code == 1
    assert "PICHOLINE_ALLOW_NETWORK" in found.stderr
