"""KMeans with a number of groups that a new sample of the same customers would confirm.

For each k the customers are drawn anew with replacement, grouped again, and the two groupings of
all customers compared by the adjusted Rand index (Hubert and Arabie 1985). The largest k is taken
whose mean index reaches `STABLE`, whose smallest group holds `MIN_SHARE` of the customers and
whose every group comes back: its mean Jaccard index with the most alike new group reaches `FOUND`
(Hennig 2007, "Cluster-wise assessment of cluster stability"). Without the last condition one
natural group of six may be cut in two at random, and the index over all customers hardly sees it.

The silhouette (Rousseeuw 1987) is told and never maximised: a handful of giants set apart from
everybody else has a silhouette near 1 and says nothing about everybody else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .features import Floats, Scaling, log_features

STABLE = 0.85
FOUND = 0.75  # Hennig: from here on a valid, stable group
MIN_SHARE = 0.03
MAX_K = 6
MIN_CUSTOMERS = 30
BOOTSTRAPS = 30
SAMPLE = 10_000  # more customers are grouped by the centres of so many
SILHOUETTE_SAMPLE = 5_000  # its time grows with the square
_STARTS = 5
_REFERENCE_STARTS = 10
Labels = NDArray[np.int64]
Progress = Callable[[float], None]


def silent(_fraction: float) -> None:
    """Tell nobody how far the work is."""


class NoGroups(Exception):  # noqa: N818 - an outcome told to the reader, not a fault
    """Customers who cannot be grouped.

    Attributes:
        reason: `few` customers, or all `alike`.
        customers: how many there are.
    """

    def __init__(self, reason: str, customers: int) -> None:
        """Keep the reason; the analysis words it."""
        super().__init__(reason)
        self.reason = reason
        self.customers = customers


@dataclass(frozen=True)
class Trial:
    """One number of groups that was tried.

    Attributes:
        k: number of groups.
        ari: mean adjusted Rand index over the bootstraps; 1: the same groups again.
        ari_low: 5 % quantile over the bootstraps.
        ari_high: 95 % quantile.
        weakest: mean Jaccard index of the group that comes back worst, 0 to 1.
        smallest: share of customers in the smallest group.
        silhouette: mean silhouette, −1 to 1.
        inertia: mean squared distance to the own centre, in standard deviations.
        verdict: `taken`, `smaller` (stable, but a larger k is too), `unstable` (other groups in
            other samples), `small` (a group too small) or `split` (a group that does not come
            back).
    """

    k: int
    ari: float
    ari_low: float
    ari_high: float
    weakest: float
    smallest: float
    silhouette: float
    inertia: float
    verdict: str


@dataclass(frozen=True)
class Clustering:
    """The groups, and how their number was found.

    Attributes:
        labels: group of each customer from 0, the most valuable first; None where no number of
            groups is stable.
        centres: in standardised logarithms, shape (k, 3); None as above.
        trials: every k that was tried.
        scaling: of the features.
        sampled: customers the groups were found on, when not all.
        seed: of every random draw.
    """

    labels: Labels | None
    centres: Floats | None
    trials: tuple[Trial, ...]
    scaling: Scaling
    sampled: int | None
    seed: int

    @property
    def k(self) -> int:
        """Number of groups; 0 where none is stable."""
        return 0 if self.centres is None else len(self.centres)


def find_clusters(
    recency: Floats,
    frequency: Floats,
    monetary: Floats,
    *,
    max_k: int = MAX_K,
    bootstraps: int = BOOTSTRAPS,
    seed: int = 0,
    progress: Progress = silent,
) -> Clustering:
    """Group customers by recency, frequency and amount.

    Args:
        recency: days since the last purchase, shape (n,).
        frequency: purchase days, shape (n,).
        monetary: mean net sales of a purchase day, shape (n,).
        max_k: largest number of groups to try, at least 2.
        bootstraps: samples drawn for each number.
        seed: equal seeds give equal groups.
        progress: told the share that is done, 0 to 1, after every number of groups.

    Raises:
        NoGroups: too few customers, or all alike.
    """
    count = len(recency)
    if count < MIN_CUSTOMERS:
        raise NoGroups("few", count)
    logs, scaling = log_features(recency, frequency, monetary)
    points = scaling.standardise(logs)
    rng = np.random.default_rng(seed)
    whole = count <= SAMPLE
    sample = points if whole else points[rng.choice(count, SAMPLE, replace=False)]
    trials, centres = choose(sample, max_k, bootstraps, rng, progress)
    if not trials:
        raise NoGroups("alike", count)
    sampled = None if whole else SAMPLE
    if centres is None:
        return Clustering(None, None, trials, scaling, sampled, seed)
    centres = _ordered(centres)
    return Clustering(nearest(points, centres), centres, trials, scaling, sampled, seed)


def choose(
    points: Floats,
    max_k: int,
    bootstraps: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> tuple[tuple[Trial, ...], Floats | None]:
    """Try 2 … `max_k` groups; return the trials and the centres of the number taken.

    Fewer numbers are tried where fewer points differ; none is taken where none is stable.

    Args:
        points: shape (n, d), on comparable scales.
        max_k: largest number of groups.
        bootstraps: samples drawn for each number.
        rng: of every draw.
        progress: told the share that is done, 0 to 1.
    """
    from threadpoolctl import threadpool_limits

    distinct = len(np.unique(points, axis=0))
    numbers = range(2, min(max_k, distinct - 1) + 1)
    tried: list[tuple[Trial, Any]] = []
    # Hundreds of fits of a few milliseconds each: threads that wait for each other on a busy
    # machine made them ten times slower.
    with threadpool_limits(1):
        for k in numbers:
            tried.append(_try(points, k, bootstraps, rng))
            progress(len(tried) / len(numbers))
    verdicts = [_verdict(trial) for trial, _model in tried]
    sound = [i for i, verdict in enumerate(verdicts) if not verdict]
    for i in sound:
        verdicts[i] = "taken" if i == sound[-1] else "smaller"
    judged = zip(tried, verdicts, strict=True)
    trials = tuple(replace(trial, verdict=verdict) for (trial, _model), verdict in judged)
    return trials, tried[sound[-1]][1].cluster_centers_ if sound else None


def stability(
    points: Floats, labels: Labels, k: int, bootstraps: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return the adjusted Rand index of each bootstrap, and each group's mean Jaccard index.

    Args:
        points: shape (n, d).
        labels: group of each point by KMeans on all points, shape (n,).
        k: number of groups.
        bootstraps: samples of n points with replacement.
        rng: of the draws.

    Returns:
        Shapes (bootstraps,) and (k,).
    """
    from sklearn.metrics import adjusted_rand_score

    found, alike = np.zeros(bootstraps), np.zeros((bootstraps, k))
    for i in range(bootstraps):
        drawn = points[rng.integers(0, len(points), len(points))]
        if len(np.unique(drawn, axis=0)) < k:
            continue  # a sample that cannot even form the groups does not confirm them
        again = _kmeans(k, _STARTS, rng).fit(drawn).predict(points)
        found[i] = adjusted_rand_score(labels, again)
        alike[i] = _jaccard(labels, again, k)
    return found, alike.mean(axis=0)


