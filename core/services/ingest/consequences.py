"""What a file would change: beside what is stored, and in the headline numbers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from core.repository.catalogue import Catalogue
from core.repository.segments import SegmentStore
from core.repository.visible import stored_table
from core.settings import Settings

from .differences import Differences, find_differences
from .effects import Effect, Effects, Planned
from .modes import Mode
from .prepare import Engine, Prepared
from .preview import SheetPreview
from .raw import Mask
from .streamed import Streamed


@dataclass(frozen=True)
class Preview:
    """What importing a file would do.

    Attributes:
        sheets: its sheets.
        effect: on the headline numbers, of the sheets that are wanted; None where there is none.
    """

    sheets: list[SheetPreview]
    effect: Effect | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return the preview for JSON."""
        effect = self.effect.as_dict() if self.effect else None
        return {"sheets": [sheet.as_dict() for sheet in self.sheets], "effect": effect}


def _rows(one: Prepared | Streamed) -> Mask:
    """Return the rows to store; those of a large file lie in its segment."""
    return np.array([one.accepted_rows > 0]) if isinstance(one, Streamed) else one.accepted


def consequences(
    done: Mapping[int, Prepared | Streamed],
    settings: Settings,
    catalogue: Catalogue,
    segments: SegmentStore,
) -> tuple[dict[int, Differences], Effect | None]:
    """Return how sheets differ from what is stored, and what storing them does to the numbers.

    Where rows are stored otherwise and would be set aside, the differences also say what taking
    the new ones does.

    Args:
        done: the prepared sheets of one file by their place.
        settings: of the home.
        catalogue: its catalogue.
        segments: its segments.
    """
    effects = Effects(settings, catalogue, segments)
    engine = Engine(settings.threads, settings.memory_limit_mb)
    planned = {
        place: Planned(one, _rows(one), one.plan.mode)
        for place, one in done.items()
        if one.sheet.options.include
    }
    instead = max((one.sheet.options.instead_of for one in done.values()), default=0)
    differences: dict[int, Differences] = {}
    for place, one in done.items():
        table = one.sheet.mapping.table
        if isinstance(one, Streamed):
            continue
        stored = stored_table(catalogue, segments, table, without=instead)
        found = find_differences(one, stored, engine)
        if found is None:
            continue
        if found.differing and one.plan.mode is Mode.APPEND and place in planned:
            taken = {**planned, place: Planned(one, found.taken, Mode.UPSERT)}
            known = effects.of([*taken.values()], instead)
            found = replace(found, effect=known.as_dict() if known else None)
        differences[place] = found
    return differences, effects.of([*planned.values()], instead)
