"""Features and reasons in words, with the customer's own numbers."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from core.formats import shown
from core.i18n import N_, Message, Shown, msg, msg_n
from core.models.formats import Format

FEATURE_NAMES = {
    "recency_days": N_("Days since the last purchase"),
    "tenure_days": N_("Days since the first purchase"),
    "purchase_days": N_("Purchase days, ever"),
    "purchase_days_30": N_("Purchase days in the last 30 days"),
    "purchase_days_90": N_("Purchase days in the last 90 days"),
    "purchase_days_180": N_("Purchase days in the last 180 days"),
    "purchase_days_365": N_("Purchase days in the last 365 days"),
    "gap_mean": N_("Usual gap between purchases (days)"),
    "gap_spread": N_("Spread of the gaps (days)"),
    "recency_to_gap": N_("Days since the last purchase ÷ usual gap"),
    "net_sales": N_("Net sales, ever"),
    "net_sales_90": N_("Net sales of the last 90 days"),
    "sales_pace": N_("Net sales of the last 90 days ÷ usual 90 days"),
    "gross_margin": N_("Gross margin, ever"),
    "order_value": N_("Net sales per purchase day"),
    "line_value_change": N_("Net sales per line, last 90 days ÷ before"),
    "line_value_trend": N_("Net sales per line, trend in standard errors"),
    "products": N_("Different products bought"),
    "return_share": N_("Share of returns"),
    "discount_share": N_("Share of discounts"),
    "season_days": N_("Purchase days in this season a year before"),
}

# Features that say the same in other words count together, and are told once.
_THEMES: Mapping[str, tuple[str, ...]] = {
    "pause": ("recency_days", "gap_mean", "gap_spread", "recency_to_gap"),
    "frequency": (
        "purchase_days_30", "purchase_days_90", "purchase_days_180", "purchase_days_365",
    ),
    "newness": ("tenure_days", "purchase_days"),
    "sales": ("net_sales", "net_sales_90", "sales_pace", "gross_margin"),
    "basket": ("order_value", "line_value_change", "line_value_trend"),
    "products": ("products",),
    "returns": ("return_share",),
    "discounts": ("discount_share",),
    "season": ("season_days",),
}  # fmt: skip
THEMES = tuple(_THEMES)
_MONEY_DIGITS = 0
_LOWER = 0.95  # of what is usual: nearer to it, "lower" would be too strong a word
Values = Mapping[str, float]


def theme_of(features: Sequence[str]) -> NDArray[np.int64]:
    """Return the place in `THEMES` of each feature."""
    owner = {name: place for place, names in enumerate(_THEMES.values()) for name in names}
    return np.array([owner[name] for name in features])


def reason(theme: str, values: Values, currency: str) -> Message:
    """Return why this customer may leave, in one sentence with their numbers.

    Args:
        theme: one of `THEMES`.
        values: the customer's features by key, NaN where unknown.
        currency: of the amounts.
    """
    return _SENTENCES[theme](values, currency)


def _pause(values: Values, _currency: str) -> Message:
    days, gap = _whole(values["recency_days"]), values["gap_mean"]
    if np.isnan(gap):
        return msg_n(
            "No purchase for {n} day, after only one purchase day",
            "No purchase for {n} days, after only one purchase day",
            days,
        )
    if days < gap:
        return msg_n(
            "Usually buys every {gap} days only; the last purchase was {n} day ago",
            "Usually buys every {gap} days only; the last purchase was {n} days ago",
            days,
            gap=_number(gap),
        )
    return msg_n(
        "No purchase for {n} day; usually one every {gap} days",
        "No purchase for {n} days; usually one every {gap} days",
        days,
        gap=_number(gap),
    )


def _frequency(values: Values, _currency: str) -> Message:
    return msg_n(
        "{n} purchase day in the last 90 days, {year} in the last 365",
        "{n} purchase days in the last 90 days, {year} in the last 365",
        _whole(values["purchase_days_90"]),
        year=_number(values["purchase_days_365"]),
    )


def _newness(values: Values, _currency: str) -> Message:
    return msg_n(
        "{n} purchase day since the first purchase {days} days ago",
        "{n} purchase days since the first purchase {days} days ago",
        _whole(values["purchase_days"]),
        days=_number(values["tenure_days"]),
    )


def _sales(values: Values, currency: str) -> Message:
    amount, pace = _money(values["net_sales_90"], currency), values["sales_pace"]
    if np.isnan(pace):
        return msg("Net sales of {amount} in the last 90 days", amount=amount)
    return msg(
        "Net sales of {amount} in the last 90 days: {share} of a usual 90 days",
        amount=amount,
        share=_percent(pace),
    )


def _basket(values: Values, currency: str) -> Message:
    change = values["line_value_change"]
    if np.isnan(change) or change > _LOWER:
        return msg("{amount} per purchase day", amount=_money(values["order_value"], currency))
    return msg(
        "Lines of the last 90 days were {share} smaller than before",
        share=_percent(1 - change),
    )


def _products(values: Values, _currency: str) -> Message:
    return msg_n(
        "Has bought {n} product so far",
        "Has bought {n} different products so far",
        _whole(values["products"]),
    )


def _returns(values: Values, _currency: str) -> Message:
    if np.isnan(values["return_share"]):
        return msg("Sales without a price")
    return msg("Sent back {share} of what was bought", share=_percent(values["return_share"]))


def _discounts(values: Values, _currency: str) -> Message:
    if np.isnan(values["discount_share"]):
        return msg("Sales without a price")
    return msg("Discounts of {share}", share=_percent(values["discount_share"]))


def _season(values: Values, _currency: str) -> Message:
    days = values["season_days"]
    if np.isnan(days):
        return msg("Was not a customer in this season a year before")
    if days == 0:
        return msg("Bought nothing in this season a year before")
    return msg_n(
        "{n} purchase day in this season a year before",
        "{n} purchase days in this season a year before",
        _whole(days),
    )


_SENTENCES: Mapping[str, Callable[[Values, str], Message]] = {
    "pause": _pause,
    "frequency": _frequency,
    "newness": _newness,
    "sales": _sales,
    "basket": _basket,
    "products": _products,
    "returns": _returns,
    "discounts": _discounts,
    "season": _season,
}


def direction(correlation: float | None) -> Message | None:
    """Return how a feature's value moves the probability, None where neither way."""
    if correlation is None or abs(correlation) < 0.2:  # noqa: PLR2004 - both ways
        return None
    if correlation > 0:
        return msg(N_("The higher, the more likely to leave"))
    return msg(N_("The higher, the less likely to leave"))


def _whole(value: float) -> int:
    return 0 if np.isnan(value) else round(value)


def _number(value: float) -> Shown:
    return shown(round(value), Format.INTEGER)


def _percent(share: float) -> Shown:
    return shown(float(share), Format.PERCENT, digits=0)


def _money(value: float, currency: str) -> Shown:
    return shown(float(value), Format.MONEY, digits=_MONEY_DIGITS, currency=currency)
