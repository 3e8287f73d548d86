"""Columns of an answer: dimensions, a metric, what it is compared with, what stands beside it."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from core.i18n import Message, msg
from core.models.catalogue import Dimension, Metric
from core.models.formats import Format
from core.models.query import Extra
from core.models.result import LEVEL, Column
from core.services.metric_values import ratio


def dimension_columns(dimension: Dimension) -> list[Column]:
    """Return the column of a dimension's values, and that of their names."""
    name = Message(dimension.name)
    unknown = dimension.unknown
    found = [
        Column(
            dimension.key, name, dimension.format, "dimension",
            unknown=unknown, keyed=dimension.keyed,
        )
    ]  # fmt: skip
    if dimension.label or dimension.keyed or dimension.grain == "period_445":
        label = f"{dimension.key}_name"
        translate = dimension.keyed
        found.append(
            Column(label, name, Format.TEXT, "label", translate=translate, unknown=unknown)
        )
    return found


def level_column() -> Column:
    """Return the column that tells subtotals from rows: a subtotal is split by fewer dimensions."""
    return Column(LEVEL, msg("Level"), Format.INTEGER, "flag")


def metric_column(metric: Metric) -> Column:
    """Return the column of a metric's own values."""
    name = Message(metric.name)
    definition = metric.definition if metric.own else ""
    return Column(
        metric.key, name, metric.format, "metric", metric.key, metric.good, definition=definition
    )


def compared_columns(metric: Metric, *, budget: bool = False) -> list[Column]:
    """Return the columns of a metric's comparison: compared value, change, rate of change.

    Args:
        metric: what is compared.
        budget: with what was planned, not with another period.
    """
    key, name, good = metric.key, Message(metric.name), metric.good
    names = (
        (
            msg("{metric}, budget", metric=name),
            msg("{metric}, variance", metric=name),
            msg("{metric}, variance in %", metric=name),
        )
        if budget
        else (
            msg("{metric}, compared", metric=name),
            msg("{metric}, change", metric=name),
            msg("{metric}, change in %", metric=name),
        )
    )
    share = metric.format is Format.PERCENT
    return [
        Column(
            f"{key}_compared",
            names[0],
            metric.format,
            "compared",
            key,
            good,
        ),
        Column(
            f"{key}_change",
            names[1],
            Format.POINTS if share else metric.format,
            "change",
            key,
            good,
        ),
        Column(
            f"{key}_change_rate",
            names[2],
            Format.PERCENT,
            "change_rate",
            key,
            good,
        ),
    ]


def changes(metric: Metric, now: pa.Array, then: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Return difference and rate; no rate for shares, nor where nothing positive came before."""
    change = pc.subtract(now, then).cast(now.type)
    if metric.format is Format.PERCENT:
        return change, pa.nulls(len(now), pa.float64())
    before = then.cast(pa.float64())
    return change, ratio(change, pc.if_else(pc.greater(before, 0.0), before, None))


# Extras --------------------------------------------------------------------------------------


def extra_columns(
    extras: Sequence[Extra], metrics: Mapping[str, Metric], dimensions: Mapping[str, Dimension]
) -> tuple[tuple[Extra, Column], ...]:
    """Return each extra with its column; keys say what is computed and within what."""
    seen: set[str] = set()
    found: list[tuple[Extra, Column]] = []
    for extra in dict.fromkeys(extras):
        key = "_".join([extra.metric, extra.kind, *extra.within])
        if key in seen:  # a second average, over another window
            key = f"{key}_{extra.window}"
        seen.add(key)
        found.append((extra, _extra_column(key, extra, metrics[extra.metric], dimensions)))
    return tuple(found)


def _extra_column(
    key: str, extra: Extra, metric: Metric, dimensions: Mapping[str, Dimension]
) -> Column:
    kind = {
        "share": Format.PERCENT,
        "running": metric.format,
        "average": Format.NUMBER if metric.format is Format.INTEGER else metric.format,
        "rank": Format.INTEGER,
    }[extra.kind]
    name = _extra_name(extra, metric)
    if extra.within:
        inside = [Message(dimensions[dimension].name) for dimension in extra.within]
        within = inside[0]
        for other in inside[1:]:
            within = msg("{first}, {second}", first=within, second=other)
        name = msg("{name} (within: {dimensions})", name=name, dimensions=within)
    good = metric.good if extra.kind != "rank" else "none"
    return Column(key, name, kind, "extra", metric.key, good)


def _extra_name(extra: Extra, metric: Metric) -> Message:
    name = Message(metric.name)
    if extra.kind == "share":
        return msg("{metric}, share", metric=name)
    if extra.kind == "running":
        return msg("{metric}, running total", metric=name)
    if extra.kind == "average":
        return msg("{metric}, moving average of {n}", metric=name, n=extra.window)
    return msg("{metric}, rank", metric=name)
