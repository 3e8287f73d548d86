"""What any value of a dimension is called, by its code, over the rows a person may see."""

from core.formats import format_value
from core.i18n import current_language, translate
from core.models.filters import parse_day
from core.models.query import NO_VALUE, Filter, Scope
from core.services.metric_known import get_dimension
from core.services.metrics import Metrics


def member_name(metrics: Metrics, key: str, value: str, scope: Scope) -> str:
    """Return how a value reads in the current language; a code nobody may see stays a code.

    Raises:
        PicholineError: there is no such dimension, or a day cannot be read.
    """
    dimension = get_dimension(key, metrics.known())
    if value == NO_VALUE:
        return translate(dimension.unknown)
    if dimension.grain:
        return format_value(parse_day(value), dimension.format, current_language())
    if key == "invoice":  # says it all, and there may be millions
        return value
    found = metrics.members(key, scope, limit=1, where=(Filter(key, (value,)),))
    return found[0].label if found else value