def _jaccard(labels: Labels, again: Labels, k: int) -> Floats:
    """Return the Jaccard index of each group with the most alike new one, shape (k,)."""
    both = np.bincount(labels * k + again, minlength=k * k).reshape(k, k).astype(float)
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return (both / either).max(axis=1)


def nearest(points: Floats, centres: Floats) -> Labels:
    """Return the position of the nearest centre of each point, shape (n,)."""
    # Ties go to the first; |p|² is the same for every centre and left out.
    gaps = (centres**2).sum(axis=1) - 2.0 * points @ centres.T
    return gaps.argmin(axis=1)


def _try(points: Floats, k: int, bootstraps: int, rng: np.random.Generator) -> tuple[Trial, Any]:
    from sklearn.metrics import silhouette_score

    model = _kmeans(k, _REFERENCE_STARTS, rng).fit(points)
    labels = model.labels_.astype(np.int64)
    indices, alike = stability(points, labels, k, bootstraps, rng)
    size = min(len(points), SILHOUETTE_SAMPLE)
    kept = (
        np.arange(len(points))
        if size == len(points)
        else rng.choice(len(points), size, replace=False)
    )
    several = 1 < len(np.unique(labels[kept])) < size
    trial = Trial(
        k=k,
        ari=float(indices.mean()),
        ari_low=float(np.quantile(indices, 0.05)),
        ari_high=float(np.quantile(indices, 0.95)),
        weakest=float(alike.min()),
        smallest=float(np.bincount(labels, minlength=k).min() / len(points)),
        silhouette=float(silhouette_score(points[kept], labels[kept])) if several else 0.0,
        inertia=float(model.inertia_ / len(points)),
        verdict="",
    )
    return trial, model


def _kmeans(k: int, starts: int, rng: np.random.Generator) -> Any:
    from sklearn.cluster import KMeans

    n_init: Any = starts  # the stubs read the default "auto" as the type
    return KMeans(k, n_init=n_init, random_state=int(rng.integers(2**31)))


def _verdict(trial: Trial) -> str:
    """Return what speaks against a number of groups; empty where nothing does."""
    if trial.ari < STABLE:
        return "unstable"
    if trial.smallest < MIN_SHARE:
        return "small"
    return "split" if trial.weakest < FOUND else ""


def _ordered(centres: Floats) -> Floats:
    """Return the centres with the recent, frequent and large first."""
    worth = centres[:, 1] + centres[:, 2] - centres[:, 0]
    return centres[np.argsort(-worth, kind="stable")]
