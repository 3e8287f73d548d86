"""What happened to the customers of earlier runs: the back-test nobody could have prepared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa

from core.i18n import N_, Message, msg
from core.models.formats import Format
from core.models.result import Column, ResultTable
from core.repository.customers.features import purchases_since
from core.services.customer_churn.drifting import PROBABILITY, no_earlier_run
from core.services.customer_churn.known import floats
from core.services.customer_churn.settings import EarlierRun
from core.services.customer_churn.tables import made
from core.services.customers import History
from core.services.methods.churn import scores
from core.services.methods.churn.scores import Labels, Numbers

FLAGGED, AT_STAKE = "flagged", "value_at_stake"
MOST_RUNS = 12
_HALF = 0.5
MOST_CUSTOMERS = 2000


@dataclass(frozen=True)
class LookBack:
    """An earlier run and what its customers did since.

    Attributes:
        made_on: day of the run.
        cut_off: the last day it knew.
        horizon: days it looked ahead.
        until: the last day of its horizon, or the last day known now if that is earlier.
        customer_ids: of its customers that are still in the data.
        probability, at_stake: what it said of them; at_stake is NaN where unknown.
        flagged: whom it said were worth a contact.
        at_risk: whose probability was high enough to count as at risk.
        next_purchase: first purchase day since, None where there was none.
        net_sales: since, base currency.
    """

    made_on: date
    cut_off: date
    horizon: int
    until: date
    customer_ids: tuple[str, ...]
    probability: Numbers
    at_stake: Numbers
    flagged: Labels
    at_risk: Labels
    next_purchase: tuple[date | None, ...]
    net_sales: Numbers

    @property
    def is_over(self) -> bool:
        """Whether the whole horizon is known."""
        return self.until == self.cut_off + timedelta(days=self.horizon)

    @property
    def left(self) -> Labels:
        """Who bought nothing so far."""
        return np.array([day is None for day in self.next_purchase], dtype=bool)


def look_back(history: History, runs: Sequence[EarlierRun]) -> list[LookBack]:
    """Return the earlier runs whose cut-off was before today's, one per cut-off and horizon.

    The latest run of a cut-off counts; runs whose scores are gone are left out.
    """
    found: dict[tuple[date, int], LookBack] = {}
    for run in runs:
        cut_off, horizon = _asked(run)
        if cut_off is None or cut_off >= history.cut_off or (cut_off, horizon) in found:
            continue
        table = run.scores()
        if table is not None and {PROBABILITY, FLAGGED} <= set(table.column_names):
            found[cut_off, horizon] = _looked_back(history, table, cut_off, horizon, run)
        if len(found) == MOST_RUNS:
            break
    return sorted(found.values(), key=lambda one: one.cut_off, reverse=True)


def _asked(run: EarlierRun) -> tuple[date | None, int]:
    stated, horizon = run.card.get("cut_off"), run.card.get("horizon")
    if not isinstance(stated, str) or not isinstance(horizon, int):
        return None, 0
    return date.fromisoformat(stated), horizon


def _looked_back(
    history: History, table: pa.Table, cut_off: date, horizon: int, run: EarlierRun
) -> LookBack:
    until = min(cut_off + timedelta(days=horizon), history.cut_off)
    since = purchases_since(history.cursor, cut_off, until)
    place = {key: row for row, key in enumerate(since["customer_id"].to_pylist())}
    stated = table["customer_id"].to_pylist()
    kept = [row for row, key in enumerate(stated) if key in place]
    rows = [place[stated[row]] for row in kept]
    days, sales = since["next_purchase"].to_pylist(), floats(since, "net_sales")
    at_stake = floats(table, AT_STAKE) if AT_STAKE in table.column_names else None
    probability = floats(table, PROBABILITY)[kept]
    return LookBack(
        made_on=run.created_at.date(),
        cut_off=cut_off,
        horizon=horizon,
        until=until,
        customer_ids=tuple(stated[row] for row in kept),
        probability=probability,
        at_stake=np.full(len(kept), np.nan) if at_stake is None else at_stake[kept],
        flagged=floats(table, FLAGGED)[kept] > 0,
        at_risk=probability >= float(run.card.get("at_risk_from") or _HALF),
        next_purchase=tuple(days[row] for row in rows),
        net_sales=sales[rows],
    )


def runs_table(found: Sequence[LookBack]) -> ResultTable:
    """Return one row per earlier run: what it expected and what came."""
    columns = (
        Column("made_on", msg(N_("Run of")), Format.DATE, "dimension"),
        Column("cut_off", msg(N_("Cut-off")), Format.DATE, "dimension"),
        Column("until", msg(N_("Known until")), Format.DATE, "label"),
        Column("over", msg(N_("Horizon")), Format.TEXT, "flag", translate=True),
        Column("customers", msg(N_("Customers")), Format.INTEGER, "metric"),
        Column("expected", msg(N_("Predicted share")), Format.PERCENT, "metric"),
        Column("observed", msg(N_("Share without a purchase")), Format.PERCENT, "metric"),
        Column("auc", msg(N_("AUC")), Format.SCORE, "metric", good="up"),
        Column("brier", msg(N_("Brier score")), Format.SCORE, "metric", good="down"),
        Column("at_risk", msg(N_("Customers likely to leave")), Format.INTEGER, "metric"),
        Column("at_risk_expected", msg(N_("Likely to leave: predicted share")), Format.PERCENT,
               "metric"),
        Column("at_risk_observed", msg(N_("Likely to leave: share without a purchase")),
               Format.PERCENT, "metric"),
        Column("flagged", msg(N_("Customers worth a contact")), Format.INTEGER, "metric"),
        Column("flagged_expected", msg(N_("Worth a contact: predicted share")), Format.PERCENT,
               "metric"),
        Column("flagged_observed", msg(N_("Worth a contact: share without a purchase")),
               Format.PERCENT, "metric"),
    )  # fmt: skip
    caveats = () if found else (no_earlier_run(),)
    return made(columns, [_row(one) for one in found if one.customer_ids], caveats)


def _row(one: LookBack) -> dict[str, Any]:
    left, over = one.left, one.is_over
    return {
        "made_on": one.made_on,
        "cut_off": one.cut_off,
        "until": one.until,
        "over": N_("Over") if over else N_("Still running"),
        "customers": len(left),
        "expected": float(one.probability.mean()),
        "observed": float(left.mean()),
        # Before the horizon is over some will still buy: figures of merit would be unfair.
        "auc": scores.auc(left, one.probability) if over else None,
        "brier": scores.brier(left, one.probability) if over else None,
        **_part("at_risk", one.at_risk, one),
        **_part("flagged", one.flagged, one),
    }


def _part(key: str, chosen: Labels, one: LookBack) -> dict[str, Any]:
    return {
        key: int(chosen.sum()),
        f"{key}_expected": float(one.probability[chosen].mean()) if chosen.any() else None,
        f"{key}_observed": scores.base_rate(one.left[chosen]),
    }


def flagged_table(found: Sequence[LookBack], names: dict[str, str]) -> ResultTable:
    """Return the customers the latest of these runs flagged, and what they did since.

    Args:
        found: earlier runs, the newest first.
        names: of customers, by their code.
    """
    columns = (
        Column("customer", msg(N_("Customer code")), Format.CODE, "dimension"),
        Column("customer_name", msg(N_("Customer")), Format.TEXT, "label"),
        Column("probability", msg(N_("Probability then")), Format.PERCENT, "metric"),
        Column("at_stake", msg(N_("Value at stake then")), Format.MONEY, "metric"),
        Column("outcome", msg(N_("Since then")), Format.TEXT, "flag", translate=True),
        Column("next_purchase", msg(N_("Next purchase")), Format.DATE, "label"),
        Column("days", msg(N_("Days until then")), Format.INTEGER, "metric"),
        Column("net_sales", msg(N_("Net sales since")), Format.MONEY, "metric", good="up"),
    )
    if not found:
        return made(columns, (), (no_earlier_run(),))
    last = found[0]
    order = np.flatnonzero(last.flagged)
    at_stake = np.nan_to_num(last.at_stake * last.probability)
    order = order[np.lexsort((-last.probability[order], -at_stake[order]))]
    rows = [_flagged_row(last, int(place), names) for place in order[:MOST_CUSTOMERS]]
    return made(columns, rows, _flagged_caveats(last))


def _flagged_row(last: LookBack, place: int, names: dict[str, str]) -> dict[str, Any]:
    day = last.next_purchase[place]
    nothing = N_("No purchase within the horizon") if last.is_over else N_("No purchase yet")
    return {
        "customer": last.customer_ids[place],
        "customer_name": names.get(last.customer_ids[place]),
        "probability": float(last.probability[place]),
        "at_stake": float(last.at_stake[place]),
        "outcome": N_("Bought again") if day else nothing,
        "next_purchase": day,
        "days": (day - last.cut_off).days if day else None,
        "net_sales": float(last.net_sales[place]),
    }


def _flagged_caveats(last: LookBack) -> tuple[Message, ...]:
    count = int(last.flagged.sum())
    if count <= MOST_CUSTOMERS:
        return ()
    return (
        msg(
            "{n} customers were flagged; the {shown} with the highest probability × value are "
            "listed.",
            n=count,
            shown=MOST_CUSTOMERS,
        ),
    )
