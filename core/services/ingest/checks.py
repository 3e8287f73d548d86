"""Checks of typed rows: what sets a row aside, and what is kept with a warning."""

import numpy as np
import pyarrow.compute as pc

from core.models.schema import TABLES

from .columns import TypedTable
from .raw import Mask
from .targets import ONE_OF
from .typed import UNKNOWN


def check_required(table: TypedTable, key: str) -> None:
    """Reject rows that lack a required value."""
    for field in TABLES[key].fields:
        if field.required:
            values = table.columns.get(field.key)
            missing = (
                np.arange(table.height)
                if values is None
                else np.flatnonzero(np.asarray(values.is_null()))
            )
            told = [p.rows for p in table.problems if p.column == table.places.get(field.key)]
            for rows in told:  # a cell that is no value is not also missing
                missing = np.setdiff1d(missing, rows)
            table.reject("required_missing", missing, field.key)
    for group in ONE_OF.get(key, ()):
        empty = np.ones(table.height, dtype=bool)
        for name in group:
            if name in table.columns:
                empty &= np.asarray(table.columns[name].is_null())
        table.reject("required_missing", np.flatnonzero(empty), group[0])


def doubted_cells(table: TypedTable) -> Mask:
    """Return the rows with a warning about one of their cells."""
    doubted = np.zeros(table.height, dtype=bool)
    for rows in table.doubts:
        doubted[rows] = True
    if table.warnings.get("unknown_country"):
        found = pc.starts_with(table.columns["country"], UNKNOWN).fill_null(False)  # noqa: FBT003
        doubted |= np.asarray(found)
    return doubted
