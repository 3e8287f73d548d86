"""Purchase histories as numbers: checked, and collapsed into cells of equal customers.

A history is (x, t_x, T): repeat purchases, time from the first to the last purchase, time from
the first purchase to the end of the observation. It is all that the models need to know of a
customer, and many customers share one.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.formats import shown
from core.i18n import N_, msg, msg_n
from core.models.formats import Format
from core.services.methods.purchases.errors import ModelError

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

MIN_CUSTOMERS = 10  # below this, four parameters describe the noise of single customers
_ROUNDING = 1e-9  # times computed as differences of floats may disagree by this share


def sums(codes: Codes, amounts: Floats, size: int) -> Floats:
    """Add up amounts by code 0 … size − 1."""
    return np.bincount(codes, weights=amounts, minlength=size).astype(np.float64, copy=False)


@dataclass(frozen=True)
class Axis:
    """A column of the cells as its few distinct values and, for each cell, which one it has."""

    values: Floats
    codes: Codes

    def spread(self, per_value: Floats) -> Floats:
        """Return one number per cell from one number per distinct value."""
        return per_value[self.codes]

    @property
    def column(self) -> Floats:
        """Return the value of each cell."""
        return self.values[self.codes]

    def sums(self, per_cell: Floats) -> Floats:
        """Add up one number per cell within each distinct value."""
        return sums(self.codes, per_cell, self.values.size)


@dataclass(frozen=True)
class Cells:
    """Distinct histories and how many customers have each.

    Attributes:
        x: repeat purchases (whole numbers as floats).
        t_x: time of the last purchase since the first.
        end: length of the observation since the first purchase, T.
        weight: customers in the cell.
    """

    x: Axis
    t_x: Axis
    end: Axis
    weight: Floats

    @property
    def customers(self) -> float:
        """Return the number of customers."""
        return float(self.weight.sum())

    @property
    def repeaters(self) -> float:
        """Return the number of customers with at least one repeat purchase."""
        return float(self.weight[self.x.column > 0].sum())

    @property
    def purchases(self) -> float:
        """Return the number of repeat purchases."""
        return float(self.weight @ self.x.column)

    def every(self, step: int) -> "Cells":
        """Return each `step`-th cell: a sample across all frequencies and observation lengths."""
        x, t_x, end = (Axis(a.values, a.codes[::step]) for a in (self.x, self.t_x, self.end))
        return Cells(x, t_x, end, self.weight[::step])

    def rescaled(self, unit: float) -> "Cells":
        """Return the same cells with times counted in `unit`."""
        return Cells(
            self.x,
            Axis(self.t_x.values / unit, self.t_x.codes),
            Axis(self.end.values / unit, self.end.codes),
            self.weight,
        )


def histories(x: ArrayLike, t_x: ArrayLike, end: ArrayLike) -> tuple[Floats, Floats, Floats]:
    """Return checked float arrays of equal length.

    Raises:
        ModelError: a value is missing, negative or impossible (a last purchase after the end).
    """
    columns = tuple(np.atleast_1d(np.asarray(c, dtype=np.float64)) for c in (x, t_x, end))
    counts, last, length = np.broadcast_arrays(*columns)
    known = np.isfinite(counts) & np.isfinite(last) & np.isfinite(length)
    _refuse(
        ~known,
        "unknown_times",
        N_("The purchase history of one customer has a missing number or date."),
        N_("The purchase histories of {count} customers have a missing number or date."),
    )
    _refuse(
        (counts < 0) | (counts != np.round(counts)),
        "purchase_counts",
        N_("The number of purchases of one customer is no whole number."),
        N_("The numbers of purchases of {count} customers are no whole numbers."),
    )
    _refuse(
        (last < 0) | (length < 0) | (last > length * (1 + _ROUNDING) + _ROUNDING),
        "purchase_after_end",
        N_("One customer has a purchase outside the observed period."),
        N_("{count} customers have a purchase outside the observed period."),
    )
    _refuse(
        (counts == 0) & (last > 0),
        "last_without_repeat",
        N_("One customer without repeat purchase has a date of a later purchase."),
        N_("{count} customers without repeat purchase have a date of a later purchase."),
    )
    return counts, np.minimum(last, length), length


def _refuse(bad: NDArray[np.bool_], code: str, one: str, many: str) -> None:
    n = int(bad.sum())
    if n:
        raise ModelError(
            code,
            msg_n(one, many, n, count=shown(n, Format.INTEGER)),
            msg("Check the dates of the sales, and the day on which the observation ends."),
        )


def aggregate(
    x: ArrayLike, t_x: ArrayLike, end: ArrayLike, weights: ArrayLike | None = None
) -> Cells:
    """Collapse histories into cells.

    Args:
        x: repeat purchases per row.
        t_x: time from the first to the last purchase, in any unit.
        end: time from the first purchase to the end of the observation, in the same unit.
        weights: customers per row; one each when None.

    Raises:
        ModelError: impossible values (see `histories`) or weights that are no counts.
    """
    counts, last, length = histories(x, t_x, end)
    if weights is None:
        customers = np.ones(counts.size)
    else:
        customers = np.broadcast_to(np.asarray(weights, dtype=np.float64), counts.shape)
    _refuse(
        ~(np.isfinite(customers) & (customers >= 0)),
        "weights",
        N_("One group of customers has an impossible size."),
        N_("{count} groups of customers have an impossible size."),
    )
    axes, place = distinct(counts, last, length)
    of_x, of_t_x, of_end = axes
    return Cells(of_x, of_t_x, of_end, sums(place, customers, axes[0].codes.size))


def distinct(*columns: Floats) -> tuple[list[Axis], Codes]:
    """Return the distinct rows of columns of equal length, and for each row which one it is.

    Much faster than a sort of whole rows: each column is numbered first.
    """
    axes = [_axis(column) for column in columns]
    key = np.zeros(columns[0].size, dtype=np.int64)
    for axis in axes:
        key = key * axis.values.size + axis.codes
    rows, place = np.unique(key, return_inverse=True)
    found: list[Axis] = []
    for axis in reversed(axes):
        rows, codes = np.divmod(rows, axis.values.size)
        found.append(Axis(axis.values, codes))
    return found[::-1], place


def _axis(column: Floats) -> Axis:
    values, codes = np.unique(column, return_inverse=True)
    return Axis(values, codes.astype(np.int64, copy=False))
