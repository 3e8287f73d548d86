"""Customers like no other: alone in the crowd, and far from what is usual.

Two conditions together: a density method finds no neighbourhood for the customer (HDBSCAN,
Campello, Moulavi and Sander 2013; DBSCAN, Ester and others 1996, where there are many customers),
and the robust distance (root of the summed squares of robust z-scores) is beyond the 99.9 %
quantile of a chi distribution. Density alone flags every thinly sown corner, distance alone every
long tail.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi

from core.services.methods.robust import MAD_TO_SIGMA, OUTLIER_Z

from .clusters import MIN_CUSTOMERS, NoGroups
from .features import FEATURES, Floats, log_features

FAR = 0.999
NEIGHBOURS = 10
HDBSCAN_LIMIT = 20_000  # its time grows with the square; DBSCAN's hardly
_GROUP_SHARE = 0.02
_LEAST_GROUP = 10
_ALONE = 0.98  # DBSCAN: the quantile of the distances to the tenth neighbour taken as its reach
_REACH_SAMPLE = 10_000
_IQR_TO_SIGMA = 1.0 / 1.3489795003921634


@dataclass(frozen=True)
class Outliers:
    """Who is unlike everybody else, and by what.

    Attributes:
        found: shape (n,).
        distance: robust distance of every customer, shape (n,).
        scores: robust z-scores of the features' logarithms, shape (n, 3); 0 for a feature in
            which customers do not differ.
        limit: smallest distance of an outlier.
        method: `hdbscan` or `dbscan`.
    """

    found: NDArray[np.bool_]
    distance: Floats
    scores: Floats
    limit: float
    method: str

    def reasons(self, position: int) -> tuple[tuple[str, int], ...]:
        """Return the features that are far off, the farthest first, with −1 (low) or +1 (high).

        Where none alone is far, the farthest one of the combination is named.
        """
        z = self.scores[position]
        order = np.argsort(-np.abs(z), kind="stable").tolist()
        far = [i for i in order if abs(z[i]) > OUTLIER_Z] or order[:1]
        return tuple((FEATURES[i], 1 if z[i] > 0 else -1) for i in far)


def find_outliers(recency: Floats, frequency: Floats, monetary: Floats) -> Outliers:
    """Find customers who stand alone and far off.

    Args:
        recency: days since the last purchase, shape (n,).
        frequency: purchase days, shape (n,).
        monetary: mean net sales of a purchase day, shape (n,).

    Raises:
        NoGroups: too few customers, or all alike.
    """
    if len(recency) < MIN_CUSTOMERS:
        raise NoGroups("few", len(recency))
    # Without a floor: raised amounts would be a crowd of their own.
    logs, _scaling = log_features(recency, frequency, monetary, floor_quantile=0.0)
    scores = np.column_stack([_scores(column) for column in logs.T])
    used = scores[:, scores.any(axis=0)]
    if used.shape[1] == 0:
        raise NoGroups("alike", len(recency))
    distance = np.sqrt((used**2).sum(axis=1))
    limit = float(chi.ppf(FAR, used.shape[1]))
    small = len(used) <= HDBSCAN_LIMIT
    alone = _hdbscan(used) if small else _dbscan(used)
    method = "hdbscan" if small else "dbscan"
    return Outliers(alone & (distance > limit), distance, scores, limit, method)


def _scores(values: Floats) -> Floats:
    """Return robust z-scores; where half of the customers are equal, a wider scale takes over.

    Frequency is 1 for most customers of a shop: the median deviation is 0 there and would make
    everybody else infinitely far.
    """
    deviation = values - np.median(values)
    low, high = np.quantile(values, (0.25, 0.75))
    scales = (
        float(np.median(np.abs(deviation))) * MAD_TO_SIGMA,
        float(high - low) * _IQR_TO_SIGMA,
        float(deviation.std()),
    )
    # Of the first two the larger: either alone can be a small step of a scale with few steps.
    scale = max(scales[:2]) or scales[2]
    return deviation / scale if scale > 0 else np.zeros_like(values)


def _hdbscan(points: Floats) -> NDArray[np.bool_]:
    from sklearn.cluster import HDBSCAN

    size = max(_LEAST_GROUP, round(len(points) * _GROUP_SHARE))
    copy: Any = True  # the stubs read the deprecated default as the type
    model = HDBSCAN(
        min_cluster_size=size, min_samples=NEIGHBOURS, allow_single_cluster=True, copy=copy
    )
    return model.fit(points).labels_ < 0


def _dbscan(points: Floats) -> NDArray[np.bool_]:
    from sklearn.cluster import DBSCAN
    from sklearn.neighbors import NearestNeighbors

    step = max(1, len(points) // _REACH_SAMPLE)
    tree = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(points)
    gaps = tree.kneighbors(points[::step])[0][:, -1]
    reach = max(float(np.quantile(gaps, _ALONE)), np.finfo(float).tiny)
    return DBSCAN(eps=reach, min_samples=NEIGHBOURS).fit(points).labels_ < 0
