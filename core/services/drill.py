"""Drill-through: from any cell of any answer to its lines, and to the row of the file."""

from collections import OrderedDict
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

import pyarrow as pa

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.query import MetricQuery, Scope
from core.models.result import ResultTable
from core.repository.catalogue import Catalogue
from core.repository.sql import Request
from core.repository.sql import lines as line_sql
from core.repository.sql.lines import LineOrder, LineSet
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services.drill_cells import Behind, Cell, Side, behind
from core.services.drill_columns import SUMS, columns_of, own_columns, then_columns
from core.services.drill_source import SourceRow, SourceRows
from core.services.metric_cells import fetch, whole
from core.services.metric_request import question
from core.services.metric_values import SPENT, Evaluator, measures_for
from core.services.metrics import Metrics

__all__ = [
    "DEFAULT_ORDER", "PAGE", "Behind", "Drill", "Found", "LineOrder", "LinesPage", "SourceRow",
    "behind",
]  # fmt: skip

PAGE = 50  # lines of a page: so many are read without sorting their other columns
MAX_PAGE = 10_000
DEFAULT_ORDER = LineOrder("day", descending=True)
_BATCH = 20_000
_KEPT = 256


@dataclass(frozen=True)
class Found:
    """What is known of all lines behind a cell.

    Attributes:
        behind: the question they answer.
        lines: how many there are.
        sums: of their columns, in base currency; unknown where no line states an amount.
        value: the metric over them: what the cell shows.
    """

    behind: Behind
    lines: int
    sums: Mapping[str, Any]
    value: Any
    caveats: tuple[Message, ...] = ()
    data_version: int = 0


@dataclass(frozen=True)
class LinesPage:
    """Some of the lines behind a cell, and what is known of all of them.

    Attributes:
        table: one page of lines, in the asked order.
        total: number of all lines.
        sums: of all lines' columns, in base currency.
        value: the metric over all of them: what the cell shows.
    """

    table: ResultTable
    total: int
    sums: Mapping[str, Any]
    value: Any


