"""What stands beside the numbers of an export: period, filters, version, moment, reader."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from core.formats import country_name
from core.i18n import Message, current_language, msg, translate
from core.models.catalogue import DIMENSIONS, Dimension
from core.models.formats import Format
from core.models.query import NO_VALUE, Filter, Operator, Period
from core.models.result import AnalysisResult, ResultTable
from core.services.metrics import Metrics
from core.settings import Settings


@dataclass(frozen=True)
class ExportContext:
    """Who exported what, when, and under which filters.

    Attributes:
        language: `en` or `fr`, for every text of the file.
        base_currency: ISO 4217 code of the amounts.
        made_at: moment of the export, with its time zone.
        owner: who made it.
        data_version: version of the data the numbers stand on.
        period: None: all data.
        compared: the period the numbers are set against.
        filters: what was chosen; none: everything.
        caveats: what a reader has to know besides the tables' own caveats.
        demo: the numbers are those of the demo company.
        segments: names of the RFM segments by key.
        dimensions: those that can be filtered by, a company's own among them.
        notes: what people wrote about the numbers: about what, and what by whom.
    """

    language: str
    base_currency: str
    made_at: datetime
    owner: str
    data_version: int
    period: Period | None = None
    compared: Period | None = None
    filters: tuple[Filter, ...] = ()
    caveats: tuple[Message, ...] = ()
    demo: bool = False
    segments: Mapping[str, Message] = field(default_factory=dict)
    dimensions: Mapping[str, Dimension] = field(default_factory=lambda: DIMENSIONS)
    notes: tuple[tuple[str, str], ...] = ()


def make_context(
    settings: Settings,
    metrics: Metrics,
    answer: ResultTable | AnalysisResult,
    filters: tuple[Filter, ...],
    owner: str = "local",
) -> ExportContext:
    """Return the context of an answer, made now, in the current language."""
    return ExportContext(
        language=current_language(),
        base_currency=settings.base_currency,
        made_at=datetime.now(ZoneInfo(settings.time_zone)),
        owner=owner,
        data_version=answer.data_version,
        period=answer.period,
        compared=answer.compared,
        filters=filters,
        caveats=answer.caveats,
        demo=metrics.status().demo,
        segments=metrics.segment_names(),
        dimensions=metrics.known().dimensions,
    )


def filter_texts(
    filters: Sequence[Filter],
    segments: Mapping[str, Message] | None = None,
    dimensions: Mapping[str, Dimension] = DIMENSIONS,
) -> list[tuple[str, str]]:
    """Return each filter as (name, chosen values) in the current language.

    Args:
        filters: what was chosen.
        segments: names of the RFM segments by key.
        dimensions: those that can be filtered by.
    """
    named = [(chosen, dimensions[chosen.dimension]) for chosen in filters]
    return [
        (_name(chosen, dimension), ", ".join(_values(chosen, dimension, segments or {})))
        for chosen, dimension in named
    ]


def _name(chosen: Filter, dimension: Dimension) -> str:
    name = translate(dimension.name)
    if chosen.operator is Operator.NOT_IN:
        return str(msg("{name}, without", name=name))
    if chosen.operator is Operator.CONTAINS:
        return str(msg("{name}, contains", name=name))
    if chosen.operator is Operator.NOT_CONTAINS:
        return str(msg("{name}, does not contain", name=name))
    return name


def _values(chosen: Filter, dimension: Dimension, segments: Mapping[str, Message]) -> list[str]:
    names = {key: Message(name) for key, name in dimension.names} or segments
    if chosen.operator in (Operator.CONTAINS, Operator.NOT_CONTAINS):
        return list(chosen.values)
    if chosen.operator is Operator.BETWEEN:
        return [" … ".join(chosen.values)]
    shown: list[str] = []
    for value in chosen.values:
        if value == NO_VALUE:
            shown.append(translate(dimension.unknown))
        elif dimension.format is Format.COUNTRY:
            shown.append(country_name(value, current_language()))
        elif dimension.keyed:
            shown.append(str(names.get(value, value)))
        else:
            shown.append(value)
    return shown
