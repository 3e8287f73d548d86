"""Who moved from which segment to which between two days."""

from core.i18n import N_, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_segments.people import NOT_YET, People
from core.services.customer_segments.words import LAST_YEAR, YEAR_BEFORE, day_shown, made, names_of


def migration(people: People) -> ResultTable:
    """Return how many customers went from which segment to which, and what they buy."""
    if not people.had_customers:
        explained = msg(
            "Nobody had bought anything up to {day}: there is nothing to compare with.",
            day=day_shown(people.before),
        )
        return made(_MOVE_COLUMNS, [], [explained])
    names = names_of(people.rules)
    flows = (
        people.table.select(["previous", "segment", "net_sales", "net_sales_before"])
        .group_by(["previous", "segment"])
        .aggregate([([], "count_all"), ("net_sales", "sum"), ("net_sales_before", "sum")])
        .to_pylist()
    )
    order = {key: i for i, key in enumerate([*people.keys, NOT_YET])}
    flows.sort(key=lambda row: (order.get(row["previous"], 0), order.get(row["segment"], 0)))
    sizes: dict[str, int] = {}
    for row in flows:
        sizes[row["previous"]] = sizes.get(row["previous"], 0) + row["count_all"]
    rows = [
        {
            "from_key": row["previous"],
            "from_name": names[row["previous"]],
            "to_key": row["segment"],
            "to_name": names[row["segment"]],
            "customers": row["count_all"],
            "share": row["count_all"] / sizes[row["previous"]],
            "net_sales": row["net_sales_sum"],
            "net_sales_compared": row["net_sales_before_sum"],
            "net_sales_change": row["net_sales_sum"] - row["net_sales_before_sum"],
        }
        for row in flows
    ]
    return made(_MOVE_COLUMNS, rows)


_MOVE_COLUMNS = (
    Column("from_key", msg(N_("Key before")), Format.CODE, "flag"),
    Column("from_name", msg(N_("Segment before")), Format.TEXT, "label", translate=True),
    Column("to_key", msg(N_("Key now")), Format.CODE, "flag"),
    Column("to_name", msg(N_("Segment now")), Format.TEXT, "label", translate=True),
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
    Column("share", msg(N_("Share of the segment before")), Format.PERCENT, "metric"),
    Column("net_sales", LAST_YEAR, Format.MONEY, "metric", "net_sales", "up"),
    Column(
        "net_sales_compared",
        YEAR_BEFORE,
        Format.MONEY,
        "compared",
        "net_sales",
    ),
    Column("net_sales_change", msg(N_("Change")), Format.MONEY, "change", "net_sales", "up"),
)
