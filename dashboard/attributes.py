"""HTML attributes that Python cannot spell as keyword arguments."""

from typing import Any


def aria(**values: str) -> Any:
    """Return `aria-…` attributes for `**` of a component: `**aria(label=…)`."""
    return {f"aria-{name}": value for name, value in values.items()}


def attributes(values: dict[str, Any]) -> Any:
    """Return any attributes for `**` of a component, `data-…` ones among them."""
    return values


def tells(store: str, action: str, key: object = "") -> Any:
    """Return the attributes of a button that tells a store what was pressed (`presses.js`)."""
    return attributes({"data-press": store, "data-action": action, "data-key": str(key)})
