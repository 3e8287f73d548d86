"""Registers that modules enter themselves into when imported: analyses and pages."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Generic, Protocol, TypeVar


class _Keyed(Protocol):
    @property
    def key(self) -> str: ...


T = TypeVar("T", bound=_Keyed)


class Registry(Generic[T]):
    """An ordered register of items found by their `key`."""

    def __init__(self) -> None:
        """Start empty."""
        self._items: dict[str, T] = {}

    def add(self, item: T) -> T:
        """Enter an item and return it; the same key twice is a programming error."""
        if item.key in self._items:
            message = f"{item.key!r} is registered twice"
            raise ValueError(message)
        self._items[item.key] = item
        return item

    def get(self, key: str) -> T | None:
        """Return the item with this key, or None."""
        return self._items.get(key)

    def __iter__(self) -> Iterator[T]:
        """Iterate in order of registration."""
        return iter(self._items.values())

    def keys(self) -> list[str]:
        """Return the keys in order of registration."""
        return list(self._items)


def load_modules(package: str) -> None:
    """Import every module of a package, so that each registers itself."""
    found = import_module(package)
    for info in sorted(iter_modules(found.__path__), key=lambda i: i.name):
        import_module(f"{package}.{info.name}")
