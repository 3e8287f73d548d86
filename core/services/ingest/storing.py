"""What belongs to one import, written before anything refers to it."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from core.models.tables import Import, Segment
from core.repository.segments import SegmentStore
from core.services.quality import score

from .derived import derive_dimensions
from .prepare import stored_rows
from .quarantine import quarantine_table, write_quarantine
from .redoing import REPLACES
from .reporting import Ready, segment
from .streamed import Streamed


def write_import(
    ready: Ready, name: str, sha256: str, store: SegmentStore, quarantine: Path
) -> tuple[Import, list[Segment]]:
    """Write the segments and the quarantine of a sheet; nothing refers to them yet.

    Args:
        ready: the sheet.
        name: of its file.
        sha256: of its file.
        store: gets the segments.
        quarantine: folder of the rows that are set aside.
    """
    raw, mapping, options = ready.raw, ready.sheet.mapping, ready.sheet.options
    described: dict[str, Any] = {**mapping.as_dict(), "header_row": raw.header_row}
    if options.instead_of:
        described[REPLACES] = options.instead_of
    described[score.KEY] = ready.quality
    if ready.texts:
        described["texts"] = ready.texts
    aside = _set_aside(ready)
    if aside is not None:
        described["quarantine"] = write_quarantine(quarantine, aside)
    record = Import(
        owner=options.owner,
        file_name=name,
        sha256=sha256,
        table_name=mapping.table,
        sheet=raw.sheet,
        replace=options.replace,
        read=ready.read,
        accepted=ready.accepted_rows,
        quarantined=ready.quarantined,
        already_there=ready.known_rows,
        reasons=ready.reasons,
        warnings=ready.warnings,
        mapping=described,
    )
    return record, _segments(ready, store)


def _set_aside(ready: Ready) -> pa.Table | None:
    if isinstance(ready, Streamed):
        return ready.quarantine
    if not ready.quarantined:
        return None
    return quarantine_table(ready.raw, ready.table.problems, ready.first, ready.texts)


def _segments(ready: Ready, store: SegmentStore) -> list[Segment]:
    """Return the segments of the accepted rows and of what sales lines say beside."""
    table, raw = ready.sheet.mapping.table, ready.raw
    if not ready.accepted_rows:
        return []
    if isinstance(ready, Streamed):
        written, derived = ready.segment, ready.derived
    else:
        written = store.write(table, stored_rows(ready))
        about = table == "sales"
        numbers = pa.array(raw.rows)
        derived = (
            derive_dimensions(ready.table, ready.accepted, raw.sheet, numbers) if about else ()
        )
    beside = [segment(d.table, store.write(d.table, d.rows), derived=True) for d in derived]
    return [*([segment(table, written)] if written else []), *beside]
