"""Imports that lean on another: they left rows out because that one already held them."""

from collections.abc import Iterable

from core.i18n import Message, msg
from core.models.tables import Import, ImportStatus


def leaning_on(record: Import, imports: Iterable[Import]) -> list[Import]:
    """Return later imports of the same table that count and left rows out as already there.

    Which import they recognised the rows from is not recorded: these are the ones that may have
    leaned on `record`, the oldest first.
    """
    found = [
        other
        for other in imports
        if other.table_name == record.table_name
        and other.status is ImportStatus.COMMITTED
        and other.already_there > 0
        and (other.id or 0) > (record.id or 0)
    ]
    return sorted(found, key=lambda other: other.id or 0)


def leaning_note(record: Import, imports: Iterable[Import]) -> Message | None:
    """Return what undoing `record` means for imports that leaned on it; None where none did."""
    found = leaning_on(record, imports)
    if not found:
        return None
    return msg(
        "Later imports left rows out because they were already there: {ids}. Those rows may stop "
        "counting too; undo these imports and import their files again to count them.",
        ids=", ".join(str(other.id) for other in found),
    )
