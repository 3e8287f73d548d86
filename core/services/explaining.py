"""How a question is answered: its statements, what they read, and what else could have."""

from collections.abc import Iterator, Sequence
from typing import Any

from core.formats import format_value
from core.i18n import _, current_language
from core.models.formats import Format
from core.models.query import MetricQuery, Scope
from core.models.result import ResultTable
from core.repository.scores import ScoreStore
from core.repository.sql import Explained
from core.services.metric_answer import Answer
from core.services.metric_scores import asked_scores
from core.services.reading import Reading

_SHOWN = 8  # values of a list that are spelt out


def explain(
    reading: Reading, query: MetricQuery, scope: Scope | None = None
) -> tuple[ResultTable, tuple[Explained, ...]]:
    """Answer a question anew, past the kept answers; return the answer and its statements.

    Raises:
        PicholineError: the question cannot be answered.
    """
    metrics, scope = reading.metrics, scope or Scope()
    known, today = metrics.known(), metrics.today()
    with reading.warehouse.reading() as (cursor, info):
        # As for any question: who may see a part of the sales sees no scores.
        wanted = () if scope.where else asked_scores(query, known).values()
        scores = ScoreStore(reading.catalogue, reading.settings.runs)
        sets = scores.latest({formula.column for formula in wanted})
        month = metrics.campaign_first_month
        answer = Answer(query, scope, cursor, info, month, today, sets, known)
        return answer.table(), answer.explained


def explained_as_dict(explained: Sequence[Explained]) -> list[dict[str, Any]]:
    """Return the statements as JSON values: source, rows it costs, candidates, text and values."""
    return [
        {
            "source": plan.statement.source,
            "rows": plan.candidates[0].rows if plan.candidates else None,
            "candidates": [
                {"source": c.source, "rows": c.rows, "cost": c.cost} for c in plan.candidates
            ],
            "sql": plan.statement.sql,
            "values": dict(plan.statement.values),
        }
        for plan in explained
    ]


def explained_lines(explained: Sequence[Explained]) -> Iterator[str]:
    """Yield the same for people, with the values under the text they are bound to."""
    for number, plan in enumerate(explained, start=1):
        rows = plan.candidates[0].rows if plan.candidates else None
        named = _("{source}, about {n} rows", source=plan.statement.source, n=_number(rows))
        yield f"-- {number}. {plan.statement.source if rows is None else named}"
        for other in plan.candidates[1:]:
            named = _("{source}, about {n} rows", source=other.source, n=_number(other.rows))
            yield "--    " + _("or {other}, cost {cost}", other=named, cost=f"{other.cost:.3g}")
        yield plan.statement.sql
        for name, value in plan.statement.values.items():
            yield f"--    ${name} = {_short(value)}"


def _number(rows: int | None) -> str:
    return format_value(rows, Format.INTEGER, current_language())


def _short(value: object) -> str:
    if isinstance(value, tuple) and len(value) > _SHOWN:
        return f"{', '.join(map(str, value[:_SHOWN]))}, … ({len(value)})"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
