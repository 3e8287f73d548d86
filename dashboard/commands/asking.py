"""What the commands that ask share: filters, members, days, and the periods they mean."""

from dataclasses import replace
from typing import TYPE_CHECKING

from core.i18n import N_, Message
from core.models.filters import parse_day
from core.models.query import Compare, MetricQuery
from dashboard.commands.base import option

if TYPE_CHECKING:
    from core.services.metrics import Metrics

where_option = option(
    "--where",
    multiple=True,
    metavar="KEY=VALUES",
    help=N_(
        "Filter, as country=FR,IT, country!=FR, month=2025-01..2025-06 (a range) or product~oil "
        "(contains); repeat it for several."
    ),
)
members_option = option(
    "--members",
    multiple=True,
    metavar="RULE",
    help=N_(
        "Only lines of members a metric picks, as “customer: net_sales >= 1000”, “product: top 10 "
        "net_sales” or “not product: lowest 5 margin_rate”."
    ),
)
from_option = option("--from", "start", metavar="DAY", help=N_("First day, as 2025-03-31."))
to_option = option("--to", "end", metavar="DAY", help=N_("Last day."))


def with_periods(
    metrics: "Metrics", asked: MetricQuery, start: str | None, end: str | None
) -> tuple[MetricQuery, tuple[Message, ...]]:
    """Return a question with its period and the one it is compared with, and their caveats.

    Args:
        metrics: knows the days of the data.
        asked: its `compare` says with what.
        start: first day as typed; None: the first of the data.
        end: last day as typed.

    Raises:
        PicholineError: a day cannot be read.
    """
    from core.models.filters import FilterState, Preset

    first, last = parse_day(start), parse_day(end)
    if not (first or last or asked.compare):
        return asked, ()
    preset = Preset.CUSTOM if first or last else Preset.ALL
    found = metrics.resolve(FilterState(preset, first, last, asked.compare))
    return replace(asked, period=found.period, compared=found.compared), found.caveats


def check_days(*days: str | None) -> None:
    """Refuse days that cannot be read, before anything is opened.

    Raises:
        PicholineError: one of them is no date.
    """
    for day in days:
        parse_day(day)


def compare_of(text: str | None) -> Compare | None:
    """Return what a comparison is with."""
    return Compare(text) if text else None
