"""Fixtures every test may use: real data, a home of its own, PostgreSQL, a browser."""

import atexit
import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings

from tests import desk
from tests.postgres import PrivatePostgres, find_binaries

IN_CI = bool(os.environ.get("CI"))
MEMORY = Path("/dev/shm")  # a file system in memory, where there is one
PLENTY = 4 << 30  # bytes
CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Shared machines pause: a slow example is no failure.
hypothesis_settings.register_profile("picholine", deadline=None, database=None)
hypothesis_settings.load_profile("picholine")
# Hypothesis has the garbage collector call it, and is never done. To the end of Python that keeps
# modules alive; DuckDB would list all of its own after the closing line of the tests.
atexit.register(gc.callbacks.clear)


def pytest_configure(config: pytest.Config) -> None:
    """Have tests write into memory where there is plenty: hardly any is about the disk itself.

    A test makes a home of its own, hundreds of times over; on a disk most of that is waiting.
    """
    if config.option.basetemp or "PYTEST_DEBUG_TEMPROOT" in os.environ or not _is_plenty(MEMORY):
        return
    os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def _is_plenty(folder: Path) -> bool:
    """Return whether files there may be written and run, and whether there is room for them."""
    memory = Path("/proc/meminfo")
    if not os.access(folder, os.W_OK) or not memory.is_file():
        return False
    fields = dict(line.split(":") for line in memory.read_text().splitlines())
    free = int(fields["MemAvailable"].removesuffix("kB")) * 1024
    found = os.statvfs(folder)
    return not found.f_flag & os.ST_NOEXEC and min(found.f_bavail * found.f_frsize, free) > PLENTY


@pytest.fixture(scope="session")
def common(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that processes testing side by side share; it is empty when they begin."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "common"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session", autouse=True)
def _prepared_homes(common: Path) -> None:
    """Let homes with the demo company be copies of one that was filled once."""
    desk.prepare_in(common / "homes")


def missing(what: str) -> None:
    """Skip where a tool is missing; in CI that is a failure."""
    if IN_CI:
        pytest.fail(f"{what} is missing, and CI must have it")
    pytest.skip(f"{what} is not installed")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real data named by PICHOLINE_REAL_DATA."""
    named = os.environ.get("PICHOLINE_REAL_DATA")
    if not named:
        pytest.skip("PICHOLINE_REAL_DATA is not set: no real data to test on")
    return Path(named)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an empty home folder that the environment points to."""
    folder = tmp_path / "home"
    monkeypatch.setenv("PICHOLINE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[PrivatePostgres]:
    """Run a private PostgreSQL server for the session."""
    binaries = find_binaries()
    if binaries is None:
        missing("PostgreSQL")
        return
    folder = Path(mkdtemp(prefix="picholine-pg-"))
    server = PrivatePostgres(binaries, folder)
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres: PrivatePostgres) -> str:
    """Return the address of a new, empty database."""
    return postgres.new_database()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Run headless Chromium for the session."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    if executable is None:
        missing("Chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=CHROMIUM_ARGS)
        yield launched
        launched.close()


def run_process(
    *command: str, timeout: float = 120, **options: Any
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end and return what it printed."""
    return subprocess.run(
        command, capture_output=True, text=True, timeout=timeout, check=False, **options
    )
