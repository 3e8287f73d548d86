"""From the cells under one row of titles to the tables they really are."""

from .raw import RawTable


def arrange(raw: RawTable, *, stated: bool) -> list[RawTable]:
    """Return the tables of a sheet."""
    return [raw] if raw.columns and not stated else [raw]
