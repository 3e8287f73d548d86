"""The demo company in the store: generated, committed table by table, flagged as demo."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa

from core import log
from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.tables import Import, ImportStatus, Segment
from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentFile, SegmentStore
from core.settings import Settings

DEFAULT_LINES = 200_000
DEFAULT_SEED = 20_221_001
MIN_LINES = 100
Progress = Callable[[float, Message], None]
_PLANNED = 0.1  # share of the progress bar until the first line is written
_TRUTHS = "demo_truths.json"


@dataclass(frozen=True)
class DemoLoad:
    """What was stored: rows by table, the planted truths' file, the new data version."""

    rows: dict[str, int]
    lines: int
    seed: int
    truths: Path
    data_version: int

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values for the command line and for jobs."""
        return {
            "tables": self.rows,
            "lines": self.lines,
            "seed": self.seed,
            "truths": str(self.truths),
            "data_version": self.data_version,
        }


def wants_demo(settings: Settings, catalogue: Catalogue) -> bool:
    """Return whether a home is still empty, or its demo company was left unfinished."""
    imports = catalogue.imports()
    if not imports:
        return True
    return all(found.demo for found in imports) and not (settings.home / _TRUTHS).is_file()


def load_demo(
    settings: Settings,
    catalogue: Catalogue,
    segments: SegmentStore,
    *,
    lines: int = DEFAULT_LINES,
    seed: int = DEFAULT_SEED,
    progress: Progress | None = None,
) -> DemoLoad:
    """Generate the demo company and commit it; an earlier one is undone.

    Memory is bounded by one batch of sales lines. The planted truths are written beside the data.

    Args:
        settings: of the home folder.
        catalogue: takes one import per table.
        segments: takes one segment per table.
        lines: sales lines, 100 or more.
        seed: chooses the company.
        progress: called with a fraction and what is being done.

    Raises:
        PicholineError: too few lines.
    """
    if lines < MIN_LINES:
        raise PicholineError(
            "demo.lines",
            msg("A demo company needs at least {n} lines.", n=MIN_LINES),
            msg("Choose more with --lines."),
        )
    from core.services.demo import generate

    say = progress or _silent
    say(0.0, msg("Planning the demo company"))
    company = generate(lines, seed)
    # Everything is written before anything counts: a stop until here leaves no trace.
    sales = _counted(company.sales_batches(), lines, say)
    written = {"sales": segments.write("sales", sales)}
    for table, rows in company.dimensions.items():
        written[table] = segments.write(table, _numbered([rows]))
    say(1.0, msg("Storing the demo company"))
    truths = settings.home / _TRUTHS
    truths.unlink(missing_ok=True)
    set_demo_aside(catalogue)
    stored = [_import_of(table, file, lines, seed) for table, file in written.items()]
    version = catalogue.commit_all(stored)[-1].data_version
    truths.write_text(json.dumps(company.truths, ensure_ascii=False, indent=1), "utf-8")
    log.event("demo.loaded", lines=lines, seed=seed, data_version=version)
    counted = {table: file.rows for table, file in written.items()}
    return DemoLoad(counted, lines, seed, truths, version)


def _silent(_fraction: float, _step: Message) -> None:
    """Report to nobody."""


def _numbered(batches: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Give each row its running number, as if it stood in a file."""
    first = 1
    for batch in batches:
        numbers = pa.array(range(first, first + batch.num_rows), pa.int64())
        first += batch.num_rows
        yield batch.append_column("_row", numbers)


def _counted(batches: Iterable[pa.Table], lines: int, say: Progress) -> Iterator[pa.Table]:
    done = 0
    say(_PLANNED, msg("Writing sales lines"))
    for batch in _numbered(batches):
        yield batch
        done += batch.num_rows
        say(_PLANNED + (1 - _PLANNED) * done / lines, msg("Writing sales lines"))


def set_demo_aside(catalogue: Catalogue) -> int:
    """Undo the demo company's imports, all in one transaction; return how many tables it held.

    They stay in the list of imports, so that the demo company can be brought back.
    """
    counting = [
        found.id
        for found in catalogue.imports()
        if found.demo and found.status is ImportStatus.COMMITTED and found.id
    ]
    if counting:
        catalogue.set_statuses(counting, ImportStatus.UNDONE)
    return len(counting)


def _import_of(
    table: str, file: SegmentFile, lines: int, seed: int
) -> tuple[Import, list[Segment]]:
    name = f"demo, {lines} lines, seed {seed}"
    record = Import(
        file_name=name,
        sha256=sha256(f"{name}, {table}".encode()).hexdigest(),
        table_name=table,
        demo=True,
        read=file.rows,
        accepted=file.rows,
        quarantined=0,
        already_there=0,
    )
    segment = Segment(
        import_id=0, table_name=table, file=file.file, rows=file.rows, bytes=file.bytes
    )
    return record, [segment]
