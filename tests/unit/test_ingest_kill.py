"""Killed in the middle of an import: committed or absent, never a part."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.unit.ingest_home import HEADERS, Desk, line, write_csv

ROOT = Path(__file__).parents[2]
CODE = """
import sys
from pathlib import Path
from core.services.ingest import ImportOptions
from tests.unit.ingest_home import Desk
desk = Desk(Path(sys.argv[1]))
def tell(fraction, step):
    print(f"{fraction:.2f}", flush=True)
desk.intake.run(Path(sys.argv[2]), ImportOptions(), progress=tell)
"""
ROWS = 60_000
DELAYS = (0.0, 0.01, 0.03, 0.06, 0.1, 0.2, 0.4)


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is a signal of POSIX")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    headers = [*HEADERS, "Description"]
    rows = [[*line(n, **{"Product code": f"P{n % 500}"}), f"Oil {n % 500}"] for n in range(ROWS)]
    path = write_csv(tmp_path / "many.csv", rows, headers)
    folder = tmp_path / "home"
    outcomes = set()
    for delay in DELAYS:
        command = [sys.executable, "-c", CODE, str(folder), str(path)]
        started = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True)
        assert started.stdout is not None
        started.stdout.readline()  # reading has begun
        time.sleep(delay)
        started.send_signal(signal.SIGKILL)
        started.wait(timeout=60)
        started.stdout.close()
        desk = Desk(folder)
        imports = desk.catalogue.imports()
        outcomes.add(len(imports))
        for record in imports:
            rows_there = sum(s.rows for s in desk.catalogue.segments_of(record.id or 0, "sales"))
            assert rows_there == record.accepted
            assert record.accepted + record.quarantined + record.already_there == record.read
        assert len(desk.stored()) in {0, ROWS}
        desk.close()
    assert 0 in outcomes  # some kill came before the commit
    desk = Desk(folder)
    desk.run(path)
    assert len(desk.stored()) == ROWS
    # What a kill left behind is nobody's; collected once it is old enough to belong to no import.
    referenced = desk.catalogue.segment_files()
    for file in desk.settings.segments.rglob("*"):
        name = file.relative_to(desk.settings.segments).as_posix()
        if file.is_file() and name not in referenced:
            import os

            os.utime(file, (0, 0))
    desk.segments.collect(referenced)
    left = {p.relative_to(desk.settings.segments).as_posix()
            for p in desk.settings.segments.rglob("*") if p.is_file()}  # fmt: skip
    assert left == referenced
    desk.close()
