"""What an analysis is: a key, a title, parameters from text, and a run that returns tables."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

import pyarrow as pa

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from core.models.catalogue import METRICS
from core.models.filters import FilterState, parse_filters
from core.models.formats import Format
from core.models.query import Filter, MetricQuery, Operator, Period, Scope
from core.models.result import AnalysisResult, Column, ResultTable
from core.models.schema import LINE_KINDS
from core.registry import Registry, load_modules
from core.services.metrics import Metrics, Resolved

Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Params:
    """Parameters every analysis of sales shares."""

    filters: FilterState

    @classmethod
    def from_pairs(cls, pairs: Pairs) -> "Params":
        """Read the parameters from URL pairs or `name=value` options."""
        return cls(parse_filters(pairs))


@dataclass(frozen=True)
class Analysis:
    """One entry of the register.

    Attributes:
        key: name in routes, on the command line and in exports.
        title: English title, translated when shown.
        description: one sentence on what it answers.
        run: computes the result for these parameters, within the rows the scope may see.
    """

    key: str
    title: str
    description: str
    run: Callable[[Metrics, Params, Scope], AnalysisResult]

    def params_from(self, pairs: Pairs) -> Params:
        """Read parameters from text pairs."""
        return Params.from_pairs(pairs)


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
    ) -> ResultTable:
        """Ask for metrics by dimensions under the page's filters, in its period or another.

        Args:
            keys: of the metrics.
            by: keys of dimensions.
            order: what to sort by, "-" before it for the largest first.
            compare: also answer the compared period.
            period: instead of the page's.
            products_only: leave postage, fees and the like out, which are no products.
        """
        compared = self.resolved.compared if compare else None
        return self.metrics.ask(
            MetricQuery(
                metrics=keys,
                by=by,
                where=(*self.filters.where(), *((_PRODUCTS,) if products_only else ())),
                period=period or self.resolved.period,
                compare=self.filters.compare if compared else None,
                compared=compared,
                order=order,
            ),
            self.scope,
        )


def kpi_table(answer: ResultTable, keys: tuple[str, ...]) -> ResultTable:
    """Turn an answer's total into one row per metric: value, compared, change, change rate.

    The total comes with the answer by month, right for ratios and distinct counts: key figures
    need no question of their own.
    """
    row = answer.total or {}
    rows = [
        {
            "metric": key,
            "metric_name": METRICS[key].name,
            "format": METRICS[key].format.value,
            "value": _number(row.get(key)),
            "compared": _number(row.get(f"{key}_compared")),
            "change": _number(row.get(f"{key}_change")),
            "change_rate": _number(row.get(f"{key}_change_rate")),
        }
        for key in keys
    ]
    columns = (
        Column("metric", msg(N_("Key")), Format.CODE, "dimension"),
        Column("metric_name", msg(N_("Metric")), Format.TEXT, "label", translate=True),
        Column("format", msg(N_("Format")), Format.CODE, "flag"),
        Column("value", msg(N_("Value")), Format.NUMBER, "metric", format_by="format"),
        Column(
            "compared", msg(N_("Compared period")), Format.NUMBER, "compared", format_by="format"
        ),
        Column("change", msg(N_("Change")), Format.NUMBER, "change", format_by="format"),
        Column("change_rate", msg(N_("Change (%)")), Format.PERCENT, "change_rate"),
    )
    numbers = {"value", "compared", "change", "change_rate"}
    schema = pa.schema(
        [(c.key, pa.float64() if c.key in numbers else pa.string()) for c in columns]
    )
    return ResultTable(
        columns=columns,
        data=pa.Table.from_pylist(rows, schema=schema),
        caveats=answer.caveats,
        data_version=answer.data_version,
        period=answer.period,
        compared=answer.compared,
        source=answer.source,
        sql=answer.sql,
    )


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]


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
