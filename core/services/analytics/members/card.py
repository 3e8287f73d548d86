"""Everything about one member under the page's filters: figures, months, splits, orders, facts."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pyarrow as pa

from core.errors import PicholineError
from core.i18n import N_, Message, msg
from core.models.query import Scope
from core.models.result import AnalysisResult, ResultTable
from core.services.analytics.base import Asker, Params, collect
from core.services.analytics.members.facts import facts
from core.services.analytics.members.kinds import MemberKind
from core.services.analytics.members.listing import everybody
from core.services.analytics.members.master import master
from core.services.analytics.members.one import One, find
from core.services.analytics.members.orders import last_orders, together
from core.services.analytics.members.story import story
from core.services.key_figures import kpi_table
from core.services.metrics import Metrics
from core.services.own_splits import own_split
from core.services.roi import cumulated
from core.services.side_by_side import side_by_side
from core.services.vocabulary import in_sentence

_SPLIT = ("net_sales", "gross_margin", "margin_rate", "orders")
_INVESTED = ("investment", "contribution", "net_margin", "overhead")
_NO_SCORES = msg(
    "No scores are known: open the pages “Segments”, “Lifetime value” and “Churn” and start a run "
    "without filters on each."
)
_TITLES = {
    "kpis": msg(N_("Key figures")),
    "monthly": msg(N_("By month")),
    "facts": msg(N_("At a glance")),
    "cumulated": msg(N_("Investment and contribution, cumulated")),
    "orders": msg(N_("Last orders")),
    "together": msg(N_("Bought in the same orders")),
    "stock": msg(N_("Stock")),
    "scores": msg(N_("Scores")),
    "master": msg(N_("Master data")),
}


def card(
    metrics: Metrics, params: Params, kind: MemberKind, value: str, scope: Scope
) -> AnalysisResult:
    """Return everything about one member.

    Raises:
        PicholineError: there is no such member, or the filters leave it out.
    """
    one = find(metrics, params, kind, value, scope)
    own = own_split(metrics.known(), params.chosen, kind.splits)
    splits = (*kind.splits, *([own.key] if own else []))
    answers = side_by_side(_tasks(one, splits))
    monthly = answers["monthly"]
    listed = answers.pop("listed")
    stock, scores = answers.pop("stock", None), answers.pop("scores", None)
    tables = {
        "kpis": kpi_table(monthly, kind.kpis),
        "monthly": monthly,
        "facts": facts(one, listed),
        **({"cumulated": cumulated(monthly)} if kind.invested else {}),
        **{f"by_{key}": answers[f"by_{key}"] for key in splits},
        "orders": last_orders(one, monthly),
        **({"together": together(one, monthly)} if kind.together else {}),
        **({"stock": stock} if stock else {}),
        **({"scores": scores} if scores else {}),
        "master": master(one, seen=monthly.data.num_rows > 0),
    }
    titles = {
        **_TITLES,
        **{f"by_{key}": Message(name) for key, name in kind.split_names.items()},
        **({f"by_{own.key}": in_sentence(own)} if own else {}),
    }
    notes = story(one, monthly, listed, answers[f"by_{kind.buyers}"])
    return collect(one.asker, tables, titles, notes=notes)


def _tasks(one: One, splits: tuple[str, ...]) -> dict[str, Callable[[], ResultTable]]:
    """Return the questions that do not depend on each other."""
    ask, kind = one.asker.ask, one.kind
    months = tuple(dict.fromkeys([*kind.kpis, *(_INVESTED if kind.invested else ()), "orders"]))
    tasks: dict[str, Callable[[], ResultTable]] = {
        "monthly": partial(ask, *months, by=("month",), order="month"),
        "listed": partial(everybody, one.everybody, kind),
        **{f"by_{key}": partial(ask, *_SPLIT, by=(key,), order="-net_sales") for key in splits},
    }
    if kind.stock:
        tasks["stock"] = partial(_apart, one.asker, kind.stock)
    if kind.scores:
        tasks["scores"] = partial(_apart, one.asker, kind.scores, always=True)
    return tasks


def _apart(asker: Asker, keys: tuple[str, ...], *, always: bool = False) -> ResultTable:
    """Return key figures of their own sources; where there are none, why.

    Args:
        asker: of the member.
        keys: of the metrics.
        always: over all days, as the period plays no part in them.
    """
    asked = asker.query(*keys, compare=not always)
    if always:
        asked = replace(asked, period=None)
    try:
        answer = asker.metrics.ask(asked, asker.scope)
    except PicholineError as error:
        return _without(kpi_table(ResultTable((), pa.table({})), ()), (error.title, error.remedy))
    found = kpi_table(replace(answer, asked=None), keys)
    if any(row["value"] is not None for row in found.rows()):
        return found
    if always and not asker.scope.where:
        return _without(found, (_NO_SCORES,))
    return _without(found, answer.caveats or (msg("Nothing is recorded."),))


def _without(table: ResultTable, why: tuple[Message, ...]) -> ResultTable:
    """Return a table without rows that says why it has none."""
    return replace(table, data=table.data.slice(0, 0), caveats=why, source="", asked=None)
