"""What a reader must know beside the numbers: coverage, missing rates, unfinished periods."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pyarrow.compute as pc

from core.formats import shown
from core.i18n import N_, Message, Shown, msg, msg_n
from core.models.formats import Format
from core.models.query import NO_VALUE, Operator, Period
from core.models.rfm import HIGHEST
from core.repository.sql import Group, condition, plan, run
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services import calendar
from core.services.metric_cells import Cells
from core.services.metric_request import Question, uses_cost
from core.services.metric_stock import stock_caveats
from core.services.metric_values import parts_of

_THOUSANDTHS = 1000


def _day(day: date) -> Shown:
    return shown(day, Format.DATE)


def _share(fraction: float) -> Shown:
    """Rounded as the tiles are, but 99.99 % is never shown as 100 %, nor 0.01 % as 0 %."""
    tenths = min(max(round(fraction * _THOUSANDTHS), 1), _THOUSANDTHS - 1)
    return shown(tenths / _THOUSANDTHS, Format.PERCENT)


def period_caveats(period: Period, span: Period, *, compared: bool) -> Iterator[Message]:
    """Say where a period lies outside the data or reaches before them."""
    whose = "compared" if compared else "asked"
    if period.end < span.start or period.start > span.end:
        texts = {
            "asked": msg(
                "There are no data from {start} to {end}.",
                start=_day(period.start),
                end=_day(period.end),
            ),
            "compared": msg(
                "There are no data in the compared period, from {start} to {end}.",
                start=_day(period.start),
                end=_day(period.end),
            ),
        }
        yield texts[whose]
    elif compared and period.start < span.start:
        yield msg(
            "The data start on {start}: the compared period is covered only in part.",
            start=_day(span.start),
        )


def unfinished_caveat(span: Period) -> Message:
    """Say that the last period still lacks days."""
    return msg("The last period is unfinished: the data end on {end}.", end=_day(span.end))


def not_alike_caveat(span: Period) -> Message:
    """Say that the compared period reaches before the data."""
    return msg(
        "The data start on {start}: there is nothing like for like to compare with.",
        start=_day(span.start),
    )


def caveats(
    asked: Question,
    cells: Cells,
    compared: Period | None,
    cursor: Cursor,
    info: WarehouseInfo,
) -> tuple[Message, ...]:
    """Return an answer's caveats, the gravest first."""
    span, period = info.span, asked.query.period
    found: list[Message] = []
    if period and span:
        found += period_caveats(period, span, compared=False)
    if compared and span:
        found += period_caveats(compared, span, compared=True)
    if asked.request.stock:
        found += stock_caveats(asked.request, cells, cursor, info)
    if cells.total_of("line_count") is None:
        if not found:
            found.append(msg("No lines match."))
        return tuple(found)
    found += _rates(asked, cells, cursor, info)
    found += _coverage(asked, cells)
    found += _units(asked, cells)
    if span and _is_unfinished(asked, period, span):
        found.append(unfinished_caveat(span))
    found += _unassigned(asked, cells)
    found += _left_out(asked, cursor, info)
    found += _segments(asked, info)
    found += _changed(asked, info)
    return tuple(found)


def _coverage(asked: Question, cells: Cells) -> Iterator[Message]:
    product, covered = cells.total_of("product_net_sales"), cells.total_of("covered_net_sales")
    if not uses_cost(asked.metrics) or not product:
        return
    if covered is None:
        yield msg("No cost is known: margins cannot be computed.")
    elif covered != product:
        yield msg(
            "Costs are known for {share} of net sales; margins cover these lines only.",
            share=_share(covered / product),
        )


def _units(asked: Question, cells: Cells) -> Iterator[Message]:
    mask = int(cells.total_of("unit_mask") or 0)
    if mask & (mask - 1):
        yield msg("Kinds of unit differ (pieces, kilograms, litres): they are never added up.")
    if any("weight_kg" in parts_of(m) for m in asked.metrics) and cells.total_of("weight_missing"):
        yield msg("Some products state no content: the weight is unknown where they are sold.")


def _is_unfinished(asked: Question, period: Period | None, span: Period) -> bool:
    if period and period.end > span.end:
        return True
    first_month = asked.request.campaign_offset + 1
    grains = [d.grain for d in asked.dimensions if d.grain]
    if not grains or (period and period.end < span.end):
        return False
    start = {grain: calendar.grain_start(span.end, grain, first_month) for grain in grains}
    return any(calendar.grain_end(start[grain], grain) > span.end for grain in grains)


