"""Looking up what a question names; a name that is unknown is answered with the nearest ones."""

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.catalogue import SHIPPED, Dimension, Known, Metric
from core.services.vocabulary import nearest


def get_metric(key: str, known: Known = SHIPPED) -> Metric:
    """Return a metric by key.

    Raises:
        PicholineError: there is none; the remedy names the nearest ones.
    """
    found = known.metrics.get(key)
    if found is None:
        _check_removed(key, known)
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
        _check_removed(key, known)
        raise PicholineError(
            "query.dimension",
            msg("There is no dimension “{key}”.", key=key),
            msg(
                "Did you mean: {keys}?",
                keys=", ".join(d.key for d in nearest(key, known.dimensions.values())),
            ),
        )
    return found


def _check_removed(key: str, known: Known) -> None:
    """Say of a definition that was in force once that it is not any more.

    Raises:
        PicholineError: it is such a one.
    """
    if key in known.removed:
        raise PicholineError(
            "definition.removed",
            msg(
                "“{name}” ({key}) was removed from the definitions.",
                name=Message(known.removed[key]),
                key=key,
            ),
            msg("Leave it out, or bring it back on the page “Definitions”."),
            status=404,
        )
