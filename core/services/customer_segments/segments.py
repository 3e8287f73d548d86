"""Segments: their size and value, where customers stand on two scales, what the scores mean."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.models.rfm import SCORES
from core.services.customer_segments.people import People
from core.services.customer_segments.words import (
    LAST_YEAR,
    MARGIN_LAST_YEAR,
    SALES_EVER,
    SALES_SHARE,
    SCALES,
    made,
    names_of,
)


def segments(people: People) -> ResultTable:
    """Return one row per segment, in the rules' order, and a total."""
    names = names_of(people.rules)
    own = people.places("segment", people.keys)
    earlier = people.places("previous", people.keys)
    sales = people.numbers("net_sales").sum()
    rows: list[dict[str, Any]] = []
    for place, rule in enumerate(people.rules):
        was = int((earlier == place).sum())
        rows.append(
            {
                "segment_key": rule.key,
                "segment_name": names[rule.key],
                **_facts(people, own == place, float(sales), was),
                "advice": rule.shown_advice(),
            }
        )
    everybody = np.ones(people.count, bool)
    total = _facts(people, everybody, float(sales), int((earlier < len(people.rules)).sum()))
    return made(SEGMENT_COLUMNS, rows, total=total)


def _facts(people: People, chosen: NDArray[np.bool_], all_sales: float, was: int) -> dict[str, Any]:
    size = int(chosen.sum())
    sales = float(people.numbers("net_sales")[chosen].sum())
    margins = people.numbers("gross_margin")[chosen]
    known = ~np.isnan(margins)
    margin = float(margins[known].sum()) if known.any() else None
    days = mean(people.numbers("recency")[chosen])
    covered = float(people.numbers("covered_net_sales")[chosen].sum())
    return {
        "customers": size,
        "share": size / people.count,
        "customers_compared": was if people.had_customers else None,
        "customers_change": size - was if people.had_customers else None,
        "net_sales": sales,
        "net_sales_share": sales / all_sales if all_sales > 0 else None,
        "gross_margin": margin,
        "margin_rate": margin / covered if margin is not None and covered > 0 else None,
        "net_sales_ever": float(people.numbers("net_sales_ever")[chosen].sum()),
        "recency": round(days) if days is not None else None,
        **{name: mean(people.numbers(name)[chosen]) for name in ("frequency", "monetary")},
    }


