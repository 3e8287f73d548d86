"""The catalogue in force: what ships with a company's own definitions, built once per version."""

from dataclasses import replace
from threading import Lock

from core.models.catalogue import SHIPPED, Known
from core.repository.catalogue import Catalogue
from core.repository.definitions import DefinitionStore
from core.services.definitions.bodies import from_dict
from core.services.definitions.build import build


class InForce:
    """Asked before every question: one tiny read tells whether anything changed."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Keep the catalogue; nothing is read before the first call."""
        self._store = DefinitionStore(catalogue)
        self._known = SHIPPED
        self._lock = Lock()

    def known(self) -> Known:
        """Return all metrics and dimensions that can be asked for now."""
        version = self._store.version()
        found = self._known
        if found.version == version:
            return found
        with self._lock:
            if self._known.version < version:
                rows = self._store.newest()
                own = {row.key: from_dict(row.key, row.kind, row.body) for row in rows}
                built = build([own[row.key] for row in rows if not row.removed], version)
                found = built.known
                lost = {
                    key: one.packed_name()
                    for key, one in own.items()
                    if key not in found.metrics and key not in found.dimensions
                }
                self._known = replace(found, removed=lost)
            return self._known