def _rates(asked: Question, cells: Cells, cursor: Cursor, info: WarehouseInfo) -> Iterator[Message]:
    """Say which lines are in no sum, by currency."""
    if not cells.total_of("unknown_amount"):
        return

    request = replace(
        asked.request,
        groups=(Group("currency"),),
        measures=("unknown_amount",),
        totals=False,
    )
    for statement in plan(request, info):
        rows = cursor.execute(statement.sql, dict(statement.values)).fetchall()
        for _side, _is_total, currency, lines in sorted(rows, key=lambda row: -row[3]):
            if lines and currency == info.base_currency:
                yield msg_n(
                    "{n} line has an amount too large to be kept and is in no sum.",
                    "{n} lines have amounts too large to be kept and are in no sum.",
                    lines,
                )
            elif lines:
                yield msg_n(
                    "{n} line has no rate for {currency} on its date and is in no sum.",
                    "{n} lines have no rate for {currency} on their dates and are in no sum.",
                    lines,
                    currency=currency,
                )


def _unassigned(asked: Question, cells: Cells) -> Iterator[Message]:
    """Say which splits the investments do not state."""
    spent = [name for name in ("investment", "overhead") if cells.total_of(name) is not None]
    if not asked.request.investments or not spent:
        return
    known = pc.is_valid(pc.coalesce(*(cells.table.column(name) for name in spent)))
    for place, dimension in enumerate(asked.dimensions):
        if dimension.grain:
            continue
        group = pc.equal(cells.table.column("is_total"), 0)
        empty = pc.is_null(cells.table.column(f"g{place}"))
        if pc.any(pc.and_(pc.and_(known, empty), group)).as_py():
            yield msg(
                "Some investments state no value for “{dimension}” and stand apart.",
                dimension=Message(dimension.name),
            )


def _segments(asked: Question, info: WarehouseInfo) -> Iterator[Message]:
    """Say of which day the RFM segments are, and which scale has fewer than five levels."""
    used = {d.key for d in asked.dimensions} | {f.dimension for f in asked.query.where}
    if "rfm_segment" not in used or not info.scales.customers:
        return
    yield msg(
        "RFM segments are those of {day}, whatever the period shown.", day=_day(info.scored_on)
    )
    scales = (
        (N_("Recency"), info.scales.recency),
        (N_("Frequency"), info.scales.frequency),
        (N_("Amount per purchase day"), info.scales.monetary),
    )
    for name, scale in scales:
        if scale.values < HIGHEST:
            yield msg_n(
                "The scale “{scale}” has {n} value for all customers: it does not tell them apart.",
                "The scale “{scale}” has only {n} different values: its scores collapse.",
                scale.values,
                scale=Message(name),
            )


def _changed(asked: Question, info: WarehouseInfo) -> Iterator[Message]:
    """Say which splits and filters speak of today where that was something else before."""
    known = asked.known.dimensions
    used = {d.stored for d in asked.dimensions}
    used |= {known[f.dimension].stored for f in asked.query.where}
    changed = {column: info.changed.get(column, 0) for column in used}
    if changed.get("category"):
        yield msg_n(
            "{n} product has changed category: all its lines count in today's. "
            "“{dimension}” keeps them apart.",
            "{n} products have changed category: all their lines count in today's. "
            "“{dimension}” keeps them apart.",
            changed["category"],
            dimension=Message(known["category_then"].name),
        )
    if changed.get("supplier_id"):
        yield msg_n(
            "{n} product has changed supplier: all its lines count with today's. "
            "“{dimension}” keeps them apart.",
            "{n} products have changed supplier: all their lines count with today's. "
            "“{dimension}” keeps them apart.",
            changed["supplier_id"],
            dimension=Message(known["supplier_then"].name),
        )
    if changed.get("segment"):
        yield msg_n(
            "{n} customer has changed segment: all its lines count in today's. "
            "“{dimension}” keeps them apart.",
            "{n} customers have changed segment: all their lines count in today's. "
            "“{dimension}” keeps them apart.",
            changed["segment"],
            dimension=Message(known["segment_then"].name),
        )


def _left_out(asked: Question, cursor: Cursor, info: WarehouseInfo) -> Iterator[Message]:
    """Say which filters leave out investments that state no value for them."""
    if not asked.request.investments:
        return
    conditions = asked.request.conditions
    for chosen in asked.query.where:
        dimension = asked.known.dimensions[chosen.dimension]
        if dimension.grain or NO_VALUE in chosen.values or chosen.operator is not Operator.IN:
            continue
        # Rights, and what is picked by a metric, hold all the same.
        own, rest = conditions[: len(asked.query.where)], conditions[len(asked.query.where) :]
        others = [*(c for c in own if c[0].column != dimension.column), *rest]
        nowhere = condition(dimension.column, [NO_VALUE], Operator.IN)
        only = condition("line_kind", ["investment"], Operator.IN)
        request = replace(
            asked.request,
            groups=(),
            measures=("investment", "overhead"),
            conditions=(*others, nowhere, only),
        )
        for statement in plan(request, info):
            found = run(cursor, statement.sql, statement.values)
            if any(found.column(name)[0].is_valid for name in ("investment", "overhead")):
                yield msg(
                    "Investments that state no value for “{dimension}” are left out.",
                    dimension=Message(dimension.name),
                )