def mean(values: NDArray[np.float64]) -> float | None:
    """Return the mean of the known values; None where there are none."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else None


def rules(people: People) -> ResultTable:
    """Return the rules in their order, with how many customers each takes."""
    names = names_of(people.rules)
    sizes = np.bincount(people.places("segment", people.keys), minlength=len(people.keys))
    rows = [
        {
            "place": place + 1,
            "segment_key": rule.key,
            "segment_name": names[rule.key],
            **{scale: _range(getattr(rule, scale)) for scale in SCALES},
            "customers": int(size),
            "advice": rule.shown_advice(),
        }
        for place, (rule, size) in enumerate(zip(people.rules, sizes, strict=False))
    ]
    return made(_RULE_COLUMNS, rows)


def _range(scores: tuple[int, int]) -> str:
    low, high = scores
    return str(low) if low == high else f"{low}–{high}"


def grid(people: People) -> ResultTable:
    """Return customers and value by recency and frequency score, and the usual segment there."""
    names = names_of(people.rules)
    recency, frequency = (people.numbers(name).astype(int) for name in ("r", "f"))
    own = people.places("segment", people.keys)
    sales = people.numbers("net_sales")
    total = float(sales.sum())
    rows: list[dict[str, Any]] = []
    for r in SCORES:
        for f in SCORES:
            chosen = (recency == r) & (frequency == f)
            if not chosen.any():
                continue
            usual = int(np.bincount(own[chosen]).argmax())
            amount = float(sales[chosen].sum())
            rows.append(
                {
                    "r": r,
                    "f": f,
                    "customers": int(chosen.sum()),
                    "share": float(chosen.mean()),
                    "net_sales": amount,
                    "net_sales_share": amount / total if total > 0 else None,
                    "segment_name": names[people.keys[usual]],
                }
            )
    return made(_GRID_COLUMNS, rows)


def scores(people: People) -> ResultTable:
    """Return what each score means: the range of values that leads to it."""
    kinds = {"recency": Format.INTEGER, "frequency": Format.INTEGER, "monetary": Format.MONEY}
    rows: list[dict[str, Any]] = []
    for (scale, kind), score in zip(kinds.items(), ("r", "f", "m"), strict=True):
        values, given = people.numbers(scale), people.numbers(score)
        for step in reversed(SCORES):
            chosen = values[given == step]
            if not chosen.size:
                continue
            rows.append(
                {
                    "scale": Message(SCALES[scale]),
                    "format": kind.value,
                    "score": step,
                    "low": float(chosen.min()),
                    "high": float(chosen.max()),
                    "customers": len(chosen),
                    "share": len(chosen) / people.count,
                }
            )
    return made(_SCORE_COLUMNS, rows, collapsed(people))


def collapsed(people: People) -> list[Message]:
    """Say which scales have fewer than five levels, and why."""
    levels = {
        "recency": people.scales.recency,
        "frequency": people.scales.frequency,
        "monetary": people.scales.monetary,
    }
    return [
        msg(
            "{scale} has {n} of 5 levels: many customers are equal, and equals share a score.",
            scale=Message(SCALES[name]),
            n=level.scores,
        )
        for name, level in levels.items()
        if level.scores < len(SCORES)
    ]


SEGMENT_COLUMNS = (
    Column("segment_key", msg(N_("Key")), Format.CODE, "flag"),
    Column("segment_name", msg(N_("Segment")), Format.TEXT, "label", translate=True),
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric", "customers"),
    Column("share", msg(N_("Share of customers")), Format.PERCENT, "metric"),
    Column(
        "customers_compared", msg(N_("Customers before")), Format.INTEGER, "compared", "customers"
    ),
    Column("customers_change", msg(N_("Change")), Format.INTEGER, "change", "customers"),
    Column("net_sales", LAST_YEAR, Format.MONEY, "metric", good="up"),
    Column("net_sales_share", SALES_SHARE, Format.PERCENT, "metric"),
    Column("gross_margin", MARGIN_LAST_YEAR, Format.MONEY, "metric"),
    Column("margin_rate", msg(N_("Margin on sales")), Format.PERCENT, "metric"),
    Column("net_sales_ever", SALES_EVER, Format.MONEY, "metric"),
    Column("recency", msg(N_("Mean days since the last purchase")), Format.INTEGER, "metric"),
    Column("frequency", msg(N_("Mean purchase days")), Format.NUMBER, "metric"),
    Column("monetary", msg(N_("Mean net sales per purchase day")), Format.MONEY, "metric"),
    Column("advice", msg(N_("What to do next")), Format.TEXT, "flag", translate=True),
)
_RULE_COLUMNS = (
    Column("place", msg(N_("Rank")), Format.INTEGER, "dimension"),
    Column("segment_key", msg(N_("Key")), Format.CODE, "flag"),
    Column("segment_name", msg(N_("Segment")), Format.TEXT, "label", translate=True),
    Column("recency", msg(N_("Recency score")), Format.CODE, "flag"),
    Column("frequency", msg(N_("Frequency score")), Format.CODE, "flag"),
    Column("monetary", msg(N_("Amount score")), Format.CODE, "flag"),
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
    Column("advice", msg(N_("What to do next")), Format.TEXT, "flag", translate=True),
)
_GRID_COLUMNS = (
    Column("r", msg(N_("Recency score")), Format.INTEGER, "dimension"),
    Column("f", msg(N_("Frequency score")), Format.INTEGER, "dimension"),
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
    Column("share", msg(N_("Share of customers")), Format.PERCENT, "metric"),
    Column("net_sales", LAST_YEAR, Format.MONEY, "metric"),
    Column("net_sales_share", SALES_SHARE, Format.PERCENT, "metric"),
    Column("segment_name", msg(N_("Usual segment")), Format.TEXT, "label", translate=True),
)
_SCORE_COLUMNS = (
    Column("scale", msg(N_("Scale")), Format.TEXT, "label", translate=True),
    Column("format", msg(N_("Format")), Format.CODE, "flag"),
    Column("score", msg(N_("Score")), Format.INTEGER, "dimension"),
    Column("low", msg(N_("From")), Format.NUMBER, "metric", format_by="format"),
    Column("high", msg(N_("To")), Format.NUMBER, "metric", format_by="format"),
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
    Column("share", msg(N_("Share of customers")), Format.PERCENT, "metric"),
)
