"""Kaplan–Meier curves and log-rank tests against published trials, scipy and simulation."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from core.services.methods.survival import holm, kaplan_meier, log_rank

# Remission in weeks, "+" where it still lasted: Freireich et al. (1963), Blood 21, as printed in
# Cox and Oakes (1984), Analysis of Survival Data, table 1.1.
MERCAPTOPURINE = "6 6 6 6+ 7 9+ 10 10+ 11+ 13 16 17+ 19+ 20+ 22 23 25+ 32+ 32+ 34+ 35+"
PLACEBO = "1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23"
# Years of survival by stage of cancer of the larynx: Klein and Moeschberger (2003), section 1.8.
LARYNX = (
    (
        "0.6 1.3 2.4 2.5+ 3.2 3.2+ 3.3 3.3+ 3.5 3.5 4.0 4.0 4.3 4.5+ 4.5+ 5.3 5.5+ 5.9+ 5.9+ 6.0 "
        "6.1+ 6.2+ 6.4 6.5 6.5+ 6.7+ 7.0+ 7.4 7.4+ 8.1+ 8.1+ 9.6+ 10.7+"
    ),
    "0.2 1.8 2.0 2.2+ 2.6+ 3.3+ 3.6 3.6+ 4.0 4.3+ 4.3+ 5.0+ 6.2 7.0 7.5+ 7.6+ 9.3+",
    (
        "0.3 0.3 0.5 0.7 0.8 1.0 1.3 1.6 1.8 1.9 1.9 3.2 3.5 3.7+ 4.5+ 4.8+ 4.8+ 5.0 5.0+ 5.1+ 6.3 "
        "6.4 6.5+ 7.8 8.0+ 9.3+ 10.1+"
    ),
    "0.1 0.3 0.4 0.8 0.8 1.0 1.5 2.0 2.3 2.9+ 3.6 3.8 4.3+",
)
Sample = tuple[np.ndarray, np.ndarray]


def sample(text: str) -> Sample:
    words = text.split()
    times = np.array([float(word.rstrip("+")) for word in words])
    return times, np.array([not word.endswith("+") for word in words])


def test_the_published_curve_of_6_mercaptopurine() -> None:
    curve = kaplan_meier(*sample(MERCAPTOPURINE))
    weeks = [6, 7, 10, 13, 16, 22, 23]
    survival, _low, _high = curve.at(weeks)
    assert survival.round(3) == pytest.approx([0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448])
    assert curve.watched(weeks).tolist() == [21, 17, 15, 12, 11, 7, 6]
    assert curve.events.sum() == 9


def test_the_published_medians_and_restricted_mean() -> None:
    # Cox and Oakes: medians 23 and 8 weeks. Klein and Moeschberger, example 4.2: mean up to 35
    # weeks 23.287 with standard error 2.827; of the placebo group 8.667.
    treated = kaplan_meier(*sample(MERCAPTOPURINE))
    assert treated.median().value == 23
    mean = treated.restricted_mean(35)
    assert mean.value == pytest.approx(23.287, abs=5e-4)
    assert (mean.high - mean.low) / 2 / 1.959964 == pytest.approx(2.827, abs=5e-4)
    placebo = kaplan_meier(*sample(PLACEBO))
    assert placebo.median().value == 8
    assert placebo.restricted_mean(35).value == pytest.approx(8.667, abs=5e-4)


def test_a_median_whose_interval_the_data_do_not_close() -> None:
    median = kaplan_meier(*sample(MERCAPTOPURINE)).median()
    assert median.low == 13
    assert median.high is None


def test_the_published_log_rank_tests() -> None:
    treatment = log_rank([sample(MERCAPTOPURINE), sample(PLACEBO)])
    assert treatment.statistic == pytest.approx(16.79, abs=0.005)
    assert treatment.observed.tolist() == [9, 21]
    assert treatment.expected == pytest.approx([19.25, 10.75], abs=0.005)
    stages = log_rank([sample(text) for text in LARYNX])
    assert (stages.freedom, round(stages.statistic, 1)) == (3, 22.8)
    assert stages.p_value == pytest.approx(4.53e-5, abs=5e-8)


times = st.lists(st.tuples(st.integers(0, 12), st.booleans()), min_size=1, max_size=40)


@given(times)
def test_the_curve_agrees_with_scipy_where_its_formula_holds(rows: list[tuple[int, bool]]) -> None:
    durations, seen = (np.array(column) for column in zip(*rows, strict=True))
    curve = kaplan_meier(durations, seen)
    reference = stats.ecdf(stats.CensoredData(durations[seen], right=durations[~seen])).sf
    with np.errstate(all="ignore"):
        low, high = reference._loglog_ci(0.95)
    inner = (curve.survival > 0) & (curve.survival < 1)
    assert curve.low[inner] == pytest.approx(low[inner])
    assert curve.high[inner] == pytest.approx(high[inner])
    assert np.all(curve.low <= curve.survival)
    assert np.all(curve.survival <= curve.high)
    assert np.all(np.diff(curve.survival) <= 0)
    assert curve.at_risk[0] == len(rows)


@given(times, times)
def test_two_groups_agree_with_scipy(
    first: list[tuple[int, bool]], second: list[tuple[int, bool]]
) -> None:
    groups = [tuple(np.array(c) for c in zip(*rows, strict=True)) for rows in (first, second)]
    found = log_rank(groups)
    with np.errstate(all="ignore"):
        reference = stats.logrank(
            *(stats.CensoredData(d[s].astype(float), right=d[~s].astype(float)) for d, s in groups)
        )
    if found is None:
        assert not np.isfinite(reference.statistic)
    else:
        assert found.statistic == pytest.approx(reference.statistic**2)
        assert found.p_value == pytest.approx(reference.pvalue)


def test_the_order_of_groups_does_not_matter_and_empty_ones_do_not_count() -> None:
    groups = [sample(text) for text in LARYNX]
    found = log_rank(groups)
    turned = log_rank([*reversed(groups), (np.empty(0), np.empty(0, dtype=bool))])
    assert turned.statistic == pytest.approx(found.statistic)
    assert turned.freedom == 3


@pytest.mark.parametrize(
    "groups",
    [
        [],
        [([1.0, 2.0], [True, True])],
        [([1.0, 2.0], [False, False]), ([3.0], [False])],
        [([1.0, 1.0], [False, False]), ([3.0, 4.0], [True, True])],
    ],
)
def test_what_cannot_be_compared_has_no_test(groups: list[Sample]) -> None:
    assert log_rank(groups) is None


def test_intervals_where_nothing_or_everything_has_happened() -> None:
    nothing = kaplan_meier([5.0] * 3, [False] * 3)
    assert nothing.survival.tolist() == [1.0]
    assert nothing.low[0] == pytest.approx(stats.binomtest(3, 3).proportion_ci().low)
    assert nothing.median().value is None
    everything = kaplan_meier([0.0] * 4, [True] * 4)
    assert everything.survival.tolist() == [0.0]
    assert everything.high[0] == pytest.approx(stats.binomtest(0, 4).proportion_ci().high)
    assert everything.median().value == 0


def test_a_curve_is_unknown_beyond_what_was_watched() -> None:
    curve = kaplan_meier([2.0, 4.0], [True, False])
    survival, low, high = curve.at([0.0, 2.0, 4.0, 4.5])
    assert survival[:3].tolist() == [1.0, 0.5, 0.5]
    assert np.isnan([survival[3], low[3], high[3]]).all()
    assert curve.restricted_mean(4.0).value == pytest.approx(3.0)
    assert curve.restricted_mean(5.0).value is None
    ended = kaplan_meier([2.0, 4.0], [True, True])
    assert ended.at([5.0])[0].tolist() == [0.0]
    assert ended.restricted_mean(10.0).value == pytest.approx(3.0)


@pytest.mark.parametrize(
    ("durations", "seen"), [([], []), ([1.0], []), ([-1.0], [True]), ([np.nan], [True])]
)
def test_impossible_times_are_refused(durations: list[float], seen: list[bool]) -> None:
    with pytest.raises(ValueError, match="duration"):
        kaplan_meier(durations, seen)


def test_intervals_cover_what_they_promise() -> None:
    """95 % intervals of curve, median and restricted mean hold the truth in 93–97 % of trials."""
    chance = np.random.default_rng(20261121)
    trials, size, moments, horizon = 1000, 120, np.array([0.3, 0.7, 1.2]), 1.5
    mean = 1 - np.exp(-horizon)
    hits = {"curve": 0, "median": 0, "mean": 0}
    for _trial in range(trials):
        event, end = chance.exponential(1.0, size), chance.uniform(0.5, 4.0, size)
        curve = kaplan_meier(np.minimum(event, end), event <= end)
        _survival, low, high = curve.at(moments)
        truth = np.exp(-moments)
        hits["curve"] += int(np.sum((low <= truth) & (truth <= high)))
        median, area = curve.median(), curve.restricted_mean(horizon)
        hits["median"] += median.low <= np.log(2) <= median.high
        hits["mean"] += area.low <= mean <= area.high
    covered = {key: n / trials / (3 if key == "curve" else 1) for key, n in hits.items()}
    assert all(0.93 <= share <= 0.97 for share in covered.values()), covered


def test_equal_groups_are_found_different_as_rarely_as_promised() -> None:
    chance = np.random.default_rng(20261122)
    trials, found = 1000, 0
    for _trial in range(trials):
        groups = []
        for size, latest in ((60, 3.0), (40, 1.5), (80, 2.0)):
            event, end = chance.exponential(1.0, size), chance.uniform(0.2, latest, size)
            groups.append((np.minimum(event, end), event <= end))
        found += log_rank(groups).p_value < 0.05
    assert 0.035 <= found / trials <= 0.066


def test_holm_keeps_order_and_unknowns() -> None:
    assert holm([0.01, None, 0.04, 0.03]) == [pytest.approx(0.03), None, 0.06, 0.06]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []
