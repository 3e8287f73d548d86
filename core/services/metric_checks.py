"""Questions that have no meaning are refused, with the reason and the nearest valid one."""

from collections.abc import Iterator, Sequence
from itertools import chain

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.catalogue import PARTS, Distinct, Metric, Ratio, Scored
from core.models.query import Extra, Members, Threshold
from core.services.metric_formula import is_additive, leaves
from core.services.metric_known import get_dimension, get_metric
from core.services.metric_request import Question, axis_of
from core.services.metric_values import parts_of

_MIN_WINDOW, _MAX_WINDOW = 2, 1000
# What a bucket lies wholly inside of. Campaigns begin on the first day of a month.
_INSIDE = {
    "day": ("week", "period_445", "month", "quarter", "year", "campaign"),
    "week": ("period_445",),
    "month": ("quarter", "year", "campaign"),
    "quarter": ("year",),
}


def check(asked: Question) -> None:
    """Check what goes beyond known keys.

    Raises:
        PicholineError: the question has no meaning; the remedy is the nearest valid one.
    """
    query = asked.query
    if query.top and query.top.n < 1:
        raise _refused(
            msg("A top list of {n} rows is empty.", n=query.top.n), msg("Ask for one or more rows.")
        )
    _pivot(asked)
    _subtotals(asked)
    for chosen in chain(query.members, query.having):
        _range(chosen)
        get_metric(chosen.metric, asked.known)
    for members in query.members:
        get_dimension(members.dimension, asked.known)
    for extra in query.extras:
        _extra(extra, asked)


def _refused(title: Message, remedy: Message) -> PicholineError:
    return PicholineError("query.invalid", title, remedy)


def _pivot(asked: Question) -> None:
    pivot = asked.query.pivot
    if pivot is None:
        return
    dimension = get_dimension(pivot, asked.known)
    if not asked.pivoted:
        raise _refused(
            msg(
                "“{dimension}” cannot become columns: the answer is not split by it.",
                dimension=Message(dimension.name),
            ),
            msg("Split by it too: {keys}.", keys=", ".join([*asked.query.by, pivot])),
        )


def _subtotals(asked: Question) -> None:
    if asked.query.subtotals and len(asked.rows) <= 1:
        raise _refused(
            msg("Rows split by fewer than two dimensions have no subtotals."),
            msg("Add a dimension, or leave the subtotals out: the total is there anyway."),
        )


def _range(chosen: Members | Threshold) -> None:
    n = chosen.n if isinstance(chosen, Members) else None
    if chosen.low is None and chosen.high is None and n is None:
        raise _refused(
            msg("Nothing says which values of “{metric}” are meant.", metric=chosen.metric),
            msg("Name a lower end, an upper end or both, for example {key} >= 1000.",
                key=chosen.metric),
        )  # fmt: skip
    if chosen.low is not None and chosen.high is not None and chosen.low > chosen.high:
        raise _refused(
            msg("The range of “{metric}” ends before it begins.", metric=chosen.metric),
            msg("Write the lower end first: {low} to {high}.", low=chosen.high, high=chosen.low),
        )
    if n is not None and n < 1:
        raise _refused(
            msg("The {n} highest members are none.", n=n), msg("Ask for one or more members.")
        )


# Extras --------------------------------------------------------------------------------------


def _extra(extra: Extra, asked: Question) -> None:
    metric = get_metric(extra.metric, asked.known)
    if metric not in asked.metrics:
        keys = ", ".join([*asked.query.metrics, metric.key])
        raise _refused(
            msg("“{metric}” is not among the metrics asked for.", metric=Message(metric.name)),
            msg("Ask for it too: {keys}.", keys=keys),
        )
    if extra.kind == "share":
        _share(metric, asked)
    if extra.kind in {"running", "average"}:
        _along(extra, metric, asked)
    _within(extra, asked)


def _share(metric: Metric, asked: Question) -> None:
    if not is_additive(metric):
        raise _refused(
            msg(
                "“{metric}” has no shares: its rows do not add up to the total.",
                metric=Message(metric.name),
            ),
            msg("Ask for the share of {key}.", key=_nearest_sum(metric, asked)),
        )


def _nearest_sum(metric: Metric, asked: Question) -> str:
    """Return the metric that is summed in a ratio; net sales where there is none."""
    leaf = next(iter(leaves(metric)), metric)
    over = leaf.formula.over if isinstance(leaf.formula, Ratio) else leaf.formula
    sums = [m.key for m in asked.known.metrics.values() if m.formula == over and is_additive(m)]
    return next(iter(sums), "net_sales")


def _along(extra: Extra, metric: Metric, asked: Question) -> None:
    name = Message(metric.name)
    if axis_of(asked, asked.all) is None:
        raise _refused(
            msg("Nothing runs along the calendar: the answer has no calendar dimension."),
            msg("Split by one, for example {keys}.", keys=", ".join(["month", *asked.query.by])),
        )
    parts = [part for leaf in leaves(metric) for part in parts_of(leaf)]
    scored = any(isinstance(leaf.formula, Scored) for leaf in leaves(metric))
    counted = isinstance(metric.formula, Distinct)
    summed = not scored and parts and set(parts) <= set(PARTS)
    if not summed and not (counted and extra.kind == "average"):
        raise _refused(
            msg(
                "“{metric}” cannot be added up along the calendar: the same ones would be counted "
                "in several periods.",
                metric=name,
            ),
            msg("Ask for it by a longer grain, or for {key}.", key=_nearest_sum(metric, asked)),
        )
    if extra.kind == "average" and not _MIN_WINDOW <= extra.window <= _MAX_WINDOW:
        raise _refused(
            msg("A moving average of {n} periods has no meaning.", n=extra.window),
            msg("Choose from {low} to {high} periods.", low=_MIN_WINDOW, high=_MAX_WINDOW),
        )


def _within(extra: Extra, asked: Question) -> None:
    for key in extra.within:
        dimension = get_dimension(key, asked.known)
        if _may_restart(extra, key, asked):
            continue
        valid = [d.key for d in asked.dimensions if _may_restart(extra, d.key, asked)]
        valid += [k for k in _coarser(extra, asked) if k not in valid]
        raise _refused(
            msg(
                "Nothing can start anew with each value of “{dimension}” here.",
                dimension=Message(dimension.name),
            ),
            msg("Choose among: {keys}.", keys=", ".join(valid))
            if valid
            else msg("Leave “within” out, or split by {key} too.", key=key),
        )


def _may_restart(extra: Extra, key: str, asked: Question) -> bool:
    if key in _coarser(extra, asked):
        return True
    places = asked.places((key,))
    if not places:
        return False
    along = extra.kind in {"running", "average"}
    return not (along and asked.dimensions[places[0]].grain)


def _coarser(extra: Extra, asked: Question) -> Sequence[str]:
    """Return the calendar dimensions that hold whole buckets of the one things run along."""
    axis = axis_of(asked, asked.all) if extra.kind in {"running", "average"} else None
    return () if axis is None else tuple(_holding(asked, axis))


def _holding(asked: Question, axis: int) -> Iterator[str]:
    grain = asked.dimensions[axis].grain or ""
    for key, dimension in asked.known.dimensions.items():
        inside = dimension.grain in _INSIDE.get(grain, ())
        quarters = grain == "quarter" and dimension.grain == "campaign"
        # Campaigns that begin with a quarter hold whole quarters.
        if inside or (quarters and asked.request.campaign_offset % 3 == 0):
            yield key
