"""Products, customers, suppliers and countries: lists with search, and a page for each member."""

from functools import partial

from core.i18n import N_
from core.models.members import MEMBER, SEARCH, SORT, SPLIT
from core.models.options import Option
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params
from core.services.analytics.members.card import card
from core.services.analytics.members.kinds import KINDS, MemberKind
from core.services.analytics.members.listing import DEFAULT_SORT, listing, sorts
from core.services.metrics import Metrics


def run(metrics: Metrics, params: Params, scope: Scope, *, kind: MemberKind) -> AnalysisResult:
    """Return the list of all members, or everything about the one the parameters name.

    Raises:
        PicholineError: there is no such member, or the filters leave it out.
    """
    value = params.chosen.text(MEMBER)
    if value:
        return card(metrics, params, kind, value, scope)
    return listing(Asker.start(metrics, params, scope), params, kind)


def options(kind: MemberKind) -> tuple[Option, ...]:
    """Return the settings of a kind's pages; all of them have controls of their own."""
    orders = {key: name.text for key, name in sorts(kind).items()}
    return (
        Option(MEMBER, N_("One member"), "text", hint=N_("Its code."), in_bar=False),
        Option(SEARCH, N_("Search"), "text", hint=N_("Part of the name or code."), in_bar=False),
        Option(SORT, N_("Sort by"), "choice", DEFAULT_SORT, orders, in_bar=False),
        Option(SPLIT, N_("Split by"), "dimension", kind.splits[0], kind.split_names, in_bar=False),
    )


for _kind in KINDS.values():
    ANALYSES.add(
        Analysis(
            _kind.place.page,
            _kind.title,
            _kind.description,
            partial(run, kind=_kind),
            options=options(_kind),
        )
    )
