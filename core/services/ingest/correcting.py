"""The intake's second door: quarantined rows come again, corrected, through the same checks."""

import numpy as np

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import Import, ImportStatus

from .again import (
    Corrected,
    Edits,
    Judged,
    corrects,
    describe,
    enter_edits,
    judged,
    mapping_of,
    read_places,
    rows_table,
)
from .exclusive import alone
from .intake import Intake
from .journal import logged
from .journal_notes import note_committed
from .options import ImportOptions, Progress
from .prepare import Prepared, prepare
from .quarantine import write_quarantine
from .raw import Rows
from .recognise import recognise
from .reporting import refuse_refused
from .sources import open_source


class CorrectingIntake(Intake):
    """An intake whose quarantined rows can be corrected; what passes is an import of its own."""

    def correct(
        self, import_id: int, edits: Edits, owner: str, progress: Progress | None = None
    ) -> Corrected:
        """Check quarantined rows again, with cells a person corrected; import those that pass.

        Args:
            import_id: of the import that set them aside.
            edits: the rows by their place in the quarantine, each with its corrected cells.
            owner: who corrects.
            progress: told about every step.

        Raises:
            PicholineError: the import does not count, its file is gone or holds other rows, or
                one of the rows was corrected meanwhile.
        """
        tell = progress or (lambda _fraction, _step: None)
        record = self._catalogue.get_import(import_id)
        name = record.file_name
        path = self._settings.inbox / record.sha256
        with logged(self._catalogue, path, name, owner, looked=False), alone(self._settings.home):
            self._refuse_uncorrectable(record, edits)
            tell(0.0, msg("Reading the file"))
            options = ImportOptions(
                sheet=record.sheet, mapping=mapping_of(record.mapping), file_name=name, owner=owner
            )
            source = open_source(path, name)
            found = recognise(source, name, [options], lambda _signature: None, strict=True)
            sheet = next((s for s in found.sheets if s.raw.sheet == record.sheet), found.sheets[0])
            enter_edits(sheet, self.quarantined(import_id), edits)
            tell(0.4, msg("Checking the rows"))
            whole = prepare(
                sheet, self._context(), self._stored, self._engine(), self.rules.judge()
            )
            refuse_refused([whole])
            kept, result = judged(whole, edits)
            if not len(result.passed) and not len(result.known):
                version = self._catalogue.current_version()
                return Corrected(None, 0, 0, result.refused, version)
            tell(0.8, msg("Storing the rows"))
            return self._commit_corrected(record, kept, result, edits)

    def _commit_corrected(
        self, of: Import, kept: Prepared, result: Judged, edits: Edits
    ) -> Corrected:
        record, segments = self._write(kept, of.file_name, of.sha256)
        passed, known = len(result.passed), len(result.known)
        rows = rows_table(np.concatenate([result.passed, result.known]), edits)
        name = write_quarantine(self._settings.quarantine, rows)
        record.mapping = describe(kept, of.id or 0, name)
        # What the whole file was warned of was said when it came.
        record.read, record.warnings = passed + known, {}
        stored = self._catalogue.commit(record, segments)
        note_committed([stored], of.sha256)
        log.event("import.corrected", import_id=stored.id, of=of.id, passed=passed)
        return Corrected(stored.id, passed, known, result.refused, stored.data_version)

    def corrected_places(self, import_id: int) -> dict[int, Rows]:
        """Return the rows of an import's quarantine that were corrected.

        Returns:
            Their places by the number of the import of corrections; only of those that count.
        """
        folder = self._settings.quarantine
        return {
            record.id or 0: read_places(folder, record.mapping)
            for record in self._catalogue.imports()
            if corrects(record.mapping) == import_id and record.status is ImportStatus.COMMITTED
        }

    def _refuse_uncorrectable(self, record: Import, edits: Edits) -> None:
        later = [
            other.id
            for other in self._catalogue.imports()
            if other.replace
            and other.status is ImportStatus.COMMITTED
            and other.table_name == record.table_name
            and (other.id or 0) > (record.id or 0)
        ]
        if record.status is not ImportStatus.COMMITTED or later:
            raise PicholineError(
                "corrections.undone",
                msg("Import {id} does not count now.", id=record.id),
                msg("Redo it, or undo the import that replaced it; then correct its rows."),
                status=409,
            )
        if not (self._settings.inbox / record.sha256).is_file():
            raise PicholineError(
                "row.file",
                msg("The file {file} of import {id} was removed.", file=record.file_name,
                    id=record.id),
                msg("Put the same file into the folder “inbox” under the name {name}.",
                    name=record.sha256),
                status=404,
            )  # fmt: skip
        for number, places in self.corrected_places(record.id or 0).items():
            if set(places.tolist()).intersection(edits):
                raise _corrected_already(number)

    def _refuse_twice(self, record: Import) -> None:
        super()._refuse_twice(record)
        of = corrects(record.mapping)
        if of is None:
            return
        mine = set(read_places(self._settings.quarantine, record.mapping).tolist())
        for number, places in self.corrected_places(of).items():
            if number != record.id and mine.intersection(places.tolist()):
                raise _corrected_already(number)


def _corrected_already(import_id: int) -> PicholineError:
    return PicholineError(
        "corrections.twice",
        msg("Some of these rows were corrected already, by import {id}.", id=import_id),
        msg("Undo that import first, or leave these rows out."),
        status=409,
    )
