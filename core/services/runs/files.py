"""Files of a run: the model as JSON, scores as Parquet, under `runs/<id>`, whole or not at all."""

import os
import shutil
from pathlib import Path
from time import time
from typing import Any
from uuid import uuid4

import pyarrow as pa

from core.models.result import Outcome

MODEL = "model.json"
SCORES = "scores.parquet"
_ABANDONED_SECONDS = 3600.0


class RunFiles:
    """The folder of runs."""

    def __init__(self, folder: Path) -> None:
        """Use `folder`; it is created with the first run that leaves files."""
        self.folder = folder

    def prepare(self, outcome: Outcome | None) -> Path | None:
        """Write what a run leaves into a folder of no run yet; None where it leaves nothing.

        Nothing refers to the folder before `adopt` gives it its name.
        """
        if outcome is None or not (outcome.model or outcome.scores is not None):
            return None
        part = self.folder / f"{uuid4().hex}.part"
        part.mkdir(parents=True)
        if outcome.model:
            _write_json(part / MODEL, outcome.model)
        if outcome.scores is not None:
            _write_parquet(part / SCORES, outcome.scores)
        return part

    def adopt(self, part: Path, run_id: int) -> None:
        """Give prepared files their run; called while the run's number is being committed."""
        target = self.folder / str(run_id)
        if target.exists():  # of a run that was never committed: its number is ours now
            shutil.rmtree(target)
        part.replace(target)

    def path(self, run_id: int, name: str) -> Path:
        """Return where a run's file lies."""
        return self.folder / str(int(run_id)) / Path(name).name

    def scores(self, run_id: int, file: str) -> pa.Table | None:
        """Return a run's scores; None when it has none or the file is gone or damaged."""
        import pyarrow.parquet as pq

        path = self.path(run_id, file)
        if not file or not path.is_file():
            return None
        try:
            return pq.read_table(path)
        except (OSError, pa.ArrowException):
            return None

    def discard(self, part: Path | None) -> None:
        """Delete prepared files nobody adopted."""
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)

    def remove(self, run_id: int) -> None:
        """Delete a run's files."""
        shutil.rmtree(self.folder / str(int(run_id)), ignore_errors=True)

    def collect(self, runs: set[int]) -> int:
        """Delete folders that a crash left without a run; return how many.

        Folders younger than an hour may belong to a run that is just being committed.
        """
        removed = 0
        known = {str(run) for run in runs}
        for path in self.folder.glob("*"):
            if path.name not in known and time() - path.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(path, ignore_errors=True)
                removed += 1
        return removed


def _write_json(path: Path, value: Any) -> None:
    import orjson

    options = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    with path.open("wb") as stream:
        stream.write(orjson.dumps(value, default=str, option=options))
        stream.flush()
        os.fsync(stream.fileno())


def _write_parquet(path: Path, table: pa.Table) -> None:
    import pyarrow.parquet as pq

    pq.write_table(table, path, compression="zstd")
    with path.open("rb") as written:
        os.fsync(written.fileno())
