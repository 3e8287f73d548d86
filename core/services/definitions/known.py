"""The catalogue in force: what ships with a company's own definitions, built once per version."""

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
                stored = [from_dict(row.key, row.kind, row.body) for row in self._store.current()]
                self._known = build(stored, version).known
            return self._known
