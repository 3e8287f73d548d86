"""Groups the customers form by themselves, and why there are so many."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.formats import shown
from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_segments.people import People
from core.services.customer_segments.words import (
    LAST_YEAR,
    SALES_SHARE,
    group_name,
    made,
    names_of,
    percent,
)
from core.services.methods.segmentation import (
    FOUND,
    MIN_CUSTOMERS,
    MIN_SHARE,
    STABLE,
    Clustering,
    NoGroups,
    Outliers,
    Trial,
    find_clusters,
    find_outliers,
    profiles,
)

SEED = 0  # of every draw: the same data give the same groups


@dataclass(frozen=True)
class Groups:
    """What the methods found among the customers whose amounts are known.

    Attributes:
        rows: their positions among all customers.
        clustering: None where grouping was not wanted or not possible.
        outliers: None where they could not be looked for.
        explained: why there are no groups; None where there are.
    """

    rows: NDArray[np.int64]
    clustering: Clustering | None
    outliers: Outliers | None
    explained: Message | None

    def labels(self, customers: int) -> list[int | None]:
        """Return the group of every customer, from 1; None without one."""
        found: list[int | None] = [None] * customers
        if self.clustering is not None and self.clustering.labels is not None:
            for row, label in zip(self.rows.tolist(), self.clustering.labels.tolist(), strict=True):
                found[row] = label + 1
        return found


def find_groups(
    people: People, *, wanted: bool, most: int, progress: Callable[[float], None]
) -> Groups:
    """Look for groups and outliers.

    Args:
        people: the customers.
        wanted: whether to look for groups; outliers are always looked for.
        most: largest number of groups.
        progress: told the share that is done.
    """
    rows = np.flatnonzero(~np.isnan(people.numbers("monetary")))
    values = [people.numbers(name)[rows] for name in ("recency", "frequency", "monetary")]
    clustering, outliers, explained = None, None, None
    try:
        outliers = find_outliers(*values)
        if wanted:
            clustering = find_clusters(*values, max_k=most, seed=SEED, progress=progress)
            explained = _unstable(clustering)
    except NoGroups as error:
        explained = _explained(error)
    return Groups(rows, clustering, outliers, explained if wanted else _unwanted())


def _explained(error: NoGroups) -> Message:
    if error.reason == "few":
        return msg(
            "{n} customers are too few to look for groups and unusual customers; it takes {least}.",
            n=error.customers,
            least=MIN_CUSTOMERS,
        )
    return msg("All customers are alike: there are no groups to find.")


def _unstable(found: Clustering) -> Message | None:
    if found.k:
        return None
    return msg(
        "The customers form no groups that new samples of them would confirm: rely on the segments."
    )


def _unwanted() -> Message:
    return msg("Looking for groups is switched off in the settings of the analysis.")


def trials(groups: Groups) -> ResultTable:
    """Return every number of groups that was tried, and why it was taken or refused."""
    found = groups.clustering
    if found is None:
        return made(_TRIAL_COLUMNS, [], [groups.explained] if groups.explained else [])
    rows = [
        {
            **{name: getattr(trial, name) for name in _TRIAL_NUMBERS},
            "verdict": _verdict(trial, found.k),
        }
        for trial in found.trials
    ]
    return made(_TRIAL_COLUMNS, rows, [groups.explained] if groups.explained else [])


_TRIAL_NUMBERS = ("k", "ari", "ari_low", "ari_high", "weakest", "smallest", "silhouette", "inertia")


def _verdict(trial: Trial, taken: int) -> Message:
    if trial.verdict == "taken":
        return msg("Taken: the largest number of groups that new samples confirm.")
    if trial.verdict == "smaller":
        return msg("Confirmed too, but {k} groups tell more apart.", k=taken)
    if trial.verdict == "small":
        return msg(
            "Refused: the smallest group has only {share} of the customers, less than {least}.",
            share=percent(trial.smallest, 1),
            least=percent(MIN_SHARE),
        )
    if trial.verdict == "split":
        return msg(
            "Refused: one of the groups is not found again in new samples (likeness {value}, at "
            "least {least} is wanted).",
            value=shown(trial.weakest, Format.NUMBER),
            least=shown(FOUND, Format.NUMBER),
        )
    return msg(
        "Refused: new samples of the customers give other groups (agreement {value}, at least "
        "{least} is wanted).",
        value=shown(trial.ari, Format.NUMBER),
        least=shown(STABLE, Format.NUMBER),
    )


def clusters(people: People, groups: Groups) -> ResultTable:
    """Return the groups with their profiles, the most valuable first."""
    found = groups.clustering
    if found is None or found.labels is None or found.centres is None:
        return made(_CLUSTER_COLUMNS, [], [groups.explained] if groups.explained else [])
    values = np.column_stack(
        [people.numbers(name)[groups.rows] for name in ("recency", "frequency", "monetary")]
    )
    sales = people.numbers("net_sales")
    total = float(sales.sum())
    names = names_of(people.rules)
    segment = people.places("segment", people.keys)
    rows: list[dict[str, Any]] = []
    for profile in profiles(found.labels, values, found.centres):
        own = groups.rows[found.labels == profile.label]
        sizes = np.bincount(segment[own])
        usual = int(sizes.argmax())
        amount = float(sales[own].sum())
        rows.append(
            {
                "cluster": profile.label + 1,
                "cluster_name": group_name(profile.levels),
                "customers": profile.customers,
                "share": profile.share,
                "net_sales": amount,
                "net_sales_share": amount / total if total > 0 else None,
                **{
                    name: round(value) if name != "monetary" else value
                    for name, value in profile.medians.items()
                },
                "segment_name": names[people.keys[usual]],
                "segment_share": float(sizes[usual]) / profile.customers,
            }
        )
    return made(_CLUSTER_COLUMNS, rows)


_TRIAL_COLUMNS = (
    Column("k", msg(N_("Number of groups")), Format.INTEGER, "dimension"),
    Column("verdict", msg(N_("Verdict")), Format.TEXT, "label", translate=True),
    Column("ari", msg(N_("Agreement with new samples")), Format.SCORE, "metric"),
    Column("ari_low", msg(N_("Agreement, lowest 5%")), Format.SCORE, "metric"),
    Column("ari_high", msg(N_("Agreement, highest 5%")), Format.SCORE, "metric"),
    Column("weakest", msg(N_("Likeness of the weakest group")), Format.SCORE, "metric"),
    Column("smallest", msg(N_("Smallest group")), Format.PERCENT, "metric"),
    Column("silhouette", msg(N_("Silhouette")), Format.SCORE, "metric"),
    Column("inertia", msg(N_("Spread within the groups")), Format.SCORE, "metric"),
)
_CLUSTER_COLUMNS = (
    Column("cluster", msg(N_("Group")), Format.INTEGER, "dimension"),
    Column("cluster_name", msg(N_("Profile")), Format.TEXT, "label", translate=True),
    Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
    Column("share", msg(N_("Share of customers")), Format.PERCENT, "metric"),
    Column("net_sales", LAST_YEAR, Format.MONEY, "metric"),
    Column("net_sales_share", SALES_SHARE, Format.PERCENT, "metric"),
    Column("recency", msg(N_("Median days since the last purchase")), Format.INTEGER, "metric"),
    Column("frequency", msg(N_("Median purchase days")), Format.INTEGER, "metric"),
    Column("monetary", msg(N_("Median net sales per purchase day")), Format.MONEY, "metric"),
    Column("segment_name", msg(N_("Usual segment")), Format.TEXT, "flag", translate=True),
    Column("segment_share", msg(N_("Share of the usual segment")), Format.PERCENT, "metric"),
)
