"""The application without its screen: every service wired to one home folder.

The web server, the worker and the command line open the same object, so that a number is the same
wherever it is read.
"""

from dataclasses import dataclass

from core.repository.catalogue import Catalogue
from core.repository.jobs import JobStore
from core.repository.known_values import KnownValues
from core.repository.runs import RunStore
from core.repository.segments import SegmentStore
from core.repository.warehouse import Warehouse
from core.services.access import Access
from core.services.aliases import Aliases
from core.services.corrections import Corrections
from core.services.customer_sets import CustomerSets
from core.services.dashboards import Dashboards
from core.services.definitions.service import Definitions
from core.services.drill import Drill
from core.services.import_desk import ImportDesk
from core.services.import_log import ImportLogs
from core.services.imports import Imports
from core.services.ingest import CorrectingIntake
from core.services.jobs import Jobs
from core.services.last_look import LastLooks
from core.services.metrics import Metrics
from core.services.notes import Notes
from core.services.preferences import PersonalLayout
from core.services.quality.service import Rules
from core.services.reading import open_reading
from core.services.runs import Runs
from core.services.segment_rules import SegmentRules
from core.services.stored_rows import StoredRows
from core.services.uploads import Uploads
from core.services.views import Views
from core.services.worklist import Worklist
from core.settings import Settings


@dataclass(frozen=True)
class Application:
    """The services of one home folder."""

    settings: Settings
    catalogue: Catalogue
    segments: SegmentStore
    warehouse: Warehouse
    metrics: Metrics
    access: Access
    intake: CorrectingIntake
    imports: Imports
    import_desk: ImportDesk
    import_logs: ImportLogs
    corrections: Corrections
    aliases: Aliases
    uploads: Uploads
    jobs: Jobs
    runs: Runs
    rules: SegmentRules
    worklist: Worklist
    views: Views
    dashboards: Dashboards
    notes: Notes
    layout: PersonalLayout
    last_looks: LastLooks
    drill: Drill
    customer_sets: CustomerSets
    stored_rows: StoredRows
    definitions: Definitions
    quality: Rules

    @classmethod
    def open(cls, settings: Settings) -> "Application":
        """Create the home folder and the catalogue if they are missing, and wire the services.

        Raises:
            PicholineError: the home folder or the catalogue database cannot be used.
        """
        store = open_reading(settings)
        intake = CorrectingIntake(settings, store.catalogue, store.segments)
        known = KnownValues(
            store.catalogue, store.segments, settings.threads, settings.memory_limit_mb
        )
        jobs = Jobs(JobStore(store.catalogue.engine))
        return cls(
            settings=settings,
            catalogue=store.catalogue,
            segments=store.segments,
            warehouse=store.warehouse,
            metrics=store.metrics,
            access=store.access,
            intake=intake,
            uploads=Uploads(settings, store.catalogue),
            imports=Imports(store.catalogue, intake, jobs),
            import_desk=ImportDesk(settings, store.catalogue, store.segments, store.warehouse),
            import_logs=ImportLogs(store.catalogue),
            aliases=Aliases(store.catalogue),
            corrections=Corrections(store.catalogue, intake, known),
            jobs=jobs,
            rules=SegmentRules(store.catalogue),
            runs=Runs(settings, RunStore(store.catalogue.engine)),
            worklist=Worklist(store.catalogue, store.metrics),
            views=Views(store.catalogue),
            dashboards=Dashboards(store.catalogue),
            notes=Notes(store.catalogue, store.metrics, settings.campaign_first_month),
            layout=PersonalLayout(store.catalogue),
            last_looks=LastLooks(store.catalogue, store.metrics),
            drill=Drill(store.metrics, store.catalogue, settings.inbox),
            customer_sets=CustomerSets(store.metrics),
            stored_rows=StoredRows(store.metrics, store.catalogue),
            definitions=Definitions(store.catalogue, store.metrics),
            quality=intake.rules,
        )

    def close(self) -> None:
        """Release the connections to the warehouse, the kept results and the catalogue."""
        self.runs.close()
        self.metrics.close()
        self.warehouse.close()
        self.catalogue.engine.dispose()
