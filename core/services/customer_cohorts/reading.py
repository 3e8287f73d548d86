"""From an open history to its cohorts, groups and curves."""

from collections.abc import Callable

import pyarrow.compute as pc

from core.i18n import N_, Message, msg
from core.repository.customers.cohorts import cohort_cells, customer_spans, usual_pause
from core.services.customer_cohorts.found import Found
from core.services.customer_cohorts.retention import Cells
from core.services.customer_cohorts.staying import study_staying
from core.services.customers import History

# Returning customers who never paused longer than the limit for a lapse: at most one in ten of
# them is taken for lapsed and then comes back.
USUAL_SHARE = 0.9
Report = Callable[[float, Message], None]


def read(
    history: History,
    grain: str,
    split: str | None,
    lapse: int,
    first_month: int,
    report: Report,
) -> Found:
    """Follow the customers of a history by cohort and by group.

    Args:
        history: open.
        grain: month, quarter or campaign.
        split: channel, country or segment; None for all together.
        lapse: days without a purchase after which a customer counts as lapsed; 0: the pause that
            `USUAL_SHARE` of the returning customers never exceeded.
        first_month: of the campaign year, 1–12.
        report: is told how far it is.
    """
    cursor, cut_off, offset = history.cursor, history.cut_off, first_month - 1
    report(0.2, msg(N_("Following the cohorts")))
    usual = usual_pause(cursor, USUAL_SHARE)
    cells = Cells.of(cohort_cells(cursor, cut_off, grain, offset))
    members: dict[str | None, Cells] = {}
    if split:
        report(0.4, msg(N_("Following the groups")))
        parts = cohort_cells(cursor, cut_off, grain, offset, split)
        for name in pc.unique(parts["member"]).to_pylist():
            same = pc.is_null(parts["member"]) if name is None else pc.equal(parts["member"], name)
            members[name] = Cells.of(parts.filter(same))
    report(0.6, msg(N_("Estimating how long customers stay")))
    gap = lapse or usual
    # Without a limit for a lapse any pause will do here: only second purchases are asked for.
    spans = customer_spans(cursor, cut_off, gap or 1, split)
    return Found(
        grain=grain,
        split=split,
        cells=cells,
        members=members,
        staying=study_staying(spans, gap, split=split is not None),
        gap=gap,
        share=None if lapse or gap is None else USUAL_SHARE,
        first=history.first,
        cut_off=cut_off,
    )
