"""Processes that try files: whoever dies or never ends is a finding, and is replaced."""

import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from queue import Queue
from tempfile import mkdtemp

from tests.fuzz.trial import Outcome

_ROOT = Path(__file__).parents[2]
_START_SECONDS = 120.0


@dataclass(frozen=True)
class File:
    """A file to try."""

    kind: str
    name: str
    data: bytes


class _Tester:
    """One process of `tests.fuzz.tester`, in a group of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._errors = (folder / "stderr").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fuzz.tester", str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors, text=True,
            cwd=_ROOT, start_new_session=True,
        )  # fmt: skip
        self._lines: Queue[str] = Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        self._lines.get(timeout=_START_SECONDS)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")

    def trial(self, path: Path, seconds: float) -> Outcome:
        """Return what became of a file; the process is dead where it crashed or hung."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(f"{path}\n")
            self._process.stdin.flush()
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            self.close()
            return Outcome("hang", [f"not done after {seconds:.0f} seconds"], seconds)
        except BrokenPipeError:
            line = ""
        if line:
            return Outcome(**json.loads(line))
        self.close()
        said = (self.folder / "stderr").read_bytes()[-1000:].decode("utf-8", "replace")
        return Outcome("died", [f"ended with {self._process.returncode}: {said}"])

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def close(self) -> None:
        if self.alive:
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            if stream is not None:
                stream.close()


def try_files(
    files: Iterable[File],
    processes: int,
    told: Callable[[File, Outcome], None],
    seconds: float,
) -> None:
    """Try every file in one of several processes.

    Args:
        files: taken as they are needed.
        processes: how many at once.
        told: what to do with each outcome; called by one thread at a time.
        seconds: for one file, preview and import; the product gives a reader fifteen.
    """  # fmt: skip
    lock, source = threading.Lock(), iter(files)

    def work() -> None:
        folder = Path(mkdtemp(prefix="picholine-fuzz-"))
        tester = _Tester(folder)
        while True:
            with lock:
                file = next(source, None)
            if file is None:
                break
            if not tester.alive:
                tester = _Tester(folder)
            path = folder / file.name
            path.write_bytes(file.data)
            outcome = tester.trial(path, seconds)
            path.unlink()
            with lock:
                told(file, outcome)
        tester.close()
        shutil.rmtree(folder, ignore_errors=True)

    threads = [threading.Thread(target=work) for _ in range(processes)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
