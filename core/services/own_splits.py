"""Splits of an analysis by a dimension the company has defined itself."""

from collections.abc import Container

from core.models.catalogue import Dimension, Known
from core.models.options import Chosen
from core.services.metric_known import get_dimension


def own_split(known: Known, chosen: Chosen, shipped: Container[str]) -> Dimension | None:
    """Return the company's own dimension that the option `split` names; None for a shipped one.

    Args:
        known: what can be asked for.
        chosen: the analysis' options.
        shipped: keys of the splits it always has.

    Raises:
        PicholineError: there is no such dimension (any more).
    """
    key = chosen.text("split")
    return None if key in shipped else get_dimension(key, known)
