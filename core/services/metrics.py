"""The one door to numbers: ask for metrics, list a dimension's members, resolve periods."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa

from core.formats import country_name
from core.i18n import Message, current_language, msg
from core.models.catalogue import SHIPPED, Dimension, Known
from core.models.filters import FilterState, Preset
from core.models.formats import Format
from core.models.query import NO_VALUE, Compare, Filter, MetricQuery, Period, Scope
from core.models.result import ResultTable
from core.models.rfm import segment_names
from core.models.tables import ImportStatus
from core.repository.catalogue import Catalogue
from core.repository.engines import EngineReader, open_engine
from core.repository.records import Records
from core.repository.scores import ScoreStore
from core.repository.sql import members as member_sql
from core.repository.warehouse import Cursor, Observed, Warehouse, WarehouseInfo
from core.services import calendar, distribution
from core.services.answer_address import (
    members_address,
    normalised,
    question_address,
    state_of,
    uses_today,
)
from core.services.answer_cache import open_answers
from core.services.calendar import Resolved
from core.services.data_status import DataStatus, Member
from core.services.definitions.known import InForce
from core.services.metric_answer import OTHERS, Answer
from core.services.metric_budget import (
    budget_caveat,
    budget_period,
    budgeted,
    no_budgets_caveat,
    no_month_caveat,
)
from core.services.metric_caveats import not_alike_caveat, period_caveats, unfinished_caveat
from core.services.metric_filters import BoundCondition, conditions
from core.services.metric_known import get_dimension
from core.services.metric_members import Picker
from core.services.metric_scores import asked_scores
from core.settings import Settings

__all__ = ["OTHERS", "DataStatus", "Member", "Metrics", "Resolved"]

# A company that opened on 3 January has a first year all the same.
_LATE_START = timedelta(days=7)
_KIND, _KINDS = "line_kind", 100
_MEMBERS = pa.schema([("value", pa.string()), ("name", pa.string()), ("lines", pa.int64())])


class Metrics:
    """Answers questions on the current data version; safe to share between threads."""

    def __init__(self, settings: Settings, catalogue: Catalogue, warehouse: Warehouse) -> None:
        """Keep the parts; nothing is opened before the first question."""
        self._settings = settings
        self._catalogue = catalogue
        self._warehouse = warehouse
        self._reader = open_engine(settings, warehouse)
        self._scores = ScoreStore(catalogue, settings.runs)
        self._in_force = InForce(catalogue)
        self._observed = Observed(settings.observed)
        self.answers = open_answers(settings)
        self.records = Records(catalogue, settings)  # master data, row by row
        self._state: tuple[WarehouseInfo, str] | None = None

    @property
    def warehouse(self) -> Warehouse:
        """The warehouse these metrics are read from."""
        return self._warehouse

    @property
    def campaign_first_month(self) -> int:
        """First month of the campaign year, 1–12."""
        return self._settings.campaign_first_month

    @property
    def base_currency(self) -> str:
        """ISO 4217 code of all amounts."""
        return self._settings.base_currency

    def known(self) -> Known:
        """Return all metrics and dimensions that can be asked for."""
        return self._in_force.known()

    def ask(
        self,
        query: MetricQuery,
        scope: Scope | None = None,
        *,
        cached: bool = True,
        known: Known | None = None,
    ) -> ResultTable:
        """Answer a question.

        Args:
            query: metrics, dimensions, filters, periods.
            scope: who asks; its filters hold for every line that is read.
            cached: an answer given before to the same question on the same data may serve.
            known: a catalogue other than the one in force, to try a definition; never cached.

        Raises:
            PicholineError: the question names something unknown, or cannot be answered.
        """
        scope = scope or Scope()
        today = self.today()
        cached = cached and known is None
        known = known or self.known()
        asked, query = query, normalised(query, known)
        with self._reader.reading() as (cursor, info):
            # Scores rest on all sales of a customer: who may see a part of them sees none.
            wanted = () if scope.where else asked_scores(query, known).values()
            sets = self._scores.latest({formula.column for formula in wanted})

            def compute() -> ResultTable:
                first_month = self._settings.campaign_first_month
                answer = Answer(query, scope, cursor, info, first_month, today, sets, known)
                table = answer.table()
                for one in answer.explained:
                    if one.candidates:
                        cost = one.candidates[0].cost
                        self._observed.note(one.columns, cost, monthly=one.by_months)
                return table

            if not cached:
                return replace(compute(), asked=asked)
            depends = [today] if uses_today(query) else []
            scores = sorted(s.id for s in sets.values())
            # What is said about scores names the present version.
            depends += [scores, info.data_version] if asked_scores(query, known) else []
            address = question_address(self._served(info), known, scope, query, *depends)
            found = self.answers.answer(address, compute)
            return replace(found, asked=asked, data_version=info.data_version)

    def picked(self, query: MetricQuery, scope: Scope) -> tuple[Filter, ...]:
        """Return what a question's `members` pick, as filters on their dimensions.

        Raises:
            PicholineError: the question cannot be answered.
        """
        known = self.known()
        with self._warehouse.reading() as (cursor, info):
            wanted = () if scope.where else asked_scores(query, known).values()
            sets = self._scores.latest({formula.column for formula in wanted})
            first_month = self._settings.campaign_first_month
            picker = Picker(scope, cursor, info, first_month, self.today(), sets, known)
            bound = picker.question(query).request.conditions[-len(query.members) :]
        return tuple(
            Filter(picks.dimension, tuple(str(v) for v in values[-1]), condition.operator)
            for picks, (condition, values) in zip(query.members, bound, strict=True)
        )

    def order_values(
        self,
        where: Sequence[Filter] = (),
        period: Period | None = None,
        scope: Scope | None = None,
        *,
        cached: bool = True,
    ) -> ResultTable:
        """Return how many orders are worth how much; see `distribution.order_values`.

        Args:
            where: filters on the lines of the orders.
            period: None for all data.
            scope: who asks; its filters hold for every line that is read.
            cached: an answer given before may serve.
        """
        known, scope = self.known(), scope or Scope()
        with self._warehouse.reading() as (cursor, info):

            def compute() -> ResultTable:
                bound = (
                    *conditions(where, self.campaign_first_month, known, info.rules),
                    *conditions(scope.where, self.campaign_first_month, SHIPPED, info.rules),
                )
                return distribution.order_values(
                    cursor, info, bound, period, self.campaign_first_month
                )

            if not cached:
                return compute()
            asked = MetricQuery(("net_sales", "orders"), where=tuple(where), period=period)
            address = question_address(self._served(info), known, scope, asked, "order values")
            found = self.answers.answer(address, compute)
            return replace(found, data_version=info.data_version)

    def members(
        self,
        dimension: str,
        scope: Scope | None = None,
        search: str = "",
        limit: int = 50,
        where: Sequence[Filter] = (),
        period: Period | None = None,
    ) -> list[Member]:
        """Return a dimension's values with their numbers of lines, the most frequent first.

        Args:
            dimension: key of a dimension that is not a calendar grain.
            scope: who asks.
            search: part of the value or of its name; accents and case do not matter.
            limit: at most so many.
            where: filters on other dimensions.
            period: only lines of these days.
        """
        known = self.known()
        found = get_dimension(dimension, known)
        by_name = found.keyed or found.format is Format.COUNTRY
        how = ("", None) if by_name else (search, limit)
        scope = scope or Scope()
        with self._warehouse.reading() as (cursor, info):

            def compute() -> ResultTable:
                bound = (
                    *conditions(where, self.campaign_first_month, known, info.rules),
                    *conditions(scope.where, self.campaign_first_month, SHIPPED, info.rules),
                )
                return self._members(cursor, info, found, bound, period, *how)

            address = members_address(
                self._served(info), known, scope, found.key, where, period, *how
            )
            table = self.answers.answer(address, compute).data
            rows = zip(*(column.to_pylist() for column in table.columns), strict=True)
            names = segment_names(info.rules) if found.keyed else {}
            names |= {key: Message(name) for key, name in found.names}
        members = [
            Member(
                NO_VALUE if value is None else str(value), _label(found, value, label, names), lines
            )
            for value, label, lines in rows
        ]
        if by_name and search:
            wanted = member_sql.folded(search)
            members = [m for m in members if wanted in member_sql.folded(f"{m.value} {m.label}")]
        return members[:limit]

    def _members(
        self,
        cursor: Cursor,
        info: WarehouseInfo,
        dimension: Dimension,
        bound: tuple[BoundCondition, ...],
        period: Period | None,
        search: str,
        limit: int | None,
    ) -> ResultTable:
        offset = self.campaign_first_month - 1
        rows = member_sql.members(cursor, info, dimension, bound, period, offset, search, limit)
        data = pa.Table.from_pylist(
            [dict(zip(_MEMBERS.names, row, strict=True)) for row in rows], schema=_MEMBERS
        )
        return ResultTable(columns=(), data=data, data_version=info.data_version)

    def segment_names(self) -> dict[str, Message]:
        """Return the names of the RFM segments by key, in the order of their rules."""
        return segment_names(self._warehouse.info().rules)

    def span(self) -> Period | None:
        """Return the first and last day with sales; None without data."""
        return self._warehouse.info().span

    def resolve(self, state: FilterState) -> Resolved:
        """Return a filter state's period and its like-for-like counterpart."""
        span = self.span()
        if span is None:
            return Resolved(None, None)
        now = calendar.as_of(span, self.today())
        first_month = self._settings.campaign_first_month
        if state.preset is Preset.CUSTOM:
            start, end = sorted((state.start or span.start, state.end or max(now, span.end)))
            period = Period(start, end)
        else:
            period = calendar.preset_period(state.preset, span, self.today(), first_month)
        unfinished = calendar.is_unfinished(state.preset, period, now, first_month)
        caveats = list(period_caveats(period, span, compared=False))
        compared = None
        if state.compare is Compare.BUDGET:
            return self._with_budget(period, span, caveats)
        if state.compare:
            reached = period
            if period.start <= now < period.end:
                reached = Period(period.start, now)
            compared = calendar.compared_period(reached, state.compare, state.preset)
            if compared is None:
                caveats.append(msg("All data have no earlier period to be compared with."))
            elif compared.start < span.start - _LATE_START:
                caveats.append(not_alike_caveat(span))
                compared = None
        if unfinished:
            caveats.append(unfinished_caveat(span))
        return Resolved(period, compared, tuple(caveats), unfinished)

    def _with_budget(self, period: Period, span: Period, caveats: list[Message]) -> Resolved:
        """Return the finished months of a period: what was planned for them is set against them."""
        months = budget_period(period, span, self.today())
        if not self.budgets():
            return Resolved(period, None, (*caveats, no_budgets_caveat()))
        if months is None:
            return Resolved(period, None, (*caveats, no_month_caveat()))
        return Resolved(months, months, (*caveats, budget_caveat(months)))

    def budgets(self) -> tuple[str, ...]:
        """Return the keys of the metrics that have a budget."""
        with self._warehouse.reading() as (cursor, _info):
            return tuple(budgeted(self.known(), cursor))

    def status(self, scope: Scope | None = None) -> DataStatus:
        """Return what is stored, how fresh it is and how much of it this person may see."""
        info = self._warehouse.info()
        visible = {segment.import_id for segment in self._catalogue.visible_segments()}
        demo = any(
            record.demo and record.status == ImportStatus.COMMITTED and record.id in visible
            for record in self._catalogue.imports()
        )
        answers = self.answers.state(on_disk=False)
        where = scope.where if scope else ()
        kinds = self.members(_KIND, scope, limit=_KINDS) if where else ()
        lines = sum(kind.lines for kind in kinds) if where else info.lines
        behind = self._warehouse.behind()
        return DataStatus(
            info.data_version,
            lines,
            info.span,
            info.built_at,
            demo,
            answers,
            where,
            behind,
            self.known().version,
        )

    def turn(self) -> int:
        """Return the `turn` that the status will have once the newest data are served."""
        return self._catalogue.current_version() + self.known().version

    def today(self) -> date:
        """Return the present day in the company's zone."""
        return datetime.now(ZoneInfo(self._settings.time_zone)).date()

    def state(self) -> tuple[str, int]:
        """Return what stands for the state of the data and of the published scores."""
        return self._served(self._warehouse.info()), self._scores.newest()

    def close(self) -> None:
        """Write the answers that wait to be kept, and release another engine."""
        self.answers.close()
        self._observed.flush()
        if isinstance(self._reader, EngineReader):
            self._reader.close()

    def _served(self, info: WarehouseInfo) -> str:
        """Return the state of the data a file holds; answers of long gone states are dropped."""
        known = self._state
        if known is None or known[0] is not info:
            known = (info, state_of(info, self._settings.campaign_first_month))
            self._state = known
            self.answers.served(known[1])
        return known[1]


def _label(
    dimension: Dimension, value: str | None, name: str | None, names: Mapping[str, Message]
) -> str:
    """Return how a value reads in the current language."""
    if value is None:
        return str(Message(dimension.unknown))
    if dimension.format is Format.COUNTRY:
        return country_name(value, current_language())
    if value in names:
        return str(names[value])
    return name or value
