"""Imports one by one: what each holds, contributes and replaces; its file read again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.quality import Rule
from core.models.query import Scope
from core.models.tables import Import, ImportMode, ImportStatus
from core.repository.catalogue import Catalogue
from core.repository.import_rows import (
    COUNTS,
    Contribution,
    contributions,
    events_of,
    import_modes,
    page_of,
)
from core.repository.segments import SegmentStore
from core.repository.visible import hidings
from core.repository.warehouse import Warehouse
from core.services.ingest.again import mapping_of
from core.services.ingest.leaning import leaning_note
from core.services.ingest.modes import Mode
from core.services.ingest.options import ImportOptions
from core.services.ingest.options import Mapping as ColumnMapping
from core.services.ingest.redoing import REPLACES
from core.services.quality.score import score_of
from core.services.rights import refuse_restricted
from core.settings import Settings

__all__ = [
    "COUNTS", "PAGE_ROWS", "Contribution", "ImportDesk", "ImportFacts", "ImportView", "RowsPage",
]  # fmt: skip

PAGE_ROWS = 50


@dataclass(frozen=True)
class ImportFacts:
    """An import as the page shows it.

    Attributes:
        record: the import.
        mode: what becomes of earlier rows while it counts.
        period: first and last day of a replaced period, as ISO text; ("", "") for others.
        quality: share of the new rows accepted without warning; None without any.
        contribution: of its sales lines to the numbers now; None where none counts.
        replaced_by: the latest import that replaced its whole table, if it counts otherwise.
        instead_of: the import whose file was read again by this one; 0 for none.
    """

    record: Import
    mode: Mode
    period: tuple[str, str] = ("", "")
    quality: float | None = None
    contribution: Contribution | None = None
    replaced_by: int | None = None
    instead_of: int = 0

    @property
    def counts(self) -> bool:
        """Whether it counts, in part at least."""
        return self.record.status is ImportStatus.COMMITTED and self.replaced_by is None

    def as_dict(self) -> dict[str, Any]:
        """Return mode, effect and quality for JSON, beside the record's own fields."""
        found = self.contribution
        return {
            "mode": self.mode.value,
            "first_day": self.period[0] or None,
            "last_day": self.period[1] or None,
            "quality": self.quality,
            "replaced_by": self.replaced_by,
            "instead_of": self.instead_of or None,
            "contribution": found
            and {
                "lines": found.lines,
                "net_sales": _text(found.net_sales),
                "gross_margin": _text(found.gross_margin),
                "first_day": found.first.isoformat(),
                "last_day": found.last.isoformat(),
            },
        }


@dataclass(frozen=True)
class ImportView:
    """One import with its history.

    Attributes:
        facts: as in the list.
        events: moment (UTC), what happened (`import`, `undone`, `committed`), data version.
        kept: its file is still there, so that it can be sent and read again.
        mapping: by which its columns were read; None for the demo company.
    """

    facts: ImportFacts
    events: Sequence[tuple[datetime, str, int]] = ()
    kept: bool = False
    mapping: ColumnMapping | None = None


