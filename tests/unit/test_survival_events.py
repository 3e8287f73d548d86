"""Lapses and second purchases: the definitions, and that they find a planted truth."""

import numpy as np

from core.services.methods.survival import kaplan_meier, lapses, second_purchases


def test_a_lapse_is_known_only_after_the_gap() -> None:
    # Gap 30. Watched 100 days: stayed 69 (pause of 31: lapsed), 70 (pause of 30: not yet).
    found = lapses([69, 70, 0, 0, 0], [100, 100, 100, 30, 31], 30)
    assert found.kept.tolist() == [True, True, True, False, True]
    assert found.days.tolist() == [69, 69, 0, 0]
    assert found.observed.tolist() == [True, False, True, True]


def test_second_purchases_are_censored_at_the_cut_off() -> None:
    found = second_purchases([3.0, np.nan, 10.0], [40.0, 40.0, 10.0])
    assert found.days.tolist() == [3.0, 40.0, 10.0]
    assert found.observed.tolist() == [True, False, True]
    assert found.kept.all()


def test_planted_lifetimes_are_recovered_from_purchases() -> None:
    """Customers buy every 1–60 days until they stop: the curve finds when, despite the cut-off."""
    chance = np.random.default_rng(5)
    gap, cut_off, customers = 60, 500, 6000
    stayed, active, watched = [], [], []
    for _customer in range(customers):
        days = np.concatenate(([0], np.cumsum(chance.integers(1, gap + 1, 80))))
        days = days[days <= chance.exponential(200.0)]
        start = int(chance.integers(0, cut_off))
        stayed.append(int(days[-1]))
        active.append(int(days[days <= cut_off - start][-1]))
        watched.append(cut_off - start)
    moments = np.array([0, 30, 90, 180, 270, 360])
    truth = (np.array(stayed)[:, None] > moments).mean(axis=0)
    found = lapses(active, watched, gap)
    survival, low, high = kaplan_meier(found.days, found.observed).at(moments)
    assert np.all((low <= truth) & (truth <= high))
    # Ending the watch at the last purchase instead would flatter the curve.
    ended = np.array(watched) - np.array(active) > gap
    flattered = kaplan_meier(active, ended).at(moments)[0] - truth
    assert flattered.min() > 0
    assert flattered.max() > 4 * np.abs(survival - truth).max()
