"""Why a figure changed: who moved it by every dimension, through what, and in one sentence."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import Any

import pyarrow as pa

from core.errors import PicholineError
from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.catalogue import DIMENSIONS, Metric
from core.models.formats import Format
from core.models.options import Option
from core.models.query import Compare, Scope
from core.models.result import AnalysisResult, Column, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Params, unique
from core.services.change_effects import NAMES, Effect, Rate, effects_of, exchange, made_of
from core.services.change_parts import Parts, asked_for, can_be_explained, parts_of
from core.services.metric_known import get_metric
from core.services.metrics import Metrics
from core.services.side_by_side import side_by_side
from core.services.slices import SLICE_OPTIONS, Slice, slice_of
from core.services.vocabulary import in_sentence

METRIC = "metric"
BY = ("country", "category", "product", "supplier", "channel", "segment", "customer")
_NAMED, _MEMBERS = 2, 2  # dimensions in the sentence, members of each
_NOTABLE = 0.05  # of the change: a smaller part is not named
_DEFAULT = "net_sales"
OPTIONS = (
    Option(METRIC, N_("Metric"), "text", _DEFAULT, in_bar=False),
    *SLICE_OPTIONS,
)


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Explain the change of one figure of a view.

    Raises:
        PicholineError: there is nothing to compare with, or the metric is no sum of parts.
    """
    metric = get_metric(params.chosen.text(METRIC), metrics.known())
    part = slice_of(metrics, params.filters, params.chosen, scope)
    _check(metric, part)
    open_by = [key for key in BY if key not in part.pinned()]
    asked = asked_for(metric.key)
    answers = side_by_side(
        {key: partial(part.ask, *asked, by=(key,), order=f"-{asked[0]}") for key in open_by}
    )
    found = {key: parts_of(answer, metric.key, key) for key, answer in answers.items()}
    split = {key: parts for key, parts in found.items() if parts and len(parts.parts) > 1}
    currency = metrics.base_currency
    total = answers[open_by[0]]
    whole = next((parts for parts in found.values() if parts), None)
    if whole is None:
        raise _nothing(metric)
    effects, made = effects_of(part, metric.key), made_of(part, metric.key)
    rates = exchange(part) if metric.key == _DEFAULT else ()
    tables = {
        "whole": _whole(whole, metric, total),
        **({"effects": _effects(effects, total)} if effects else {}),
        **({"made_of": _effects(made, total)} if made else {}),
        **({"exchange": _rates(rates, total)} if rates else {}),
        **{f"by_{key}": _table(parts, metric, answers[key]) for key, parts in split.items()},
    }
    titles = {
        "whole": Message(metric.name),
        "effects": msg(N_("Through what")),
        "made_of": msg(N_("What it is made of")),
        "exchange": msg(N_("Of this, exchange rates")),
        **{f"by_{key}": _by(key) for key in split},
    }
    notes = _notes(metric, whole, list(split.values()), effects, currency)
    return AnalysisResult(
        tables=tables,
        titles={key: titles[key] for key in tables},
        headline={"change": float(whole.change)},
        caveats=unique([*part.resolved.caveats, *total.caveats, *_overlapping(found)]),
        notes=notes,
        data_version=total.data_version,
        period=part.resolved.period,
        compared=part.resolved.compared,
    )


def _check(metric: Metric, part: Slice) -> None:
    if not can_be_explained(metric) or metric.own:
        raise PicholineError(
            "explain.metric",
            msg("The change of “{metric}” is no sum of parts.", metric=in_sentence(metric)),
            msg("Explain the figures it is computed from."),
        )
    if part.resolved.compared is None or part.filters.compare is Compare.BUDGET:
        raise PicholineError(
            "explain.compare",
            msg("There is no earlier period to compare with."),
            msg("Compare with the year before or the previous period, inside the data."),
        )


def _nothing(metric: Metric) -> PicholineError:
    return PicholineError(
        "explain.nothing",
        msg("“{metric}” is not known in both periods.", metric=in_sentence(metric)),
        msg("Choose a longer period, or fewer filters."),
    )


def _by(key: str) -> Message:
    return msg("By {dimension}", dimension=in_sentence(DIMENSIONS[key]))


