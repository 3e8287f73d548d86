"""Margins: what is earned on which product, supplier, country and channel, and what is unusual."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pyarrow as pa

from core.i18n import N_, Message, msg
from core.models.catalogue import Dimension
from core.models.formats import Format
from core.models.options import Option
from core.models.query import Period, Scope
from core.models.result import AnalysisResult, Column, ResultTable
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.bridge import LEVELS as BRIDGE_LEVELS
from core.services.bridge import bridge_words, margin_bridge
from core.services.key_figures import kpi_table
from core.services.low_margins import LIMITS, low_margins
from core.services.low_margins import METRICS as LOW
from core.services.margin_clusters import METRICS as CLUSTERED
from core.services.margin_clusters import SERIES, cluster_table
from core.services.methods.margin_anomalies import MarginAnomaly, MarginCell, find_anomalies
from core.services.metrics import Metrics
from core.services.own_splits import own_split
from core.services.side_by_side import side_by_side
from core.services.vocabulary import in_sentence

KPIS = (
    "net_sales",
    "gross_margin",
    "margin_rate",
    "markup_rate",
    "contribution",
    "net_margin",
    "net_margin_rate",
    "cost_coverage",
)
_SPLIT = (
    "net_sales",
    "gross_margin",
    "margin_rate",
    "contribution",
    "net_margin",
    "net_margin_rate",
    "cost_coverage",
)
SPLITS = {
    "product": N_("Product"),
    "category": N_("Category"),
    "supplier": N_("Supplier"),
    "country": N_("Country"),
    "channel": N_("Channel"),
    "rfm_segment": N_("RFM segment"),
}
_PRICES = ("price_per_unit", "units", "net_sales", "gross_margin", "margin_rate")
LIMIT_NAMES = {key: name for key, (_limit, name) in LIMITS.items()}
UNUSUAL = "unusual"
UNUSUAL_NAMES = {
    "anomalies": N_("Margin alone (robust z-score)"),
    "clusters": N_("Several features (clustering)"),
}
# By what the margin is split, and the level of its bridge; tabs over their panels choose them.
OPTIONS = (
    Option("split", N_("Margin by"), "dimension", "product", SPLITS, in_bar=False),
    Option("bridge", N_("Margin bridge by"), "dimension", "product", BRIDGE_LEVELS, in_bar=False),
    Option("low", N_("Low margins"), "choice", "loss", LIMIT_NAMES, in_bar=False),
    Option(UNUSUAL, N_("Anomalies by"), "choice", "anomalies", UNUSUAL_NAMES, in_bar=False),
)
# Three years: a margin that collapsed a year ago is still measured against what it was before.
_HISTORY_YEARS = 3
# One more: a spread over five features is widened sooner by months that are off.
_CROWD_YEARS = 4
_MIN_SHARE = 0.0002  # of the period's sales: smaller cells are noise
_MAX_FLAGS = 200

KINDS = {
    "below_cost": N_("Sold below cost"),
    "drop": N_("Margin far below usual"),
    "jump": N_("Margin far above usual"),
}
LEVELS = {"product": N_("Product in a channel"), "supplier": N_("Supplier")}

_TITLES = {
    "kpis": msg(N_("Key figures")),
    "monthly": msg(N_("Margin by month")),
    "by_product": msg(N_("Margin by product")),
    "by_category": msg(N_("Margin by category")),
    "by_supplier": msg(N_("Margin by supplier")),
    "by_country": msg(N_("Margin by country")),
    "by_channel": msg(N_("Margin by channel")),
    "by_rfm_segment": msg(N_("Margin by RFM segment")),
    "price_volume": msg(N_("Price and volume by product")),
    "matrix": msg(N_("Supplier × product")),
    **{f"low_{key}": msg(N_("Low and negative margins")) for key in LIMITS},
    "anomalies": msg(N_("Margin anomalies")),
    "clusters": msg(N_("Margin anomalies by clustering")),
}


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Compute margins by every split, the bridge, the supplier × product matrix, the anomalies."""
    asker = Asker.start(metrics, params, scope)
    own = own_split(metrics.known(), params.chosen, SPLITS)
    answers = side_by_side(_questions(asker, own))
    monthly, low = answers["monthly"], answers.pop("low")
    sold = float((monthly.total or {}).get("net_sales") or 0)
    unusual = params.chosen.text(UNUSUAL)
    tables = {
        "kpis": kpi_table(monthly, KPIS),
        **answers,
        **{f"low_{key}": low_margins(low, limit) for key, (limit, _name) in LIMITS.items()},
        "anomalies": _anomalies(asker, sold),
        **({"clusters": _clusters(asker, sold)} if unusual == "clusters" else {}),
    }
    titles = {key: title for key, title in _TITLES.items() if key != "clusters" or key in tables}
    if own:
        titles[f"by_{own.key}"] = msg("Margin by {dimension}", dimension=in_sentence(own))
    bridge = margin_bridge(metrics, asker.query(), params.chosen.text("bridge"), scope)
    if bridge is None:
        return collect(asker, tables, titles)
    tables |= {"bridge": bridge.bars, "bridge_members": bridge.members}
    titles |= {
        "bridge": msg(N_("Margin bridge")),
        "bridge_members": msg(N_("Margin bridge in detail")),
    }
    words = bridge_words(bridge.bars, metrics.base_currency)
    return collect(asker, tables, titles, notes=(words,) if words else ())


