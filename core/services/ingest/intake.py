"""The intake: preview, import, undo; a file is stored whole or not at all."""

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from zoneinfo import ZoneInfo

import pyarrow as pa

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import Import, ImportStatus, Segment
from core.repository.aliases import AliasStore
from core.repository.catalogue import Catalogue
from core.repository.known_values import KnownValues
from core.repository.segments import SegmentStore
from core.repository.visible import StoredTable, stored_table
from core.services.quality.judge import order_of
from core.services.quality.service import Rules
from core.settings import Settings

from . import files
from .blocks import NotPlain
from .consequences import Preview, consequences
from .exclusive import alone, at_one_version
from .journal import logged
from .journal_notes import (
    note_committed,
    note_mapped,
    note_not_plain,
    note_sheets,
    note_stored,
    note_streamed,
)
from .large import BLOCK, LARGE, begin, is_large
from .large_look import preview_large
from .learnt import layout_notes, remember
from .novel import new_values
from .options import ImportOptions, ImportReport, InboxFile, Progress
from .prepare import Engine, Prepared, prepare
from .preview import SheetPreview, preview_sheet
from .quarantine import read_quarantine
from .recognise import Recognised, Sheet, recognise
from .redoing import refuse_twice
from .reporting import Ready, refuse_nothing, refuse_refused, report
from .sources import open_source
from .storing import write_import
from .streamed import Means, Streamed, prepare_streamed
from .typed import Context

_CHECKING = msg("Checking the rows")
Stated = ImportOptions | Sequence[ImportOptions]


