"""HTML attributes that Python cannot spell as keyword arguments."""

from typing import Any


def aria(**values: str) -> Any:
    """Return `aria-…` attributes for `**` of a component: `**aria(label=…)`."""
    return {f"aria-{name}": value for name, value in values.items()}


def attributes(values: dict[str, Any]) -> Any:
    """Return any attributes for `**` of a component, `data-…` ones among them."""
    return values
