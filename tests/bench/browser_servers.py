"""The programs a browser visits: Picholine as people run it, its peers in their own venv."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from tests.storehouse import Storehouse

PEERS = Path(__file__).parent / "peers"
PACKAGES = ("vizro", "streamlit", "pyarrow", "waitress")
_PATIENCE = 180.0  # seconds until a program answers
_LINES = """
    COPY (SELECT date, country, category, product_id AS product, order_key,
                 coalesce(net_sales, 0)::DOUBLE AS net_sales,
                 (coalesce(net_sales, 0) - coalesce(cogs, 0))::DOUBLE AS margin
          FROM lines WHERE line_kind <> 'investment') TO '{file}' (FORMAT parquet)
"""


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[str]:
    """Run a program inside the block and return its address."""
    with subprocess.Popen(
        command,
        env={**os.environ, **environment},
        cwd=PEERS if command[0] != sys.executable else None,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            _wait(process, f"http://127.0.0.1:{port}/")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait(process: subprocess.Popen[bytes], address: str) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            message = f"{process.args} ended with {process.returncode}"
            raise RuntimeError(message)
        try:
            with urlopen(address, timeout=_PATIENCE):
                return
        except (URLError, ConnectionError):
            time.sleep(0.2)
    message = f"{process.args} does not answer"
    raise RuntimeError(message)


@contextmanager
def picholine(home: Path) -> Iterator[str]:
    """Serve a home folder with the command people use: `picholine serve`."""
    port = free_port()
    command = [sys.executable, "-m", "dashboard.cli", "serve", "--no-browser", "--port", str(port)]
    with served(command, port, {"PICHOLINE_HOME": str(home)}) as address:
        yield address


def write_lines(home: Path, file: Path) -> None:
    """Write the lines of a home for the peers: the columns their charts need."""
    house = Storehouse(home)
    with house.warehouse.read() as cursor:
        cursor.execute(_LINES.format(file=file))
    house.close()


def peers_python(folder: Path) -> Path:
    """Make a venv with the peers' packages and return its interpreter.

    Raises:
        subprocess.CalledProcessError: the packages cannot be installed here.
    """
    python = folder / "bin" / "python"
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *PACKAGES], check=True, stderr=subprocess.DEVNULL)
    return python


@contextmanager
def peer(python: Path, name: str, lines: Path) -> Iterator[str]:
    """Serve the page of a peer."""
    port = free_port()
    page = f"{name}_page.py"
    if name == "streamlit":
        told = {"server.port": port, "server.address": "127.0.0.1", "server.headless": "true",
                "browser.gatherUsageStats": "false", "server.fileWatcherType": "none"}  # fmt: skip
        options = [part for key, value in told.items() for part in (f"--{key}", str(value))]
        command = [str(python), "-m", "streamlit", "run", page, *options]
    else:
        command = [str(python), page, str(port)]
    with served(command, port, {"PICHOLINE_PEER_LINES": str(lines)}) as address:
        yield address
