"""Margin bridge: through what the gross margin moved from the compared period to this one."""

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.options import Option
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, unique
from core.services.bridge import LEVELS, bridge_words, margin_bridge
from core.services.metrics import Metrics

OPTIONS = (
    Option(
        "level",
        N_("Level"),
        "dimension",
        "product",
        LEVELS,
        hint=N_("Whose units, prices and costs are compared; shifts between them are the mix."),
    ),
)


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Compute the bridge of one level.

    Raises:
        PicholineError: there is no period to compare with.
    """
    asker = Asker.start(metrics, params, scope)
    found = margin_bridge(metrics, asker.query(), params.chosen.text("level"), scope)
    if found is None:
        raise PicholineError(
            "bridge.compare",
            msg("A margin bridge needs a period to compare with."),
            msg("Compare with the year before or the previous period, inside the data."),
        )
    words = bridge_words(found.bars, metrics.base_currency)
    return AnalysisResult(
        tables={"bridge": found.bars, "members": found.members},
        titles={"bridge": msg(N_("Margin bridge")), "members": msg(N_("Margin bridge in detail"))},
        headline={row["bar"]: float(row["amount"]) for row in found.bars.rows()},
        caveats=unique([*asker.resolved.caveats, *found.bars.caveats]),
        notes=(words,) if words else (),
        data_version=found.bars.data_version,
        period=asker.resolved.period,
        compared=asker.resolved.compared,
    )


ANALYSES.add(
    Analysis(
        "bridge",
        N_("Margin bridge"),
        N_("The change of the gross margin by volume, mix, price, cost, new and ended products."),
        run,
        options=OPTIONS,
    )
)
