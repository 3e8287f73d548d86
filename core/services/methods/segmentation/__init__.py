"""Customer groups found in the data: clusters with a stable number of groups, and outliers."""

from .clusters import (
    FOUND,
    MIN_CUSTOMERS,
    MIN_SHARE,
    STABLE,
    Clustering,
    NoGroups,
    Trial,
    choose,
    find_clusters,
)
from .features import Scaling, log_features
from .outliers import Outliers, find_outliers
from .profiles import Profile, profiles

__all__ = [
    "FOUND",
    "MIN_CUSTOMERS",
    "MIN_SHARE",
    "STABLE",
    "Clustering",
    "NoGroups",
    "Outliers",
    "Profile",
    "Scaling",
    "Trial",
    "choose",
    "find_clusters",
    "find_outliers",
    "log_features",
    "profiles",
]
