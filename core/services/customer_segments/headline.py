"""What the segments come down to: key figures, findings in words, remarks."""

from typing import Any

import numpy as np

from core.i18n import N_, Message, msg, msg_n, pack
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_segments.people import NOT_YET, People
from core.services.customer_segments.segments import collapsed
from core.services.customer_segments.words import count, made, money, names_of, percent

FEW = 30  # customers; fifths of fewer say little


def kpis(people: People) -> ResultTable:
    """Return the key figures, compared with the earlier day."""
    had = people.had_customers
    known_before = sum(key != NOT_YET for key in people.texts("previous"))
    active, was_active = (int(people.numbers(n).sum()) for n in ("active", "active_before"))
    sales, sales_before = (
        float(people.numbers(n).sum()) for n in ("net_sales", "net_sales_before")
    )
    rows = [
        _row(
            "customers", msg(N_("Customers")), Format.INTEGER, people.count, known_before, had=had
        ),
        _row(
            "active_share",
            msg(N_("Bought in the last 12 months")),
            Format.PERCENT,
            active / people.count,
            was_active / known_before if known_before else None,
            had=had,
        ),
        _row(
            "sales_per_active",
            msg(N_("Net sales per active customer")),
            Format.MONEY,
            sales / active if active else None,
            sales_before / was_active if was_active else None,
            had=had,
        ),
        *_top(people, sales, sales_before),
        _row(
            "moved", msg(N_("In another segment than before")), Format.PERCENT, moved(people), None
        ),
    ]
    return made(_KPI_COLUMNS, rows)


def moved(people: People) -> float | None:
    """Return the share of the earlier day's customers that are in another segment now."""
    pairs = zip(people.texts("previous"), people.texts("segment"), strict=True)
    known = [was != now for was, now in pairs if was != NOT_YET]
    return sum(known) / len(known) if known else None


def top_segment(people: People) -> int:
    """Return the position of the segment with the highest net sales in the last year."""
    own = people.places("segment", people.keys)
    sums = np.bincount(own, people.numbers("net_sales"), minlength=len(people.keys))
    return int(sums.argmax())


def _top(people: People, sales: float, sales_before: float) -> list[dict[str, Any]]:
    place = top_segment(people)
    name = names_of(people.rules)[people.keys[place]]
    now = people.places("segment", people.keys) == place
    was = people.places("previous", people.keys) == place
    amount = float(people.numbers("net_sales")[now].sum())
    before = float(people.numbers("net_sales_before")[was].sum())
    had = people.had_customers
    return [
        _row(
            "top_sales",
            msg("Net sales of “{segment}”", segment=name),
            Format.MONEY,
            amount,
            before,
            had=had,
        ),
        _row(
            "top_share",
            msg("Share of “{segment}” in net sales", segment=name),
            Format.PERCENT,
            amount / sales if sales > 0 else None,
            before / sales_before if sales_before > 0 else None,
            had=had,
        ),
    ]


def _row(
    key: str,
    name: Message,
    kind: Format,
    value: float | None,
    compared: float | None,
    *,
    had: bool = False,
) -> dict[str, Any]:
    before = compared if had else None
    change = None if value is None or before is None else value - before
    return {
        "metric": key,
        "metric_name": pack(name),
        "format": kind.value,
        "value": value,
        "compared": before,
        "change": change,
        "change_rate": change / before if change is not None and before else None,
    }


def notes(people: People, currency: str) -> list[Message]:
    """Return the findings in words: who carries the sales, and the costliest move."""
    names = names_of(people.rules)
    place = top_segment(people)
    own = people.places("segment", people.keys) == place
    sales = people.numbers("net_sales")
    found: list[Message] = []
    if sales.sum() > 0:
        found.append(
            msg_n(
                "“{segment}”: {shown} customer brings {share} of the net sales of the last 12 "
                "months.",
                "“{segment}”: {shown} customers bring {share} of the net sales of the last 12 "
                "months.",
                int(own.sum()),
                segment=names[people.keys[place]],
                shown=count(int(own.sum())),
                share=percent(float(sales[own].sum() / sales.sum())),
            )
        )
    return [*found, *_costliest(people, currency)]


def _costliest(people: People, currency: str) -> list[Message]:
    """Return the move between two segments that lost the most net sales from year to year."""
    names = names_of(people.rules)
    lost: dict[tuple[str, str], tuple[int, float]] = {}
    falls = (people.numbers("net_sales_before") - people.numbers("net_sales")).tolist()
    for was, now, fall in zip(
        people.texts("previous"), people.texts("segment"), falls, strict=True
    ):
        if was not in (NOT_YET, now):
            size, amount = lost.get((was, now), (0, 0.0))
            lost[was, now] = (size + 1, amount + fall)
    if not lost:
        return []
    (was, now), (size, amount) = max(lost.items(), key=lambda item: item[1][1])
    if amount <= 0:
        return []
    return [
        msg_n(
            "The costliest move: {shown} customer went from “{was}” to “{now}” and bought "
            "{amount} less than the year before.",
            "The costliest move: {shown} customers went from “{was}” to “{now}” and bought "
            "{amount} less than the year before.",
            size,
            shown=count(size),
            was=names[was],
            now=names[now],
            amount=money(amount, currency),
        )
    ]


def remarks(people: People) -> list[Message]:
    """Return what to know before reading the page."""
    found: list[Message] = []
    if people.count < FEW:
        found.append(
            msg_n(
                "There is only {n} customer: scores compare customers with each other and say "
                "nothing here.",
                "There are only {n} customers: scores compare customers with each other and say "
                "little among so few.",
                people.count,
            )
        )
    found += collapsed(people)
    if people.strangers:
        found.append(
            msg_n(
                "{n} customer never bought, only gave back: it has no scores.",
                "{n} customers never bought, only gave back: they have no scores.",
                people.strangers,
            )
        )
    unknown = int(np.isnan(people.numbers("monetary")).sum())
    if unknown:
        found.append(
            msg_n(
                "The net sales of {n} customer are unknown: it has no score for the amount and "
                "belongs to no group.",
                "The net sales of {n} customers are unknown: they have no score for the amount "
                "and belong to no group.",
                unknown,
            )
        )
    return found


_KPI_COLUMNS = (
    Column("metric", msg(N_("Key")), Format.CODE, "dimension"),
    Column("metric_name", msg(N_("Metric")), Format.TEXT, "label", translate=True),
    Column("format", msg(N_("Format")), Format.CODE, "flag"),
    Column("value", msg(N_("Value")), Format.NUMBER, "metric", format_by="format"),
    Column(
        "compared", msg(N_("On the day compared")), Format.NUMBER, "compared", format_by="format"
    ),
    Column("change", msg(N_("Change")), Format.NUMBER, "change", format_by="format"),
    Column("change_rate", msg(N_("Change (%)")), Format.PERCENT, "change_rate"),
)
