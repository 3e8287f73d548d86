"""The reference tables that ship: products, suppliers, countries, cities and names."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
from numpy.typing import NDArray

from core.paths import data_dir

from .planted import CHANNELS
from .timeline import WEEKS, day_index

_TEXT = {
    "products": ("product_id", "supplier_id", "launched_on", "ended_on", "grade", "origin", "pdo"),
    "suppliers": ("supplier_id",),
    "cities": ("postcode",),
}
OIL_KG_PER_LITRE = 0.916


def read(name: str) -> pa.Table:
    """Return one shipped table; empty cells are empty, identifiers keep their zeros."""
    options = pa_csv.ConvertOptions(
        column_types=dict.fromkeys(_TEXT.get(name, ()), pa.string()),
        strings_can_be_null=True,
        null_values=[""],
    )
    return pa_csv.read_csv(data_dir() / "demo" / f"{name}.csv", convert_options=options)


@dataclass(frozen=True)
class Products:
    """The products as arrays; the last three are the services billed beside goods."""

    table: pa.Table

    @cached_property
    def ids(self) -> list[str]:
        """Product codes."""
        return self.table["product_id"].to_pylist()

    def index(self, product_id: str) -> int:
        """Return the position of a product code."""
        return self.ids.index(product_id)

    def texts(self, column: str) -> list[str | None]:
        """Return a text column."""
        return self.table[column].to_pylist()

    def numbers(self, column: str) -> NDArray[np.float64]:
        """Return a number column, 0 where it is empty."""
        return self.table[column].cast(pa.float64()).fill_null(0.0).to_numpy()

    @cached_property
    def is_oil(self) -> NDArray[np.bool_]:
        """Whether the cost follows an oil market."""
        return np.array([market != "flat" for market in self.texts("market")])

    @cached_property
    def oil_kg(self) -> NDArray[np.float64]:
        """Kilograms of oil in one unit."""
        by_volume = np.array([unit != "kg" for unit in self.texts("unit")])
        content = self.numbers("content")
        return np.where(by_volume, content * OIL_KG_PER_LITRE, content) * self.is_oil

    @cached_property
    def weight_kg(self) -> NDArray[np.float64]:
        """Kilograms shipped for one unit, glass or tin included."""
        bulk = np.array([unit == "kg" for unit in self.texts("unit")])
        return np.where(bulk, 1.0, self.numbers("content") * 1.15 + 0.15)

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """Popularity by product and channel, 0 where the channel does not list the product."""
        listed = [set((text or "").split("|")) for text in self.texts("channels")]
        within = np.array([[channel in names for channel in CHANNELS] for names in listed])
        return within * self.numbers("weight")[:, None]

    @cached_property
    def on_sale(self) -> NDArray[np.bool_]:
        """Whether a product is listed, by product and week; only whole weeks count."""
        weeks = np.arange(WEEKS) * 7
        first = [day_index(d) if d else -1 for d in self.texts("launched_on")]
        last = [day_index(d) if d else 10**6 for d in self.texts("ended_on")]
        return (weeks >= np.array(first)[:, None]) & (weeks + 6 <= np.array(last)[:, None])

    @cached_property
    def is_service(self) -> NDArray[np.bool_]:
        """Postage, fees and adjustments."""
        return np.array([category == "Services" for category in self.texts("category")])

    def cost_source(self, kind: str) -> NDArray[np.bool_]:
        """Return which goods take their cost from purchases, from a standard, or from nowhere."""
        return np.array([c == kind for c in self.texts("cost_source")]) & ~self.is_service
