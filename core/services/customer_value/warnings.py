"""When the lifetime value should not be believed, or only with care."""

from datetime import date, timedelta

from core.formats import shown
from core.i18n import Message, msg, msg_n
from core.models.formats import Format
from core.models.query import Period
from core.services.customer_value.check import Check
from core.services.customer_value.weeks import Weeks
from core.services.methods.purchases import PurchaseModel, ValueModel

FEW_ACCOUNTS = 100
LARGE_BIAS = 0.2
_CYCLES_DAYS = round(1.5 * 365.25)
_PEAK_WEEKS = 8  # longer than a promotion, shorter than a season
_PEAK, _TROUGH = 1.25, 0.75  # pace of the last weeks ÷ what the model expected of them


def warnings(
    window: Period,
    customers: int,
    model: PurchaseModel,
    worth: ValueModel,
    check: Check | None,
    weeks: Weeks,
) -> list[Message]:
    """Return what a reader must know before using the figures, the gravest first.

    Args:
        window: days of the history.
        customers: how many there are.
        model: the one in use.
        worth: the value model.
        check: the holdout check of the same kind of model, or None.
        weeks: actual and expected repeat purchases of all customers up to the cut-off.
    """
    return [
        *_few(customers),
        *(_bias(check, model.key) if check else []),
        *_short(window),
        *_season(weeks),
        *model.concerns(),
        *worth.concerns(),
    ]


def _few(customers: int) -> list[Message]:
    if customers >= FEW_ACCOUNTS:
        return []
    return [
        msg_n(
            "Only {n} customer: the intervals are wide, and one account can decide the total. "
            "Look at the accounts by hand.",
            "Only {n} customers: the intervals are wide, and one account can decide the total. "
            "Look at the accounts by hand.",
            customers,
        )
    ]


def _bias(check: Check, key: str) -> list[Message]:
    bias = check.scores[key].orders.bias
    if bias is None:
        return [
            msg(
                "Nobody ordered in the check from {start} to {end}: the forecast cannot be "
                "checked.",
                **_days(check.later.since, check.later.until),
            )
        ]
    if abs(bias) <= LARGE_BIAS:
        return []
    share = shown(abs(bias), Format.PERCENT, digits=0)
    days = _days(check.later.since, check.later.until)
    if bias > 0:
        return [
            msg(
                "In the check from {start} to {end} the model expected {share} more orders than "
                "came: take the totals as too high, or move the cut-off away from a peak.",
                share=share,
                **days,
            )
        ]
    return [
        msg(
            "In the check from {start} to {end} the model expected {share} fewer orders than "
            "came: the check may hold a season the model had not seen.",
            share=share,
            **days,
        )
    ]


def _days(since: date, until: date) -> dict[str, object]:
    return {
        "start": shown(since + timedelta(days=1), Format.DATE),
        "end": shown(until, Format.DATE),
    }


def _short(window: Period) -> list[Message]:
    if window.days >= _CYCLES_DAYS:
        return []
    return [
        msg_n(
            "The history covers {n} day, less than one and a half years: the model cannot tell "
            "a season from growth or loss.",
            "The history covers {n} days, less than one and a half years: the model cannot tell "
            "a season from growth or loss.",
            window.days,
        )
    ]


def _season(weeks: Weeks) -> list[Message]:
    """Compare the pace of the last weeks with what the model, fitted on them too, expected.

    The model accounts for customers who came and left, so that growth is no peak.
    """
    pace = weeks.recent_pace(_PEAK_WEEKS)
    if pace is None or _TROUGH < pace < _PEAK:
        return []
    share = shown(abs(pace - 1), Format.PERCENT, digits=0)
    if pace > 1:
        return [
            msg(
                "In the {weeks} weeks up to the cut-off customers ordered {share} more than the "
                "model expects: it may end on a seasonal peak, after which it promises too much.",
                weeks=_PEAK_WEEKS,
                share=share,
            )
        ]
    return [
        msg(
            "In the {weeks} weeks up to the cut-off customers ordered {share} less than the model "
            "expects: it may end in a low season, after which it promises too little.",
            weeks=_PEAK_WEEKS,
            share=share,
        )
    ]