def _questions(asker: Asker, own: Dimension | None) -> dict[str, Callable[[], ResultTable]]:
    """Return the questions that do not depend on each other."""
    split = partial(asker.ask, *_SPLIT, order="-net_sales")
    return {
        "monthly": partial(asker.ask, *KPIS, by=("month",), order="month"),
        **{
            f"by_{key}": partial(split, by=(key,), products_only=key == "product")
            for key in (*SPLITS, *([own.key] if own else []))
        },
        "price_volume": partial(
            asker.ask, *_PRICES, by=("product",), order="-net_sales", products_only=True
        ),
        "low": partial(
            asker.ask, *LOW, by=("product", "country"), compare=False, products_only=True
        ),
        "matrix": partial(
            asker.ask,
            "net_sales",
            "gross_margin",
            "margin_rate",
            by=("supplier", "product"),
            order="-net_sales",
            compare=False,
            products_only=True,
            keep=("supplier", "product"),
        ),
    }


def _history(period: Period | None, years: int = _HISTORY_YEARS) -> Period | None:
    """Return the years whose months say what is usual."""
    if period is None:
        return None
    month = period.end.replace(day=1)
    return Period(min(period.start, month.replace(year=month.year - years)), period.end)


def _clusters(asker: Asker, period_sales: float) -> ResultTable:
    """Return the months outside the crowd of all months, by several features."""
    period = asker.resolved.period
    answer = asker.ask(
        *CLUSTERED, by=(*SERIES, "month"), compare=False, period=_history(period, _CROWD_YEARS),
        products_only=True,
    )  # fmt: skip
    found = cluster_table(answer, period, period_sales * _MIN_SHARE, asker.metrics.base_currency)
    asked = answer.asked and replace(answer.asked, metrics=("net_sales", "margin_rate"))
    return replace(found, asked=asked)


def _anomalies(asker: Asker, period_sales: float) -> ResultTable:
    period = asker.resolved.period
    history = _history(period)
    parts = ("cogs", "gross_margin")
    split = partial(asker.ask, *parts, compare=False, period=history, keep=())
    cells, suppliers = side_by_side(
        {
            "cells": partial(split, by=("supplier", "product", "channel", "month")),
            "suppliers": partial(split, by=("supplier", "month")),
        }
    ).values()
    since = period.start.replace(day=1) if period else None
    minimum = period_sales * _MIN_SHARE
    names = {**_names(cells, "product"), **_names(cells, "supplier")}
    found = [
        (level, anomaly)
        for level, table, keys in (
            ("product", cells, ("supplier", "product", "channel")),
            ("supplier", suppliers, ("supplier",)),
        )
        for anomaly in find_anomalies(_cells(table, keys), since, minimum)
    ]
    found.sort(key=lambda pair: -abs(pair[1].impact))
    rows = [_row(level, anomaly, names) for level, anomaly in found[:_MAX_FLAGS]]
    return ResultTable(
        columns=_COLUMNS,
        data=pa.Table.from_pylist(rows, schema=_SCHEMA),
        # What the history's own coverage is would only contradict the period's: it is left out.
        caveats=_left_out(len(found)),
        data_version=cells.data_version,
        period=period,
        source=cells.source,
        sql=cells.sql,
        # Of a finding's figures these are the ones that the lines add up to.
        asked=replace(cells.asked, metrics=("gross_margin", "margin_rate"))
        if cells.asked
        else None,
    )


