"""Rows of tables other than the sales lines: budgets, counts and movements of stock, with files.

Figures that no line states – what was planned, what lay in stock – rest on rows of other tables.
These are the rows that count, each with the file, sheet and row number it came from.
"""

from collections.abc import Generator, Iterable
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from core.models.catalogue import DIMENSIONS
from core.models.filters import parse_day
from core.models.formats import Format
from core.models.lines import LinesState, Pair
from core.models.query import NO_VALUE, Period, Scope
from core.models.result import Column, ResultTable
from core.models.schema import TABLES, FieldDef, Kind
from core.repository.catalogue import Catalogue
from core.repository.records import RowFilter
from core.services import calendar
from core.services.metric_budget import plans_of
from core.services.metric_known import get_metric
from core.services.metrics import Metrics
from core.services.rights import refuse_restricted
from core.services.vocabulary import folded, words_of

_FIELDS = {"product": "product_id", "customer": "customer_id", "supplier": "supplier_id"}
_FORMATS = {
    Kind.ID: Format.CODE,
    Kind.DATE: Format.DATE,
    Kind.MONTH: Format.MONTH,
    Kind.AMOUNT: Format.NUMBER,
    Kind.QUANTITY: Format.NUMBER,
    Kind.FRACTION: Format.PERCENT,
    Kind.RATE: Format.NUMBER,
    Kind.INTEGER: Format.INTEGER,
    Kind.COUNTRY: Format.COUNTRY,
}
_NUMBERS = (Kind.AMOUNT, Kind.QUANTITY, Kind.FRACTION, Kind.RATE, Kind.INTEGER)
_LINEAGE = (
    Column("import_id", msg(N_("Import")), Format.CODE, "flag"),
    Column("file", msg(N_("File")), Format.TEXT, "flag"),
    Column("sheet", msg(N_("Sheet")), Format.TEXT, "flag"),
    Column("row", msg(N_("Row")), Format.CODE, "flag"),
)
_BATCH = 50_000
# What is asked of one of them may stand in the other.
SIBLINGS = {"stock_counts": "stock_moves", "stock_moves": "stock_counts"}


@dataclass(frozen=True)
class RowOrder:
    """An order of rows by one column."""

    column: str
    descending: bool = False


@dataclass(frozen=True)
class StoredPage:
    """Some of the rows, the number of all of them and the sums of their amounts.

    Attributes:
        left: dimensions that were asked for but that the table does not state.
    """

    table: ResultTable
    total: int
    sums: dict[str, Any]
    left: tuple[str, ...] = ()


class StoredRows:
    """Lists rows that count; safe to share between threads."""

    def __init__(self, metrics: Metrics, catalogue: Catalogue) -> None:
        """Keep the services."""
        self._metrics = metrics
        self._catalogue = catalogue

    def page(
        self,
        state: LinesState,
        scope: Scope,
        *,
        order: RowOrder | None = None,
        offset: int = 0,
        limit: int | None = None,
    ) -> StoredPage:
        """Return rows of a table in the period and under what else is chosen.

        Args:
            state: names the table.
            scope: who asks; stored files hold everybody's rows.
            order: None for the newest imports first.
            offset: so many rows are passed over.
            limit: at most so many; None for all.

        Raises:
            PicholineError: the person may not see all rows, or there is no such column.
        """
        refuse_restricted(scope)
        defined = TABLES[state.table]
        columns = (*(_column(field) for field in defined.fields), *_LINEAGE)
        if order and order.column not in {c.key for c in columns if c.key != "file"}:
            raise PicholineError(
                "query.order",
                msg("The answer has no column “{key}” to sort by.", key=order.column),
                msg("Sort by one of: {keys}.", keys=", ".join(c.key for c in columns)),
            )
        wanted, left = self._wanted(state)
        ordered = (order.column, order.descending) if order else None
        found = self._metrics.records.page(state.table, wanted, ordered, offset, limit)
        names = {record.id: record.file_name for record in self._catalogue.imports()}
        files = [names.get(number) for number in found.data["import_id"].to_pylist()]
        data = found.data.append_column("file", pa.array(files, pa.string()))
        table = ResultTable(
            columns,
            data.select([c.key for c in columns]),
            data_version=self._catalogue.current_version(),
            period=wanted.period,
            source="records",
        )
        return StoredPage(table, found.total, dict(found.sums), left)

    def export(
        self, state: LinesState, scope: Scope, *, order: RowOrder | None = None
    ) -> Generator[ResultTable]:
        """Yield all rows, some thousands at a time.

        Raises:
            PicholineError: see `page`.
        """
        found = self.page(state, scope, order=order)
        yield replace(found.table, data=found.table.data.slice(0, _BATCH))
        for start in range(_BATCH, found.total, _BATCH):
            yield replace(found.table, data=found.table.data.slice(start, _BATCH))

    def _wanted(self, state: LinesState) -> tuple[RowFilter, tuple[str, ...]]:
        """Return the filter on rows, and the chosen dimensions it cannot hold."""
        fields = {field.key for field in TABLES[state.table].fields}
        chosen: dict[str, list[str]] = {}
        for dimension, value in (*_values(state), *state.only, *state.cell):
            chosen.setdefault(dimension, []).append(value)
        period = self._period(state, chosen)
        values = {
            _FIELDS.get(key, key): tuple(None if v == NO_VALUE else v for v in found)
            for key, found in chosen.items()
            if _FIELDS.get(key, key) in fields
        }
        if "metric" in fields and state.metric:
            values["metric"] = self._spellings(state)
        left = tuple(key for key in chosen if _FIELDS.get(key, key) not in fields)
        return RowFilter(values, period), left

    def _period(self, state: LinesState, chosen: dict[str, list[str]]) -> Period | None:
        """Return the days asked for; calendar buckets among what is chosen are taken out."""
        found = self._metrics.resolve(state.filters).period
        first_month = self._metrics.campaign_first_month
        for key in [k for k in chosen if k in DIMENSIONS and DIMENSIONS[k].grain]:
            grain, (text, *_more) = DIMENSIONS[key].grain or "", chosen.pop(key)
            start = parse_day(text)
            if start is not None:
                end = calendar.grain_end(start, grain, first_month)
                found = Period(max(start, found.start), min(end, found.end)) if found else None
        return found

    def _spellings(self, state: LinesState) -> tuple[str, ...]:
        """Return how the stored rows name the metrics that make the asked one's budget."""
        known = self._metrics.known()
        keys = plans_of(get_metric(state.metric, known), known) or (state.metric,)
        words = {word for key in keys for word in words_of(known.metrics[key])}
        stored = self._metrics.records.page(state.table, RowFilter({})).data["metric"]
        return tuple(t for t in stored.unique().to_pylist() if t and folded(t) in words)


def _values(state: LinesState) -> Iterable[Pair]:
    return ((key, value) for key, found in state.filters.values.items() for value in found)


def _column(field: FieldDef) -> Column:
    kind = _FORMATS.get(field.kind, Format.TEXT)
    role = "metric" if field.kind in _NUMBERS else "dimension"
    return Column(field.key, Message(field.label), kind, role)
