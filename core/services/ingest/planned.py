"""Which metric a plan is about, where its table does not say: a title or a name may."""

from collections.abc import Sequence

from core.models.catalogue.synonyms import METRIC_SYNONYMS

from .vocabulary import plain


def planned_metric(texts: Sequence[str]) -> tuple[str, str] | None:
    """Return the key of the metric a text names, and the text; the longest name counts.

    Args:
        texts: titles and names, the nearest first.
    """
    names = {
        plain(name): key
        for key, synonyms in METRIC_SYNONYMS.items()
        for name in (key.replace("_", " "), *synonyms.all())
    }
    for text in texts:
        said = f" {plain(text)} "
        found = [name for name in names if f" {name} " in said]
        if found:
            return names[max(found, key=len)], text
    return None
