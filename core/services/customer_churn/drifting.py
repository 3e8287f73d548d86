"""How far today's customers moved from those of the last run."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.services.customer_churn.known import floats
from core.services.customer_churn.tables import made
from core.services.methods.churn.drift import SHIFTED, STABLE, Drift, drift

PROBABILITY = "churn_probability"
_STATES = (N_("Stable"), N_("Moved a little"), N_("Moved a lot"))


def drifts(earlier: pa.Table | None, now: pa.Table, keys: Sequence[str]) -> dict[str, Drift]:
    """Return the drift of each score and feature both runs know, the largest PSI first."""
    if earlier is None:
        return {}
    found: dict[str, Drift] = {}
    for key in keys:
        if key in earlier.column_names and key in now.column_names:
            moved = drift(floats(earlier, key), floats(now, key))
            if moved is not None:
                found[key] = moved
    return dict(sorted(found.items(), key=lambda pair: -pair[1].psi))


def drift_table(found: Mapping[str, Drift], names: Mapping[str, str]) -> ResultTable:
    """Return PSI and KS of the probability and of each feature against the last run."""
    columns = (
        Column("feature", msg(N_("Feature")), Format.TEXT, "dimension", translate=True),
        Column("psi", msg(N_("Population stability index")), Format.SCORE, "metric", good="down"),
        Column("ks", msg(N_("Kolmogorov–Smirnov distance")), Format.SCORE, "metric", good="down"),
        Column("p_value", msg(N_("p-value")), Format.SCORE, "flag"),
        Column("state", msg(N_("State")), Format.TEXT, "flag", translate=True),
    )
    rows = [
        {
            "feature": names.get(key, key),
            "psi": one.psi,
            "ks": one.ks,
            "p_value": one.p_value,
            "state": _STATES[(one.psi >= STABLE) + (one.psi >= SHIFTED)],
        }
        for key, one in found.items()
    ]
    return made(columns, rows, () if found else (no_earlier_run(),))


def no_earlier_run() -> Message:
    """Return that there is nothing to compare with yet."""
    return msg(
        N_(
            "There is no earlier run on the same selection yet: what its customers did since, and "
            "how far they moved, is shown from the second run on."
        )
    )
