"""Return on investment by any split: payback, marginal return, and what cannot be said.

The amounts come from `Metrics`; an investment counts in the slice and period it states, spread by
its own key (`core.repository.warehouse.investments`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.methods.payback import Flow, Payback, marginal_roi, payback, standings
from core.services.methods.ratio_interval import Interval, ratio_interval

METRICS = ("investment", "contribution", "roi", "overhead", "net_margin", "net_sales")
MONTHLY = ("investment", "contribution", "overhead", "net_margin")
STATUS: Mapping[str, str] = {
    "none": N_("No investment recorded"),
    "apart": N_("Not assigned"),
    "unknown": N_("Contribution unknown"),
    "unsold": N_("No net sales in the period"),
    "paid": N_("Paid back"),
    "overtaken": N_("Paid back, then overtaken by new investment"),
    "open": N_("Not paid back in the period"),
}
_ZERO = Decimal(0)
Row = Mapping[str, Any]


def with_payback(answer: ResultTable, monthly: ResultTable, by: Sequence[str]) -> ResultTable:
    """Return a split with its marginal return, its payback and its status.

    Args:
        answer: `METRICS` by the split, compared or not.
        monthly: `MONTHLY` by the split and the month, over the same period.
        by: keys of the split.
    """
    flows: dict[tuple[Any, ...], list[Flow]] = {}
    for row in monthly.rows():
        key = tuple(row[name] for name in by)
        flows.setdefault(key, []).append(
            Flow(row["month"], row["investment"], contribution_of(row))
        )
    rows = answer.rows()
    keys = [tuple(row[name] for name in by) for row in rows]
    paid = [payback(flows.get(key, ())) for key in keys]
    reach = [_interval(flows.get(key, ())) for key in keys]
    arrays = {
        "roi_low": pa.array([r.low - 1 if r else None for r in reach], pa.float64()),
        "roi_high": pa.array([r.high - 1 if r else None for r in reach], pa.float64()),
        "roi_months": pa.array([r.pairs if r else None for r in reach], pa.int64()),
        "marginal_roi": pa.array([_marginal(row) for row in rows], pa.float64()),
        "payback_month": pa.array([p.month if p else None for p in paid], pa.date32()),
        "payback_months": pa.array([p.months if p else None for p in paid], pa.int64()),
        "status": pa.array(
            [
                STATUS[_status(row, key, found)]
                for row, key, found in zip(rows, keys, paid, strict=True)
            ],
            pa.string(),
        ),
    }
    data = answer.data
    for name, values in arrays.items():
        data = data.append_column(name, values)
    return replace(answer, columns=(*answer.columns, *_COLUMNS), data=data)


def _interval(flows: Sequence[Flow]) -> Interval | None:
    """Return how far contribution ÷ investment reaches, by its months; None where it is unknown."""
    if any(flow.contribution is None and flow.investment for flow in flows):
        return None
    return ratio_interval(
        [(float(flow.investment or 0), float(flow.contribution or 0)) for flow in flows]
    )


def contribution_of(row: Row, side: str = "") -> Decimal | None:
    """Return a row's contribution; zero, not unknown, where it invested and sold no product."""
    found: Decimal | None = row[f"contribution{side}"]
    net = row[f"net_margin{side}"]
    if found is None and net is not None:
        spent = [row[f"{key}{side}"] or _ZERO for key in ("investment", "overhead")]
        return Decimal(net + sum(spent))
    return found


def cumulated(monthly: ResultTable) -> ResultTable:
    """Return the months with investment and contribution summed up to each of them.

    Args:
        monthly: `MONTHLY` by month, uncompared or compared.
    """
    found = standings(
        Flow(row["month"], row["investment"], contribution_of(row)) for row in monthly.rows()
    )
    amount = pa.decimal128(30, 6)
    data = pa.table(
        {
            "month": pa.array([s.month for s in found], pa.date32()),
            "investment": pa.array([s.investment for s in found], amount),
            "contribution": pa.array([s.contribution for s in found], amount),
            "investment_cumulated": pa.array([s.invested for s in found], amount),
            "contribution_cumulated": pa.array([s.earned for s in found], amount),
        }
    )
    columns = (
        monthly.column("month"),
        monthly.column("investment"),
        monthly.column("contribution"),
        Column(
            "investment_cumulated",
            msg(N_("Investment, cumulated")),
            Format.MONEY,
            "metric",
            "investment",
        ),
        Column(
            "contribution_cumulated",
            msg(N_("Contribution, cumulated")),
            Format.MONEY,
            "metric",
            "contribution",
            "up",
        ),
    )
    return replace(monthly, columns=columns, data=data, total=None)


def paid_back(monthly: ResultTable) -> Payback | None:
    """Return when all investments of a table by month were paid back, if they were."""
    return payback(
        Flow(row["month"], row["investment"], contribution_of(row)) for row in monthly.rows()
    )


def increase_words(total: Row, currency: str) -> tuple[Message, ...]:
    """Return what was invested more than before, and what it earned; nothing without an increase.

    Args:
        total: investment, contribution, overhead and net margin of both periods.
        currency: ISO 4217 code of the amounts.
    """
    found = _marginal(total)
    if found is None:
        return ()
    more = total["investment"] - (total["investment_compared"] or _ZERO)
    gained = (contribution_of(total) or _ZERO) - (contribution_of(total, "_compared") or _ZERO)
    said = msg(
        "{more} more were invested than in the compared period, and contribution changed by "
        "{earned}: a return of {roi} on the increase.",
        more=shown(more, Format.MONEY, compact=True, currency=currency),
        earned=shown(gained, Format.MONEY, compact=True, signed=True, currency=currency),
        roi=shown(found, Format.PERCENT),
    )
    return (said,)


def _marginal(row: Row) -> float | None:
    if "investment_compared" not in row:
        return None
    before = (row["investment_compared"], contribution_of(row, "_compared"))
    return marginal_roi(before, (row["investment"], contribution_of(row)))


def _status(row: Row, key: tuple[Any, ...], found: Payback | None) -> str:
    if not row["investment"]:
        return "none"
    if None in key:
        return "apart"
    earned = contribution_of(row)
    if earned is None:
        return "unknown"
    if not earned and row["net_sales"] == 0:
        return "unsold"
    if found is None:
        return "open"
    return "paid" if earned >= row["investment"] else "overtaken"


_COLUMNS = (
    Column("roi_low", msg(N_("ROI, 95% interval from")), Format.PERCENT, "extra"),
    Column("roi_high", msg(N_("ROI, 95% interval to")), Format.PERCENT, "extra"),
    Column("roi_months", msg(N_("Months behind the interval")), Format.INTEGER, "extra"),
    Column("marginal_roi", msg(N_("Marginal ROI")), Format.PERCENT, "metric", "roi", "up"),
    Column("payback_month", msg(N_("Paid back in")), Format.MONTH, "flag"),
    Column("payback_months", msg(N_("Payback (months)")), Format.INTEGER, "metric", good="down"),
    Column("status", msg(N_("Status")), Format.TEXT, "flag", translate=True),
)
