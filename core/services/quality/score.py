"""The quality score of an import.

    score = accepted rows without any warning ÷ (rows read − rows already there)

Warnings are those about a row itself: rules that warn, countries and kinds of line that were not
recognised, amounts that differ. What was assumed about a whole column does not count. A file whose
rows were all there already, or that has none, has no score.
"""

from collections.abc import Mapping
from typing import Any

KEY = "quality"


def score(clean: int, read: int, already_there: int) -> float | None:
    """Return the share of new rows that were accepted without warning, 0 to 1; None without any."""
    new = read - already_there
    return clean / new if new > 0 else None


def stored(clean: int, read: int, already_there: int, revision: int) -> dict[str, Any]:
    """Return what is kept with an import: score, rows without warning, revision of the rules."""
    return {"score": score(clean, read, already_there), "clean": clean, "rules": revision}


def score_of(described: Mapping[str, Any]) -> float | None:
    """Return the score kept with an import, in its `mapping`; None for one without any."""
    kept = described.get(KEY) or {}
    found = kept.get("score")
    return None if found is None else float(found)
