"""An intake whose quarantined rows can be corrected, on a home folder of its own."""

from pathlib import Path

from core.services.ingest import Corrected, CorrectingIntake, Edits, ImportReport
from tests.unit.ingest_home import Desk


class CorrectingDesk(Desk):
    """An intake with its store, and corrections of what it set aside."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.correcting = CorrectingIntake(self.settings, self.catalogue, self.segments)
        self.intake = self.correcting

    def correct(self, report: ImportReport, edits: Edits, owner: str = "local") -> Corrected:
        """Check rows of an import again."""
        return self.correcting.correct(number(report), edits, owner)


def number(found: ImportReport | Corrected) -> int:
    """Return the number of an import that was made."""
    assert found.import_id is not None
    return found.import_id
