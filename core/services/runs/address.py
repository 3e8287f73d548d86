"""Where a result is kept: one address per analysis, edition, parameters, data and rights."""

import json
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

from core.models.query import Scope

_BYTES = 20


def scope_digest(scope: Scope) -> str:
    """Return a digest of the rows a person may see: who sees the same rows shares results."""
    rows = sorted((f.dimension, f.operator.value, sorted(f.values)) for f in scope.where)
    return _digest(rows)


def result_key(
    analysis: str,
    edition: int,
    pairs: Iterable[tuple[str, str]],
    data_version: int,
    scope: Scope,
    settings: Iterable[object] = (),
) -> str:
    """Return the address of a result.

    Args:
        analysis: key of the analysis.
        edition: of its method.
        pairs: its normalised parameters, the last day that counts among them; order is nothing.
        data_version: what it rests on.
        scope: who asks; only the visible rows matter, not the name.
        settings: other things the numbers depend on, such as the base currency.
    """
    parts = [analysis, edition, sorted(pairs), data_version, scope_digest(scope)]
    return _digest([*parts, [str(setting) for setting in settings]])


def _digest(value: Any) -> str:
    return blake2b(json.dumps(value).encode(), digest_size=_BYTES).hexdigest()
