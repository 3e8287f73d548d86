"""What the rules in force say of the rows of a file, before they are stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from core.models.quality import Outlier, Repeated, Rule
from core.repository.quality_rows import ROW, Around, Rows, RuleRows
from core.repository.staged import Incoming, Span, is_filled

_REFERRED = frozenset({"products", "customers", "suppliers", "fx_rates"})


@dataclass(frozen=True)
class Finding:
    """Rows that break a rule, by their numbers in the file's table."""

    rule: Rule
    rows: Rows


@dataclass(frozen=True)
class Gathering:
    """What rules ask of all rows together: large files gather it while they are read.

    Attributes:
        spans: columns whose outliers are looked for, and the groups they are looked for in.
        besides: columns that do not count where rows are compared with each other; None: no rule
            compares them.
    """

    spans: tuple[Span, ...] = ()
    besides: frozenset[str] | None = None


class Judge:
    """The rules as they held when it was made; sheets of one file are judged one after the other.

    Sheets that others refer to (products, customers, suppliers, rates) come first.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        around: Callable[[], Around],
        threads: int,
        memory_mb: int,
        revision: int = 0,
    ) -> None:
        """Keep the rules; what is stored is looked up when the first sheet is judged.

        Args:
            rules: in force, once for each table.
            around: returns what is stored now.
            threads: for the comparison.
            memory_mb: for the comparison.
            revision: number of the last change of any rule.
        """
        self._rules = list(rules)
        self._around = around
        self._known: Around | None = None
        self._threads = threads
        self._memory_mb = memory_mb
        self.revision = revision

    def gathering(self, table: str) -> Gathering:
        """Return what the rules of a table ask of all rows together."""
        tests = [rule.test for rule in self._rules if rule.table == table]
        spans = {(test.column, test.per) for test in tests if isinstance(test, Outlier)}
        repeated = [test for test in tests if isinstance(test, Repeated)]
        besides = frozenset(repeated[0].besides) if repeated else None
        return Gathering(tuple(sorted(spans)), besides)

    def judge(self, table: str, rows: Incoming, *, alone: bool) -> list[Finding]:
        """Return which rows break which rules; rules that no row breaks are left out.

        Args:
            table: of the business schema.
            rows: its columns, those the file lacks left out, and the row's number in `_n`.
            alone: the file replaces the table, so that earlier rows do not count beside it.
        """
        asked = [rule for rule in self._rules if rule.table == table and _askable(rule, rows)]
        if not asked or not rows.num_rows:
            return []
        if self._known is None:
            self._known = self._around()
        subject = RuleRows(table, self._known, self._threads, self._memory_mb)
        with subject.incoming(rows, alone=alone) as questions:
            found = [Finding(rule, questions.broken(rule)) for rule in asked]
        return [finding for finding in found if len(finding.rows)]

    def learn(self, table: str, rows: pa.Table) -> None:
        """Let later sheets of the same file refer to the accepted rows of this one."""
        if table in _REFERRED and rows.num_rows:
            known = self._known or self._around()
            earlier = known.beside.get(table)
            both = rows if earlier is None else pa.concat_tables([earlier, rows])
            self._known = replace(known, beside={**known.beside, table: both})


def order_of(tables: Sequence[str]) -> list[int]:
    """Return the places of sheets in the order they are judged in."""
    return sorted(range(len(tables)), key=lambda place: tables[place] not in _REFERRED)


def _askable(rule: Rule, rows: Incoming) -> bool:
    """Leave out costly rules about a column without any value."""
    if not isinstance(rule.test, Outlier):
        return True
    name = rule.test.column
    return name in rows.column_names and is_filled(rows, name)


__all__ = ["ROW", "Finding", "Judge", "order_of"]
