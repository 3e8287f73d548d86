"""Groups of the customers of a real shop (Online Retail, second year), and a trap refused.

The features are made here from the workbook with pandas, not by the warehouse.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score

from core.services.methods.segmentation import (
    FOUND,
    MIN_SHARE,
    STABLE,
    Clustering,
    choose,
    find_clusters,
    find_outliers,
    profiles,
)

CUSTOMERS = 4_338


@pytest.fixture(scope="module")
def customers(retail_lines: Path) -> pd.DataFrame:
    """Return recency, frequency, mean and total amount of each customer, cleaned as published."""
    lines = pd.read_parquet(retail_lines)
    kept = lines["Customer ID"].notna() & ~lines["Invoice"].str.startswith("C")
    lines = lines[kept & (lines["Price"] > 0)]
    lines["day"] = lines["InvoiceDate"].dt.normalize()
    lines["amount"] = lines["Quantity"] * lines["Price"]
    by = lines.groupby("Customer ID")
    table = pd.DataFrame(
        {
            "recency": (lines["day"].max() - by["day"].max()).dt.days.astype(float),
            "frequency": by["day"].nunique().astype(float),
            "total": by["amount"].sum(),
        }
    )
    table["mean"] = table["total"] / table["frequency"]
    return table


@pytest.fixture(scope="module")
def found(customers: pd.DataFrame) -> Clustering:
    return find_clusters(*columns(customers))


def columns(customers: pd.DataFrame) -> list[Any]:
    return [customers[name].to_numpy() for name in ("recency", "frequency", "mean")]


@pytest.fixture(scope="module")
def raw(customers: pd.DataFrame) -> Any:
    """Return the common mistake: z-scores of the amounts as they are, not of their logarithms."""
    values = customers[["recency", "frequency", "total"]].to_numpy()
    return (values - values.mean(axis=0)) / values.std(axis=0)


def test_cleaning_leaves_the_published_number_of_customers(customers: pd.DataFrame) -> None:
    assert len(customers) == CUSTOMERS


def test_raw_scores_set_a_trap_for_whoever_maximises_the_silhouette(raw: Any) -> None:
    silhouettes = {}
    for k in range(2, 5):
        labels = KMeans(k, n_init=10, random_state=0).fit_predict(raw)
        silhouettes[k] = silhouette_score(raw, labels)
        if k == 2:
            smallest = np.bincount(labels).min()
    # Published on both years: .924 with 22 customers.
    assert max(silhouettes, key=silhouettes.__getitem__) == 2
    assert silhouettes[2] == pytest.approx(0.890, abs=0.002)
    assert smallest == 26


def test_the_trap_is_refused(raw: Any) -> None:
    trials, centres = choose(raw, 4, 8, np.random.default_rng(0))
    assert centres is None
    assert all(trial.verdict in {"unstable", "small"} for trial in trials)
    assert all(trial.smallest < 0.01 for trial in trials)


def test_logarithms_give_groups_that_new_samples_confirm(found: Clustering) -> None:
    assert found.k == 6
    by_k = {trial.k: trial for trial in found.trials}
    taken = by_k[found.k]
    assert taken.verdict == "taken"
    assert taken.ari >= STABLE
    assert taken.smallest >= MIN_SHARE
    assert taken.weakest >= FOUND
    # The silhouette alone would stop at two.
    assert max(by_k.values(), key=lambda trial: trial.silhouette).k == 2
    assert by_k[5].verdict == "unstable"


def test_the_groups_are_told_apart_in_words(found: Clustering, customers: pd.DataFrame) -> None:
    assert found.labels is not None
    assert found.centres is not None
    described = profiles(found.labels, np.column_stack(columns(customers)), found.centres)
    levels = [tuple(profile.levels.values()) for profile in described]
    assert len(set(levels)) == found.k
    assert sum(profile.customers for profile in described) == CUSTOMERS
    best, worst = described[0], described[-1]
    assert best.medians["recency"] < 10
    assert worst.medians["recency"] > 100
    assert best.medians["frequency"] > 5 > worst.medians["frequency"]


def test_outliers_are_the_giants_the_trap_was_made_of(customers: pd.DataFrame, raw: Any) -> None:
    outliers = find_outliers(*columns(customers))
    assert 20 <= outliers.found.sum() <= 0.02 * CUSTOMERS
    labels = KMeans(2, n_init=10, random_state=0).fit_predict(raw)
    giants = labels == np.bincount(labels).argmin()
    assert outliers.found[giants].mean() >= 0.75
    # Two orders of 84,236 a day on average; one order of 77,183.60.
    for customer in ("16446", "12346"):
        position = customers.index.get_loc(customer)
        assert outliers.found[position]
        assert outliers.reasons(int(position))[0] == ("monetary", 1)
