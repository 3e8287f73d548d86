"""Any metrics by any dimension, shipped or a company's own: what the page of definitions shows."""

from core.i18n import N_, Message, msg
from core.models.options import Option
from core.models.query import Scope
from core.models.result import AnalysisResult
from core.services.analytics.base import ANALYSES, Analysis, Asker, Params, collect
from core.services.metric_request import get_dimension, get_metric
from core.services.metrics import Metrics
from core.services.vocabulary import in_sentence

_METRIC, _BY = "net_sales", "month"
_KEYS = N_("Keys, separated by commas.")


def run(metrics: Metrics, params: Params, scope: Scope) -> AnalysisResult:
    """Ask for the chosen metrics by the chosen dimensions.

    Raises:
        PicholineError: one of them does not exist; the nearest ones are named.
    """
    known = metrics.known()
    keys = _list(params.chosen.text("metric"))
    by = _list(params.chosen.text("by"))
    first, *others = [get_metric(key, known) for key in keys] or [get_metric(_METRIC)]
    names = [Message(first.name), *map(in_sentence, others)]
    splits = [in_sentence(get_dimension(key, known)) for key in by]
    asker = Asker.start(metrics, params, scope)
    title = msg("{metric} by {dimension}", metric=_joined(names), dimension=_joined(splits))
    return collect(asker, {"answer": asker.ask(*keys, by=by)}, {"answer": title}, notes=(title,))


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _joined(names: list[Message]) -> Message:
    found = names[0] if names else Message("–")
    for name in names[1:]:
        found = Message("{first}, {next}", {"first": found, "next": name})
    return found


ANALYSES.add(
    Analysis(
        "explore",
        N_("Explore"),
        N_("Any metrics by any dimensions, those of your own among them."),
        run,
        options=(
            Option("metric", N_("Metrics"), "text", _METRIC, hint=_KEYS, in_bar=False),
            Option("by", N_("Split by"), "text", _BY, hint=_KEYS, in_bar=False),
        ),
    )
)