@dataclass(frozen=True)
class RowsPage:
    """Some rows of an import; `_counts` says of each whether it counts.

    Attributes:
        warnings: of rows with warnings alone, what each is warned of, by sheet and row; None: all
            rows are shown.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    total: int = 0
    offset: int = 0
    warnings: Mapping[tuple[str, int], Sequence[Rule]] | None = None


class ImportDesk:
    """The imports of one home, one by one; every method refuses a restricted scope."""

    def __init__(
        self,
        settings: Settings,
        catalogue: Catalogue,
        segments: SegmentStore,
        warehouse: Warehouse,
    ) -> None:
        """Keep the parts."""
        self._settings = settings
        self._catalogue = catalogue
        self._segments = segments
        self._warehouse = warehouse
        self._known: tuple[Any, dict[int, Contribution]] = (None, {})

    def all(self, scope: Scope) -> list[ImportFacts]:
        """Return every import, the newest first."""
        refuse_restricted(scope)
        imports = self._catalogue.imports()
        modes = import_modes(self._catalogue)
        added = self._contributions() if imports else {}
        return [_facts(record, imports, modes, added) for record in imports]

    def get(self, import_id: int, scope: Scope) -> ImportView:
        """Return one import with its history.

        Raises:
            PicholineError: there is no such import.
        """
        return self._view(import_id, scope, self._contributions())

    def _view(self, import_id: int, scope: Scope, added: Mapping[int, Contribution]) -> ImportView:
        refuse_restricted(scope)
        record = self._catalogue.get_import(import_id)
        imports = self._catalogue.imports()
        facts = _facts(record, imports, import_modes(self._catalogue), added)
        return ImportView(
            facts,
            events_of(self._catalogue, import_id),
            not record.demo and (self._settings.inbox / record.sha256).is_file(),
            None if record.demo else mapping_of(record.mapping),
        )

    def rows(
        self, import_id: int, scope: Scope, offset: int = 0, limit: int = PAGE_ROWS
    ) -> RowsPage:
        """Return some of the rows an import stored, whether they count or not."""
        refuse_restricted(scope)
        record = self._catalogue.get_import(import_id)
        held = self._catalogue.segments_of(import_id, record.table_name)
        files = [self._segments.path(s.file) for s in held]
        hidden = hidings(self._catalogue, self._segments)
        offset = max(0, offset)
        rows = page_of(record.table_name, files, import_id, hidden, offset, limit)
        return RowsPage(rows, sum(s.rows for s in held), offset)

    def warned_rows(
        self,
        import_id: int,
        warnings: Mapping[tuple[str, int], Sequence[Rule]],
        scope: Scope,
        offset: int = 0,
        limit: int = PAGE_ROWS,
    ) -> RowsPage:
        """Return some of the rows of an import that rules warn of.

        Args:
            import_id: its number.
            warnings: the rules each such row breaks, by sheet and row.
            scope: who asks.
            offset: rows to pass over.
            limit: rows to return at most.
        """
        refuse_restricted(scope)
        record = self._catalogue.get_import(import_id)
        held = self._catalogue.segments_of(import_id, record.table_name)
        files = [self._segments.path(s.file) for s in held]
        hidden = hidings(self._catalogue, self._segments)
        rows = page_of(
            record.table_name, files, import_id, hidden, max(0, offset), limit, [*warnings]
        )
        return RowsPage(rows, len(warnings), max(0, offset), warnings)

    def original(self, import_id: int, scope: Scope) -> tuple[Path, str]:
        """Return the file an import came from, and the name it had.

        Raises:
            PicholineError: it was generated, or the file is gone.
        """
        view = self._view(import_id, scope, {})
        record = view.facts.record
        if not view.kept:
            raise _gone(record)
        return self._settings.inbox / record.sha256, record.file_name

    def again(self, import_id: int, scope: Scope) -> dict[str, Any]:
        """Return the parameters of a preview of an import's file, to be read in another way.

        Raises:
            PicholineError: the file is gone.
        """
        view = self._view(import_id, scope, {})
        record = view.facts.record
        if not view.kept or view.mapping is None:
            raise _gone(record)
        first, last = view.facts.period
        options = {
            "sheet": record.sheet,
            "mapping": view.mapping.as_dict(),
            "mode": view.facts.mode.value,
            **({"first_day": first, "last_day": last} if first else {}),
        }
        return {
            "sha256": record.sha256,
            "file_name": record.file_name,
            "options": [options],
            "instead_of": import_id,
        }

    def options_again(
        self, import_id: int, scope: Scope, mapping: ColumnMapping | None, owner: str
    ) -> tuple[Path, ImportOptions]:
        """Return the file of an import and the options to read it again with.

        Args:
            import_id: the import that stops counting when the new one counts.
            scope: who asks.
            mapping: how columns become fields; None: as before.
            owner: who imports.

        Raises:
            PicholineError: the file is gone.
        """
        path, name = self.original(import_id, scope)
        view = self._view(import_id, scope, {})
        record, (first, last) = view.facts.record, view.facts.period
        return path, ImportOptions(
            sheet=record.sheet,
            mapping=mapping or view.mapping,
            mode=view.facts.mode,
            first_day=datetime.fromisoformat(first).date() if first else None,
            last_day=datetime.fromisoformat(last).date() if last else None,
            instead_of=import_id,
            file_name=name,
            owner=owner,
        )

    def notes(self, import_id: int, action: str, scope: Scope) -> list[Message]:
        """Return what an undo or a redo means beyond the import's own rows."""
        refuse_restricted(scope)
        return change_notes(self._catalogue, import_id, action)

    def _contributions(self) -> dict[int, Contribution]:
        """Return what imports contribute; worked out once for a state of the data."""
        with self._warehouse.reading() as (cursor, info):
            state = (info.data_version, info.fingerprint)
            if self._known[0] != state:
                self._known = (state, contributions(cursor))
            return self._known[1]


