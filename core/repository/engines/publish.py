"""The lines of a data version as a Parquet file that any engine reads in place or loads."""

import shutil
from pathlib import Path

import duckdb

from core.models.catalogue import THEN
from core.repository.warehouse import WarehouseInfo
from core.repository.warehouse.lock import file_lock

LINES = "lines"  # the only table that is published
_BUILD_WAIT_SECONDS = 1800.0
_ROW_GROUP = 122_880


def publish(cursor: duckdb.DuckDBPyConnection, info: WarehouseInfo, folder: Path) -> Path:
    """Return the file of the lines of a data version, written on first use; older ones go.

    Costs and currencies are worked out once, by the build: every engine reads the same amounts.

    Args:
        cursor: on the warehouse.
        info: of the warehouse.
        folder: of all published files.
    """
    # By the fingerprint of the data: an undo and a redo find the file that is there.
    target = folder / f"v{info.fingerprint}" / f"{LINES}.parquet"
    if target.is_file():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    with file_lock(folder / "publish.lock", _BUILD_WAIT_SECONDS):
        if not target.is_file():
            _write(cursor, target, [then for then in THEN if then not in info.sources[0].columns])
            for old in folder.iterdir():
                if old.is_dir() and old != target.parent:
                    shutil.rmtree(old, ignore_errors=True)
    return target


def _write(cursor: duckdb.DuckDBPyConnection, target: Path, twice: list[str]) -> None:
    """Write the lines without the columns `twice`, which say again what others say."""
    target.parent.mkdir(exist_ok=True)
    left_out = f" EXCLUDE ({', '.join(twice)})" if twice else ""
    part = target.with_suffix(".part")
    path = part.as_posix().replace("'", "''")
    cursor.execute(
        f"COPY (SELECT *{left_out} FROM {LINES} ORDER BY date) TO '{path}' "  # noqa: S608 - our own folder
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {_ROW_GROUP})"
    )
    part.replace(target)
