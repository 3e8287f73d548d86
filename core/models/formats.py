"""How a value is shown; charts, grids, workbooks and sentences all read the same format."""

from enum import StrEnum


class Format(StrEnum):
    """Kind of value in a result column."""

    TEXT = "text"
    CODE = "code"  # identifiers: text even when they look like numbers
    COUNTRY = "country"  # ISO 3166 alpha-2, shown by name
    MONEY = "money"  # base currency, two decimals
    PRICE = "price"  # base currency per unit, four decimals kept
    PERCENT = "percent"  # a fraction, shown × 100
    POINTS = "points"  # a difference of fractions, shown in percentage points
    INTEGER = "integer"
    QUANTITY = "quantity"
    NUMBER = "number"
    SCORE = "score"  # figures of merit, told apart by their third decimal
    DATE = "date"
    MONTH = "month"
    QUARTER = "quarter"
    WEEK = "week"
    YEAR = "year"
    CAMPAIGN = "campaign"  # the campaign's first day, shown as 2024/25
