"""Groups of customers: the number that a new sample confirms, profiles, outliers, guards."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import adjusted_rand_score

from core.services.methods.segmentation import (
    FOUND,
    MIN_CUSTOMERS,
    MIN_SHARE,
    STABLE,
    NoGroups,
    choose,
    find_clusters,
    find_outliers,
    log_features,
    profiles,
)
from core.services.methods.segmentation.clusters import nearest
from core.services.methods.segmentation.profiles import level

# Recency (days), frequency (purchase days) and amount of well separated kinds of customers.
KINDS = (
    (5, 60, 1000),
    (300, 1.6, 40),
    (15, 8, 40),
    (250, 9, 4000),
    (40, 1.6, 3000),
)


def customers(kinds: int, each: int = 120, spread: float = 0.22, seed: int = 4) -> Any:
    """Draw customers of so many kinds; return recency, frequency, amount and the true kind."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(kinds), each)
    centres = np.array(KINDS[:kinds])[truth]
    drawn = centres * rng.lognormal(0.0, spread, (len(truth), 3))
    return drawn[:, 0], np.maximum(drawn[:, 1], 1.0), drawn[:, 2], truth


@pytest.mark.parametrize("kinds", [2, 3, 4, 5])
def test_a_known_number_of_kinds_is_recovered(kinds: int) -> None:
    *values, truth = customers(kinds)
    found = find_clusters(*values, bootstraps=12)
    assert found.k == kinds
    assert found.labels is not None
    assert adjusted_rand_score(truth, found.labels) > 0.97
    taken = [trial for trial in found.trials if trial.verdict == "taken"]
    assert [trial.k for trial in taken] == [kinds]
    assert taken[0].ari >= STABLE
    assert all(trial.verdict in {"unstable", "split"} for trial in found.trials if trial.k > kinds)


def test_equal_seeds_give_equal_groups_and_other_seeds_the_same_number() -> None:
    *values, _truth = customers(4)
    first, again, other = (find_clusters(*values, bootstraps=8, seed=s) for s in (1, 1, 2))
    assert first.trials == again.trials
    assert np.array_equal(first.labels, again.labels)
    assert other.k == first.k


def test_a_handful_of_giants_is_no_group() -> None:
    """The silhouette of the split is the best of all, and the split is refused."""
    rng = np.random.default_rng(0)
    points = np.vstack([rng.normal(0.0, 1.0, (400, 3)), rng.normal(40.0, 1.0, (4, 3))])
    trials, _centres = choose(points, 4, 8, rng)
    split = trials[0]
    assert split.k == 2
    assert split.silhouette == max(trial.silhouette for trial in trials) > 0.9
    assert split.smallest < MIN_SHARE
    assert split.verdict == "small"


def test_a_kind_cut_in_two_at_random_is_refused() -> None:
    """Five kinds cut into six groups: over all customers stable, but two of the groups are not."""
    *values, _truth = customers(5)
    sixth = find_clusters(*values, bootstraps=12).trials[-1]
    assert sixth.k == 6
    assert sixth.ari >= STABLE
    assert sixth.weakest < FOUND
    assert sixth.verdict == "split"


def test_no_number_is_taken_where_no_grouping_comes_back() -> None:
    rng = np.random.default_rng(3)
    trials, centres = choose(rng.uniform(-1.0, 1.0, (40, 3)), 6, 12, rng)
    assert centres is None
    assert {trial.verdict for trial in trials} == {"unstable"}
    found = find_clusters(*np.exp(rng.uniform(0.5, 1.5, (3, 36))), bootstraps=12)
    assert found.labels is None
    assert found.k == 0


def test_profiles_say_what_the_groups_are_like() -> None:
    recency, frequency, monetary, truth = customers(3)
    found = find_clusters(recency, frequency, monetary, bootstraps=8)
    assert found.labels is not None
    assert found.centres is not None
    values = np.column_stack([recency, frequency, monetary])
    described = profiles(found.labels, values, found.centres)
    assert sum(profile.customers for profile in described) == len(truth)
    assert sum(profile.share for profile in described) == pytest.approx(1.0)
    best, *_others, worst = described
    assert best.levels["recency"] < 0 < best.levels["frequency"]
    assert best.levels["monetary"] > 0
    assert worst.levels["recency"] > 0
    assert worst.medians["recency"] == pytest.approx(np.median(recency[truth == 1]))


@pytest.mark.parametrize(
    ("z", "expected"), [(-1.2, -2), (-0.4, -1), (-0.39, 0), (0.0, 0), (0.4, 1), (1.19, 1), (9, 2)]
)
def test_levels_follow_the_distance_from_the_mean(z: float, expected: int) -> None:
    assert level(z) == expected


def test_few_or_equal_customers_are_not_grouped() -> None:
    few = np.arange(1.0, MIN_CUSTOMERS)
    alike = np.full(50, 7.0)
    for method in (find_clusters, find_outliers):
        with pytest.raises(NoGroups) as caught:
            method(few, few, few)
        assert (caught.value.reason, caught.value.customers) == ("few", MIN_CUSTOMERS - 1)
        with pytest.raises(NoGroups) as caught:
            method(alike, alike, alike)
        assert caught.value.reason == "alike"


