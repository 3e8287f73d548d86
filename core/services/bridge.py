"""Margin bridge of any level: the change of the gross margin between two periods, in bars.

Asked through `Metrics` like every other number; the arithmetic is
`core.services.methods.margin_bridge`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import pyarrow as pa

from core.errors import PicholineError
from core.formats import shown
from core.i18n import N_, Message, msg, msg_n
from core.models.formats import Format
from core.models.query import Compare, Filter, MetricQuery, Operator, Scope
from core.models.result import Column, ResultTable
from core.models.schema import LINE_KINDS
from core.services.methods.margin_bridge import EFFECTS, Member, Moved, Side, move
from core.services.metric_request import get_dimension
from core.services.metrics import Metrics

BARS: Mapping[str, str] = {
    "before": N_("Gross margin before"),
    "volume": N_("Volume"),
    "mix": N_("Mix"),
    "price": N_("Price"),
    "cost": N_("Cost"),
    "new": N_("New"),
    "ended": N_("Ended"),
    "unknown_cost": N_("Cost known in one period only"),
    "returned": N_("Returns only"),
    "no_unit": N_("No common unit"),
    "after": N_("Gross margin now"),
}
KINDS: Mapping[str, str] = {
    "kept": N_("Sold in both periods"),
    **{key: BARS[key] for key in ("new", "ended", "unknown_cost", "returned", "no_unit")},
}
LEVELS: Mapping[str, str] = {
    "product": N_("Product"),
    "category": N_("Category"),
    "supplier": N_("Supplier"),
    "country": N_("Country"),
    "channel": N_("Channel"),
    "customer": N_("Customer"),
}
_METRICS = ("gross_margin", "cogs", "net_sales", "units", "weight_kg")
_GOODS = Filter("line_kind", tuple(k for k in LINE_KINDS if k != "product"), Operator.NOT_IN)
_COVERED = Filter("cost_source", ("unknown",), Operator.NOT_IN)
_ZERO = Decimal(0)
_NAMED = 3  # effects in the sentence
_MANY = 200  # members by key: more are not named one by one in a filter
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Bridge:
    """A bridge.

    Attributes:
        bars: one row per bar, in reading order: before, the effects, after; the effects add to
            the difference exactly.
        members: one row per member with its own effects, the largest change first.
    """

    bars: ResultTable
    members: ResultTable


def margin_bridge(
    metrics: Metrics, query: MetricQuery, level: str, scope: Scope | None = None
) -> Bridge | None:
    """Return the bridge from a query's compared period to its own; None without a comparison.

    Args:
        metrics: the door to the numbers.
        query: period, compared period and filters; its metrics and dimensions play no part.
        level: key of a dimension: product, category, supplier, country, channel, customer, …
        scope: who asks.

    Only product lines whose cost is known take part; what is known in one period only has a bar
    of its own. Amounts are in base currency: a change of exchange rates is part of price and cost.

    Raises:
        PicholineError: the level is a calendar grain or unknown.
    """
    if get_dimension(level, metrics.known()).grain:
        raise PicholineError(
            "bridge.level",
            msg("A margin bridge compares members, not periods."),
            msg("Choose one of: {keys}.", keys=", ".join(LEVELS)),
        )
    if query.compare is Compare.BUDGET:  # which states no quantities, prices and costs
        return None
    asked = replace(
        query, metrics=_METRICS, by=(level,), where=(*query.where, _GOODS), order="-gross_margin"
    )
    answer = metrics.ask(asked, scope)
    if answer.compared is None or "gross_margin_compared" not in answer.data.column_names:
        return None
    rows = answer.rows()
    quantities = _covered_quantities(metrics, asked, scope, rows, level)
    rows = [{**row, **quantities.get(row[level], {})} for row in rows]
    total = answer.total or {}
    mixed = total.get("units") is None or total.get("units_compared") is None
    moved = move([_member(row, mixed=mixed) for row in rows])
    caveats = (*answer.caveats, *_caveats(rows, moved, level, mixed=mixed))
    answer = replace(answer, caveats=caveats)
    return Bridge(_bars(answer, rows, moved), _members(answer, rows, moved))


def _covered_quantities(
    metrics: Metrics, asked: MetricQuery, scope: Scope | None, rows: list[dict[str, Any]], key: str
) -> dict[Any, Row]:
    """Return the quantities of covered lines of the members that have uncovered ones besides.

    Their units would otherwise count lines whose sales and costs do not take part. Few members
    are concerned as a rule, and only these are asked for once more.
    """
    partly = [row[key] for row in rows if _is_partly(row, "") or _is_partly(row, "_compared")]
    if not partly:
        return {}
    where = (*asked.where, _COVERED)
    if len(partly) <= _MANY and None not in partly:
        where = (*where, Filter(key, tuple(str(member) for member in partly)))
    answer = metrics.ask(
        replace(asked, metrics=("units", "weight_kg"), where=where, order=None), scope
    )
    names = [f"{name}{side}" for name in ("units", "weight_kg") for side in ("", "_compared")]
    wanted = set(partly)
    return {
        row[key]: {name: row[name] for name in names} for row in answer.rows() if row[key] in wanted
    }


def _is_partly(row: Row, side: str) -> bool:
    margin, cost = row[f"gross_margin{side}"], row[f"cogs{side}"]
    return margin is not None and margin + cost != row[f"net_sales{side}"]


def _member(row: Row, *, mixed: bool) -> Member:
    """Return a row's sides: counted in units, or in kilograms where kinds of unit differ.

    What has neither a common unit nor a weight shares no mix with anything else.
    """
    quantity, pool = "units", "units" if not mixed else None
    if mixed and row["weight_kg"] is not None and row["weight_kg_compared"] is not None:
        quantity = pool = "weight_kg"
    before, after = (_side(row, quantity, side) for side in ("_compared", ""))
    return Member(before, after, pool)


def _side(row: Row, quantity: str, side: str) -> Side:
    margin, cost = row[f"gross_margin{side}"], row[f"cogs{side}"]
    sales = None if margin is None or cost is None else margin + cost
    return Side(row[f"{quantity}{side}"], sales, cost)


def _caveats(
    rows: list[dict[str, Any]], moved: list[Moved], level: str, *, mixed: bool
) -> list[Message]:
    """Say in what quantities are counted, and what they leave out."""
    found: list[Message] = []
    if mixed:
        found.append(
            msg("Kinds of unit differ: volume and mix are measured in kilograms where known.")
        )
    alone = sum(
        m.kind == "kept"
        and mixed
        and (row["weight_kg"] is None or row["weight_kg_compared"] is None)
        for row, m in zip(rows, moved, strict=True)
    )
    if alone:
        found.append(
            msg_n(
                "{n} row has no weight: all of its growth is volume, it takes no part in the mix.",
                "{n} rows have no weight: all of their growth is volume, they take no part in the "
                "mix.",
                alone,
            )
        )
    if any(m.kind == "no_unit" for m in moved):
        text = msg("Rows with several kinds of unit and without a weight stand apart.")
        found.append(text)
        if level != "product":
            found.append(msg("By product every row has one unit."))
    return found


def _bars(answer: ResultTable, rows: list[dict[str, Any]], moved: list[Moved]) -> ResultTable:
    """Return the bars; sums of the members' effects, hence exact."""
    before = sum((r["gross_margin_compared"] or _ZERO for r in rows), _ZERO)
    after = sum((r["gross_margin"] or _ZERO for r in rows), _ZERO)
    amounts = {
        "before": before,
        **{key: sum((m.effect(key) or _ZERO for m in moved), _ZERO) for key in EFFECTS},
        "after": after,
    }
    ends = ("before", "after")
    data = pa.table(
        {
            "bar": pa.array(list(BARS), pa.string()),
            "bar_name": pa.array(list(BARS.values()), pa.string()),
            "amount": pa.array([amounts[key] for key in BARS], pa.decimal128(30, 6)),
            "share": pa.array(
                [float(amounts[k] / before) if before > 0 else None for k in BARS], pa.float64()
            ),
            "is_total": pa.array([key in ends for key in BARS], pa.bool_()),
        }
    )
    columns = (
        Column("bar", msg(N_("Key")), Format.CODE, "dimension"),
        Column("bar_name", msg(N_("Bar")), Format.TEXT, "label", translate=True),
        Column("amount", msg(N_("Amount")), Format.MONEY, "metric", "gross_margin", "up"),
        Column("share", msg(N_("Share of the margin before")), Format.PERCENT, "metric"),
        Column("is_total", msg(N_("Level, not a change")), Format.TEXT, "flag"),
    )
    return replace(answer, columns=columns, data=data, total=None)