def change_notes(catalogue: Catalogue, import_id: int, action: str) -> list[Message]:
    """Return what an undo or a redo means for rows and imports beside its own.

    Raises:
        PicholineError: there is no such import.
    """
    record, imports = catalogue.get_import(import_id), catalogue.imports()
    modes = import_modes(catalogue)
    facts = _facts(record, imports, modes, {})
    if action != "undo":
        return _redo_notes(facts, imports, modes)
    found = []
    if facts.mode is not Mode.APPEND:
        found.append(msg("The rows it replaced count again."))
    if leaning := leaning_note(record, imports):
        found.append(leaning)
    return found


def replaced_by(record: Import, imports: Sequence[Import]) -> int | None:
    """Return the latest import that replaced this one's table, if this one counts otherwise."""
    if record.status is not ImportStatus.COMMITTED:
        return None
    later = [
        other.id
        for other in imports
        if other.replace
        and other.status is ImportStatus.COMMITTED
        and other.table_name == record.table_name
        and (other.id or 0) > (record.id or 0)
    ]
    return max((number for number in later if number), default=None)


def _facts(
    record: Import,
    imports: Sequence[Import],
    modes: Mapping[int, ImportMode],
    added: Mapping[int, Contribution],
) -> ImportFacts:
    number = record.id or 0
    stated = modes.get(number)
    mode, period = Mode.REPLACE if record.replace else Mode.APPEND, ("", "")
    if stated is not None:
        mode = Mode.UPSERT if stated.first_day is None else Mode.PERIOD
        if stated.first_day and stated.last_day:
            period = (stated.first_day.isoformat(), stated.last_day.isoformat())
    return ImportFacts(
        record,
        mode,
        period,
        score_of(record.mapping),
        added.get(number) if record.status is ImportStatus.COMMITTED else None,
        replaced_by(record, imports),
        int(record.mapping.get(REPLACES) or 0),
    )


def _redo_notes(
    facts: ImportFacts, imports: Sequence[Import], modes: Mapping[int, ImportMode]
) -> list[Message]:
    found = []
    if facts.mode is not Mode.APPEND:
        found.append(msg("The rows it replaces stop counting."))
    number = facts.record.id or 0
    later = [
        other.id
        for other in imports
        if other.status is ImportStatus.COMMITTED
        and other.table_name == facts.record.table_name
        and (other.id or 0) > number
        and (other.replace or other.id in modes)
    ]
    if later:
        ids = ", ".join(str(other) for other in sorted(n for n in later if n))
        found.append(
            msg("Later imports replace rows of this table, perhaps some of these: {ids}.", ids=ids)
        )
    return found


def _gone(record: Import) -> PicholineError:
    return PicholineError(
        "import.file",
        msg("There is no file behind import {id}.", id=record.id),
        msg("It was generated, or its file was removed from the folder “inbox”."),
        status=404,
    )


def _text(value: Any) -> str | None:
    return None if value is None else format(value, "f")
