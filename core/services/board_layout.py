"""Where tiles stand: nothing overlaps, nothing floats; `assets/own-board-grid.js` does alike."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from core.models.boards import (
    COLUMNS,
    DEEPEST,
    LEAST_HEIGHT,
    LEAST_WIDTH,
    MOST_HEIGHT,
    Place,
    Tile,
)


def bounded(place: Place) -> Place:
    """Return a place inside the grid, at least as large as a tile can be."""
    w = max(LEAST_WIDTH, min(COLUMNS, place.w))
    h = max(LEAST_HEIGHT, min(MOST_HEIGHT, place.h))
    return Place(max(0, min(COLUMNS - w, place.x)), max(0, min(DEEPEST, place.y)), w, h)


def settled(tiles: Iterable[Tile]) -> tuple[Tile, ...]:
    """Return the tiles in reading order, each as far up as those before it leave room."""
    wanted = [replace(tile, place=bounded(tile.place)) for tile in tiles]
    wanted.sort(key=lambda tile: (tile.place.y, tile.place.x))
    found: list[Tile] = []
    for tile in wanted:
        found.append(replace(tile, place=_risen(tile.place, [other.place for other in found])))
    return tuple(sorted(found, key=lambda tile: (tile.place.y, tile.place.x)))


def _risen(place: Place, others: Sequence[Place]) -> Place:
    """Return a place under the lowest of the others that stands over it."""
    over = [other for other in others if replace(other, y=place.y, h=place.h).meets(place)]
    return replace(place, y=max((other.y + other.h for other in over), default=0))


def moved(tiles: Iterable[Tile], places: Mapping[str, Place]) -> tuple[Tile, ...]:
    """Return the tiles at other places, as far as they are named; others stay."""
    return settled(replace(tile, place=places.get(tile.key, tile.place)) for tile in tiles)


def free_place(tiles: Sequence[Tile], w: int, h: int) -> Place:
    """Return a place for one more tile: beside the last ones, or under all."""
    deepest = max((tile.place.y + tile.place.h for tile in tiles), default=0)
    for y in range(max(0, deepest - h), deepest):
        for x in range(COLUMNS - w + 1):
            place = Place(x, y, w, h)
            if not any(place.meets(tile.place) for tile in tiles):
                return place
    return Place(0, deepest, w, h)
