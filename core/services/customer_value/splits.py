"""Groups of customers: by what they are, where they buy, and when they came."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.i18n import N_
from core.models.formats import Format
from core.services.customer_value.data import Purchases

SPLIT_NAMES: Mapping[str, str] = {
    "country": N_("Country"),
    "channel": N_("Channel"),
    "segment": N_("Customer segment"),
    "rfm_segment": N_("RFM segment"),
    "campaign": N_("Campaign of the first purchase"),
    "quarter": N_("Quarter of the first purchase"),
}
SPLIT_FORMATS: Mapping[str, Format] = {
    "country": Format.COUNTRY,
    "campaign": Format.CAMPAIGN,
    "quarter": Format.QUARTER,
}
# Shown in this order; customers were won where they first bought, and live where they buy most.
SHOWN = ("country", "channel", "segment", "rfm_segment", "campaign", "quarter")
_ATTRIBUTES = ("country", "channel", "segment", "rfm_segment", "first_country", "first_channel")
_YEAR, _QUARTER = 12, 3


@dataclass(frozen=True)
class Split:
    """A grouping of all customers.

    Attributes:
        members: its values, None for those without one; texts, or first days of a period.
        codes: the place of each customer's value in `members`.
    """

    members: pa.Array
    codes: NDArray[np.int64]

    @property
    def count(self) -> int:
        """Number of groups."""
        return len(self.members)

    def sums(self, per_customer: NDArray[np.float64]) -> NDArray[np.float64]:
        """Add up one number per customer within each group."""
        found = np.bincount(self.codes, weights=per_customer, minlength=self.count)
        return np.asarray(found, dtype=np.float64)


def read_splits(customers: pa.Table, purchases: Purchases, campaign_month: int) -> dict[str, Split]:
    """Return the groupings there are: attributes that no customer has are left out.

    Args:
        customers: `customer_base` in the order of the purchases' keys, with `rfm_segment` where
            it is known: the segment's name as a cell.
        purchases: the same customers.
        campaign_month: first month of the campaign year, 1–12.
    """
    present = [name for name in _ATTRIBUTES if name in customers.column_names]
    found = {name: split_of(customers[name]) for name in present}
    days = purchases.first_day
    found["campaign"] = split_of(period_starts(days, _YEAR, campaign_month - 1))
    found["quarter"] = split_of(period_starts(days, _QUARTER, 0))
    return {name: split for name, split in found.items() if split.members.null_count < split.count}


def split_of(values: pa.ChunkedArray | pa.Array) -> Split:
    """Return the grouping by a column; a missing value is a group of its own."""
    whole = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
    encoded = whole.dictionary_encode(null_encoding="encode")
    return Split(encoded.dictionary, np.asarray(encoded.indices, dtype=np.int64))


def period_starts(days: NDArray[np.datetime64], months: int, offset: int) -> pa.Array:
    """Return the first day of each day's period of so many months, counted from month `offset`."""
    place = days.astype("datetime64[M]").astype(np.int64) - offset
    starts = (place - place % months + offset).astype("datetime64[M]")
    return pa.array(starts.astype("datetime64[D]"), pa.date32())


def pairs(one: Split, other: Split) -> tuple[Split, Sequence[tuple[int, int]]]:
    """Return the grouping by two splits at once, and the codes of both for each group."""
    joint = one.codes * other.count + other.codes
    keys, codes = np.unique(joint, return_inverse=True)
    both = [(int(key) // other.count, int(key) % other.count) for key in keys]
    return Split(pa.nulls(len(both)), codes.astype(np.int64)), both
