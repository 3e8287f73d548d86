"""The rules that ship: what they look for, what they say, which thresholds can be changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.i18n import N_
from core.models.quality import (
    Outlier,
    Repeated,
    Severity,
    SoldAtLoss,
    Test,
    Unknown,
    WithoutRate,
)

Settings = Mapping[str, float]
Made = Callable[[str, Settings], "Test | str"]  # table, thresholds → test, or an expression


@dataclass(frozen=True)
class Threshold:
    """A number of a shipped rule that can be changed.

    Attributes:
        key: its name on the command line.
        label: English name.
        default: as shipped.
        low, high: the least and the most it may be.
    """

    key: str
    label: str
    default: float
    low: float
    high: float


@dataclass(frozen=True)
class Shipped:
    """A rule that ships.

    Attributes:
        key: stable; the code of its reason.
        tables: table → the field to name as the cause.
        name: English title.
        text: what is told of a row, in English.
        remedy: what a person can do about a row that was kept with a warning.
        make: returns the test, or an expression that is true of a wrong row.
        thresholds: what can be changed.
        enabled: whether it is on as shipped.
        severity: as shipped.
    """

    key: str
    tables: Mapping[str, str]
    name: str
    text: str
    remedy: str
    make: Made
    thresholds: tuple[Threshold, ...] = ()
    enabled: bool = True
    severity: Severity = Severity.WARN


_CREATED = N_("Kept: the new code is taken over as it is.")
_LOOK = N_(
    "Kept as it is. “Test” on the page Rules shows the rows; undo the import and correct the file "
    "if they are wrong."
)
_OUTLYING = (
    Threshold("score", N_("Robust z-score from"), 8, 1, 1000),
    Threshold("least", N_("Values needed per product"), 20, 5, 100_000),
    Threshold("factor", N_("Factor above or below the median"), 3, 1, 10_000),
)


def _expression(text: str) -> Made:
    return lambda _table, settings: text.format(
        **{key: format(Decimal(repr(value)), "f") for key, value in settings.items()}
    )


def _unknown(dimension: str) -> Made:
    column = dimension[:-1] + "_id"
    return lambda _table, _settings: Unknown(column, dimension)


def _outlier(column: str, *per: str) -> Made:
    return lambda _table, settings: Outlier(
        column, per, settings["score"], int(settings["least"]), settings["factor"]
    )


def _repeated(table: str, _settings: Settings) -> Test:
    document = {"sales": "invoice_id", "purchases": "purchase_id"}[table]
    return Repeated(document, ("line_no", "line_kind"))


def _reversed(table: str, _settings: Settings) -> str:
    return {
        "purchases": "received_on < date",
        "products": "ended_on < launched_on",
        "investments": "to_date < from_date",
    }[table]


def _rate(table: str, _settings: Settings) -> Test:
    return WithoutRate("from_date" if table == "investments" else "date")


def _quantities() -> tuple[Threshold, ...]:
    higher = {"score": 30.0, "factor": 100.0}
    return tuple(
        Threshold(t.key, t.label, higher.get(t.key, t.default), t.low, t.high) for t in _OUTLYING
    )


_DATED = ("sales", "purchases", "stock_moves", "stock_counts", "reviews", "payments")
_ALL = (
    Shipped(
        "unknown_product",
        dict.fromkeys(
            ("sales", "purchases", "stock_moves", "stock_counts", "reviews"), "product_id"
        ),
        N_("Unknown product"),
        N_("This product code is not known."),
        _CREATED,
        _unknown("products"),
        enabled=False,
        severity=Severity.QUARANTINE,
    ),
    Shipped(
        "unknown_customer",
        dict.fromkeys(("sales", "reviews", "payments"), "customer_id"),
        N_("Unknown customer"),
        N_("This customer code is not known."),
        _CREATED,
        _unknown("customers"),
        enabled=False,
        severity=Severity.QUARANTINE,
    ),
    Shipped(
        "unknown_supplier",
        dict.fromkeys(("purchases", "products"), "supplier_id"),
        N_("Unknown supplier"),
        N_("This supplier code is not known."),
        _CREATED,
        _unknown("suppliers"),
        enabled=False,
        severity=Severity.QUARANTINE,
    ),
    Shipped(
        "future_date",
        dict.fromkeys(_DATED, "date"),
        N_("Date in the future"),
        N_("The date lies in the future."),
        _LOOK,
        _expression("date > today + {days}"),
        (Threshold("days", N_("Days after today from which a date is wrong"), 0, 0, 366),),
    ),
    Shipped(
        "dates_reversed",
        {"purchases": "received_on", "products": "ended_on", "investments": "to_date"},
        N_("Dates in the wrong order"),
        N_("The row ends, or arrives, before it begins."),
        _LOOK,
        _reversed,
    ),
    Shipped(
        "price_outlier",
        {"sales": "unit_price"},
        N_("Price far from the product’s usual price"),
        N_("The price is far from what is usual for this product."),
        _LOOK,
        _outlier("unit_price", "product_id", "currency"),
        _OUTLYING,
    ),
    Shipped(
        "cost_outlier",
        {"sales": "unit_cost", "purchases": "unit_cost"},
        N_("Cost far from the product’s usual cost"),
        N_("The cost is far from what is usual for this product."),
        _LOOK,
        _outlier("unit_cost", "product_id", "currency"),
        _OUTLYING,
    ),
    Shipped(
        "quantity_outlier",
        {"sales": "quantity", "purchases": "quantity"},
        N_("Quantity far from the product’s usual quantity"),
        N_("The quantity is far from what is usual for this product."),
        _LOOK,
        _outlier("quantity", "product_id"),
        _quantities(),
    ),
    Shipped(
        "sold_at_loss",
        {"sales": "unit_cost"},
        N_("Sold below cost"),
        N_("The price after discount is below the cost of the product."),
        _LOOK,
        lambda _table, _settings: SoldAtLoss(),
    ),
    Shipped(
        "currency_without_rate",
        dict.fromkeys(("sales", "purchases", "investments"), "currency"),
        N_("Currency without a rate"),
        N_("This currency has no rate on or before the day of the row."),
        N_("Kept, and left out of amounts: import the rate of that day as a currency rate."),
        _rate,
    ),
    Shipped(
        "repeated_line",
        {"sales": "invoice_id", "purchases": "purchase_id"},
        N_("Line repeated within its document"),
        N_("The same line stands more than once in the same document."),
        N_("Kept, every time: it may be meant. Remove the extra lines if they are copies."),
        _repeated,
    ),
    Shipped(
        "zero_price",
        {"sales": "unit_price"},
        N_("Price of zero"),
        N_("The price is zero."),
        N_("Kept as it is: the line adds nothing to sales."),
        _expression("unit_price = 0"),
    ),
    Shipped(
        "negative_price",
        {"sales": "unit_price"},
        N_("Negative price"),
        N_("The price is negative."),
        N_("Kept as it is: the line lowers sales."),
        _expression("unit_price < 0"),
    ),
    Shipped(
        "zero_quantity",
        {"sales": "quantity"},
        N_("Quantity of zero"),
        N_("The quantity is zero."),
        N_("Kept as it is: the line adds nothing to sales."),
        _expression("quantity = 0"),
    ),
    Shipped(
        "missing_customer",
        {"sales": "customer_id"},
        N_("Customer missing"),
        N_("The customer is not stated."),
        N_("Counted in every total, and left out of customer analyses."),
        _expression("customer_id is empty"),
    ),
    Shipped(
        "discount_range",
        {"sales": "discount_rate"},
        N_("Discount rate out of range"),
        N_("The discount rate is outside what is usual."),
        _LOOK,
        _expression("discount_rate < 0 or discount_rate > {most} / 100"),
        (Threshold("most", N_("Highest rate, %"), 100, 0, 100),),
    ),
    Shipped(
        "vat_range",
        {"sales": "vat_rate"},
        N_("VAT rate out of range"),
        N_("The VAT rate is outside what is usual."),
        _LOOK,
        _expression("vat_rate < 0 or vat_rate > {most} / 100"),
        (Threshold("most", N_("Highest rate, %"), 30, 0, 100),),
    ),
    Shipped(
        "negative_cost",
        {"sales": "unit_cost", "purchases": "unit_cost"},
        N_("Negative cost"),
        N_("The cost is negative."),
        _LOOK,
        _expression("unit_cost < 0"),
    ),
    Shipped(
        "negative_count",
        {"stock_counts": "quantity"},
        N_("Negative stock count"),
        N_("A count below zero is not possible."),
        _LOOK,
        _expression("quantity < 0"),
    ),
    Shipped(
        "rate_range",
        {"fx_rates": "rate_to_base"},
        N_("Currency rate of zero or less"),
        N_("A rate must be above zero."),
        N_("Kept, and never used: correct the rate and import it again."),
        _expression("rate_to_base <= 0"),
    ),
    Shipped(
        "rating_range",
        {"reviews": "rating"},
        N_("Rating out of range"),
        N_("The rating is outside its scale."),
        _LOOK,
        _expression("rating < {low} or rating > {high}"),
        (
            Threshold("low", N_("Lowest rating"), 0, 0, 100),
            Threshold("high", N_("Highest rating"), 5, 0, 100),
        ),
    ),
)
SHIPPED: dict[str, Shipped] = {rule.key: rule for rule in _ALL}
