"""Imports for screens, open only to people who may see all rows: files hold all of them."""

from typing import IO, Any

import pyarrow as pa

from core.models.query import Scope
from core.models.tables import Import, Job
from core.repository.catalogue import Catalogue
from core.services.ingest import Intake
from core.services.ingest.files import InboxFile
from core.services.jobs import Jobs
from core.services.rights import refuse_restricted

KINDS = frozenset({"preview", "import", "demo"})


class Imports:
    """The imports of one home; every method refuses a restricted scope."""

    def __init__(self, catalogue: Catalogue, intake: Intake, jobs: Jobs) -> None:
        """Keep the parts."""
        self._catalogue = catalogue
        self._intake = intake
        self._jobs = jobs

    def all(self, scope: Scope) -> list[Import]:
        """Return every import, the newest first."""
        refuse_restricted(scope)
        return self._catalogue.imports()

    def get(self, import_id: int, scope: Scope) -> Import:
        """Return one import."""
        refuse_restricted(scope)
        return self._catalogue.get_import(import_id)

    def store(self, stream: IO[bytes], name: str, scope: Scope) -> InboxFile:
        """Put an upload into the inbox."""
        refuse_restricted(scope)
        return self._intake.store(stream, name)

    def submit(self, kind: str, params: dict[str, Any], scope: Scope) -> int:
        """Queue a job of one of the `KINDS`; return its number."""
        refuse_restricted(scope)
        if kind not in KINDS:
            raise ValueError(kind)
        return self._jobs.submit(kind, params, scope.owner)

    def job(self, job_id: int, scope: Scope) -> Job:
        """Return a job of this person with what it found in a file."""
        refuse_restricted(scope)
        return self._jobs.get(job_id, scope.owner)

    def quarantined(self, import_id: int, scope: Scope) -> pa.Table:
        """Return the rows an import set aside, with the reasons."""
        refuse_restricted(scope)
        return self._intake.quarantined(import_id)

    def undo(self, import_id: int, scope: Scope) -> int:
        """Switch an import off; return the data version."""
        refuse_restricted(scope)
        return self._intake.undo(import_id)

    def redo(self, import_id: int, scope: Scope) -> int:
        """Switch an import on again; return the data version."""
        refuse_restricted(scope)
        return self._intake.redo(import_id)
