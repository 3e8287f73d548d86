"""Scores of customers as metrics: where they come from, and what a reader must know of them."""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from core.i18n import Message, msg
from core.models.catalogue import SHIPPED, Known, Metric, Scored
from core.models.query import MetricQuery, Scope
from core.repository.scores import Published
from core.repository.sql import BUYERS, Score, known_of
from core.services.metric_cells import Cells
from core.services.metric_formula import leaves

Sets: TypeAlias = Mapping[str, Published]


def asked_scores(query: MetricQuery, known: Known = SHIPPED) -> dict[str, Scored]:
    """Return the scored metrics a query names, those it ranks and picks by too."""
    picking = [*query.members, *query.having]
    keys = [*query.metrics, *([query.top.by] if query.top else []), *(p.metric for p in picking)]
    metrics = [known.metrics[key] for key in keys if key in known.metrics]
    formulas = {leaf.key: leaf.formula for metric in metrics for leaf in leaves(metric)}
    return {key: f for key, f in formulas.items() if isinstance(f, Scored)}


def scores_of(query: MetricQuery, sets: Sets, known: Known = SHIPPED) -> tuple[Score, ...]:
    """Return what is joined to answer a query; scores nobody published are missing."""
    return tuple(
        Score(key, formula.column, formula.how, sets[formula.column].file)
        for key, formula in asked_scores(query, known).items()
        if formula.column in sets
    )


def score_caveats(
    metrics: tuple[Metric, ...], cells: Cells, sets: Sets, data_version: int, scope: Scope
) -> Iterator[Message]:
    """Say of each score whose it is, how old it is, and where it is computed."""
    for metric in {leaf.key: leaf for named in metrics for leaf in leaves(named)}.values():
        if not isinstance(metric.formula, Scored):
            continue
        name, page = Message(metric.name), Message(metric.formula.page)
        found = sets.get(metric.formula.column)
        if scope.where:
            yield msg(
                "“{metric}” rests on everything a customer bought: it is shown to people who may "
                "see all rows.",
                metric=name,
            )
            continue
        if found is None:
            yield msg(
                "“{metric}” is not computed yet: open the page “{page}” and start a run "
                "without filters.",
                metric=name,
                page=page,
            )
            continue
        buyers = int(cells.total_of(BUYERS) or 0)
        if not buyers:
            continue
        values = {
            "metric": name,
            "page": page,
            "known": int(cells.total_of(known_of(metric.key)) or 0),
            "buyers": buyers,
            "version": found.data_version,
            "current": data_version,
        }
        if found.data_version == data_version:
            yield msg(
                "“{metric}” is known for {known} of {buyers} customers; it was computed from "
                "these data (version {version}).",
                **values,
            )
        else:
            yield msg(
                "“{metric}” is known for {known} of {buyers} customers; it was computed from older "
                "data (version {version}, now {current}): start a new run on the page “{page}”.",
                **values,
            )
