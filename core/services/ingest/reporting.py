"""What an import reports of a sheet, and why a file is refused as a whole."""

from collections.abc import Sequence

from core.errors import PicholineError
from core.i18n import msg
from core.models.tables import Segment
from core.repository.segments import SegmentFile

from .modes import Mode
from .options import ImportReport
from .prepare import Prepared
from .recognise import Recognised
from .streamed import Streamed

Ready = Prepared | Streamed


def refuse_nothing(done: Sequence[Ready]) -> None:
    """A replacement without a single row would empty the table: that is never meant."""
    if not any(prepared.read for prepared in done):
        raise PicholineError(
            "sheet.no_rows",
            msg("Sheet {sheet} has titles but no rows.", sheet=done[0].raw.sheet),
            msg("Check that the rows are in the file, and that the right row holds the titles."),
        )
    for prepared in done:
        replacing = prepared.plan.mode in (Mode.REPLACE, Mode.PERIOD)
        if replacing and not prepared.accepted_rows:
            raise PicholineError(
                "import.nothing",
                msg("No row of sheet {sheet} can be accepted.", sheet=prepared.raw.sheet),
                msg("Nothing was replaced. Correct the rows; a dry run shows the reasons."),
            )


def refuse_refused(done: Sequence[Ready]) -> None:
    """Refuse the file for a rule that blocks, or a control total that is not met."""
    for prepared in done:
        for refusal in prepared.refusals:
            raise PicholineError(
                f"import.refused.{refusal.code}",
                msg("Sheet {sheet}: {why}", sheet=prepared.raw.sheet, why=refusal.title),
                refusal.advice,
            )


def segment(table: str, written: SegmentFile, *, derived: bool = False) -> Segment:
    """Return the catalogue's entry for a segment that was written."""
    return Segment(
        import_id=0,
        table_name=table,
        file=written.file,
        rows=written.rows,
        bytes=written.bytes,
        derived=derived,
    )


def report(
    prepared: Ready, import_id: int | None, version: int, name: str, found: Recognised
) -> ImportReport:
    """Return where the rows of a sheet went; without a number it was a dry run."""
    warnings = dict(prepared.warnings)
    if found.passed_over:
        warnings["sheet_passed_over"] = len(found.passed_over)
    return ImportReport(
        import_id=import_id,
        table=prepared.sheet.mapping.table,
        sheet=prepared.raw.sheet,
        read=prepared.read,
        accepted=prepared.accepted_rows,
        quarantined=prepared.quarantined,
        already_there=prepared.known_rows,
        reasons=prepared.reasons,
        warnings=warnings,
        data_version=version,
        file_name=name,
        dry_run=import_id is None,
        notes=(*prepared.notes, *found.passed_over),
        quality=prepared.quality.get("score"),
        texts=prepared.texts,
    )
