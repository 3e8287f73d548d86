"""Key figures: the total of an answer as one row per metric, with changes and targets."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pyarrow as pa

from core.i18n import N_, msg
from core.models.catalogue import METRICS
from core.models.formats import Format
from core.models.result import Column, ResultTable


def kpi_table(
    answer: ResultTable, keys: tuple[str, ...], planned: ResultTable | None = None
) -> ResultTable:
    """Turn an answer's total into one row per metric: value, compared, change, change rate.

    The total comes with the answer by month, right for ratios and distinct counts: key figures
    need no question of their own.

    Args:
        answer: whose total it is.
        keys: of the metrics.
        planned: an answer compared with the budget: each metric that has one gets the `target`,
            and what was `attained` of it, a fraction, over the same finished months.
    """
    row = answer.total or {}
    plan = (planned.total or {}) if planned else {}
    rows = [
        {
            "metric": key,
            "metric_name": METRICS[key].name,
            "format": METRICS[key].format.value,
            "value": _number(row.get(key)),
            "compared": _number(row.get(f"{key}_compared")),
            "change": _number(row.get(f"{key}_change")),
            "change_rate": _number(row.get(f"{key}_change_rate")),
            "target": _number(plan.get(f"{key}_compared")),
            "attained": _attained(key, plan),
        }
        for key in keys
    ]
    columns = _columns(aimed=any(stated["target"] is not None for stated in rows))
    numbers = {"value", "compared", "change", "change_rate", "target", "attained"}
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
        asked=replace(answer.asked, by=(), order=None) if answer.asked else None,
    )


def _columns(*, aimed: bool) -> tuple[Column, ...]:
    """Return the columns; those of targets where there are any."""
    shown = (
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
    if not aimed:
        return shown
    return (
        *shown,
        Column("target", msg(N_("Target")), Format.NUMBER, "extra", format_by="format"),
        Column("attained", msg(N_("Share of the target")), Format.PERCENT, "extra"),
    )


def _attained(key: str, plan: Mapping[str, Any]) -> float | None:
    """Return what was reached of a budget; unknown for rates, whose quotient says nothing."""
    done, target = _number(plan.get(key)), _number(plan.get(f"{key}_compared"))
    if done is None or target is None or target <= 0:
        return None
    return None if METRICS[key].format is Format.PERCENT else done / target


def _number(value: object) -> float | None:
    return None if value is None else float(value)  # type: ignore[arg-type]
