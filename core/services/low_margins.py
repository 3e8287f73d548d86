"""Sales that earn too little: products in countries whose margin on sales is under a limit.

What is missing is the margin that the limit would have given on the same covered sales, so that
the list begins where most money is lost, not with the lowest rate.
"""

from collections.abc import Mapping
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from core.i18n import N_, Message, msg, msg_n
from core.models.formats import Format
from core.models.result import Column, ResultTable

LIMITS: Mapping[str, tuple[float, str]] = {
    "loss": (0.0, N_("At a loss")),
    "under_5": (0.05, N_("Under 5%")),
    "under_10": (0.10, N_("Under 10%")),
}
METRICS = ("net_sales", "cogs", "gross_margin", "margin_rate")
LISTED = 500


def low_margins(answer: ResultTable, limit: float) -> ResultTable:
    """Return the rows under a limit, what is missing most first.

    Args:
        answer: `METRICS` by any dimensions, over covered lines where a cost is known.
        limit: margin on sales, a fraction; rows at the limit are not listed.

    Returns:
        The rows with `missing`, in base currency; at most `LISTED`, which a caveat says.
    """
    margin, cost = (answer.data.column(key).cast(pa.float64()) for key in ("gross_margin", "cogs"))
    covered = pc.add(margin, cost)
    missing = pc.subtract(pc.multiply(covered, limit), margin)
    # Sales that come to nothing or less have no rate; a loss on them is still a loss.
    under = pc.and_(pc.greater(missing, 0), pc.greater(pc.abs(margin), 0))
    data = answer.data.append_column("missing", missing).filter(pc.fill_null(under, False))  # noqa: FBT003
    data = data.take(pc.sort_indices(data, [("missing", "descending")]))
    kept = tuple(c for c in answer.columns if c.key != "cogs")
    shown = data.slice(0, LISTED)
    column = Column("missing", msg(N_("Missing to the limit")), Format.MONEY, "extra")
    return replace(
        answer,
        columns=(*kept, column),
        data=shown.drop_columns(["cogs"]),
        total=None,
        caveats=(*answer.caveats, *_left_out(data.num_rows)),
    )


def _left_out(found: int) -> tuple[Message, ...]:
    if found <= LISTED:
        return ()
    return (
        msg_n(
            "{n} row is under the limit; the {shown} that miss most are listed.",
            "{n} rows are under the limit; the {shown} that miss most are listed.",
            found,
            shown=LISTED,
        ),
    )