def _members(answer: ResultTable, rows: list[dict[str, Any]], moved: list[Moved]) -> ResultTable:
    """Return every member's effects beside its margins; the largest change first."""
    order = sorted(range(len(rows)), key=lambda i: -abs(moved[i].change or _ZERO))
    names = [c for c in answer.columns if c.role in ("dimension", "label")]
    found = [(rows[i], moved[i]) for i in order]
    amount = pa.decimal128(30, 6)
    arrays: dict[str, pa.Array] = {
        column.key: pa.array([row[column.key] for row, _ in found], _type(answer, column.key))
        for column in names
    }
    arrays["status"] = pa.array([KINDS[m.kind] for _, m in found], pa.string())
    for key in ("gross_margin", "gross_margin_compared"):
        arrays[key] = pa.array([row[key] for row, _ in found], amount)
    arrays["change"] = pa.array([m.change for _, m in found], amount)
    arrays |= {key: pa.array([m.effect(key) for _, m in found], amount) for key in EFFECTS}
    columns = (*names, *_MEMBER_COLUMNS)
    total = {
        key: sum((value or _ZERO for value in arrays[key].to_pylist()), _ZERO)
        for key in ("gross_margin", "gross_margin_compared", "change", *EFFECTS)
    }
    return replace(answer, columns=columns, data=pa.table(arrays), total=total)