def test_a_feature_without_differences_takes_no_part() -> None:
    recency, _frequency, monetary, truth = customers(2)
    once = np.ones(len(truth))
    found = find_clusters(recency, once, monetary, bootstraps=8)
    assert found.scaling.used == ("recency", "monetary")
    assert adjusted_rand_score(truth, found.labels) > 0.97
    assert not find_outliers(recency, once, monetary).scores[:, 1].any()


def test_amounts_without_a_logarithm_are_raised_and_counted() -> None:
    amounts = np.array([-500.0, 0.0, *np.linspace(10, 200, 98)])
    ones = np.ones(100)
    logs, scaling = log_features(ones * 30, ones, amounts)
    assert np.isfinite(logs).all()
    assert scaling.raised >= 2
    assert scaling.floor >= 10.0
    logs, scaling = log_features(ones, ones, -ones)
    assert np.isfinite(logs).all()
    assert scaling.used == ()


@pytest.mark.parametrize("factor", [0.001, 1.0, 1000.0])
def test_the_currency_does_not_change_the_groups(factor: float) -> None:
    recency, frequency, monetary, _truth = customers(3)
    plain = find_clusters(recency, frequency, monetary, bootstraps=6)
    scaled = find_clusters(recency, frequency, monetary * factor, bootstraps=6)
    assert np.array_equal(plain.labels, scaled.labels)
    outliers = [find_outliers(recency, frequency, m).found for m in (monetary, monetary * factor)]
    assert np.array_equal(*outliers)


def test_many_customers_are_grouped_by_the_centres_of_a_sample() -> None:
    *values, truth = customers(3, each=4_000)
    found = find_clusters(*values, max_k=3, bootstraps=2)
    assert found.sampled == 10_000
    assert adjusted_rand_score(truth, found.labels) > 0.97


@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.integers(1, 40))
@settings(max_examples=40)
def test_every_point_goes_to_its_nearest_centre(seed: int, k: int, count: int) -> None:
    rng = np.random.default_rng(seed)
    points, centres = rng.normal(size=(count, 3)), rng.normal(size=(k, 3))
    gaps = np.linalg.norm(points[:, None, :] - centres[None, :, :], axis=2)
    chosen = nearest(points, centres)
    assert gaps[np.arange(count), chosen] == pytest.approx(gaps.min(axis=1))


def crowd(count: int = 600) -> list[Any]:
    """Return customers of one kind, without any far away."""
    rng = np.random.default_rng(11)
    drawn = np.clip(rng.normal(size=(3, count)), -2.5, 2.5)
    return [np.exp(4 + 0.8 * drawn[0]), np.exp(2 + 0.5 * drawn[1]), np.exp(5 + 0.6 * drawn[2])]


PLANTED = {
    (60.0, 7.0, 90_000.0): ("monetary", 1),
    (60.0, 7.0, 0.5): ("monetary", -1),
    (60.0, 900.0, 150.0): ("frequency", 1),
    (20_000.0, 7.0, 150.0): ("recency", 1),
}


def test_planted_outliers_are_found_and_explained() -> None:
    columns = [
        np.concatenate([column, [odd[i] for odd in PLANTED]]) for i, column in enumerate(crowd())
    ]
    found = find_outliers(*columns)
    assert found.method == "hdbscan"
    planted = np.arange(600, 604)
    assert found.found[planted].all()
    assert found.found[:600].mean() < 0.01
    reasons = [found.reasons(int(position))[0] for position in planted]
    assert reasons == list(PLANTED.values())
    assert (found.distance[found.found] > found.limit).all()


def test_dbscan_finds_the_same_outliers_among_many() -> None:
    crowded = crowd(20_500)
    columns = [
        np.concatenate([column, [odd[i] for odd in PLANTED]]) for i, column in enumerate(crowded)
    ]
    found = find_outliers(*columns)
    assert found.method == "dbscan"
    assert found.found[20_500:].all()
    assert found.found[:20_500].mean() < 0.01


def test_a_customer_far_in_combination_has_its_farthest_feature_as_reason() -> None:
    columns = [
        np.concatenate([c, [v]])
        for c, v in zip(crowd(), (np.exp(1.5), np.exp(3.5), np.exp(6.9)), strict=True)
    ]
    found = find_outliers(*columns)
    assert np.abs(found.scores[600]).max() < 3.5 < found.limit < found.distance[600]
    feature, side = found.reasons(600)[0]
    position = ("recency", "frequency", "monetary").index(feature)
    assert abs(found.scores[600, position]) == np.abs(found.scores[600]).max()
    assert side == np.sign(found.scores[600, position])


def test_most_customers_with_one_purchase_do_not_make_the_others_outliers() -> None:
    rng = np.random.default_rng(2)
    frequency = np.concatenate([np.ones(700), rng.integers(2, 5, 300)])
    recency, monetary = rng.lognormal(4, 0.7, 1000), rng.lognormal(5, 0.5, 1000)
    assert find_outliers(recency, frequency, monetary).found.mean() < 0.02
