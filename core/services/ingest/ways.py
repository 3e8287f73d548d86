"""The ways a column that holds several things may be taken apart."""

from collections.abc import Mapping
from dataclasses import dataclass

from .targets import targets

PLACE = "place"
_MARK = " › "


@dataclass(frozen=True)
class Split:
    """A way to take a column apart: the parts in their order, and the fields they become."""

    parts: tuple[str, ...]
    fields: tuple[tuple[str, ...], ...]

    def fields_in(self, table: str) -> dict[str, str]:
        """Return part → field of a table; parts the table has no field for are left out."""
        known = targets(table)
        found = {
            part: next((name for name in names if name in known), "")
            for part, names in zip(self.parts, self.fields, strict=True)
        }
        return {part: name for part, name in found.items() if name}


WAYS: Mapping[str, Split] = {
    PLACE: Split(
        ("country", "postcode", "city"), (("country",), ("postcode",), ("city",))
    ),
    "product": Split(("code", "name"), (("product_id",), ("product_name", "name"))),
    "customer": Split(("code", "name"), (("customer_id",), ("customer_name", "name"))),
    "supplier": Split(("code", "name"), (("supplier_id",), ("name",))),
}  # fmt: skip


def part_title(header: str, part: str) -> str:
    """Return the title of a part: `Address › city`."""
    return f"{header}{_MARK}{part}"


def part_titles(split: Mapping[str, str]) -> set[str]:
    """Return the titles of all parts of the columns that are taken apart: title → way."""
    return {part_title(title, part) for title, way in split.items() for part in WAYS[way].parts}
