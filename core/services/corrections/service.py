"""Corrections: quarantined rows written into, suggested for, given up, checked again."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from core.errors import PicholineError
from core.i18n import msg
from core.models.query import Scope
from core.models.tables import Import, ImportStatus
from core.repository.catalogue import Catalogue
from core.repository.corrections import CorrectionStore
from core.repository.known_values import KnownValues
from core.services.corrections.knowledge import Knowledge
from core.services.corrections.suggest import Suggester, Suggestion
from core.services.corrections.view import OPEN, Counts, Quarantine, QuarantinedRow
from core.services.ingest import Corrected, CorrectingIntake, Progress
from core.services.ingest.again import mapping_of
from core.services.rights import refuse_restricted

SURE = 0.8  # suggestions from here on are called sure
LONGEST = 2000  # signs of a corrected cell
LONGEST_NOTE = 200
_AT_ONCE = 2000  # rows suggestions are made for together
MANY = 5000  # rows from which on suggestions are looked for by the worker


@dataclass(frozen=True)
class Offer:
    """How many suggestions there are for the open rows of a reason, and how many are sure."""

    rows: int
    suggested: int
    sure: int


class Corrections:
    """The quarantines of one home; every method refuses people who see a part of the rows only."""

    def __init__(self, catalogue: Catalogue, intake: CorrectingIntake, values: KnownValues) -> None:
        """Keep the parts; nothing is read before the first call."""
        self._catalogue = catalogue
        self._store = CorrectionStore(catalogue)
        self._intake = intake
        self._values = values

    def imports(self, scope: Scope) -> list[Import]:
        """Return the imports that set rows aside, the newest first."""
        refuse_restricted(scope)
        return [record for record in self._catalogue.imports() if record.quarantined]

    def waiting(self, scope: Scope) -> list[tuple[Import, int]]:
        """Return the imports that count and have rows nobody has settled, with their number."""
        found: list[tuple[Import, int]] = []
        for record in self.imports(scope):
            if record.status is not ImportStatus.COMMITTED:
                continue
            import_id = record.id or 0
            settled = set(self._store.given_up(import_id))
            for places in self._intake.corrected_places(import_id).values():
                settled |= set(places)
            if record.quarantined > len(settled):
                found.append((record, record.quarantined - len(settled)))
        return found

    def quarantine(self, import_id: int, scope: Scope) -> Quarantine:
        """Return an import's quarantine as it stands now, with the reader's own drafts.

        Raises:
            PicholineError: there is no such import.
        """
        refuse_restricted(scope)
        return Quarantine(
            table=self._intake.quarantined(import_id),
            drafts=self._store.drafts(import_id, scope.owner),
            given_up=self._store.given_up(import_id),
            corrected=self._intake.corrected_places(import_id),
        )

    def counts(self, import_id: int, scope: Scope) -> Counts:
        """Return where the quarantined rows of an import are."""
        return self.quarantine(import_id, scope).counts

    def suggestions(
        self, import_id: int, rows: Sequence[QuarantinedRow], scope: Scope
    ) -> list[Suggestion | None]:
        """Return what may be meant by each row, None where nothing is near."""
        refuse_restricted(scope)
        return self._suggester(import_id).suggest([row.as_suggested() for row in rows])

    def write(self, import_id: int, place: int, cells: Mapping[str, str], scope: Scope) -> None:
        """Write into cells of an open row; what the file holds there itself is no correction.

        Raises:
            PicholineError: there is no such row or column, it is not open, or a text is too long.
        """
        self.write_all(import_id, {place: cells}, scope)

    def write_all(
        self, import_id: int, edits: Mapping[int, Mapping[str, str]], scope: Scope
    ) -> int:
        """Write into cells of several open rows; return how many rows differ from the file now.

        Raises:
            PicholineError: as `write`; nothing is written then.
        """
        found = self.quarantine(import_id, scope)
        _refuse_closed(found, edits)
        for cells in edits.values():
            _refuse_cells(found, cells)
        drafts: dict[int, dict[str, str]] = {}
        originals = found.stored(edits)
        for (place, cells), original in zip(edits.items(), originals, strict=True):
            before = found.drafts.get(place)
            written = {**(before.cells if before else {}), **cells}
            drafts[place] = {t: v for t, v in written.items() if (original[t] or "") != v}
        self._store.write(import_id, scope.owner, drafts)
        return sum(1 for cells in drafts.values() if cells)

    def forget(self, import_id: int, places: Collection[int], scope: Scope) -> None:
        """Take back what was written into rows; they read as in the file again."""
        refuse_restricted(scope)
        self._store.forget(import_id, scope.owner, places)

    def untouched(self, import_id: int, code: str | None, scope: Scope) -> int:
        """Return how many open rows of a reason (None: of all) nobody wrote into yet."""
        return len(self._untouched(self.quarantine(import_id, scope), code))

    def offer(self, import_id: int, code: str | None, scope: Scope) -> Offer:
        """Return how many suggestions there are for the open rows of a reason (None: of all)."""
        found = self.quarantine(import_id, scope)
        places = self._untouched(found, code)
        made = self._suggested(import_id, found, places)
        sure = sum(1 for suggestion in made.values() if suggestion.sure >= SURE)
        return Offer(len(places), len(made), sure)

    def apply(
        self,
        import_id: int,
        scope: Scope,
        *,
        places: Collection[int] | None = None,
        code: str | None = None,
        least: float = 0.0,
        progress: Progress | None = None,
    ) -> int:
        """Write suggestions into open rows; return into how many.

        Args:
            import_id: of the import.
            scope: who confirmed it.
            places: the rows; None: all of a reason nobody wrote into yet.
            code: the reason; None: every one.
            least: how sure a suggestion must be.
            progress: told how many rows were looked at.
        """
        found = self.quarantine(import_id, scope)
        if places is None:
            places = self._untouched(found, code)
        else:
            _refuse_closed(found, places)
        made = self._suggested(import_id, found, places, progress)
        edits = {p: {s.title: s.value} for p, s in made.items() if s.sure >= least}
        self.write_all(import_id, edits, scope)
        return len(edits)

    def give_up(self, import_id: int, places: Collection[int], note: str, scope: Scope) -> None:
        """Mark open rows as given up, with a reason.

        Raises:
            PicholineError: one of them is not open, or the reason is missing.
        """
        found = self.quarantine(import_id, scope)
        _refuse_closed(found, places)
        text = note.strip()
        if not text:
            raise PicholineError(
                "corrections.note",
                msg("Say in a few words why the rows are given up."),
                msg("For example: test rows, cancelled order."),
            )
        self._store.give_up(import_id, places, scope.owner, text[:LONGEST_NOTE])

    def take_back(self, import_id: int, places: Collection[int], scope: Scope) -> None:
        """Open rows again that were given up."""
        refuse_restricted(scope)
        self._store.take_back(import_id, places)

    def to_check(self, import_id: int, places: Collection[int] | None, scope: Scope) -> list[int]:
        """Return the open rows a check is about: those written into, and these.

        Raises:
            PicholineError: there are none.
        """
        found = self.quarantine(import_id, scope)
        opened = set(found.places(OPEN).tolist())
        wanted = ({p for p, d in found.drafts.items() if d.cells} | set(places or ())) & opened
        if not wanted:
            raise PicholineError(
                "corrections.none",
                msg("No row was corrected yet."),
                msg("Write into the cells, apply suggestions, or choose rows to check again."),
            )
        return sorted(wanted)

    def check(
        self,
        import_id: int,
        scope: Scope,
        places: Collection[int] | None = None,
        progress: Progress | None = None,
    ) -> Corrected:
        """Check corrected rows again; what passes becomes an import of its own.

        Args:
            import_id: of the import that set them aside.
            scope: whose drafts count.
            places: further rows, checked as they are; for those whose product is known by now.
            progress: told about every step.

        Raises:
            PicholineError: there is nothing to check, or the intake refuses (see
                `CorrectingIntake.correct`).
        """
        wanted = self.to_check(import_id, places, scope)
        drafts = self._store.drafts(import_id, scope.owner)
        edits = {p: dict(drafts[p].cells) if p in drafts else {} for p in wanted}
        done = self._intake.correct(import_id, edits, scope.owner, progress)
        verdicts = {p: done.refused.get(p, {}) for p in wanted if p in drafts}
        self._store.judge(import_id, scope.owner, verdicts)
        return done

    def _suggester(self, import_id: int) -> Suggester:
        record = self._catalogue.get_import(import_id)
        knowledge = Knowledge(self._values, import_id, record.table_name)
        return Suggester(mapping_of(record.mapping), knowledge)

    def _suggested(
        self,
        import_id: int,
        found: Quarantine,
        places: Iterable[int],
        progress: Progress | None = None,
    ) -> dict[int, Suggestion]:
        suggester, wanted = self._suggester(import_id), [int(place) for place in places]
        made: dict[int, Suggestion] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            if progress is not None:
                progress(start / len(wanted), msg("Looking for suggestions"))
            rows = found.rows(wanted[start : start + _AT_ONCE])
            for row, suggestion in zip(
                rows, suggester.suggest([r.as_suggested() for r in rows]), strict=True
            ):
                if suggestion is not None:
                    made[row.place] = suggestion
        return made

    def _untouched(self, found: Quarantine, code: str | None) -> list[int]:
        """Return the open rows of a reason nobody wrote into since their last check."""
        return [
            int(place)
            for place in found.places(OPEN, code)
            if int(place) not in found.drafts or found.drafts[int(place)].verdict.get("_code")
        ]


def _refuse_closed(found: Quarantine, places: Iterable[int]) -> None:
    opened = found.states == 0
    for place in places:
        if not 0 <= place < found.table.num_rows:
            raise PicholineError(
                "corrections.row",
                msg("There is no quarantined row {n}.", n=place),
                msg("Open the quarantine anew."),
                status=404,
            )
        if not opened[place]:
            row = found.rows([place])[0]
            raise PicholineError(
                "corrections.closed",
                msg("Row {row} is not open any more.", row=row.row),
                msg("It was corrected or given up meanwhile; open the quarantine anew."),
                status=409,
            )


def _refuse_cells(found: Quarantine, cells: Mapping[str, str]) -> None:
    titles = found.titles
    for title, text in cells.items():
        if title not in titles:
            raise PicholineError(
                "corrections.column",
                msg("The quarantine has no column “{name}”.", name=title),
                msg("Its columns are: {names}.", names=", ".join(titles[:40])),
            )
        if len(text) > LONGEST:
            raise PicholineError(
                "corrections.long",
                msg("A cell of column “{name}” is longer than {n} signs.", name=title, n=LONGEST),
                msg("Shorten it."),
            )
