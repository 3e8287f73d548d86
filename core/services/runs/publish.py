"""Scores of a run become columns of the metric catalogue."""

import pyarrow as pa

from core.models.result import Outcome
from core.models.tables import Run, ScoreSet


def score_set(run: Run, outcome: Outcome, file: str) -> ScoreSet | None:
    """Return the entry that publishes a run's scores; None where it publishes nothing.

    Args:
        run: answered the standard question (`Question.standard`).
        outcome: names the columns.
        file: the scores, relative to the folder of runs.

    Raises:
        KeyError: `publish` names a column the scores do not have.
    """
    scores = outcome.scores
    if not outcome.publish or scores is None or not scores.num_rows:
        return None
    _check(scores, outcome.publish)
    return ScoreSet(
        run_id=run.id or 0,
        analysis=run.analysis,
        data_version=run.data_version,
        columns=list(outcome.publish),
        file=file,
    )


def _check(scores: pa.Table, columns: tuple[str, ...]) -> None:
    lacking = {"customer_id", *columns} - set(scores.column_names)
    if lacking:
        raise KeyError(", ".join(sorted(lacking)))
