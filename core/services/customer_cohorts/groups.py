"""The tables of staying: curves by group, and the comparison of the groups."""

from typing import Any

import numpy as np

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_cohorts.found import Found
from core.services.customer_cohorts.retention import Cells, retention_curve
from core.services.customer_cohorts.staying import (
    SHOWN_GROUPS,
    Group,
    Staying,
    median_days,
    stay_within_a_year,
)
from core.services.customer_cohorts.words import (
    AGES,
    ALL_CUSTOMERS,
    age_name,
    few,
    group_column,
    made,
)
from core.services.methods.survival import Curve

_POINTS = 300  # of a drawn curve; what moves more often is thinned
_WATCHED = 10  # a curve ends where fewer are left under observation
_SURE, _LIKELY = 0.01, 0.05
_SMALLEST = 0.0001  # a p-value below says no more
_FINDINGS = {
    ("second", True): N_("Come back sooner"),
    ("second", False): N_("Come back later"),
    ("lapse", True): N_("Leave sooner"),
    ("lapse", False): N_("Stay longer"),
}
_NO_DIFFERENCE = N_("No clear difference")
_SHARES = {
    "second": N_("Have bought a second time"),
    "lapse": N_("Still customers"),
}


def survival_table(found: Found, event: str, missing: Message) -> ResultTable:
    """Return a curve for each of the largest groups, or for all customers.

    Args:
        found: the curves.
        event: `second` (the share that has come back) or `lapse` (the share still there).
        missing: why there is no curve, if there is none.
    """
    staying = found.staying
    large = [group for group in staying.groups if not group.is_small][:SHOWN_GROUPS]
    column = group_column(found.split if large else None)
    rows = [
        {column.key: group.member if large else ALL_CUSTOMERS, **row}
        for group in large or [staying.whole]
        if (curve := group.curve(event)) is not None
        for row in _steps(curve, event)
    ]
    columns = (
        column,
        Column("days", msg(N_("Days after the first purchase")), Format.INTEGER, "metric"),
        Column("share", Message(_SHARES[event]), Format.PERCENT, "metric"),
        Column("low", msg(N_("95% interval from")), Format.PERCENT, "metric"),
        Column("high", msg(N_("95% interval to")), Format.PERCENT, "metric"),
        Column("at_risk", msg(N_("Customers at risk")), Format.INTEGER, "metric"),
    )
    caveats = _difference(staying, event) if rows else (missing,)
    return made(columns, rows, caveats)


def _steps(curve: Curve, event: str) -> list[dict[str, Any]]:
    """Return the curve where it moves, from day 0 until too few are watched."""
    enough = curve.at_risk >= min(_WATCHED, curve.size)
    moves = curve.times[enough & (curve.events > 0)]
    if moves.size > _POINTS:
        moves = moves[np.linspace(0, moves.size - 1, _POINTS).astype(int)]
    days = np.unique(np.concatenate(([0.0], moves, [curve.times[enough].max()])))
    share, low, high = curve.at(days)
    if event == "second":
        share, low, high = 1.0 - share, 1.0 - high, 1.0 - low
    names = ("days", "share", "low", "high", "at_risk")
    columns = (days.astype(int), share, low, high, curve.watched(days))
    return [
        dict(zip(names, row, strict=True))
        for row in zip(*(column.tolist() for column in columns), strict=True)
    ]


def _difference(staying: Staying, event: str) -> tuple[Message, ...]:
    p_value = staying.overall.get(event)
    if p_value is None:
        return ()
    text = {
        "second": (
            msg(N_("The groups come back at clearly different speeds (log-rank test).")),
            msg(N_("The groups probably come back at different speeds (log-rank test).")),
            msg(N_("Differences in how soon the groups come back may be chance (log-rank test).")),
        ),
        "lapse": (
            msg(N_("The groups stay for clearly different times (log-rank test).")),
            msg(N_("The groups probably stay for different times (log-rank test).")),
            msg(N_("Differences in how long the groups stay may be chance (log-rank test).")),
        ),
    }[event]
    sure = text[0] if p_value < _SURE else text[1] if p_value < _LIKELY else text[2]
    if p_value < _SMALLEST:
        least = shown(_SMALLEST, Format.NUMBER, digits=4)
        return (msg("{finding} p-value below {p}.", finding=sure, p=least),)
    rounded = shown(p_value, Format.NUMBER, digits=4 if p_value < _SURE else 2)
    return (msg("{finding} p-value {p}.", finding=sure, p=rounded),)


def comparison_table(found: Found) -> ResultTable:
    """Return one row per group: size, retention at three ages, medians in days, tests."""
    column, split, grain = group_column(found.split), found.split, found.grain
    staying = found.staying
    rows = [
        {
            column.key: group.member if split else ALL_CUSTOMERS,
            **_facts(group, found.members[group.member] if split else found.cells, grain),
        }
        for group in (staying.groups if split else (staying.whole,))
    ]
    ages = AGES[grain]
    columns = (
        column,
        Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
        *(Column(f"age_{k}", age_name(grain, k), Format.PERCENT, "metric") for k in ages),
        Column("repeat_rate", msg(N_("Bought again so far")), Format.PERCENT, "metric"),
        *_interval("second", msg(N_("Median days to the second purchase"))),
        Column("finding_second", msg(N_("Coming back")), Format.TEXT, "flag", translate=True),
        Column("p_second", msg(N_("p-value, coming back")), Format.NUMBER, "metric"),
        *_interval("stay", msg(N_("Median days as a customer"))),
        Column("year", msg(N_("Days as a customer in the first year")), Format.INTEGER, "metric"),
        Column("finding_lapse", msg(N_("Staying")), Format.TEXT, "flag", translate=True),
        Column("p_lapse", msg(N_("p-value, staying")), Format.NUMBER, "metric"),
        Column("remark", msg(N_("Remark")), Format.TEXT, "flag", translate=True),
    )
    return made(columns, rows)


def _interval(key: str, name: Message) -> tuple[Column, ...]:
    return (
        Column(key, name, Format.INTEGER, "metric"),
        Column(f"{key}_low", msg("{name}, from", name=name), Format.INTEGER, "metric"),
        Column(f"{key}_high", msg("{name}, to", name=name), Format.INTEGER, "metric"),
    )


def _facts(group: Group, cells: Cells, grain: str) -> dict[str, Any]:
    rates = {point.age: point.rate for point in retention_curve(cells, "customers")}
    year = stay_within_a_year(group.lapse).value
    found: dict[str, Any] = {
        "customers": group.customers,
        "repeat_rate": group.repeaters / group.customers,
        "year": None if year is None else round(year),
        "remark": few(group.customers),
        **{f"age_{age}": rates.get(age) for age in AGES[grain]},
    }
    for key, curve in (("second", group.second), ("stay", group.lapse)):
        median = median_days(curve)
        for part, value in (("", median.value), ("_low", median.low), ("_high", median.high)):
            found[f"{key}{part}"] = None if value is None else int(value)
    for event, contrast in group.against.items():
        found[f"p_{event}"] = contrast.p_value
        if contrast.p_value is not None:
            differs = contrast.p_value < _LIKELY
            found[f"finding_{event}"] = (
                _FINDINGS[event, contrast.sooner] if differs else _NO_DIFFERENCE
            )
    return found