class Intake:
    """Brings spreadsheets and text tables into the store of one home folder.

    Attributes:
        large: bytes from which a text file is read block by block.
        block: bytes of a block.
    """

    large = LARGE
    block = BLOCK

    def __init__(self, settings: Settings, catalogue: Catalogue, segments: SegmentStore) -> None:
        """Use this home's settings, catalogue and segments."""
        self._settings = settings
        self._catalogue = catalogue
        self._segments = segments
        self.rules = Rules(catalogue, segments, settings)

    def store(self, stream: IO[bytes], file_name: str) -> InboxFile:
        """Keep an upload in the inbox under its SHA-256.

        Raises:
            PicholineError: it is empty or larger than allowed.
        """
        return files.store(stream, file_name, self._settings.inbox, self._settings.max_upload_mb)

    def preview(
        self, path: Path, options: Stated | None = None, progress: Progress | None = None
    ) -> list[SheetPreview]:
        """Say what an import would do; nothing is stored.

        A sheet that lacks a required column is returned too, so that it can be mapped by hand.

        Raises:
            PicholineError: the file cannot be read.
        """
        return self.look(path, options, progress).sheets

    def look(
        self, path: Path, options: Stated | None = None, progress: Progress | None = None
    ) -> Preview:
        """Say what an import would do, also to the headline numbers; nothing is stored.

        Raises:
            PicholineError: the file cannot be read.
        """
        stated = _as_list(options)
        name = stated[0].file_name or path.name
        with logged(self._catalogue, path, name, stated[0].owner, looked=True):
            return self._look(path, stated, progress or _silent)

    def _look(self, path: Path, stated: list[ImportOptions], tell: Progress) -> Preview:
        parts = (self._settings, self._catalogue, self._segments)
        with self._scratch(path, stated) as scratch:
            ready = self._streamed(path, stated, tell, scratch) if scratch else None
            if ready is not None:
                tell(0.8, msg("Working out the effect"))
                _, effect = consequences({0: ready[0][0]}, *parts)
                told = [*layout_notes(self._catalogue, ready[1].sheets[0]), *ready[1].passed_over]
                return Preview([preview_large(one, told) for one in ready[0]], effect)
        found = self._recognise(path, stated, tell, strict=False)
        done = self._prepare(found.sheets, lambda part: tell(0.4 + 0.4 * part, _CHECKING))
        tell(0.8, msg("Working out the effect"))
        differences, effect = consequences(done, *parts)
        known = KnownValues(self._catalogue, self._segments, *self._means())
        sheets = [
            preview_sheet(
                sheet,
                done.get(place),
                [*layout_notes(self._catalogue, sheet), *found.passed_over],
                differences=differences.get(place),
                values=new_values(done[place], known) if place in done else (),
            )
            for place, sheet in enumerate(found.sheets)
        ]
        sheets += [preview_sheet(sheet, None, (), recognised=False) for sheet in found.weak]
        return Preview(sheets, effect)

    def run(
        self, path: Path, options: Stated | None = None, progress: Progress | None = None
    ) -> list[ImportReport]:
        """Import a file: every sheet that fits, all of them in one transaction.

        Args:
            path: the file.
            options: what is stated about it; several state one sheet each.
            progress: told about every step.

        Raises:
            PicholineError: the file cannot be read, or a stated sheet does not fit.
        """
        stated = _as_list(options)
        tell = progress or _silent
        name = stated[0].file_name or path.name
        if stated[0].dry_run:
            with self._scratch(path, stated) as scratch:
                done, found = self._ready(path, stated, tell, scratch)
                tell(0.8, msg("Working out the effect"))
                return self._tried(done, found, name)
        with logged(self._catalogue, path, name, stated[0].owner, looked=False):
            return at_one_version(
                self._settings.home,
                self._catalogue.current_version,
                lambda: self._ready(path, stated, tell),
                lambda ready: self._commit(path, *ready, tell),
            )

    def _ready(
        self,
        path: Path,
        stated: list[ImportOptions],
        tell: Progress,
        looked: SegmentStore | None = None,
    ) -> tuple[list[Ready], Recognised]:
        """Return the sheets of a file ready to be stored; refuse the file where one is not."""
        streamed = self._streamed(path, stated, tell, looked)
        if streamed is not None:
            try:
                refuse_refused(streamed[0])
                refuse_nothing(streamed[0])
            except PicholineError:
                streamed[0][0].discard(looked or self._segments)
                raise
            return [*streamed[0]], streamed[1]
        found = self._recognise(path, stated, tell, strict=True)
        prepared = self._prepare(found.sheets, lambda part: tell(0.4 + 0.3 * part, _CHECKING))
        done: list[Ready] = [prepared[place] for place in range(len(found.sheets))]
        refuse_refused(done)
        refuse_nothing(done)
        return done, found

    @contextmanager
    def _scratch(self, path: Path, stated: list[ImportOptions]) -> Generator[SegmentStore | None]:
        """Give a large text file a store for the time it is looked at; None for other files."""
        folder = self._settings.cache / "intake"
        if len(stated) > 1 or not is_large(path, stated[0].file_name or path.name, self.large):
            yield None
            return
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(dir=folder) as name:
            yield SegmentStore(Path(name))

    def _streamed(
        self, path: Path, stated: list[ImportOptions], tell: Progress, looked: SegmentStore | None
    ) -> tuple[list[Streamed], Recognised] | None:
        """Return a large text file ready to be stored; None where the ordinary way takes it.

        Args:
            path: the file.
            stated: what is stated about it.
            tell: is told about every step.
            looked: gets the rows that are only looked at; None: they are to be stored.
        """
        name = stated[0].file_name or path.name
        if len(stated) > 1 or not is_large(path, name, self.large):
            return None
        tell(0.0, msg("Reading the file"))
        folder = self._settings.cache / "intake"
        means = Means(looked or self._segments, folder, *self._means(), self.block)
        try:
            layout, found = begin(
                path, name, stated, self._catalogue.layout, self._context(), self.block
            )
            note_mapped(layout.sheet)
            ready = prepare_streamed(
                path, replace(layout, look=looked is not None),
                partial(self._stored, without=stated[0].instead_of), self.rules.judge(), means,
                lambda part: tell(0.7 * part, _CHECKING),
            )  # fmt: skip
        except NotPlain as odd:
            note_not_plain(odd.why)
            log.event("import.not_streamed", file=name, why=str(odd.why))
            return None
        note_streamed(ready)
        return [ready], found

    def _tried(self, done: list[Ready], found: Recognised, name: str) -> list[ImportReport]:
        """Return what an import would have done; nothing is stored."""
        parts = (self._settings, self._catalogue, self._segments)
        differences, effect = consequences(dict(enumerate(done)), *parts)
        version = self._catalogue.current_version()
        reports = []
        for place, prepared in enumerate(done):
            beside = differences.get(place)
            reports.append(
                replace(
                    report(prepared, None, version, name, found),
                    effect=effect.as_dict() if effect else None,
                    differences=beside.as_dict() if beside else None,
                )
            )
        return reports

    def _recognise(
        self, path: Path, stated: list[ImportOptions], tell: Progress, *, strict: bool
    ) -> Recognised:
        name = stated[0].file_name or path.name
        tell(0.0, msg("Reading the file"))
        source = open_source(path, name)
        found = recognise(source, name, stated, self._catalogue.layout, strict=strict)
        note_sheets(found)
        return found

    def _prepare(
        self, sheets: Sequence[Sheet], tell: Callable[[float], None]
    ) -> dict[int, Prepared]:
        """Return the prepared sheets by their place; those that cannot be read yet are left out.

        Sheets that others refer to are prepared first, so that their rows are known.
        """
        judge = self.rules.judge()
        done: dict[int, Prepared] = {}
        for place in order_of([sheet.mapping.table for sheet in sheets]):
            sheet = sheets[place]
            tell(len(done) / len(sheets))
            if not sheet.doubtful:
                stored = partial(self._stored, without=sheet.options.instead_of)
                done[place] = prepare(sheet, self._context(), stored, self._engine(), judge)
        return done

    def _commit(
        self, path: Path, done: list[Ready], found: Recognised, tell: Progress
    ) -> list[ImportReport]:
        """Write segments and quarantine, then let all of them count in one transaction."""
        name = done[0].sheet.options.file_name or path.name
        tell(0.7, msg("Storing the rows"))
        known = done[0].sha256 if isinstance(done[0], Streamed) else ""
        sha256 = known or files.file_hash(path)
        files.keep(path, sha256, self._settings.inbox)
        replaced: set[str] = set()
        imports: list[tuple[Import, list[Segment]]] = []
        for place, prepared in enumerate(done):
            tell(0.7 + 0.25 * place / len(done), msg("Storing the rows"))
            record, segments = self._write(prepared, name, sha256)
            # Only the first sheet of a table hides what was there; the others add to it.
            record.replace = record.replace and record.table_name not in replaced
            replaced.add(record.table_name)
            imports.append((record, segments))
        note_stored(imports)
        modes = {
            place: mode
            for place, prepared in enumerate(done)
            if imports[place][1] and (mode := prepared.plan.record(imports[place][0].table_name))
        }
        before = done[0].sheet.options.instead_of
        records = self._catalogue.commit_all(imports, modes, before or None)
        note_committed(records, sha256)
        for prepared in done:
            remember(self._catalogue, prepared.sheet, name)
        reports = []
        for record, prepared in zip(records, done, strict=True):
            log.event("import.committed", import_id=record.id, table=record.table_name,
                      read=record.read, accepted=record.accepted)  # fmt: skip
            reports.append(report(prepared, record.id, record.data_version, name, found))
        tell(1.0, msg("Imported"))
        return reports

    def _write(self, prepared: Ready, name: str, sha256: str) -> tuple[Import, list[Segment]]:
        """Write what belongs to one import; nothing refers to it yet."""
        return write_import(prepared, name, sha256, self._segments, self._settings.quarantine)

    def undo(self, import_id: int) -> int:
        """Let an import no longer count; return the new data version.

        Raises:
            PicholineError: there is no such import, or it does not count already.
        """
        return self._catalogue.set_status(import_id, ImportStatus.UNDONE)

    def redo(self, import_id: int) -> int:
        """Let an undone import count again; return the new data version.

        Raises:
            PicholineError: there is no such import, it counts already, or its rows came again
                with a later import and would count twice.
        """
        record = self._catalogue.get_import(import_id)
        with alone(self._settings.home):
            if record.status is ImportStatus.UNDONE:
                self._refuse_twice(record)
            return self._catalogue.set_status(import_id, ImportStatus.COMMITTED)

    def _refuse_twice(self, record: Import) -> None:
        refuse_twice(record, self._catalogue, self._segments)

    def quarantined(self, import_id: int) -> pa.Table:
        """Return the rows an import set aside.

        Returns:
            `_sheet`, `_row`, `_column`, `_value`, `_reason` and `_remedy` (marked English texts),
            `_code`, `_also`, then the row's own cells as text, by title.

        Raises:
            PicholineError: there is no such import.
        """
        record = self._catalogue.get_import(import_id)
        return read_quarantine(self._settings.quarantine, record.mapping.get("quarantine"))

    def _stored(self, table: str, without: int = 0) -> StoredTable:
        return stored_table(self._catalogue, self._segments, table, without=without)

    def _means(self) -> tuple[int, int]:
        return self._settings.threads, self._settings.memory_limit_mb

    def _context(self) -> Context:
        zone = self._settings.time_zone
        meanings: dict[str, dict[str, str]] = {}
        for known in AliasStore(self._catalogue).current():
            meanings.setdefault(known.field, {})[known.plain] = known.meant
        return Context(zone, datetime.now(ZoneInfo(zone)).date(), meanings=meanings)

    def _engine(self) -> Engine:
        return Engine(self._settings.threads, self._settings.memory_limit_mb)


def _as_list(options: Stated | None) -> list[ImportOptions]:
    if options is None:
        return [ImportOptions()]
    return [options] if isinstance(options, ImportOptions) else list(options) or [ImportOptions()]


def _silent(_fraction: float, _step: object) -> None:
    """Tell nobody."""
