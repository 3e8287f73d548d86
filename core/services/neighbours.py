"""States of a page that are likely to be asked for next, the likeliest first."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from core.models.filters import FilterState, Preset
from core.models.query import Compare

_PRESETS = tuple(preset for preset in Preset if preset is not Preset.CUSTOM)
_COMPARES = (Compare.YEAR, Compare.PREVIOUS)

Pick = tuple[str, str]  # a dimension and one of its values


def neighbours(state: FilterState, frequent: Sequence[Pick]) -> Iterator[FilterState]:
    """Yield states one step away.

    Back to fewer filters, the values people pick most, the presets from the one beside the chosen
    one, the other comparison.

    Args:
        state: what was just asked.
        frequent: values that are picked often, the most frequent first.
    """
    yield from _fewer(state)
    yield from (_picked(state, pick) for pick in frequent if not _has(state, pick))
    if state.preset in _PRESETS:
        place = _PRESETS.index(state.preset)
        others = sorted(_PRESETS, key=lambda other: abs(_PRESETS.index(other) - place))
        yield from (replace(state, preset=other) for other in others[1:])
    yield from (replace(state, compare=c) for c in _COMPARES if c is not state.compare)


def _fewer(state: FilterState) -> Iterator[FilterState]:
    if state.cross:
        yield replace(state, cross={})
    chosen = [(key, value) for key, values in state.values.items() for value in values]
    for key, value in chosen:
        yield _with(state, key, (v for v in state.values[key] if v != value))
    if len(chosen) > 1:
        yield replace(state, values={})


def _picked(state: FilterState, pick: Pick) -> FilterState:
    """Return a state with a value of a dimension instead of others of it: one pick in a list."""
    key, value = pick
    return _with(state, key, (value,))


def _has(state: FilterState, pick: Pick) -> bool:
    return state.values.get(pick[0], ()) == (pick[1],)


def _with(state: FilterState, key: str, values: Iterable[str]) -> FilterState:
    found = {**state.values, key: tuple(values)}
    return replace(state, values={k: v for k, v in sorted(found.items()) if v})
