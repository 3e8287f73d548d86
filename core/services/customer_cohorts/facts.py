"""What cohorts come down to: key figures, findings in words, and what to beware of."""

from typing import Any

from core.formats import shown
from core.i18n import N_, Message, msg, msg_n, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_cohorts.found import Found
from core.services.customer_cohorts.retention import FEW_CUSTOMERS, LEVEL, retention_curve
from core.services.customer_cohorts.staying import YEAR_DAYS, median_days
from core.services.customer_cohorts.words import (
    AGES,
    GRAIN_FORMATS,
    count,
    in_words,
    made,
)
from core.services.methods.churn.scores import wilson
from core.services.methods.survival import Estimate

_COVERED = 0.9995
_LIMIT = (msg(N_("Lapse limit (days)")), Format.INTEGER)
_OFTEN = 0.3  # of the lapsed came back: the limit is doubtful


def kpi_rows(found: Found) -> ResultTable:
    """Return the key figures with their intervals and the customers they rest on."""
    whole = found.staying.whole
    size, rate = whole.customers, whole.repeaters / whole.customers
    again = Estimate(rate, *wilson(rate, size, LEVEL))
    cohorts = msg_n("{n} cohort", "{n} cohorts", len(found.cells.cohorts))
    rows = [
        _row("customers", msg(N_("Customers")), Format.INTEGER, _only(size), size, cohorts),
        *_retention_rows(found),
        _row("repeat_rate", msg(N_("Bought again so far")), Format.PERCENT, again, size),
        *_median_rows(found),
        _row("lapse", *_LIMIT, _only(found.gap), whole.repeaters, _limit_set(found)),
    ]
    columns = (
        Column("metric", msg(N_("Key")), Format.CODE, "dimension"),
        Column("metric_name", msg(N_("Metric")), Format.TEXT, "label", translate=True),
        Column("format", msg(N_("Format")), Format.CODE, "flag"),
        Column("value", msg(N_("Value")), Format.NUMBER, "metric", format_by="format"),
        Column("low", msg(N_("95% interval from")), Format.NUMBER, "metric", format_by="format"),
        Column("high", msg(N_("95% interval to")), Format.NUMBER, "metric", format_by="format"),
        Column("basis", msg(N_("Customers it rests on")), Format.INTEGER, "metric"),
        Column("remark", msg(N_("Remark")), Format.TEXT, "flag", translate=True),
    )
    return made(columns, rows)


def _retention_rows(found: Found) -> list[dict[str, Any]]:
    points = found.points
    rows: list[dict[str, Any]] = []
    for age in AGES[found.grain]:
        point = points.get(age)
        numbers = Estimate(point.rate, point.low, point.high) if point else _only(None)
        remark = None if point else msg(N_("No cohort is that old yet"))
        name = msg("Retention, {age}", age=in_words(found.grain, age))
        basis = point.customers if point else 0
        rows.append(_row(f"retention_{age}", name, Format.PERCENT, numbers, basis, remark))
    return rows


def _median_rows(found: Found) -> list[dict[str, Any]]:
    whole = found.staying.whole
    rows: list[dict[str, Any]] = []
    for key, name, curve, unreached in (
        (
            "second",
            msg(N_("Days to 2nd purchase")),
            whole.second,
            msg(N_("Fewer than half have bought again")),
        ),
        (
            "stay",
            msg(N_("Days as a customer")),
            whole.lapse,
            msg(N_("More than half are still customers")),
        ),
    ):
        median, basis = median_days(curve), curve.size if curve else 0
        remark = unreached if curve and median.value is None else None
        rows.append(_row(key, name, Format.INTEGER, median, basis, remark))
    return rows


def _limit_set(found: Found) -> Message | None:
    if found.gap is None:
        return None
    if found.share is None:
        return msg(N_("As chosen"))
    return msg(N_("9 in 10 who came back never paused longer"))


def _only(value: float | None) -> Estimate:
    return Estimate(value, None, None)


def _row(
    key: str,
    name: Message,
    kind: Format,
    numbers: Estimate,
    basis: int,
    remark: Message | None = None,
) -> dict[str, Any]:
    return {
        "metric": key,
        "metric_name": pack(name),
        "format": kind.value,
        "value": numbers.value,
        "low": numbers.low,
        "high": numbers.high,
        "basis": basis,
        "remark": pack(remark) if remark else None,
    }


def notes(found: Found) -> list[Message]:
    """Return the findings in words."""
    told: list[Message] = []
    points = found.points
    known = [(age, points[age].rate) for age in AGES[found.grain] if age in points]
    if known:
        age, rate = known[0]
        told.append(
            msg(
                "{share} of new customers buy again in {age}.",
                share=shown(rate, Format.PERCENT),
                age=in_words(found.grain, age),
            )
        )
    if len(known) > 1:
        age, rate = known[-1]
        told.append(
            msg(
                "{share} of new customers buy in {age}.",
                share=shown(rate, Format.PERCENT),
                age=in_words(found.grain, age),
            )
        )
    return [*told, *_second(found), *_stay(found)]


