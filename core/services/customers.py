"""The one door to what single customers bought: filters, rights and the cut-off hold behind it."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from core.errors import PicholineError
from core.formats import shown
from core.i18n import Message, msg, msg_n
from core.models.filters import FilterState
from core.models.formats import Format
from core.models.query import Period, Scope
from core.repository.customers import ReadLines, count_strangers, read_customers, stage_days
from core.repository.warehouse import Cursor
from core.services.metric_request import conditions
from core.services.metrics import Metrics

_WORTH_SAYING = 0.001  # of net sales


@dataclass(frozen=True)
class History:
    """Everything bought up to a cut-off, under the page's filters and the reader's rights.

    Attributes:
        cursor: holds the temporary tables `customer_days` and `customer_base` (see
            `core.repository.customers`); to be handed to functions of the repository only.
        lines: the same selection on the table of lines.
        first: first day with a line of a customer.
        cut_off: last day that is known; nothing after it is read.
        customers: `customer_base` as Arrow, ordered by customer key.
        caveats: what is left out, and why.
    """

    cursor: Cursor
    lines: ReadLines
    first: date
    cut_off: date
    customers: pa.Table
    data_version: int
    caveats: tuple[Message, ...] = ()

    @property
    def window(self) -> Period:
        """First and last day of the history."""
        return Period(self.first, self.cut_off)


class CustomerFacts:
    """Opens histories; safe to share between threads, one history belongs to one of them."""

    def __init__(self, metrics: Metrics) -> None:
        """Read what these metrics read."""
        self._metrics = metrics

    @contextmanager
    def open(self, filters: FilterState, scope: Scope) -> Generator[History]:
        """Give the history up to the end of the filters' period; its start plays no part.

        Raises:
            PicholineError: there are no data, or no line of them names a customer.
        """
        resolved = self._metrics.resolve(filters)
        span = self._metrics.span()
        if span is None or resolved.period is None:
            raise PicholineError(
                "customers.no_data",
                msg("There are no sales yet."),
                msg("Import a sales file, or load the demo company."),
            )
        cut_off = min(resolved.period.end, span.end, self._metrics.today())
        first_month = self._metrics.campaign_first_month
        known = self._metrics.known()
        with self._metrics.warehouse.reading() as (cursor, info):
            bound = (
                *conditions(filters.where(), first_month, known, info.rules),
                # Rights are read by the shipped definitions alone.
                *conditions(scope.where, first_month, rules=info.rules),
            )
            lines = ReadLines.until(cut_off, bound, first_month - 1)
            stage_days(cursor, lines)
            customers = read_customers(cursor)
            if not customers.num_rows:
                raise _nobody(cut_off)
            yield History(
                cursor=cursor,
                lines=lines,
                first=min(customers["first_day"].to_pylist()),
                cut_off=cut_off,
                customers=customers,
                data_version=info.data_version,
                caveats=tuple(_strangers(cursor, lines)),
            )


def _nobody(cut_off: date) -> PicholineError:
    return PicholineError(
        "customers.nobody",
        msg("No sale up to {day} names a customer.", day=cut_off.isoformat()),
        msg(
            "Choose other filters, or import sales with a customer column: map it in the "
            "preview of the import."
        ),
    )


def _strangers(cursor: Cursor, lines: ReadLines) -> list[Message]:
    """Say how much was sold to nobody known, when it matters."""
    count, sales, total = count_strangers(cursor, lines)
    if not count or not total or abs(sales) < _WORTH_SAYING * abs(total):
        return []
    return [
        msg_n(
            "{count} line without a customer is left out ({share} of net sales).",
            "{count} lines without a customer are left out ({share} of net sales).",
            count,
            count=shown(count, Format.INTEGER),
            share=shown(sales / total, Format.PERCENT),
        )
    ]