def _left_out(found: int) -> tuple[Message, ...]:
    if found <= _MAX_FLAGS:
        return ()
    return (
        msg(
            "{found} months are flagged; the {shown} with the largest effect are listed.",
            found=found,
            shown=_MAX_FLAGS,
        ),
    )


def _names(table: ResultTable, dimension: str) -> dict[str | None, str | None]:
    """Return the readable name of every member; columns are read, as there may be many rows."""
    keys = table.data.column(dimension).to_pylist()
    return dict(zip(keys, table.data.column(f"{dimension}_name").to_pylist(), strict=True))


def _cells(table: ResultTable, keys: tuple[str, ...]) -> list[MarginCell]:
    """Return monthly cells; sales are those of the covered lines: margin + cost."""
    series = zip(*(table.data.column(key).to_pylist() for key in keys), strict=True)
    months = table.data.column("month").to_pylist()
    costs, margins = (
        table.data.column(key).cast(pa.float64()).to_pylist() for key in ("cogs", "gross_margin")
    )
    return [
        MarginCell(members, month, cost + margin, margin)
        for members, month, cost, margin in zip(series, months, costs, margins, strict=True)
        if cost is not None and margin is not None
    ]


def _row(
    level: str, found: MarginAnomaly, names: dict[str | None, str | None]
) -> dict[str, object]:
    supplier = found.cell.series[0]
    product, channel = found.cell.series[1:] if level == "product" else (None, None)
    return {
        "kind": KINDS[found.kind],
        "level": LEVELS[level],
        "supplier": supplier,
        "supplier_name": names.get(supplier),
        "product": product,
        "product_name": names.get(product) if product else None,
        "channel": channel,
        "month": found.cell.month,
        "sales": found.cell.sales,
        "margin": found.cell.margin,
        "margin_rate": found.rate,
        "typical_rate": found.typical,
        "gap": None if found.typical is None else found.rate - found.typical,
        "impact": found.impact,
        "z": found.z,
    }


_COLUMNS = (
    Column("kind", msg(N_("Finding")), Format.TEXT, "flag", translate=True),
    Column("level", msg(N_("Level")), Format.TEXT, "flag", translate=True),
    Column("supplier", msg(N_("Supplier code")), Format.CODE, "dimension"),
    Column("supplier_name", msg(N_("Supplier")), Format.TEXT, "label"),
    Column("product", msg(N_("Product code")), Format.CODE, "dimension"),
    Column("product_name", msg(N_("Product")), Format.TEXT, "label"),
    Column("channel", msg(N_("Channel")), Format.TEXT, "dimension"),
    Column("month", msg(N_("Month")), Format.MONTH, "dimension"),
    Column("sales", msg(N_("Net sales")), Format.MONEY, "metric", "net_sales", "up"),
    Column("margin", msg(N_("Gross margin")), Format.MONEY, "metric", "gross_margin", "up"),
    Column(
        "margin_rate", msg(N_("Margin on sales")), Format.PERCENT, "metric", "margin_rate", "up"
    ),
    Column("typical_rate", msg(N_("Usual margin on sales")), Format.PERCENT, "compared"),
    Column("gap", msg(N_("Gap")), Format.POINTS, "change"),
    Column("impact", msg(N_("Effect on margin")), Format.MONEY, "change", good="up"),
    Column("z", msg(N_("Robust z-score")), Format.NUMBER, "flag"),
)
_TYPES = {
    "month": pa.date32(),
    **{
        key: pa.float64()
        for key in ("sales", "margin", "margin_rate", "typical_rate", "gap", "impact", "z")
    },
}
_SCHEMA = pa.schema([(column.key, _TYPES.get(column.key, pa.string())) for column in _COLUMNS])

ANALYSES.add(
    Analysis(
        "margins",
        N_("Margins"),
        N_("Gross and net margin by product, category, supplier, country and channel; anomalies."),
        run,
        options=OPTIONS,
    )
)
