"""Columns of an answer: a metric, and what it is compared with."""

import pyarrow as pa
import pyarrow.compute as pc

from core.i18n import Message, msg
from core.models.catalogue import Metric
from core.models.formats import Format
from core.models.result import Column
from core.services.metric_values import ratio


def metric_column(metric: Metric) -> Column:
    """Return the column of a metric's own values."""
    name = Message(metric.name)
    return Column(metric.key, name, metric.format, "metric", metric.key, metric.good)


def compared_columns(metric: Metric) -> list[Column]:
    """Return the columns of a metric's comparison: compared value, change, rate of change."""
    key, name, good = metric.key, Message(metric.name), metric.good
    share = metric.format is Format.PERCENT
    return [
        Column(
            f"{key}_compared",
            msg("{metric}, compared", metric=name),
            metric.format,
            "compared",
            key,
            good,
        ),
        Column(
            f"{key}_change",
            msg("{metric}, change", metric=name),
            Format.POINTS if share else metric.format,
            "change",
            key,
            good,
        ),
        Column(
            f"{key}_change_rate",
            msg("{metric}, change in %", metric=name),
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
