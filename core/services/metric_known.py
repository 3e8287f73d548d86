"""Looking up what a question names; a name that is unknown is answered with the nearest ones."""

from core.errors import PicholineError
from core.i18n import msg
from core.models.catalogue import SHIPPED, Dimension, Known, Metric
from core.services.vocabulary import nearest


def get_metric(key: str, known: Known = SHIPPED) -> Metric:
    """Return a metric by key.

    Raises:
        PicholineError: there is none; the remedy names the nearest ones.
    """
    found = known.metrics.get(key)
    if found is None:
        raise PicholineError(
            "query.metric",
            msg("There is no metric “{key}”.", key=key),
            msg(
                "Did you mean: {keys}?",
                keys=", ".join(m.key for m in nearest(key, known.metrics.values())),
            ),
        )
    return found


def get_dimension(key: str, known: Known = SHIPPED) -> Dimension:
    """Return a dimension by key.

    Raises:
        PicholineError: there is none; the remedy names the nearest ones.
    """
    found = known.dimensions.get(key)
    if found is None:
        raise PicholineError(
            "query.dimension",
            msg("There is no dimension “{key}”.", key=key),
            msg(
                "Did you mean: {keys}?",
                keys=", ".join(d.key for d in nearest(key, known.dimensions.values())),
            ),
        )
    return found
