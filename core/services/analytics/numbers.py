"""Any figures, each as one number with its change: what a tile of a dashboard shows."""

from core.i18n import N_, Message
from core.models.options import Option
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.metric_known import get_metric
from core.services.metrics import Metrics
from core.services.vocabulary import in_sentence

FIGURES, TABLE = "figures", "numbers"


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Ask for the chosen figures over all rows.

    Raises:
        PicholineError: one of them does not exist; the nearest ones are named.
    """
    known = metrics.known()
    keys = tuple(key.strip() for key in params.chosen.text(FIGURES).split(",") if key.strip())
    first, *others = [get_metric(key, known) for key in dict.fromkeys(keys)]
    title = Message(first.name)
    for metric in others:
        title = Message("{first}, {next}", {"first": title, "next": in_sentence(metric)})
    asker = Asker.start(metrics, params, scope)
    answer = asker.ask(first.key, *(metric.key for metric in others))
    return collect(asker, {TABLE: answer}, {TABLE: title})


ANALYSES.add(
    Analysis(
        "numbers",
        N_("Figures"),
        N_("Any figures over all rows, each with its change."),
        run,
        options=(
            Option(FIGURES, N_("Figures"), "text", "net_sales",
                   hint=N_("Keys, separated by commas."), in_bar=False),
        ),
    )
)  # fmt: skip
