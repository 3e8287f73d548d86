"""Published scores of customers: which file holds the latest ones of each kind."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import col, func, select

from core.models.tables import ScoreSet
from core.repository.catalogue import Catalogue

_NEWEST = select(func.max(ScoreSet.id))


@dataclass(frozen=True)
class Published:
    """One published set of scores.

    Attributes:
        id: a new one for every run that publishes.
        analysis: what computed it.
        data_version: of the sales it was computed from.
        file: Parquet with `customer_id` and the score columns.
    """

    id: int
    analysis: str
    data_version: int
    file: Path


class ScoreStore:
    """The published sets of one home; each is read where it lies."""

    def __init__(self, catalogue: Catalogue, folder: Path) -> None:
        """Keep the catalogue and the folder the files are named in."""
        self._catalogue = catalogue
        self._folder = folder

    def newest(self) -> int:
        """Return the number of the latest set; 0 without any."""
        with self._catalogue.engine.connect() as connection:
            return int(connection.execute(_NEWEST).scalar() or 0)

    def latest(self, columns: Collection[str]) -> dict[str, Published]:
        """Return the newest set of each score column; columns nobody published are missing.

        A set whose file was deleted does not count: its scores can be computed again.
        """
        found: dict[str, Published] = {}
        if not columns:
            return found
        with self._catalogue.session() as session:
            for entry in session.exec(select(ScoreSet).order_by(col(ScoreSet.id).desc())):
                wanted = [c for c in columns if c in entry.columns and c not in found]
                file = self._folder / entry.file
                if wanted and file.is_file():
                    one = Published(entry.id or 0, entry.analysis, entry.data_version, file)
                    found |= dict.fromkeys(wanted, one)
                if len(found) == len(set(columns)):
                    break
        return found
