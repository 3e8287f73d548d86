"""What is planted in the demo company, as constants; `truths` tells how to find each again.

Every date stands on the demo's fixed calendar. Weeks run from Saturday 1 October 2022.
"""

from dataclasses import dataclass

CHANNELS = ("bulk", "private label", "brand", "PDO & organic", "web shop")
BULK, PRIVATE, BRAND, PDO, WEB = range(5)
SEGMENTS = ("web shop", "delicatessen", "restaurant", "grocery", "distributor")

MARGIN_BANDS = ((0.03, 0.08), (0.08, 0.15), (0.18, 0.30), (0.30, 0.45), (0.32, 0.46))
MARGIN_TARGETS = (0.057, 0.118, 0.252, 0.378, 0.400)
MARGIN_SPREADS = (0.006, 0.012, 0.025, 0.025, 0.025)
PEAK_SQUEEZE = (0.05, 0.10, 0.10, 0.08, 0.06)
"""Share of the margin rate lost for each time the Spanish price stands once more above 4.2."""

ELASTICITY = (-0.5, -0.8, -1.2, -0.7, -1.3)
PRICE_WOBBLE = (0.004, 0.010, 0.030, 0.025, 0.020)
MEAN_QUANTITY = (700.0, 210.0, 40.0, 24.0, 3.6)
PACK = (25, 12, 6, 6, 1)
LINES_PER_ORDER = (1.7, 2.8, 3.8, 3.6, 2.4)

ES_WAVE = (
    ("2022-08-01", 3.85), ("2022-10-01", 4.00), ("2022-12-15", 4.35), ("2023-02-15", 5.20),
    ("2023-05-01", 5.90), ("2023-08-15", 7.90), ("2023-11-01", 8.10), ("2024-01-25", 9.00),
    ("2024-03-01", 8.60), ("2024-06-01", 7.60), ("2024-09-01", 7.10), ("2024-11-01", 5.90),
    ("2024-12-31", 4.60),
    ("2025-03-01", 4.10), ("2025-06-01", 3.65), ("2025-09-01", 4.20), ("2025-12-01", 4.45),
    ("2026-02-01", 4.05), ("2026-06-01", 3.95), ("2026-09-30", 4.00),
)  # fmt: skip
"""Spain, extra virgin, ex mill, EUR per kg, on straight lines between the dates."""

MARKETS = {
    "ES-EV": (0.0, 1.0), "ES-VI": (0.0, 0.92), "ES-LA": (0.0, 0.84), "ES-RE": (0.15, 0.86),
    "ES-PO": (0.25, 0.42), "IT-EV": (3.2, 0.75), "GR-EV": (0.6, 0.90), "TN-EV": (0.2, 0.88),
    "PT-EV": (0.15, 0.97), "MA-EV": (0.3, 0.86), "FR-EV": (13.5, 0.40),
}  # fmt: skip
"""Price of a market: constant + share × the Spanish price, EUR per kg."""

BGNBD_SHAPE = {"r": 0.9, "a": 0.35, "b": 14.0}
GROWTH_RATIO = 4.0
FADE_DAYS = 180
FADE_TO = 0.3
RETURN_RATE = 0.02
RETURN_DELAY = 40
FRAGILE_PRODUCT = ("MP-CR-075", 4.0)
"""A bottle that comes back four times as often as the others."""

GUEST_SHARE = 0.03


@dataclass(frozen=True)
class Pair:
    """A basket pair: a line of `first` is followed by `then` with this probability."""

    first: str
    then: str
    channel: int
    probability: float


PAIRS = (
    Pair("MP-AN-025", "MP-TA-NOI", BRAND, 0.40),
    Pair("MP-TO-075", "MP-PE-BAS", BRAND, 0.40),
    Pair("AP-LI-050", "AP-ON-025", PDO, 0.45),
    Pair("SO-MA-300", "SO-CM-075", WEB, 0.45),
    Pair("MD-RA-100", "MD-OV-035", PRIVATE, 0.45),
)


@dataclass(frozen=True)
class Promotion:
    """A price cut on products of some channels, with what it adds to the demand."""

    code: str
    products: tuple[str, ...]
    channels: tuple[int, ...]
    first_week: int
    weeks: int
    discount: float
    more_lines: float
    more_quantity: float