def _second(found: Found) -> list[Message]:
    curve = found.staying.whole.second
    median = median_days(curve).value
    if curve is None or median is None:
        return []
    days = int(median)
    return [
        msg_n(
            "Half of the customers have bought a second time after {n} day.",
            "Half of the customers have bought a second time after {n} days.",
            days,
        )
    ]


def _stay(found: Found) -> list[Message]:
    curve = found.staying.whole.lapse
    if curve is None or curve.times[-1] < YEAR_DAYS:
        return []
    share = float(curve.at([YEAR_DAYS])[0][0])
    return [
        msg(
            "{share} of the customers still buy more than a year after their first purchase.",
            share=shown(share, Format.PERCENT),
        )
    ]


def caveats(found: Found) -> list[Message]:
    """Return what to beware of when reading the numbers."""
    return [
        *_left_truncated(found),
        *_unfinished(found),
        *_small(found),
        *_lapse_limit(found),
        *_uncovered(found),
    ]


def _left_truncated(found: Found) -> list[Message]:
    """The first cohort holds old customers whose earlier purchases the data do not show."""
    cohorts = found.cells.cohorts
    if not cohorts:
        return []
    day, size = cohorts[0]
    name = shown(day, GRAIN_FORMATS[found.grain])
    told = msg(
        "The data begin on {day}: the {count} customers of the first cohort, {cohort}, may have "
        "bought before, and count as new.",
        day=shown(found.first, Format.DATE),
        count=count(size),
        cohort=name,
    )
    age = AGES[found.grain][0]
    later = {p.age: p for p in retention_curve(found.cells.after(day), "customers")}.get(age)
    both = found.points.get(age)
    if later is None or both is None or len(cohorts) == 1:
        return [told]
    return [
        told,
        msg(
            "Without the first cohort, retention in {age} is {without} instead of {all}.",
            age=in_words(found.grain, age),
            without=shown(later.rate, Format.PERCENT),
            all=shown(both.rate, Format.PERCENT),
        ),
    ]


def _unfinished(found: Found) -> list[Message]:
    if found.cells.finished.all():
        return []
    return [
        msg(
            "The data end on {day}, inside a period: the last cell of each cohort is unfinished, "
            "and left out of all averages.",
            day=shown(found.cut_off, Format.DATE),
        )
    ]


def _small(found: Found) -> list[Message]:
    small = sum(size < FEW_CUSTOMERS for _day, size in found.cells.cohorts)
    if not small:
        return []
    return [
        msg_n(
            "{n} cohort has fewer than {least} customers: its own rates say little.",
            "{n} cohorts have fewer than {least} customers: their own rates say little.",
            small,
            least=FEW_CUSTOMERS,
        )
    ]


def _lapse_limit(found: Found) -> list[Message]:
    missing = no_lapse(found)
    if missing:
        return [missing]
    told: list[Message] = []
    if found.staying.young:
        told.append(
            msg_n(
                "{count} customer first bought too recently to be seen to leave, and is not part "
                "of the curve of staying.",
                "{count} customers first bought too recently to be seen to leave, and are not "
                "part of the curve of staying.",
                found.staying.young,
                count=count(found.staying.young),
            )
        )
    lapsed, returned = found.staying.lapsed, found.staying.returned
    if lapsed and returned / lapsed > _OFTEN:
        told.append(
            msg(
                "{share} of the customers counted as lapsed bought again later: {gap} days "
                "without a purchase may be too short a limit.",
                share=shown(returned / lapsed, Format.PERCENT, digits=0),
                gap=found.gap,
            )
        )
    return told


def no_lapse(found: Found) -> Message | None:
    """Return why nobody can be seen to leave, or None where some can."""
    if found.gap is None:
        return msg(
            N_(
                "Nobody has bought twice yet: how long customers stay cannot be told. State after "
                "how many days without a purchase a customer counts as lapsed."
            )
        )
    if found.staying.whole.lapse is None:
        return msg(
            "Nobody has been known for longer than {gap} days: how long customers stay cannot be "
            "told. Choose a shorter limit for a lapse.",
            gap=found.gap,
        )
    return None


def _uncovered(found: Found) -> list[Message]:
    sales = float(found.cells.values["product_net_sales"].sum())
    covered = float(found.cells.values["covered_net_sales"].sum())
    if not sales > 0.0 or not 0.0 < covered / sales < _COVERED:
        return []
    return [
        msg(
            "Gross margin covers the {share} of product sales whose cost is known.",
            share=shown(covered / sales, Format.PERCENT),
        )
    ]
