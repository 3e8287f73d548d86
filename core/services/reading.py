"""The stored numbers alone, without intake and jobs: what most commands need, quickly opened."""

from dataclasses import dataclass

from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.warehouse import Warehouse
from core.services.access import Access
from core.services.metrics import Metrics
from core.settings import Settings


@dataclass(frozen=True)
class Reading:
    """What is stored in one home folder."""

    settings: Settings
    catalogue: Catalogue
    segments: SegmentStore
    warehouse: Warehouse
    metrics: Metrics
    access: Access


def open_reading(settings: Settings) -> Reading:
    """Open a home folder for questions; an empty one answers without rows.

    Raises:
        PicholineError: the home folder or the catalogue database cannot be used.
    """
    settings.create_home()
    catalogue = Catalogue(settings.catalogue_url)
    catalogue.create()
    segments = SegmentStore(settings.segments)
    warehouse = Warehouse(settings, catalogue, segments)
    metrics = Metrics(settings, catalogue, warehouse)
    access = Access(catalogue, metrics)
    return Reading(settings, catalogue, segments, warehouse, metrics, access)
