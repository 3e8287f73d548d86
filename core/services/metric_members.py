"""Members of a dimension that a metric picks, as a condition on the lines."""

from dataclasses import replace
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc

from core.formats import shown
from core.i18n import Message, msg, msg_n
from core.models.catalogue import SHIPPED, Known
from core.models.formats import Format
from core.models.query import Members, MetricQuery, Scope
from core.repository.sql import Explained
from core.repository.warehouse import Cursor, WarehouseInfo
from core.services.metric_filters import BoundCondition, picked
from core.services.metric_known import get_dimension, get_metric
from core.services.metric_order import places_by_value
from core.services.metric_request import Question, question
from core.services.metric_rows import Reader, in_range
from core.services.metric_scores import Sets


class Picker:
    """Picks the members of a query's `members`, each under its filters, period and scope.

    Several picks do not depend on each other: each is made among all members the filters leave.
    Lines without a member ("no customer") are no member: they are never ranked, and leaving the
    picked ones out keeps them. Members without lines in the period are not known to be low.
    """

    def __init__(
        self,
        scope: Scope,
        cursor: Cursor,
        info: WarehouseInfo,
        first_month: int,
        today: date,
        sets: Sets,
        known: Known = SHIPPED,
    ) -> None:
        """Keep what the questions need; nothing is read yet."""
        self._scope = scope
        self._cursor = cursor
        self._info = info
        self._first_month = first_month
        self._today = today
        self._sets = sets
        self._known = known
        self.explained: list[Explained] = []
        self.notes: list[Message] = []

    def question(self, query: MetricQuery) -> Question:
        """Return a checked question whose request keeps to the picked members.

        Raises:
            PicholineError: see `core.services.metric_request.question`.
        """
        bound = [self._condition(query, members) for members in query.members]
        return question(query, self._scope, self._first_month, self._known, self._info.rules, bound)

    def _condition(self, query: MetricQuery, members: Members) -> BoundCondition:
        own = replace(
            MetricQuery((members.metric,), (members.dimension,)),
            where=query.where,
            period=query.period,
        )
        asked = question(own, self._scope, self._first_month, self._known, self._info.rules)
        reader = Reader(asked, self._cursor, self._info, self._first_month, self._today, self._sets)
        block = reader.block((0,))
        self.explained += reader.explained
        values = block.values(asked.metrics[0]).slice(0, len(block))
        (keys,) = block.keys
        order = places_by_value(block.keys, values, lowest=members.lowest)
        fits = in_range(values, members.low, members.high)
        fits &= pc.is_valid(keys).to_numpy(zero_copy_only=False)
        chosen = keys.take(pa.array(order[fits[order]][: members.n])).to_pylist()
        self.notes.append(self._note(query, members, len(chosen)))
        return picked(asked.dimensions[0], chosen, keep=members.keep)

    def _note(self, query: MetricQuery, members: Members, number: int) -> Message:
        """Say which members are meant, and that both periods speak of the same ones."""
        rule = rule_text(members, self._known)
        dimension = Message(get_dimension(members.dimension, self._known).name)
        if members.keep:
            note = msg_n(
                "Only lines of {n} member of “{dimension}”: {rule}.",
                "Only lines of {n} members of “{dimension}”: {rule}.",
                number,
                dimension=dimension,
                rule=rule,
            )
        else:
            note = msg_n(
                "Without the lines of {n} member of “{dimension}”: {rule}.",
                "Without the lines of {n} members of “{dimension}”: {rule}.",
                number,
                dimension=dimension,
                rule=rule,
            )
        if query.compare or query.compared:
            return msg("{note} They are picked in the asked period, for both.", note=note)
        return note


def rule_text(members: Members, known: Known = SHIPPED) -> Message:
    """Return in words what picks members."""
    metric = get_metric(members.metric, known)
    name = Message(metric.name)
    ranged = range_text(name, metric.format, members.low, members.high)
    if members.n is None:
        return ranged
    if members.lowest:
        first = msg("the {n} lowest by {metric}", n=members.n, metric=name)
    else:
        first = msg("the {n} highest by {metric}", n=members.n, metric=name)
    if members.low is None and members.high is None:
        return first
    return msg("{first}, {second}", first=first, second=ranged)


def range_text(name: Message, kind: Format, low: float | None, high: float | None) -> Message:
    """Return a range of a metric in words."""
    if low is None:
        return msg("{metric} at most {high}", metric=name, high=shown(high, kind))
    if high is None:
        return msg("{metric} at least {low}", metric=name, low=shown(low, kind))
    return msg(
        "{metric} from {low} to {high}", metric=name, low=shown(low, kind), high=shown(high, kind)
    )