def _overlapping(found: dict[str, Parts | None]) -> list[Message]:
    """Name the dimensions whose members share what is counted, or leave some of it out."""
    names = [in_sentence(DIMENSIONS[key]) for key, parts in found.items() if parts is None]
    if not names:
        return []
    listed = names[0]
    for name in names[1:]:
        listed = msg("{list}, {one}", list=listed, one=name)
    return [msg("Not split by {dimensions}: the parts do not add to the whole.", dimensions=listed)]


# Tables ------------------------------------------------------------------------------------------
def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _table(parts: Parts, metric: Metric, answer: ResultTable) -> ResultTable:
    names = [c for c in answer.columns if c.role in ("dimension", "label")]
    arrays: dict[str, pa.Array] = {
        c.key: pa.array([p.row[c.key] for p in parts.parts], answer.data.schema.field(c.key).type)
        for c in names
    }
    figures = {"now": "now", "before": "before", "part": "change"}
    if parts.parts[0].within is not None:
        figures |= {"within": "within", "mix": "mix"}
    for key, name in figures.items():
        values = [_number(getattr(part, name)) for part in parts.parts]
        arrays[key] = pa.array(values, pa.float64())
    change = _change_format(metric)
    columns = (
        *names,
        Column("now", msg(N_("Now")), metric.format, "metric", metric.key),
        Column("before", msg(N_("Before")), metric.format, "compared", metric.key),
        Column("part", msg(N_("Part in the change")), change, "change", metric.key, metric.good),
        *(
            Column(key, msg(name), change, "change", metric.key, metric.good)
            for key, name in (("within", N_("Own ratio")), ("mix", N_("Its share")))
            if key in figures
        ),
    )
    total = {
        "now": _number(parts.now),
        "before": _number(parts.before),
        "part": _number(parts.change),
        **{k: sum(arrays[k].to_pylist()) for k in ("within", "mix") if k in figures},
    }
    return _from(answer, columns, pa.table(arrays), total)


def _change_format(metric: Metric) -> Format:
    return Format.POINTS if metric.format is Format.PERCENT else metric.format


def _from(
    answer: ResultTable, columns: Sequence[Column], data: pa.Table, total: dict[str, Any] | None
) -> ResultTable:
    return ResultTable(
        columns=tuple(columns),
        data=data,
        total=total,
        data_version=answer.data_version,
        period=answer.period,
        compared=answer.compared,
        source=answer.source,
    )


def _whole(parts: Parts, metric: Metric, answer: ResultTable) -> ResultTable:
    """Return the figure, before and now."""
    rate = None
    if metric.format is not Format.PERCENT and parts.before > 0:
        rate = float(parts.change) / float(parts.before)
    values = {
        "now": _number(parts.now),
        "before": _number(parts.before),
        "part": _number(parts.change),
        "rate": rate,
    }
    columns = (
        Column("now", msg(N_("Now")), metric.format, "metric", metric.key),
        Column("before", msg(N_("Before")), metric.format, "compared", metric.key),
        Column("part", msg(N_("Change")), _change_format(metric), "change", metric.key),
        Column("rate", msg(N_("Change (%)")), Format.PERCENT, "change_rate", metric.key),
    )
    data = pa.table({key: pa.array([value], pa.float64()) for key, value in values.items()})
    return _from(answer, columns, data, None)


def _effects(effects: Sequence[Effect], answer: ResultTable) -> ResultTable:
    data = pa.table(
        {
            "effect": pa.array([effect.key for effect in effects], pa.string()),
            "effect_name": pa.array([NAMES[effect.key] for effect in effects], pa.string()),
            "metric": pa.array([effect.metric for effect in effects], pa.string()),
            "part": pa.array([effect.amount for effect in effects], pa.decimal128(30, 6)),
        }
    )
    columns = (
        Column("effect", msg(N_("Key")), Format.CODE, "dimension"),
        Column("effect_name", msg(N_("Effect")), Format.TEXT, "label", translate=True),
        Column("metric", msg(N_("Metric")), Format.CODE, "flag"),
        Column("part", msg(N_("Part in the change")), Format.MONEY, "change", good="up"),
    )
    whole = sum((effect.amount for effect in effects), Decimal(0))
    return _from(answer, columns, data, {"part": whole})


