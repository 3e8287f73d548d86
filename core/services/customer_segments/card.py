"""The model card of a run: data, settings, how good the groups are, what moved since the last."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Outcome
from core.models.rfm import DEFAULT_RULES
from core.services.customer_segments.groups import SEED, Groups
from core.services.customer_segments.people import People
from core.services.customer_segments.words import SCALES, day_text
from core.services.methods.churn.drift import drift
from core.services.methods.segmentation import FOUND, MIN_SHARE, STABLE

_FEATURES = ("recency", "frequency", "monetary")
Fact = tuple[Message, float | int | str | Message | None, Format]


def outcome(people: People, groups: Groups) -> Outcome:
    """Return what a later run can be compared with, and the rules and groups to apply again."""
    found = groups.clustering
    labels = groups.labels(people.count)
    scores = pa.table(
        {
            "customer_id": people.table.column("customer"),
            **{name: people.table.column(name) for name in (*_FEATURES, "r", "f", "m")},
            "rfm_segment": people.table.column("segment"),
            "cluster": pa.array(labels, pa.int64()),
        }
    )
    taken = _taken(groups)
    model: dict[str, Any] = {"rules": [rule.as_dict() for rule in people.rules]}
    if found is not None and found.centres is not None:
        model["groups"] = {
            "features": list(_FEATURES),
            "transform": "log(1 + days), log(purchase days), log(amount, at least the floor)",
            "floor": found.scaling.floor,
            "mean": found.scaling.mean.tolist(),
            "spread": found.scaling.spread.tolist(),
            "centres": found.centres.tolist(),
        }
    card = {
        "customers": people.count,
        "groups": found.k if found else None,
        "agreement": taken.get("ari"),
        "outliers": int(groups.outliers.found.sum()) if groups.outliers else None,
    }
    return Outcome(model=model, scores=scores, card=card, publish=_FEATURES)


def card_rows(people: People, groups: Groups, earlier: tuple[date, pa.Table] | None) -> list[Fact]:
    """Return the facts of this run, and how far the customers moved since an earlier one."""
    return [*_data(people), *_groups(groups), *_drift(people, earlier)]


def _data(people: People) -> list[Fact]:
    edited = tuple(people.rules) != DEFAULT_RULES
    return [
        (msg(N_("First day of the data")), day_text(people.window.start), Format.TEXT),
        (msg(N_("Day of the scores")), day_text(people.window.end), Format.TEXT),
        (msg(N_("Day compared with")), day_text(people.before), Format.TEXT),
        (msg(N_("Customers")), people.count, Format.INTEGER),
        (msg(N_("Rules of the segments")), len(people.rules), Format.INTEGER),
        (
            msg(N_("State of the rules")),
            msg(N_("Edited")) if edited else msg(N_("As delivered")),
            Format.TEXT,
        ),
        (
            msg(N_("Scores")),
            msg(
                N_(
                    "Fifths of all customers by rank, equals share a score: recency in days, "
                    "purchase days, mean net sales per purchase day"
                )
            ),
            Format.TEXT,
        ),
    ]


def _taken(groups: Groups) -> Mapping[str, Any]:
    trials = groups.clustering.trials if groups.clustering else ()
    return next((vars(trial) for trial in trials if trial.verdict == "taken"), {})


def _groups(groups: Groups) -> list[Fact]:
    found, taken = groups.clustering, _taken(groups)
    facts: list[Fact] = []
    if found is not None:
        facts += [
            (msg(N_("Method of the groups")), _METHOD, Format.TEXT),
            (msg(N_("Number of groups")), found.k or None, Format.INTEGER),
            (msg(N_("Agreement with new samples")), taken.get("ari"), Format.SCORE),
            (msg(N_("Agreement wanted, at least")), STABLE, Format.NUMBER),
            (msg(N_("Likeness of the weakest group")), taken.get("weakest"), Format.SCORE),
            (msg(N_("Likeness wanted, at least")), FOUND, Format.NUMBER),
            (msg(N_("Smallest group")), taken.get("smallest"), Format.PERCENT),
            (msg(N_("Smallest group wanted, at least")), MIN_SHARE, Format.PERCENT),
            (msg(N_("Silhouette")), taken.get("silhouette"), Format.SCORE),
            (msg(N_("Start of the random draws")), SEED, Format.INTEGER),
        ]
        if found.sampled:
            facts.append(
                (msg(N_("Customers the groups were found on")), found.sampled, Format.INTEGER)
            )
    if groups.outliers is not None:
        facts += [
            (msg(N_("Method of the unusual customers")), _FINDERS[groups.outliers.method],
             Format.TEXT),
            (msg(N_("Unusual customers")), int(groups.outliers.found.sum()), Format.INTEGER),
            (msg(N_("Distance from which one is unusual")), groups.outliers.limit, Format.NUMBER),
        ]  # fmt: skip
    return facts


_METHOD = msg(
    N_(
        "KMeans on standardised logarithms of recency, purchase days and amount; the largest "
        "number of groups that bootstrap samples confirm"
    )
)
_FINDERS = {
    "hdbscan": msg(N_("HDBSCAN: no neighbourhood, and a robust distance beyond 99.9%")),
    "dbscan": msg(N_("DBSCAN: no neighbourhood, and a robust distance beyond 99.9%")),
}


def _drift(people: People, last: tuple[date, pa.Table] | None) -> list[Fact]:
    if last is None:
        unknown = msg(N_("There is no earlier run."))
        return [(msg(N_("Compared with the last run")), unknown, Format.TEXT)]
    day, earlier = last
    facts: list[Fact] = [(msg(N_("Compared with the run of")), day_text(day), Format.TEXT)]
    for name in _FEATURES:
        moved = drift(_floats(earlier, name), people.numbers(name))
        if moved is None:
            continue
        scale = Message(SCALES[name])
        facts += [
            (msg("Shift of “{scale}” since then (PSI)", scale=scale), moved.psi, Format.SCORE),
            (msg("Shift of “{scale}” since then (KS)", scale=scale), moved.ks, Format.SCORE),
        ]
    changed = _changed(people, earlier)
    return [*facts, (msg(N_("Changed segment since that run")), changed, Format.PERCENT)]


def _floats(table: pa.Table, name: str) -> NDArray[np.float64]:
    column = table.column(name).cast(pa.float64()).combine_chunks()
    return column.to_numpy(zero_copy_only=False)


def _changed(people: People, earlier: pa.Table) -> float | None:
    ids, keys = (earlier.column(name).to_pylist() for name in ("customer_id", "rfm_segment"))
    before = dict(zip(ids, keys, strict=True))
    pairs = zip(people.texts("customer"), people.texts("segment"), strict=True)
    known = [before[who] != now for who, now in pairs if who in before]
    return sum(known) / len(known) if known else None