_OILS = ("MP-AN-050", "MP-AN-075", "MP-AN-100")
_FLAVOURED = ("MP-AR-CIT", "MP-AR-BAS", "MP-AR-TRU")
PROMOTIONS = (
    Promotion("NOEL-2022", _FLAVOURED, (BRAND, WEB), 9, 3, 0.10, 1.8, 1.4),
    Promotion("PRINTEMPS-2023", _OILS, (BRAND, WEB), 27, 3, 0.10, 1.7, 1.35),
    Promotion("ETE-2023", ("MP-CR-050", "MP-CR-075"), (BRAND, WEB), 38, 4, 0.12, 1.8, 1.4),
    Promotion("NOEL-2023", ("AP-NY-025", "AP-NY-050"), (PDO, WEB), 61, 3, 0.10, 1.8, 1.3),
    Promotion("PRINTEMPS-2024", ("MP-TA-NOI", "MP-TA-VER"), (BRAND, WEB), 79, 3, 0.15, 2.0, 1.5),
    Promotion("ETE-2024", ("MP-TO-050", "MP-TO-075"), (BRAND, WEB), 91, 4, 0.12, 1.8, 1.4),
    Promotion("NOEL-2024", _FLAVOURED, (BRAND, WEB), 113, 3, 0.12, 1.8, 1.4),
    Promotion("BIO-2025", ("BI-ES-050", "BI-ES-300"), (PDO, WEB), 130, 3, 0.12, 1.8, 1.4),
    Promotion("ETE-2025", _OILS, (BRAND, WEB), 143, 4, 0.15, 2.0, 1.5),
    Promotion("NOEL-2025", ("AP-BA-050", "AP-HP-050"), (PDO, WEB), 166, 3, 0.10, 1.8, 1.3),
    Promotion("PRINTEMPS-2026", ("MP-OL-LUC", "MP-OL-PIC"), (BRAND, WEB), 182, 3, 0.15, 2.0, 1.5),
    Promotion("ETE-2026", ("MP-CR-050", "MP-AL-075"), (BRAND, WEB), 194, 4, 0.12, 1.8, 1.4),
)


@dataclass(frozen=True)
class StockOut:
    """Whole weeks in which a product is nowhere in stock; each spans the end of a month."""

    product: str
    first_week: int
    weeks: int


STOCK_OUTS = (
    StockOut("MP-TO-075", 24, 4),
    StockOut("MD-ME-100", 59, 4),
    StockOut("AP-NI-050", 72, 5),
    StockOut("BI-TN-075", 115, 4),
)


@dataclass(frozen=True)
class BelowCost:
    """Weeks in which a product is sold at a fraction of its list price, below its cost."""

    product: str
    first_week: int
    weeks: int
    price_factor: float


BELOW_COST = BelowCost("MP-AN-100", 126, 5, 0.60)
SUPPLIER_COLLAPSE = ("0118", "2025-10-01", 1.38)
"""From the date on, this supplier's prices carry the factor and selling prices do not follow."""

GENEROUS = ("Paolo Ricci", "2025-06-01", "2025-07-31", 0.28)
"""A salesperson who grants this discount on every brand line between two dates."""

WRONG_PRICES = (
    "MP-AN-050", "MP-CR-050", "MP-OL-LUC", "MP-AR-CIT", "MP-VI-100", "MP-TA-VER",
)  # fmt: skip
"""One brand line of each carries ten times its price, spread over the span in this order."""

WRONG_COSTS = ("MP-AN-075", "AP-NY-050", "BI-ES-050", "MP-TA-NOI")
"""One web shop line of each states ten times its cost."""

LATE_SUPPLIER = ("0115", 9)
"""A supplier that delivers this many days after the promised date."""

ROI_BY_COUNTRY = {
    "BE": 4.0, "FR": 3.0, "CH": 2.4, "DE": 1.8, "NL": 1.2, "GB": 0.8,
    "ES": 0.4, "US": 0.0, "SE": -0.25, "JP": -0.5,
}  # fmt: skip
BUDGET_BIAS = {"JP": 1.30, "US": 1.15, "DE": 0.92, "BE": 0.88}
"""Budgets are last year's season at 1.02 times the truth, except in these countries."""
