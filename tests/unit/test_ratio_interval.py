"""The interval of a quotient of sums: by hand, and how often it holds the truth."""

import numpy as np
import pytest

from core.services.methods.ratio_interval import ratio_interval


def test_by_hand() -> None:
    """X = 1…6, y = 2x ± 1: R = 2, Σd² = 6, s.e. = √(6·6/5)/21 = 0.12777; t(5) = 2.570582."""
    pairs = [(float(x), 2.0 * x + (1 if x % 2 else -1)) for x in range(1, 7)]
    found = ratio_interval(pairs)
    assert found
    assert found.pairs == 6
    assert found.high - found.low == pytest.approx(2 * 2.570582 * 0.127775, rel=1e-4)
    assert (found.low + found.high) / 2 == pytest.approx(2.0)


def test_a_quotient_that_never_varies_has_no_width() -> None:
    found = ratio_interval([(float(x), 3.0 * x) for x in range(1, 9)])
    assert found
    assert (found.low, found.high) == pytest.approx((3.0, 3.0))


@pytest.mark.parametrize("pairs", [[(1.0, 2.0)] * 5, [(0.0, 2.0)] * 12, []])
def test_too_little_says_nothing(pairs: list[tuple[float, float]]) -> None:
    assert ratio_interval(pairs) is None


def test_it_holds_the_truth_as_often_as_it_says() -> None:
    """Of 2,000 samples of 24 months with R = 1.5 about 95 % of the intervals hold it."""
    rng = np.random.default_rng(11)
    held = 0
    for _ in range(2000):
        x = rng.gamma(4.0, 250.0, 24)
        y = 1.5 * x + rng.normal(0.0, 300.0, 24)
        found = ratio_interval(list(zip(x.tolist(), y.tolist(), strict=True)))
        held += bool(found and found.low <= 1.5 <= found.high)
    assert 0.93 <= held / 2000 <= 0.97
