"""How far a quotient of sums can be trusted: an interval from the months it is made of.

The ratio estimator of Cochran (Sampling Techniques, 3rd ed. 1977, ch. 6, eq. 6.13, without the
finite population correction): R = Σy ÷ Σx, and the variance of R from the residuals y − R·x. The
months are taken as independent, so that a trend or a season widens the interval.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

LEAST_MONTHS = 6  # fewer say nothing about how far months lie apart


@dataclass(frozen=True)
class Interval:
    """A confidence interval of a quotient, and the number of pairs it rests on."""

    low: float
    high: float
    pairs: int


def ratio_interval(
    pairs: Sequence[tuple[float, float]], confidence: float = 0.95
) -> Interval | None:
    """Return the interval of Σy ÷ Σx by Student's t with one degree of freedom less than pairs.

    Args:
        pairs: (x, y) of each month; x is what is divided by.
        confidence: share of intervals that hold the true quotient.

    Returns:
        None below `LEAST_MONTHS` pairs, or where x adds up to nothing.
    """
    from scipy.special import stdtrit

    count = len(pairs)
    whole = sum(x for x, _ in pairs)
    if count < LEAST_MONTHS or whole <= 0:
        return None
    ratio = sum(y for _, y in pairs) / whole
    squares = sum((y - ratio * x) ** 2 for x, y in pairs)
    error = sqrt(count * squares / (count - 1)) / whole
    reach = float(stdtrit(count - 1, (1 + confidence) / 2)) * error
    return Interval(ratio - reach, ratio + reach, count)
