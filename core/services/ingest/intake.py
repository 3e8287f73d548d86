"""The intake: preview, import, undo; a file is stored whole or not at all."""

from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
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
from core.repository.segments import SegmentFile, SegmentStore
from core.repository.visible import StoredTable, stored_table
from core.repository.warehouse.lock import file_lock
from core.services.quality import score
from core.services.quality.judge import order_of
from core.services.quality.service import Rules
from core.settings import Settings

from . import files
from .consequences import Preview, consequences
from .derived import derive_dimensions
from .learnt import layout_notes, remember
from .modes import Mode
from .novel import new_values
from .options import ImportOptions, ImportReport, InboxFile, Progress
from .prepare import Engine, Prepared, prepare, stored_rows
from .preview import SheetPreview, preview_sheet
from .quarantine import quarantine_table, read_quarantine, write_quarantine
from .recognise import Recognised, Sheet, recognise
from .redoing import REPLACES, refuse_twice
from .sources import open_source
from .typed import Context

_LOCK_SECONDS = 600.0
_CHECKING = msg("Checking the rows")
Stated = ImportOptions | Sequence[ImportOptions]


class Intake:
    """Brings spreadsheets and text tables into the store of one home folder."""

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
        tell = progress or _silent
        found = self._recognise(path, stated, tell, strict=False)
        done = self._prepare(found.sheets, lambda part: tell(0.4 + 0.4 * part, _CHECKING))
        tell(0.8, msg("Working out the effect"))
        parts = (self._settings, self._catalogue, self._segments)
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
        found = self._recognise(path, stated, tell, strict=True)
        with self._alone(dry=stated[0].dry_run):
            prepared = self._prepare(found.sheets, lambda part: tell(0.4 + 0.3 * part, _CHECKING))
            done = [prepared[place] for place in range(len(found.sheets))]
            refuse_refused(done)
            _refuse_nothing(done)
            if stated[0].dry_run:
                name = stated[0].file_name or path.name
                tell(0.8, msg("Working out the effect"))
                return self._tried(done, found, name)
            tell(0.7, msg("Storing the rows"))
            return self._commit(path, done, found, tell)

    def _tried(self, done: list[Prepared], found: Recognised, name: str) -> list[ImportReport]:
        """Return what an import would have done; nothing is stored."""
        parts = (self._settings, self._catalogue, self._segments)
        differences, effect = consequences(dict(enumerate(done)), *parts)
        version = self._catalogue.current_version()
        reports = []
        for place, prepared in enumerate(done):
            beside = differences.get(place)
            reports.append(
                replace(
                    _report(prepared, None, version, name, found),
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
        return recognise(source, name, stated, self._catalogue.layout, strict=strict)

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
        self, path: Path, done: list[Prepared], found: Recognised, tell: Progress
    ) -> list[ImportReport]:
        """Write segments and quarantine, then let all of them count in one transaction."""
        name = done[0].sheet.options.file_name or path.name
        sha256 = files.file_hash(path)
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
        modes = {
            place: mode
            for place, prepared in enumerate(done)
            if imports[place][1] and (mode := prepared.plan.record(imports[place][0].table_name))
        }
        before = done[0].sheet.options.instead_of
        records = self._catalogue.commit_all(imports, modes, before or None)
        for prepared in done:
            remember(self._catalogue, prepared.sheet, name)
        reports = []
        for record, prepared in zip(records, done, strict=True):
            log.event("import.committed", import_id=record.id, table=record.table_name,
                      read=record.read, accepted=record.accepted)  # fmt: skip
            reports.append(_report(prepared, record.id, record.data_version, name, found))
        tell(1.0, msg("Imported"))
        return reports

    def _write(self, prepared: Prepared, name: str, sha256: str) -> tuple[Import, list[Segment]]:
        """Write what belongs to one import; nothing refers to it yet."""
        raw, mapping, options = prepared.raw, prepared.sheet.mapping, prepared.sheet.options
        described = {**mapping.as_dict(), "header_row": raw.header_row}
        if options.instead_of:
            described[REPLACES] = options.instead_of
        described[score.KEY] = prepared.quality
        if prepared.texts:
            described["texts"] = prepared.texts
        if prepared.quarantined:
            rows = quarantine_table(raw, prepared.table.problems, prepared.first, prepared.texts)
            described["quarantine"] = write_quarantine(self._settings.quarantine, rows)
        segments: list[Segment] = []
        accepted = int(prepared.accepted.sum())
        if accepted:
            written = self._segments.write(mapping.table, stored_rows(prepared))
            segments.append(_segment(mapping.table, written))
            if mapping.table == "sales":
                for derived in derive_dimensions(
                    prepared.table, prepared.accepted, raw.sheet, pa.array(raw.rows)
                ):
                    written = self._segments.write(derived.table, derived.rows)
                    segments.append(_segment(derived.table, written, derived=True))
        record = Import(
            owner=options.owner,
            file_name=name,
            sha256=sha256,
            table_name=mapping.table,
            sheet=raw.sheet,
            replace=options.replace,
            read=prepared.read,
            accepted=accepted,
            quarantined=prepared.quarantined,
            already_there=int(prepared.already_there.sum()),
            reasons=prepared.reasons,
            warnings=prepared.warnings,
            mapping=described,
        )
        return record, segments

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
        with self._alone(dry=False):
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

    @contextmanager
    def _alone(self, *, dry: bool):  # noqa: ANN202
        """Compare and commit without another import in between."""
        if dry:
            yield
            return
        with file_lock(self._settings.home / "intake.lock", _LOCK_SECONDS) as held:
            if not held:
                raise PicholineError(
                    "import.busy",
                    msg("Another import is running."),
                    msg("Try again when it has finished."),
                    status=409,
                )
            yield


def _as_list(options: Stated | None) -> list[ImportOptions]:
    if options is None:
        return [ImportOptions()]
    return [options] if isinstance(options, ImportOptions) else list(options) or [ImportOptions()]


def _silent(_fraction: float, _step: object) -> None:
    """Tell nobody."""


def _refuse_nothing(done: list[Prepared]) -> None:
    """A replacement without a single row would empty the table: that is never meant."""
    if not any(prepared.read for prepared in done):
        raise PicholineError(
            "sheet.no_rows",
            msg("Sheet {sheet} has titles but no rows.", sheet=done[0].raw.sheet),
            msg("Check that the rows are in the file, and that the right row holds the titles."),
        )
    for prepared in done:
        replacing = prepared.plan.mode in (Mode.REPLACE, Mode.PERIOD)
        if replacing and not prepared.accepted.any():
            raise PicholineError(
                "import.nothing",
                msg("No row of sheet {sheet} can be accepted.", sheet=prepared.raw.sheet),
                msg("Nothing was replaced. Correct the rows; a dry run shows the reasons."),
            )


def refuse_refused(done: Sequence[Prepared]) -> None:
    """Refuse the file for a rule that blocks, or a control total that is not met."""
    for prepared in done:
        for refusal in prepared.refusals:
            raise PicholineError(
                f"import.refused.{refusal.code}",
                msg("Sheet {sheet}: {why}", sheet=prepared.raw.sheet, why=refusal.title),
                refusal.advice,
            )


def _segment(table: str, written: SegmentFile, *, derived: bool = False) -> Segment:
    return Segment(
        import_id=0,
        table_name=table,
        file=written.file,
        rows=written.rows,
        bytes=written.bytes,
        derived=derived,
    )


def _report(
    prepared: Prepared, import_id: int | None, version: int, name: str, found: Recognised
) -> ImportReport:
    warnings = dict(prepared.warnings)
    if found.passed_over:
        warnings["sheet_passed_over"] = len(found.passed_over)
    return ImportReport(
        import_id=import_id,
        table=prepared.sheet.mapping.table,
        sheet=prepared.raw.sheet,
        read=prepared.read,
        accepted=int(prepared.accepted.sum()),
        quarantined=prepared.quarantined,
        already_there=int(prepared.already_there.sum()),
        reasons=prepared.reasons,
        warnings=warnings,
        data_version=version,
        file_name=name,
        dry_run=import_id is None,
        notes=(*prepared.raw.notes, *prepared.table.notes, *found.passed_over),
        quality=prepared.quality.get("score"),
        texts=prepared.texts,
    )
