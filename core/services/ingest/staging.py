"""A large text file read once, block by block: its sound rows go to a segment, the rest is kept.

Memory holds a few blocks, and what has to be told of single rows; never the file.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.i18n import Message, msg
from core.repository.segments import SegmentFile, SegmentStore
from core.repository.told import ToldFiles

from .block_rows import BlockRows, Layout, type_block
from .blocks import Block, NotPlain, blocks
from .evidence import Decided, Evidence
from .prints import Twice
from .raw import Rows
from .spans import Spans

Told = Callable[[int], None]
_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def side_by_side(
    work: Callable[[_Item], _Result], items: Iterable[_Item], threads: int
) -> Generator[_Result]:
    """Return the results of `work` in the order of the items; only a few are held at a time."""
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[_Result]] = deque()
        try:
            for item in items:
                waiting.append(pool.submit(work, item))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()


def added(counts: dict[str, int], more: dict[str, int]) -> None:
    """Add counts by code."""
    for code, count in more.items():
        counts[code] = counts.get(code, 0) + count


@dataclass
class Staging:
    """What one reading of a file leaves.

    Attributes:
        segment: the sound rows.
        about: files with what they say about products and customers, by table.
        read: rows; blank ones, repeated titles and notes are none.
        last: number of the last row.
        filled: columns with a value in some sound row.
        doubted: numbers of sound rows with a warning about themselves.
        reasons, warnings, notes, evidence: of all rows.
        quarantine: rows set aside, part by part.
        places: field → place of its column.
        given: columns the file has, those that follow from others included.
        empty: places of mapped columns without any value.
        seen: a file with every column by its letter, for a preview.
        valued, problems, valueless: as in `BlockRows`.
        twice, spans: what rules ask of all rows together.
    """

    segment: SegmentFile = field(default_factory=lambda: SegmentFile("", 0, 0))
    about: dict[str, Path] = field(default_factory=dict)
    read: int = 0
    last: int = 0
    filled: set[str] = field(default_factory=set)
    doubted: list[Rows] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    notes: list[Message] = field(default_factory=list)
    quarantine: list[pa.Table] = field(default_factory=list)
    places: dict[str, int] = field(default_factory=dict)
    given: tuple[str, ...] = ()
    empty: set[int] | None = None
    seen: Path | None = None
    valued: frozenset[str] = frozenset()
    problems: dict[str, int] = field(default_factory=dict)
    valueless: dict[str, int] = field(default_factory=dict)
    evidence: Evidence = field(default_factory=Evidence)
    twice: Twice = field(default_factory=Twice)
    spans: Spans = field(default_factory=Spans)

    def add(self, part: BlockRows) -> None:
        """Add what became of the rows of a block.

        Raises:
            NotPlain: its dates prove nothing, and are too many to be kept.
        """
        self.read += part.read
        self.last = part.last
        self.doubted.append(part.doubted)
        self.notes += part.notes
        self.places, self.given = part.places, part.given
        self.empty = part.empty if self.empty is None else self.empty & part.empty
        self.evidence.merge(part.evidence)
        added(self.reasons, part.reasons)
        added(self.warnings, part.warnings)
        added(self.problems, part.problems)
        added(self.valueless, part.valueless)
        self.valued = part.valued
        self.spans.add(part.spans)
        if part.prints is not None:
            self.twice.add(part.prints, part.sound["_row"].to_numpy())
        if part.quarantine is not None:
            self.quarantine.append(part.quarantine)
        sound = part.sound
        self.filled |= {n for n in sound.column_names if sound[n].null_count < sound.num_rows}
        if self.evidence.overflows:
            raise NotPlain(msg("dates that prove no order of day and month"))


class _SeenFile:
    """A file with every column by its letter, where a preview shows them."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "seen.parquet"
        self._writer: pq.ParquetWriter | None = None

    def write(self, cells: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, cells.schema)
        self._writer.write_table(cells)

    def close(self) -> Path | None:
        """Finish the file; return where it lies, if anything was written."""
        if self._writer is None:
            return None
        self._writer.close()
        return self._path


def stage(
    path: Path,
    layout: Layout,
    decided: Decided,
    store: SegmentStore,
    folder: Path,
    size: int,
    threads: int,
    told: Told,
) -> Staging:
    """Read a file and write its sound rows.

    Args:
        path: the file.
        layout: how it is read.
        decided: over its whole columns.
        store: gets the segment.
        folder: for what is written along.
        size: bytes of a block.
        threads: blocks that are read side by side.
        told: is called with the bytes that are read.

    Raises:
        NotPlain: the file has not the shape of one plain table.
    """
    found = Staging()
    beside, seen = ToldFiles(folder), _SeenFile(folder)

    def work(block: Block) -> tuple[int, BlockRows]:
        return len(block.data), type_block(block, layout, decided)

    def parts() -> Generator[pa.Table]:
        done = 0
        for length, part in side_by_side(work, blocks(path, layout.form, size), threads):
            found.add(part)
            beside.write(part.about)
            if part.seen is not None:
                seen.write(part.seen)
            done += length
            told(done)
            yield part.sound

    try:
        found.segment = store.write(layout.mapping.table, parts())
    finally:
        beside.close()
        found.seen = seen.close()
    found.about = beside.paths
    return found


def all_doubted(found: Staging) -> Rows:
    """Return the numbers of rows with a warning about themselves."""
    return np.concatenate(found.doubted) if found.doubted else np.empty(0, dtype=np.int64)