def _rates(rates: Sequence[Rate], answer: ResultTable) -> ResultTable:
    data = pa.table(
        {
            "currency": pa.array([rate.currency for rate in rates], pa.string()),
            "before": pa.array([rate.before for rate in rates], pa.float64()),
            "now": pa.array([rate.now for rate in rates], pa.float64()),
            "part": pa.array([rate.amount for rate in rates], pa.float64()),
        }
    )
    columns = (
        Column("currency", msg(N_("Currency")), Format.TEXT, "dimension"),
        Column("now", msg(N_("Rate now")), Format.SCORE, "extra"),
        Column("before", msg(N_("Rate before")), Format.SCORE, "extra"),
        Column("part", msg(N_("Part in the change")), Format.MONEY, "change", good="up"),
    )
    data = data.select([column.key for column in columns])
    return _from(answer, columns, data, {"part": sum(rate.amount for rate in rates)})


# Words -------------------------------------------------------------------------------------------
def _notes(
    metric: Metric,
    whole: Parts,
    split: Sequence[Parts],
    effects: Sequence[Effect],
    currency: str,
) -> tuple[Message, ...]:
    """Return the change with who moved it, and through what, in sentences."""
    change = partial(_told, metric=metric, currency=currency, signed=True)
    values: dict[str, Any] = {
        "metric": Message(metric.name),
        "before": _told(whole.before, metric=metric, currency=currency),
        "after": _told(whole.now, metric=metric, currency=currency),
        "change": change(whole.change),
    }
    if not whole.change:
        return (msg("{metric} did not change: {after}.", **values),)
    listed = None
    for parts in _telling(split):
        names = _joined([(_name(p.row, parts.dimension), change(p.change)) for p in _main(parts)])
        dimension = in_sentence(DIMENSIONS[parts.dimension])
        one = msg("by {dimension} {members}", dimension=dimension, members=names)
        listed = one if listed is None else msg("{list}; {one}", list=listed, one=one)
    said = (
        msg("{metric} went from {before} to {after} ({change}).", **values)
        if listed is None
        else msg("{metric} went from {before} to {after} ({change}): {drivers}.", drivers=listed,
                 **values)
    )  # fmt: skip
    if not effects:
        return (said,)
    largest = sorted(effects, key=lambda effect: -abs(effect.amount))
    moved = _joined([(Message(NAMES[e.key]), change(e.amount)) for e in largest])
    return said, msg("Through: {effects}.", effects=moved)


def _told(value: Any, *, metric: Metric, currency: str, signed: bool = False) -> Any:
    kind = _change_format(metric) if signed else metric.format
    long = kind is Format.MONEY or kind is Format.QUANTITY
    return shown(value, kind, compact=long, signed=signed, currency=currency)


def _telling(split: Sequence[Parts]) -> list[Parts]:
    """Return the dimensions in which few members say the most of the change."""
    ranked = sorted(split, key=lambda parts: -_said(parts))
    return [parts for parts in ranked if _main(parts)][:_NAMED]


def _said(parts: Parts) -> float:
    """Return how much of all movements, up and down, the named members are."""
    moved = sum(abs(float(part.change)) for part in parts.parts)
    return sum(abs(float(part.change)) for part in _main(parts)) / moved if moved else 0.0


def _main(parts: Parts) -> list[Any]:
    least = abs(float(parts.change)) * _NOTABLE
    first = parts.parts[:_MEMBERS]
    return [part for part in first if part.change and abs(float(part.change)) >= least]


def _joined(named: Sequence[tuple[Any, Any]]) -> Message:
    found: Message | None = None
    for name, amount in named:
        one = msg("{name} {amount}", name=name, amount=amount)
        found = one if found is None else msg("{list}, {one}", list=found, one=one)
    return found or Message("")


def _name(row: Any, key: str) -> Any:
    label, value = row.get(f"{key}_name"), row[key]
    if label:
        return Message(str(label)) if DIMENSIONS[key].keyed else str(label)
    if value is None:
        return Message(DIMENSIONS[key].unknown)
    return shown(value, DIMENSIONS[key].format)


ANALYSES.add(
    Analysis(
        "explain",
        N_("Explain a change"),
        N_("Who moved a figure between two periods, by every dimension, and through what."),
        run,
        options=OPTIONS,
    )
)
