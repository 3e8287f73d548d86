"""The data-quality rules of one home: read, changed, brought back, asked of stored rows."""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from threading import Lock
from zoneinfo import ZoneInfo

from core import log
from core.errors import PicholineError
from core.i18n import msg
from core.models.quality import Rule, Severity
from core.models.query import Scope
from core.models.schema import TABLES, Kind
from core.repository.catalogue import Catalogue
from core.repository.quality import RuleStore, StoredRule
from core.repository.quality_rows import Around, Example, RuleRows
from core.repository.segments import SegmentStore
from core.repository.visible import StoredTable, hidings
from core.services.rights import refuse_restricted
from core.settings import Settings

from .bodies import (
    RuleBody,
    as_shipped,
    check_key,
    checked,
    compiled,
    from_dict,
    new_key,
    readable,
)
from .judge import Judge
from .shipped import SHIPPED

EXAMPLES = 5
MOST_WARNED = 20_000  # rows of an import that are listed for each rule
_KEPT_TESTS = 100  # answers about the stored rows, until the data change


@dataclass(frozen=True)
class RuleVersion:
    """One version of a rule.

    Attributes:
        edition: 1 for the first change; 0 for a shipped rule nobody changed.
        body: what it says.
        removed: whether it took the rule away, or set a shipped one back.
        owner: who wrote it.
        saved_at: when; None for a shipped rule nobody changed.
    """

    edition: int
    body: RuleBody
    removed: bool = False
    owner: str = ""
    saved_at: datetime | None = None


@dataclass(frozen=True)
class Place:
    """A stored row that breaks a rule: import, file, sheet and row, and the cell that is named.

    Attributes:
        label, kind: of the named column, in English; "" and None where none is named.
    """

    import_id: int
    file_name: str
    sheet: str | None
    row: int | None
    column: str
    value: object
    label: str = ""
    kind: Kind | None = None


@dataclass(frozen=True)
class Tested:
    """What a rule says of the stored rows.

    Attributes:
        count: rows that break it.
        rows: rows it was asked about.
        places: the first of them, with where they come from.
        data_version: of the data it was asked about.
    """

    count: int
    rows: int
    places: tuple[Place, ...]
    data_version: int


