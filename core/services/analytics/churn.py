"""Churn: who will leave, how well that can be told, why, what it is worth, and what came of it."""

from dataclasses import replace
from typing import TYPE_CHECKING

from core.i18n import N_, msg
from core.models.filters import parse_filters
from core.models.options import Option
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, PastRun, Study, facts_table

if TYPE_CHECKING:
    from core.services.customer_churn.card import Fact
    from core.services.customer_churn.settings import ChurnSettings

KINDS = {
    "purchases": N_("Customers who buy when they like"),
    "contracts": N_("Customers with a contract: a file says who left"),
}
MODELS = {
    "auto": N_("The learnt model, if it stands its test"),
    "learnt": N_("The learnt model"),
    "purchases": N_("The purchase model"),
}
BASES = {"margin": N_("Gross margin"), "sales": N_("Net sales")}

OPTIONS = (
    Option("kind", N_("Kind of customers"), "choice", "purchases", KINDS),
    Option(
        "horizon",
        N_("Horizon"),
        "integer",
        "90",
        low=7,
        high=730,
        unit=N_("days"),
        hint=N_("A customer who buys nothing for so many days counts as having left."),
    ),
    Option("model", N_("Probabilities from"), "choice", "auto", MODELS),
    Option(
        "contact_cost",
        N_("Cost of a contact"),
        "number",
        "10",
        low=0,
        high=1_000_000,
        hint=N_("What it costs to contact one customer, in base currency."),
    ),
    Option(
        "success",
        N_("Success rate of a contact"),
        "percent",
        "20",
        low=0.1,
        high=100,
        unit="%",
        hint=N_("Of those who would have left, how many stay because they were contacted."),
    ),
    Option(
        "months",
        N_("Months a kept customer counts"),
        "integer",
        "12",
        low=1,
        high=120,
        unit=N_("months"),
    ),
    Option("basis", N_("Value measured in"), "choice", "margin", BASES),
    Option(
        "at_risk",
        N_("Likely to leave from a probability of"),
        "percent",
        "50",
        low=1,
        high=99,
        unit="%",
    ),
    Option(
        "file",
        N_("Customer list"),
        "file",
        hint=N_("One row per customer, a column says who left. Only for contracts."),
        in_bar=False,
    ),
    Option(
        "label",
        N_("Column that says who left"),
        "text",
        hint=N_("Only for contracts. Empty: the column whose title says so."),
        in_bar=False,
    ),
    Option(
        "left_value",
        N_("What stands there for those who left"),
        "text",
        hint=N_("Such as “Yes”. Empty: what the values say, or the rarer one."),
        in_bar=False,
    ),
    Option(
        "identifier",
        N_("Column with the customer code"),
        "text",
        hint=N_("Empty: the column whose title says so, or the row’s number."),
        in_bar=False,
    ),
    Option(
        "value_column",
        N_("Column with the monthly value"),
        "text",
        hint=N_(
            "What a customer is worth a month, in base currency. Empty: the column whose title "
            "says so; “-”: unknown."
        ),
        in_bar=False,
    ),
)

_SAID = ("label", "left_value", "identifier", "value_column")  # of the columns of the list


def run(study: Study) -> AnalysisResult:
    """Run churn on purchases or on a file of contracts.

    Raises:
        PicholineError: there is too little to learn from, or the file does not fit; says why.
    """
    result, facts = _contracts(study) if _kind(study) == "contracts" else _purchases(study)
    card = facts_table(facts, data_version=result.data_version, caveats=result.caveats)
    return replace(
        result,
        tables={
            key: replace(table, data_version=result.data_version)
            for key, table in {**result.tables, "model_card": card}.items()
        },
        titles={**result.titles, "model_card": msg(N_("Model card"))},
    )


def _kind(study: Study) -> str:
    return study.params.chosen.text("kind")


def _purchases(study: Study) -> tuple[AnalysisResult, "list[Fact]"]:
    from core.services.customer_churn import buyers

    with study.customers.open(study.params.filters, study.scope) as history:
        return buyers.study(history, _settings(study), _alike(study), study.report)


def _contracts(study: Study) -> tuple[AnalysisResult, "list[Fact]"]:
    from core.services.customer_churn import contracts
    from core.services.labelled import Asked, read_labelled

    said = (study.params.chosen.text(name) for name in _SAID)
    found = read_labelled(study.files, study.params.chosen.text("file"), Asked(*said))
    result, facts = contracts.study(found, _settings(study), study.report)
    return replace(result, data_version=study.metrics.status().data_version), facts


def _settings(study: Study) -> "ChurnSettings":
    from core.services.customer_churn.settings import ChurnSettings
    from core.services.methods.churn.profit import Offer

    chosen = study.params.chosen
    return ChurnSettings(
        horizon=chosen.integer("horizon"),
        model=chosen.text("model"),
        offer=Offer(chosen.number("contact_cost"), chosen.number("success")),
        months=chosen.integer("months"),
        basis=chosen.text("basis"),
        at_risk=chosen.number("at_risk"),
        currency=study.metrics.base_currency,
    )


def _alike(study: Study) -> tuple[PastRun, ...]:
    """Return the earlier runs on the same selection of sales: other periods are welcome."""
    own = study.params.filters.where()
    return tuple(
        run
        for run in study.past
        if run.card.get("kind") == _kind(study) and parse_filters(run.pairs).where() == own
    )


ANALYSES.add(
    Analysis(
        "churn",
        N_("Churn"),
        N_("Which customers will leave, how sure that is, why, and whom it pays to call."),
        study=run,
        options=OPTIONS,
    )
)
