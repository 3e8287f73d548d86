"""One kill: a real process is killed, the home is started again, and everything is compared."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from random import Random

from core.models.query import Scope
from core.models.tables import JobStatus
from core.services.application import Application
from core.services.doctor.check import Level
from core.services.doctor.store import store_checks
from core.settings import load_settings
from tests.kills.shop import Shop, put_job, state_of, work

KINDS = ("import", "undo", "build", "upload")
_ROOT = Path(__file__).parents[2]
_START_SECONDS = 120.0
_PIECE = 4_000


def kill_once(shop: Shop, kind: str, folder: Path, chance: Random) -> str:
    """Kill one process at a random moment and start again.

    Args:
        shop: the prepared homes.
        kind: one of `KINDS`.
        folder: for the home and the temporary files of this kill.
        chance: chooses the moment.

    Returns:
        What was found after the kill: `absent`, `committed`, or how much had arrived.

    Raises:
        AssertionError: something was there in part, or was left behind.
    """
    home = folder / "home"
    shutil.copytree(shop.before if kind in ("import", "upload") else shop.after, home)
    (folder / "tmp").mkdir()
    said = _upload(shop, home, chance) if kind == "upload" else _job(shop, kind, home, chance)
    _nothing_orphaned(home, folder / "tmp")
    return said


def _job(shop: Shop, kind: str, home: Path, chance: Random) -> str:
    settings = load_settings(home)
    application = Application.open(settings)
    if kind == "build":
        shutil.rmtree(settings.warehouse)
    else:
        put_job(application, shop, kind)
    application.close()
    seconds = shop.seconds["import"] if kind == "import" else shop.seconds["import"] / 2
    _killed(
        ["-m", "dashboard.cli", "worker", "--home", str(home)],
        home.parent / "tmp",
        lambda: _begun(home, kind),
        chance.uniform(0, seconds * 0.8),
    )
    application = Application.open(settings)
    try:
        found = state_of(application)
        one, both = shop.states
        assert found in ((both,) if kind == "build" else (one, both)), found
        done = found == (one if kind == "undo" else both)
        _retried(application, shop, kind)
        # The same file twice counts once, but is an import of its own.
        assert state_of(application).counted == (one if kind == "undo" else both).counted
        _healthy(application)
    finally:
        application.close()
    return "committed" if done else "absent"


def _begun(home: Path, kind: str) -> bool:
    """Whether the work has begun, so that the moment of the kill counts from there."""
    if kind == "build":
        return (home / "warehouse" / "build.lock").exists()
    application = Application.open(load_settings(home))
    try:
        return application.jobs.recent()[0].status is not JobStatus.QUEUED
    finally:
        application.close()


def _retried(application: Application, shop: Shop, kind: str) -> None:
    """Start again, and do once more what was interrupted."""
    work(application)
    jobs = application.jobs.recent()
    assert all(job.status in (JobStatus.DONE, JobStatus.FAILED) for job in jobs), jobs
    if jobs and jobs[0].status is JobStatus.FAILED:
        assert jobs[0].error["code"] == "job.lost"
    if kind != "build":
        put_job(application, shop, kind)
        again = work(application)
        told = application.jobs.recent()[0].error.get("code")
        assert again is JobStatus.DONE or (kind == "undo" and told == "import.status"), told


def _healthy(application: Application) -> None:
    ill = [check for check in store_checks(application.settings, full=False)
           if check.level is Level.BROKEN]  # fmt: skip
    assert not ill, [str(check) for check in ill]


def _upload(shop: Shop, home: Path, chance: Random) -> str:
    """Kill the receiver between or within pieces; what was acknowledged must be there."""
    data = shop.file.read_bytes()
    sha256 = hashlib.sha256(data).hexdigest()
    arrived = home.parent / "arrived"
    _killed(
        ["-m", "tests.kills.receiver", str(home), str(shop.file), str(_PIECE), str(arrived)],
        home.parent / "tmp",
        arrived.exists,
        chance.uniform(0, 0.6),
    )
    acknowledged = int(arrived.read_text().split()[-1])
    application = Application.open(load_settings(home))
    try:
        assert state_of(application) == shop.states[0]
        uploads, scope = application.uploads, Scope()
        found = uploads.begin(shop.file.name, len(data), "same", scope)
        # What was finished already begins anew: the file is in the inbox.
        whole = acknowledged == len(data) and (application.settings.inbox / sha256).is_file()
        assert whole or acknowledged <= found.received <= len(data)
        for start in range(found.received, len(data), _PIECE):
            uploads.append(found.key, start, BytesIO(data[start : start + _PIECE]), scope)
        uploads.finish(found.key, scope, lambda _path, digest: {"sha256": digest}, sha256=sha256)
        stored = application.settings.inbox / sha256
        assert stored.read_bytes() == data
        put_job(application, shop, "import")
        assert work(application) is JobStatus.DONE
        assert state_of(application) == shop.states[1]
        _healthy(application)
    finally:
        application.close()
    return f"{100 * found.received // len(data):3} % arrived"


def _killed(command: list[str], tmp: Path, begun: Callable[[], bool], delay: float) -> None:
    process = subprocess.Popen(
        [sys.executable, *command],
        cwd=_ROOT,
        env={**os.environ, "TMPDIR": str(tmp)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    limit = time.monotonic() + _START_SECONDS
    try:
        while not begun():
            assert process.poll() is None, (process.stderr.read() if process.stderr else b"")[-800:]
            assert time.monotonic() < limit, "the work never began"
            time.sleep(0.01)
        time.sleep(delay)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        if process.stderr:
            process.stderr.close()


def _nothing_orphaned(home: Path, tmp: Path) -> None:
    """Let a day pass, collect, and look for files nothing refers to."""
    for path in [*home.rglob("*"), *tmp.rglob("*"), *tmp.glob("*")]:
        if path.name != "catalogue.db" and path.exists():
            os.utime(path, (0, 0))
    old, os.environ["TMPDIR"] = os.environ.get("TMPDIR"), str(tmp)
    application = Application.open(load_settings(home))
    try:
        work(application)
        application.uploads.collect()
        application.warehouse.collect()
        chain = application.warehouse.chain()
        quarantine = {str(r.mapping.get("quarantine")) for r in application.catalogue.imports()}
        known = {
            application.settings.segments / name for name in application.catalogue.segment_files()
        }
        known |= {application.settings.quarantine / name for name in quarantine}
        known |= {application.settings.warehouse / name for name in (chain.files if chain else ())}
        left = [
            path
            for path in home.rglob("*")
            if path.is_file() and path not in known and not _furniture(path.relative_to(home))
        ]
        assert not left, left
        assert not list(tmp.iterdir()), list(tmp.iterdir())
    finally:
        application.close()
        if old is None:
            del os.environ["TMPDIR"]
        else:
            os.environ["TMPDIR"] = old


def _furniture(path: Path) -> bool:
    """Whether a file is one every home has: the catalogue, locks, logs, uploads kept by hash."""
    first = path.parts[0]
    return (
        first in ("logs", "config.toml", "secret.key", "worker.id")
        or path.name.startswith("catalogue.db")
        or path.suffix == ".lock"
        or (first == "inbox" and len(path.name) == 64)
        or (first == "warehouse" and path.parent.name == "chains")
        or (first == "cache" and not path.name.startswith("tmp"))
    )
