"""What an analysis is: a key, a title, parameters from text, and a run that returns tables."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any

import pyarrow as pa

from core.errors import PicholineError
from core.i18n import N_, Message, msg, pack
from core.models.filters import PERIOD_NAMES, FilterState, parse_filters
from core.models.formats import Format
from core.models.options import Chosen, Option
from core.models.query import Compare, Filter, MetricQuery, Operator, Period, Scope
from core.models.result import AnalysisResult, Column, ResultTable
from core.models.schema import LINE_KINDS
from core.registry import Registry, load_modules
from core.services.customers import CustomerFacts
from core.services.metrics import Metrics, Resolved

# Of a table that goes on showing everything: its marks say themselves which were clicked.
KEPT = N_("Shows all of “{dimension}”; what was clicked there filters the other tables.")
_NO_BUDGET = frozenset({"query.budget", "query.no_budget"})
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Params:
    """Parameters of an analysis: the filters every analysis shares, and its own options."""

    filters: FilterState
    chosen: Chosen = field(default_factory=lambda: Chosen({}))

    @classmethod
    def from_pairs(cls, pairs: Pairs, options: tuple[Option, ...] = ()) -> "Params":
        """Read the parameters from URL pairs or `name=value` options."""
        stated = list(pairs)
        return cls(parse_filters(stated), Chosen.read(options, stated))

    def to_pairs(self) -> list[tuple[str, str]]:
        """Return the URL pairs; defaults are left out, equal parameters have equal pairs."""
        return [*self.filters.to_pairs(), *self.chosen.to_pairs()]


@dataclass(frozen=True)
class PastRun:
    """An earlier finished run of the same analysis by somebody who saw the same rows.

    Attributes:
        pairs: its parameters as URL pairs.
        card: its `Outcome.card`.
        scores: reads its `Outcome.scores`; None when the file is gone.
    """

    id: int
    created_at: datetime
    data_version: int
    pairs: tuple[tuple[str, str], ...]
    card: Mapping[str, Any]
    scores: Callable[[], pa.Table | None]


def _without_period(pairs: Pairs) -> set[tuple[str, str]]:
    return {pair for pair in pairs if pair[0] not in PERIOD_NAMES}


@dataclass(frozen=True)
class Study:
    """One run of a background analysis.

    Attributes:
        report: says how far the run is (0 to 1) and what it is doing; raises when the run was
            cancelled, so it is called between steps and inside long loops.
        past: earlier runs, the newest first.
        files: turns the hash of an uploaded file into its path; raises when it is not there.
    """

    metrics: Metrics
    customers: CustomerFacts
    params: Params
    scope: Scope
    report: Callable[[float, Message], None]
    past: tuple[PastRun, ...] = ()
    files: Callable[[str], Path] | None = None

    def last_scores(self) -> tuple[date, pa.Table] | None:
        """Return day and scores of the last run with the same filters and options that kept them.

        Its period may differ: what moved from one cut-off to the next is what drift is about.
        """
        wanted = _without_period(self.params.to_pairs())
        for run in self.past:
            scores = run.scores() if _without_period(run.pairs) == wanted else None
            if scores is not None and scores.num_rows:
                return run.created_at.date(), scores
        return None


@dataclass(frozen=True)
class Analysis:
    """One entry of the register.

    Attributes:
        key: name in routes, on the command line and in exports.
        title: English title, translated when shown.
        description: one sentence on what it answers.
        run: computes the result for these parameters, within the rows the scope may see, at once.
        study: does the same as a job in the worker; its result is kept. One of the two is given.
        options: the settings of its own.
        edition: raised when the method changes, so that kept results are computed anew.
    """

    key: str
    title: str
    description: str
    run: Callable[[Metrics, Params, Scope], AnalysisResult] | None = None
    study: Callable[[Study], AnalysisResult] | None = None
    options: tuple[Option, ...] = ()
    edition: int = 1

    def params_from(self, pairs: Pairs) -> Params:
        """Read parameters from text pairs."""
        return Params.from_pairs(pairs, self.options)


# Investments stay in: one that names a product counts against it.
_PRODUCTS = Filter(
    "line_kind", tuple(kind for kind in LINE_KINDS if kind != "product"), Operator.NOT_IN
)
ANALYSES: Registry[Analysis] = Registry()


@cache
def _loaded() -> bool:
    load_modules("core.services.analytics")
    return True


def analyses() -> list[Analysis]:
    """Return every analysis, importing their modules on first use."""
    _loaded()
    return list(ANALYSES)


def get_analysis(key: str) -> Analysis:
    """Return an analysis by key.

    Raises:
        PicholineError: there is none; the message names those that exist.
    """
    _loaded()
    found = ANALYSES.get(key)
    if found is None:
        raise PicholineError(
            "analysis.unknown",
            msg("There is no analysis “{key}”.", key=key),
            msg("Choose one of: {keys}.", keys=", ".join(ANALYSES.keys())),
            status=404,
        )
    return found


@dataclass(frozen=True)
class Asker:
    """Asks for one page: the same filters, period and comparison in every question."""

    metrics: Metrics
    filters: FilterState
    resolved: Resolved
    scope: Scope

    @classmethod
    def start(cls, metrics: Metrics, params: Params, scope: Scope) -> "Asker":
        """Resolve the period once for all questions of the page."""
        return cls(metrics, params.filters, metrics.resolve(params.filters), scope)

    def ask(
        self,
        *keys: str,
        by: tuple[str, ...] = (),
        order: str | None = None,
        compare: bool = True,
        period: Period | None = None,
        products_only: bool = False,
        keep: tuple[str, ...] | None = None,
    ) -> ResultTable:
        """Ask for metrics by dimensions under the page's filters, in its period or another.

        Args:
            keys: of the metrics.
            by: keys of dimensions.
            order: what to sort by, "-" before it for the largest first.
            compare: also answer the compared period.
            period: instead of the page's.
            products_only: leave postage, fees and the like out, which are no products.
            keep: dimensions all of whose members are shown, whichever of their marks was clicked;
                what a table with one dimension of members is split by, if not given.
        """
        asked = self.query(
            *keys,
            by=by,
            order=order,
            compare=compare,
            period=period,
            products_only=products_only,
            keep=keep,
        )
        answer = self._answer(asked)
        shown = [key for key in self.filters.cross if key in by and not _restricts(asked, key)]
        dimensions = self.metrics.known().dimensions
        told = (Message(KEPT, {"dimension": Message(dimensions[k].name)}) for k in shown)
        return replace(answer, caveats=(*answer.caveats, *told)) if shown else answer

    def _answer(self, asked: MetricQuery) -> ResultTable:
        try:
            return self.metrics.ask(asked, self.scope)
        except PicholineError as error:
            if asked.compare is not Compare.BUDGET or error.code not in _NO_BUDGET:
                raise
            why = error.title
        # The rest of the page can be compared; this table says why it is not.
        answer = self.metrics.ask(replace(asked, compare=None, compared=None), self.scope)
        told = msg("Not compared with the budget: {why}", why=why)
        return replace(answer, caveats=(*answer.caveats, told))

    def ask_plan(self, *keys: str) -> ResultTable | None:
        """Ask for metrics compared with their budgets over the period's finished months.

        None where nothing was planned for them, or budgets do not state what is filtered by.
        """
        if self.filters.compare is Compare.BUDGET or not self.metrics.budgets():
            return None  # the page itself says it all, or nothing was planned
        asked = replace(self.query(*keys, compare=False), compare=Compare.BUDGET)
        try:
            answer = self.metrics.ask(asked, self.scope)
        except PicholineError as error:
            if error.code not in _NO_BUDGET:
                raise
            return None
        return answer

    def query(
        self,
        *keys: str,
        by: tuple[str, ...] = (),
        order: str | None = None,
        compare: bool = True,
        period: Period | None = None,
        products_only: bool = False,
        keep: tuple[str, ...] | None = None,
    ) -> MetricQuery:
        """Return the question that `ask` asks, for services that ask it themselves."""
        keep = self._members_of(by) if keep is None else keep
        compared = self.resolved.compared if compare else None
        return MetricQuery(
            metrics=keys,
            by=by,
            where=(*self.filters.where(keep), *((_PRODUCTS,) if products_only else ())),
            period=period or self.resolved.period,
            compare=self.filters.compare if compared else None,
            compared=compared,
            order=order,
        )

    def _members_of(self, by: tuple[str, ...]) -> tuple[str, ...]:
        """Return the dimension of members a table has one of; of several none is the clicked."""
        if not self.filters.cross:
            return ()
        known = self.metrics.known().dimensions
        found = tuple(key for key in by if key in known and not known[key].grain)
        return found if len(found) == 1 else ()


def _restricts(asked: MetricQuery, key: str) -> bool:
    return any(chosen.dimension == key for chosen in asked.where)


def facts_table(
    rows: Iterable[tuple[Message, float | int | str | Message | None, Format]],
    *,
    data_version: int = 0,
    caveats: tuple[Message, ...] = (),
) -> ResultTable:
    """Return named facts of different kinds as a table, for model cards.

    Args:
        rows: name, value and the value's format; texts and messages stand in a column of their own,
            a figure that is not finite is unknown.
        data_version: what they rest on.
        caveats: shown with the table.
    """
    found = []
    for name, value, form in rows:
        is_text = isinstance(value, (str, Message))
        found.append(
            {
                "fact": pack(name),
                "value": None if is_text else _known(value),
                "text": pack(value) if isinstance(value, Message) else value if is_text else None,
                "format": form.value,
            }
        )
    columns = (
        Column("fact", msg(N_("Fact")), Format.TEXT, "label", translate=True),
        Column("value", msg(N_("Value")), Format.NUMBER, "metric", format_by="format"),
        Column("text", msg(N_("Text")), Format.TEXT, "flag", translate=True),
        Column("format", msg(N_("Format")), Format.CODE, "flag"),
    )
    schema = pa.schema(
        [(c.key, pa.float64() if c.key == "value" else pa.string()) for c in columns]
    )
    return ResultTable(
        columns=columns,
        data=pa.Table.from_pylist(found, schema=schema),
        caveats=caveats,
        data_version=data_version,
    )


def _known(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) else float(value)


def unique(caveats: Iterable[Message]) -> tuple[Message, ...]:
    """Return the caveats once each, in order."""
    return tuple(dict.fromkeys(caveats))


def collect(
    asker: Asker,
    tables: dict[str, ResultTable],
    titles: dict[str, Message],
    *,
    notes: Iterable[Message] = (),
) -> AnalysisResult:
    """Put an analysis' tables together.

    The page's caveats are those of its period and key figures; each table keeps its own.
    """
    first = next(iter(tables.values()))
    kpis = tables.get("kpis")
    found = kpis.caveats if kpis else first.caveats
    headline = {row["metric"]: row["value"] for row in kpis.rows()} if kpis else {}
    return AnalysisResult(
        tables=tables,
        titles=titles,
        headline=headline,
        caveats=unique([*asker.resolved.caveats, *found]),
        notes=tuple(notes),
        data_version=first.data_version,
        period=asker.resolved.period,
        compared=asker.resolved.compared,
    )