def _type(answer: ResultTable, key: str) -> pa.DataType:
    return answer.data.schema.field(key).type


_MEMBER_COLUMNS = (
    Column("status", msg(N_("Status")), Format.TEXT, "flag", translate=True),
    Column("gross_margin", msg(N_("Gross margin")), Format.MONEY, "metric", "gross_margin", "up"),
    Column(
        "gross_margin_compared",
        msg(N_("Gross margin before")),
        Format.MONEY,
        "compared",
        "gross_margin",
        "up",
    ),
    Column("change", msg(N_("Change")), Format.MONEY, "change", "gross_margin", "up"),
    *(
        Column(key, msg(BARS[key]), Format.MONEY, "change", f"bridge_{key}", "up")
        for key in EFFECTS
    ),
)


def bridge_words(bars: ResultTable, currency: str) -> Message | None:
    """Return the bridge in one sentence, the largest effects first; None where nothing moved."""
    amounts: dict[str, Decimal] = {row["bar"]: row["amount"] for row in bars.rows()}
    before, after = amounts["before"], amounts["after"]
    named = [k for k in sorted(EFFECTS, key=lambda k: -abs(amounts[k])) if amounts[k]][:_NAMED]
    listed: Message | None = None
    for key in named:
        one = msg(
            "{name} {amount}",
            name=Message(BARS[key]),
            amount=shown(amounts[key], Format.MONEY, compact=True, signed=True, currency=currency),
        )
        listed = one if listed is None else msg("{list}, {one}", list=listed, one=one)
    if listed is None:
        return None
    return msg(
        "Gross margin went from {before} to {after} ({change}): {effects}.",
        before=shown(before, Format.MONEY, compact=True, currency=currency),
        after=shown(after, Format.MONEY, compact=True, currency=currency),
        change=shown(after - before, Format.MONEY, compact=True, signed=True, currency=currency),
        effects=listed,
    )
