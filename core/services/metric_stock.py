"""Metrics of stock in a question: what they can be split by, and what a reader must know."""

from collections.abc import Iterator

from core.errors import PicholineError
from core.formats import shown
from core.i18n import Message, msg, msg_n
from core.models.catalogue import Known, Metric, Ratio, Stocked
from core.models.formats import Format
from core.repository.sql import STOCK_COLUMNS, Request, recorded_stock, unrecorded_products
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services.metric_cells import Cells
from core.services.metric_formula import leaves


def is_stocked(metric: Metric) -> bool:
    """Whether a metric, or one its own formula rests on, needs records of stock."""
    return any(_has_stock(leaf) for leaf in leaves(metric))


def _has_stock(metric: Metric) -> bool:
    formula = metric.formula
    terms = (formula.over, formula.under) if isinstance(formula, Ratio) else (formula,)
    return any(isinstance(term, Stocked) for term in terms)


def check_stock(metrics: tuple[Metric, ...], request: Request, known: Known) -> bool:
    """Return whether records of stock are needed to answer.

    Raises:
        PicholineError: they cannot be split or filtered as asked.
    """
    stocked = [metric for metric in metrics if is_stocked(metric)]
    if not stocked:
        return False
    strange = sorted(request.columns() - STOCK_COLUMNS)
    if strange:
        able = [d for d in known.dimensions.values() if d.column in STOCK_COLUMNS]
        named = next((d for d in known.dimensions.values() if d.column == strange[0]), None)
        raise PicholineError(
            "query.stock",
            msg(
                "“{metric}” is not known by “{dimension}”: records of stock do not state it.",
                metric=Message(stocked[0].name),
                dimension=Message(named.name) if named else strange[0],
            ),
            msg("Split or filter by: {keys}.", keys=", ".join(d.key for d in able)),
        )
    return True


def stock_caveats(
    asked: Request, cells: Cells, cursor: Cursor, info: WarehouseInfo
) -> Iterator[Message]:
    """Say which days have records of stock, and where they are incomplete."""
    recorded = recorded_stock(cursor)
    if recorded is None:
        yield msg("No stock is recorded: import stock counts or stock movements.")
        return
    period, unrecorded = asked.period, unrecorded_products(cursor, info, asked)
    if period is None or period.start < recorded.start or period.end > recorded.end:
        yield msg(
            "Stock is recorded from {start} to {end}: other days are in no average.",
            start=shown(recorded.start, Format.DATE),
            end=shown(recorded.end, Format.DATE),
        )
    if unrecorded:
        yield msg_n(
            "{n} product was sold without a record of stock: its sales count, its stock does not.",
            "{n} products were sold without a record of stock: their sales count, their stock "
            "does not.",
            unrecorded,
        )
    days = cells.total_of("stock_item_days") or 0
    for name, text in (
        ("stock_unknown_days", msg("Some stock has no known cost and is in no value.")),
        ("stock_short_days", msg("Some records give less than no stock: it counts as nothing.")),
    ):
        if days and cells.total_of(name):
            yield text