class Drill:
    """Finds the lines behind numbers; safe to share between threads."""

    def __init__(self, metrics: Metrics, catalogue: Catalogue, inbox: Path) -> None:
        """Keep the services and the folder of uploads; nothing is opened yet."""
        self._metrics = metrics
        self._catalogue = catalogue
        self._rows = SourceRows(inbox)
        self._found: OrderedDict[Any, Found] = OrderedDict()
        self._anchors: OrderedDict[Any, dict[int, tuple[Any, ...]]] = OrderedDict()
        self._extent: tuple[Any, line_sql.Days | None] | None = None
        self._lock = Lock()

    def lines(
        self,
        query: MetricQuery,
        cell: Cell,
        scope: Scope,
        *,
        side: Side = "asked",
        order: LineOrder = DEFAULT_ORDER,
        offset: int = 0,
        limit: int = PAGE,
    ) -> LinesPage:
        """Return a page of the lines behind a cell, with count and sums of all of them.

        Args:
            query: the question; its first metric is the cell's.
            cell: the row's values by dimension; see `behind`.
            scope: who asks; other people's lines are neither shown nor counted.
            side: "compared" for the column of the compared period.
            order: a column of the lines.
            offset: so many lines are passed over.
            limit: at most so many are returned.

        Raises:
            PicholineError: the cell has no lines of its own, or something is unknown.
        """
        found = self.about(query, cell, scope, side=side)
        table = self.page(found.behind, scope, order=order, offset=offset, limit=limit)
        return LinesPage(table, found.lines, found.sums, found.value)

    def about(self, query: MetricQuery, cell: Cell, scope: Scope, *, side: Side = "asked") -> Found:
        """Return count, sums and value of all lines behind a cell.

        Raises:
            PicholineError: see `lines`.
        """
        target = behind(self._metrics, query, cell, scope, side)
        with self._read(target, scope) as (cursor, info, lines, request):
            key = (info.data_version, info.built_at, scope, target)
            found = self._known(key)
            if found is None:
                found = self._count(target, scope, cursor, info, lines, request)
            return self._keep(key, found)

    def page(
        self,
        target: Behind,
        scope: Scope,
        *,
        order: LineOrder = DEFAULT_ORDER,
        offset: int = 0,
        limit: int = PAGE,
    ) -> ResultTable:
        """Return a page of lines.

        Raises:
            PicholineError: there is no such column to sort by.
        """
        limit, offset = max(0, min(limit, MAX_PAGE)), max(0, offset)
        with self._read(target, scope) as (cursor, info, lines, _request):
            _check_order(order, lines)
            key = (info.data_version, info.built_at, scope, target, order)
            after = self._anchor(key, cursor, lines, order, offset)
            beyond = offset > 0 and after is None
            data = line_sql.page(cursor, lines, order, 0 if beyond else limit, after)
            if data.num_rows:
                self._remember(key, offset + data.num_rows, line_sql.anchor_of(data, order))
            return self._table(target, data, info.data_version)

    def export(
        self, target: Behind, scope: Scope, *, order: LineOrder = DEFAULT_ORDER
    ) -> Generator[ResultTable]:
        """Yield all lines in an order, some thousands at a time.

        Raises:
            PicholineError: there is no such column to sort by.
        """
        with self._read(target, scope) as (cursor, info, lines, _request):
            _check_order(order, lines)
            yield self._table(target, line_sql.page(cursor, lines, order, 0), info.data_version)
            for data in line_sql.batches(cursor, lines, order, _BATCH):
                yield self._table(target, data, info.data_version)

    def source_row(self, import_id: int, sheet: str | None, row: int, scope: Scope) -> SourceRow:
        """Return the row of an uploaded file as it stood there.

        Raises:
            PicholineError: there is no such import or row that this person may see, or the file
                was removed.
        """
        if scope.where and not self._may_see(scope, import_id, sheet, row):
            raise PicholineError(
                "row.hidden",
                msg("There is no such row among the lines you may see."),
                msg("Open it from one of the lines shown."),
                status=404,
            )
        return self._rows.row(self._catalogue.get_import(import_id), sheet, row)

    def _may_see(self, scope: Scope, import_id: int, sheet: str | None, row: int) -> bool:
        everything = behind(self._metrics, MetricQuery(metrics=("net_margin",)), {}, scope)
        with self._read(everything, scope) as (cursor, _info, lines, _request):
            return line_sql.has_row(cursor, replace(lines, behind=""), import_id, sheet, row)

    @contextmanager
    def _read(
        self, target: Behind, scope: Scope
    ) -> Generator[tuple[Cursor, WarehouseInfo, LineSet, Request]]:
        """Open the warehouse and say which of its lines are meant."""
        with self._metrics.warehouse.reading() as (cursor, info):
            first_month = self._metrics.campaign_first_month
            asked = question(target.query, scope, first_month, target.known, info.rules)
            request = replace(
                asked.request,
                investments=not {"investment", "overhead"}.isdisjoint(target.parts),
                excluded=tuple(target.known.dimensions[key].column for key in target.excluded_by),
                excluded_rows=target.excluded,
            )
            if not line_sql.are_summed(target.parts):
                raise PicholineError(
                    "drill.metric",
                    msg("“{metric}” does not rest on lines.", metric=Message(target.metric.name)),
                    msg("Show the lines of net sales or of another metric of sales."),
                )
            lines = line_sql.line_set(
                request, info, target.parts, own_columns(target) | then_columns(target)
            )
            yield cursor, info, replace(lines, days=self._days(cursor, info, lines)), request

    def _days(self, cursor: Cursor, info: WarehouseInfo, lines: LineSet) -> line_sql.Days | None:
        """Return the first and the last day of all lines, read once per state of the data."""
        state = (info.data_version, info.built_at)
        known = self._extent
        if known is None or known[0] != state:
            known = self._extent = (state, line_sql.extent(cursor, lines))
        return known[1]

    def _count(
        self,
        target: Behind,
        scope: Scope,
        cursor: Cursor,
        info: WarehouseInfo,
        lines: LineSet,
        request: Request,
    ) -> Found:
        summed = [*SUMS, *(key for key in own_columns(target) if key not in SUMS)]
        sums = line_sql.totals(cursor, lines, summed)
        count = int(sums.pop("lines"))
        if target.excluded:
            measured = replace(request, measures=measures_for((target.metric,)))
            table = fetch(cursor, (measured,), info).table
            measures = {name: whole(table.column(name)) for name in measured.measures}
            value = Evaluator(measures).values(target.metric)[0].as_py()
            return Found(target, count, sums, value, (), info.data_version)
        answer = self._metrics.ask(target.query, scope)
        value = (answer.total or {}).get(target.metric.key)
        if value is None and not count:
            value = self._of_nothing(target, scope)
        return Found(target, count, sums, value, answer.caveats, info.data_version)

    def _of_nothing(self, target: Behind, scope: Scope) -> Any:
        """Return a metric over no lines: zero where money was spent and nothing sold."""
        keys = tuple(dict.fromkeys((target.metric.key, *SPENT)))
        answer = self._metrics.ask(replace(target.query, metrics=keys), scope)
        return (answer.total or {}).get(target.metric.key)

    def _table(self, target: Behind, data: pa.Table, version: int) -> ResultTable:
        """Return lines as an answer: their files by name, only columns that say something."""
        files = self._file_names(data.column("import_id").unique().to_pylist())
        names = [files.get(number) for number in data.column("import_id").to_pylist()]
        data = data.append_column("file", pa.array(names, pa.string()))
        columns = columns_of(target)
        return ResultTable(
            columns=columns,
            data=data.select([column.key for column in columns]),
            data_version=version,
            period=target.query.period,
            source="lines",
        )

    def _file_names(self, imports: list[int]) -> dict[int, str]:
        if not imports:
            return {}
        return {record.id or 0: record.file_name for record in self._catalogue.imports()}

    # What pages read before ----------------------------------------------------------------

    def _anchor(
        self, key: Any, cursor: Cursor, lines: LineSet, order: LineOrder, offset: int
    ) -> tuple[Any, ...] | None:
        """Return what tells the line before a page, from the nearest one that is known."""
        if not offset:
            return None
        with self._lock:
            known = dict(self._anchors.get(key, {}))
        near = max((place for place in known if place <= offset), default=0)
        if near == offset:
            return known[near]
        found = line_sql.anchor(cursor, lines, order, offset - near - 1, known.get(near))
        if found is not None:
            self._remember(key, offset, found)
        return found

    def _remember(self, key: Any, place: int, found: tuple[Any, ...]) -> None:
        with self._lock:
            self._anchors.setdefault(key, {})[place] = found
            self._anchors.move_to_end(key)
            while len(self._anchors) > _KEPT:
                self._anchors.popitem(last=False)

    def _known(self, key: Any) -> Found | None:
        with self._lock:
            found = self._found.get(key)
            if found is not None:
                self._found.move_to_end(key)
            return found

    def _keep(self, key: Any, found: Found) -> Found:
        with self._lock:
            self._found[key] = found
            while len(self._found) > _KEPT:
                self._found.popitem(last=False)
        return found


def _check_order(order: LineOrder, lines: LineSet) -> None:
    if order.column not in lines.columns:
        raise PicholineError(
            "query.order",
            msg("The answer has no column “{key}” to sort by.", key=order.column),
            msg("Sort by one of: {keys}.", keys=", ".join(lines.columns)),
        )