class Rules:
    """Shipped and own rules; safe to share between threads."""

    def __init__(self, catalogue: Catalogue, segments: SegmentStore, settings: Settings) -> None:
        """Keep the parts; nothing is read before the first call."""
        self._catalogue = catalogue
        self._segments = segments
        self._settings = settings
        self._store = RuleStore(catalogue)
        self._tested: OrderedDict[Hashable, Tested] = OrderedDict()
        self._testing = Lock()

    # Reading -----------------------------------------------------------------------------------

    def revision(self) -> int:
        """Return a number that every change of any rule raises."""
        return self._store.version()

    def all(self) -> list[RuleVersion]:
        """Return every rule as it holds now: the shipped ones, then the company's own."""
        stored = {row.key: _version(row) for row in self._store.current()}
        shipped = [stored.pop(key, RuleVersion(0, as_shipped(key))) for key in SHIPPED]
        return [*shipped, *stored.values()]

    def get(self, key: str) -> RuleVersion:
        """Return a rule as it holds now.

        Raises:
            PicholineError: there is none.
        """
        found = next((v for v in self.all() if v.body.key == key), None)
        if found is None:
            raise PicholineError(
                "rule.unknown",
                msg("There is no rule “{key}”.", key=key),
                msg("See the list of rules for their keys."),
                status=404,
            )
        return found

    def history(self, key: str) -> list[RuleVersion]:
        """Return every version of a rule, the newest first; empty if nobody ever changed it."""
        return [_version(row) for row in self._store.history(key)]

    def key_for(self, name: str) -> str:
        """Return a free key made from a name."""
        return new_key(name, self._store.keys())

    def in_force(self) -> tuple[list[Rule], dict[str, PicholineError]]:
        """Return the rules that are on, and those that cannot be asked any more, with why."""
        found: list[Rule] = []
        broken: dict[str, PicholineError] = {}
        for version in self.all():
            if version.body.enabled:
                try:
                    found += compiled(version.body)
                except PicholineError as error:
                    broken[version.body.key] = error
                    log.event("quality.rule_broken", key=version.body.key, code=error.code)
        return found, broken

    # Changing ----------------------------------------------------------------------------------

    def save(self, body: RuleBody, scope: Scope, *, after: int | None = None) -> RuleBody:
        """Put a rule in force; return it as it is stored.

        Args:
            body: as a person wrote it.
            scope: who saves.
            after: the edition the person saw; None: whatever it is now.

        Raises:
            PicholineError: it cannot be read, or somebody changed it meanwhile.
        """
        refuse_restricted(scope)
        found = checked(body)
        last = self._last_edition(body.key)
        if not last and not body.shipped:
            check_key(body.key)
        if after is not None and after != last:
            raise PicholineError(
                "rule.changed",
                msg("Somebody else changed the rule “{key}” meanwhile.", key=body.key),
                msg("Look at the present version, and make your change again."),
                status=409,
            )
        self._store.add(body.key, found.as_dict(), owner=scope.owner, after=last)
        log.event("quality.rule_saved", key=body.key, edition=last + 1)
        return found

    def set(
        self,
        key: str,
        scope: Scope,
        *,
        enabled: bool | None = None,
        severity: Severity | None = None,
    ) -> RuleBody:
        """Switch a rule on or off, or change its severity.

        Raises:
            PicholineError: there is no such rule.
        """
        refuse_restricted(scope)
        body = self.get(key).body
        body = replace(
            body,
            enabled=body.enabled if enabled is None else enabled,
            severity=severity or body.severity,
        )
        return self.save(body, scope)

    def remove(self, key: str, scope: Scope) -> None:
        """Take an own rule out of force, or set a shipped one back to how it ships.

        Both can be brought back from the history.

        Raises:
            PicholineError: there is no such rule.
        """
        refuse_restricted(scope)
        found = self.get(key)
        if found.edition:
            self._store.add(
                key, found.body.as_dict(), owner=scope.owner, after=found.edition, removed=True
            )
            log.event("quality.rule_removed", key=key)

    def restore(self, key: str, edition: int, scope: Scope) -> RuleBody:
        """Put an earlier version in force again, as a new one.

        Raises:
            PicholineError: there is no such version, or it can no longer be read.
        """
        refuse_restricted(scope)
        wanted = next((v for v in self.history(key) if v.edition == edition), None)
        if wanted is None:
            raise PicholineError(
                "rule.edition",
                msg("The rule “{key}” has no version {n}.", key=key, n=edition),
                msg("See its history for the versions there are."),
                status=404,
            )
        return self.save(wanted.body, scope)

    def _last_edition(self, key: str) -> int:
        history = self._store.history(key)
        return history[0].edition if history else 0

    # Asking ------------------------------------------------------------------------------------

    def judge(self) -> Judge:
        """Return the rules in force, ready for the sheets of one file."""
        rules, _broken = self.in_force()
        settings = self._settings
        return Judge(
            rules, self._around, settings.threads, settings.memory_limit_mb, self.revision()
        )

    def test(self, body: RuleBody, scope: Scope, limit: int = EXAMPLES) -> Tested:
        """Ask a rule, saved or not, about the rows that are stored now.

        Args:
            body: as a person wrote it.
            scope: who asks.
            limit: examples to return.

        Raises:
            PicholineError: the rule cannot be read.
        """
        refuse_restricted(scope)
        version = self._catalogue.current_version()
        asked = (
            body.key if body.shipped else "", body.table, body.expression, body.column,
            *sorted(body.settings.items()), limit, version, self._today(),
        )  # fmt: skip
        # One at a time: each takes all threads, and as much memory as the settings allow.
        with self._testing:
            if asked not in self._tested:
                self._tested[asked] = self._ask(body, limit, version)
                if len(self._tested) > _KEPT_TESTS:
                    self._tested.popitem(last=False)
            self._tested.move_to_end(asked)
            return self._tested[asked]

    def warned(self, import_id: int, table: str, scope: Scope) -> dict[tuple[str, int], list[Rule]]:
        """Return the stored rows of an import that break rules which only warn, with these rules.

        Only rows that count are asked, and the rules as they are now.

        Args:
            import_id: its number.
            table: its table.
            scope: who asks.
        """
        refuse_restricted(scope)
        around = self._around()
        held = self._catalogue.segments_of(import_id, table)
        files = [self._segments.path(s.file).as_posix() for s in held]
        rules, _broken = self.in_force()
        asked = [r for r in rules if r.table == table and r.severity is Severity.WARN]
        found: dict[tuple[str, int], list[Rule]] = {}
        if table not in {*around.stated, *around.derived} or not files:
            return found
        rows = RuleRows(table, around, self._settings.threads, self._settings.memory_limit_mb)
        with self._testing, rows.stored() as questions:
            for rule in asked:
                for place in questions.places(rule, files, MOST_WARNED):
                    found.setdefault(place, []).append(rule)
        return found

    def _ask(self, body: RuleBody, limit: int, version: int) -> Tested:
        """Ask a rule about the rows that are stored now."""
        around, imports = self._around(), self._imports()
        count, asked = 0, 0
        places: list[Place] = []
        for rule in compiled(readable(body)):
            if rule.table not in {*around.stated, *around.derived}:
                continue
            rows = RuleRows(rule.table, around, self._settings.threads,
                            self._settings.memory_limit_mb)  # fmt: skip
            with rows.stored() as questions:
                asked += questions.height()
                found = questions.count(rule)
                count += found
                if found and len(places) < limit:
                    examples = questions.examples(rule, limit - len(places))
                    places += [_place(example, rule, imports) for example in examples]
        return Tested(count, asked, tuple(places), version)

    def _around(self) -> Around:
        """Return what is stored now, as rules look at it."""
        held: dict[bool, dict[str, list[tuple[Path, int]]]] = {True: {}, False: {}}
        for s in self._catalogue.visible_segments():
            files = held[s.derived].setdefault(s.table_name, [])
            files.append((self._segments.path(s.file), s.import_id))
        hiding = hidings(self._catalogue, self._segments)
        stated, derived = (
            {
                name: StoredTable(name, tuple(files), tuple(h for h in hiding if h.table == name))
                for name, files in held[kind].items()
            }
            for kind in (False, True)
        )
        return Around(self._settings.base_currency, self._today(), stated, derived)

    def _imports(self) -> dict[str, tuple[int, str]]:
        """Return the import behind each visible file: its number and the uploaded file's name."""
        names = {record.id: record.file_name for record in self._catalogue.imports()}
        return {
            self._segments.path(s.file).as_posix(): (s.import_id, names.get(s.import_id, ""))
            for s in self._catalogue.visible_segments()
        }

    def _today(self) -> date:
        return datetime.now(ZoneInfo(self._settings.time_zone)).date()


def _place(example: Example, rule: Rule, imports: dict[str, tuple[int, str]]) -> Place:
    import_id, name = imports.get(example.file, (0, ""))
    place = (import_id, name, example.sheet, example.row, rule.column)
    if not rule.column:
        return Place(*place, None)
    field = TABLES[rule.table].field(rule.column)
    return Place(*place, example.values.get(rule.column), field.label, field.kind)


def _version(row: StoredRule) -> RuleVersion:
    body = from_dict(row.key, row.body)
    return RuleVersion(row.edition, body, row.removed, row.owner, row.created_at)
