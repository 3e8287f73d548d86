"""What suggestions rest on: stored codes, names, usual prices, days; read once per data version."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from core.repository.known_values import KnownValues
from core.services.ingest.nearest import (
    KnownCodes,
    KnownTexts,
    known_countries,
    known_currencies,
)
from core.services.ingest.vocabulary import plain


@dataclass
class Knowledge:
    """Evidence for the rows of one import; read when it is first asked for.

    Attributes:
        values: the store of rows.
        import_id: the import whose rows are corrected.
        table: key of the business schema.
    """

    values: KnownValues
    import_id: int
    table: str
    _codes: dict[str, KnownCodes] = field(default_factory=dict)
    _texts: dict[str, KnownTexts] = field(default_factory=dict)
    _names: dict[str, dict[str, str]] = field(default_factory=dict)
    _prices: dict[tuple[str, str], Decimal | None] = field(default_factory=dict)
    _days: dict[str, date | None] = field(default_factory=dict)

    def codes(self, kind: str) -> KnownCodes:
        """Return the stored codes of products, customers or suppliers."""
        if kind not in self._codes:
            self._codes[kind] = KnownCodes(self.values.counted(kind))
        return self._codes[kind]

    def texts(self, kind: str) -> KnownTexts:
        """Return the known texts of a kind."""
        if kind not in self._texts:
            known = {"country": known_countries, "currency": known_currencies}.get(kind)
            stored = {} if known else self.values.counted(kind)
            self._texts[kind] = known() if known else KnownTexts({text: text for text in stored})
        return self._texts[kind]

    def code_named(self, kind: str, name: str) -> str | None:
        """Return the code of the only thing with this name."""
        if kind not in self._names:
            found: dict[str, set[str]] = {}
            for known, codes in self.values.names(kind).items():
                found.setdefault(plain(known), set()).update(codes)
            self._names[kind] = {n: next(iter(c)) for n, c in found.items() if len(c) == 1}
        return self._names[kind].get(plain(name))

    def expect(self, products: Iterable[str], invoices: Iterable[str]) -> None:
        """Read usual prices and days of these products and invoices at once."""
        column = self.price_column
        if column:
            wanted = {code for code in products if (column, code) not in self._prices}
            found = self.values.usual_prices(self.table, column, wanted)
            self._prices.update({(column, code): found.get(code) for code in wanted})
        if self.table == "sales":
            unknown = [invoice for invoice in invoices if invoice not in self._days]
            days = self.values.days_of(unknown)
            self._days.update({invoice: days.get(invoice) for invoice in unknown})

    @property
    def price_column(self) -> str:
        """The stored price of the table; "" where it has none."""
        return {"sales": "unit_price", "purchases": "unit_cost"}.get(self.table, "")

    def usual_price(self, product: str) -> Decimal | None:
        """Return the usual price of a product that was expected."""
        return self._prices.get((self.price_column, product))

    def day_of(self, invoice: str) -> date | None:
        """Return the day of an invoice that was expected."""
        return self._days.get(invoice)

    @cached_property
    def span(self) -> tuple[date, date] | None:
        """First and last day of the import's own accepted rows."""
        return self.values.span(self.import_id, self.table)
