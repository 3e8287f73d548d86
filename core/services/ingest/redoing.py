"""Why an import that was undone may not simply count again."""

from core.errors import PicholineError
from core.i18n import msg
from core.models.schema import TABLES
from core.models.tables import Import, ImportStatus, Segment
from core.repository.catalogue import Catalogue
from core.repository.intake_sql import overlap
from core.repository.segments import SegmentStore
from core.repository.visible import StoredTable, hidings

REPLACES = "instead_of"  # key, among what is kept about an import, of the import it was run for


def refuse_twice(record: Import, catalogue: Catalogue, segments: SegmentStore) -> None:
    """Refuse to let rows count that came again with an import that counts.

    Raises:
        PicholineError: rows would count twice, or the same file counts by another mapping.
    """
    _refuse_rerun(record, catalogue)
    defined = TABLES[record.table_name]
    if defined.dimension:
        return
    number = record.id or 0
    hidden = tuple(h for h in hidings(catalogue, segments) if h.table == record.table_name)
    own = catalogue.segments_of(number, record.table_name)
    later = [s for s in catalogue.visible_segments(record.table_name) if s.import_id > number]

    def rows(parts: list[Segment]) -> StoredTable:
        files = tuple((segments.path(s.file), s.import_id) for s in parts)
        return StoredTable(record.table_name, files, hidden)

    if overlap(rows(own), rows(later), [field.key for field in defined.fields]):
        numbers = ", ".join(str(n) for n in sorted({s.import_id for s in later}))
        raise PicholineError(
            "import.twice",
            msg(
                "Rows of import {id} came again with a later import and would count twice.",
                id=record.id,
            ),
            msg("Undo the later import first: {numbers}.", numbers=numbers),
            status=409,
        )


def _refuse_rerun(record: Import, catalogue: Catalogue) -> None:
    """Refuse what was read again with another mapping, while the other reading counts."""
    before = record.mapping.get(REPLACES)
    for other in catalogue.imports():
        if other.status is not ImportStatus.COMMITTED:
            continue
        if other.id == before or other.mapping.get(REPLACES) == record.id:
            raise PicholineError(
                "import.rerun",
                msg("The same rows count already, with import {id}.", id=other.id),
                msg("Undo import {id} first.", id=other.id),
                status=409,
            )
