"""The language of rules: what it reads, what it refuses and where, what it means on rows."""

from datetime import date
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from core.errors import PicholineError
from core.models.quality import Rule, Severity, Wrong
from core.models.schema import TABLES
from core.repository.quality_rows import ROW, Around, RuleRows
from core.services.quality.expression import columns_of, parse
from core.services.quality.written import written

TODAY = date(2025, 6, 30)
_COUNTRIES = ["FR", "DE", None, "US"]
ROWS: dict[str, list[Any]] = {
    "date": [date(2025, 1, 1), date(2025, 6, 30), date(2025, 7, 2), None],
    "product_id": ["00123", "85123", "A", None],
    "quantity": [Decimal(3), Decimal(-1), Decimal(0), None],
    "unit_price": [Decimal("0.1"), Decimal("2.5"), Decimal(10), Decimal(1000000)],
    "discount_rate": [Decimal("0.2"), None, Decimal(1), Decimal("0.5")],
    "country": _COUNTRIES,
    "channel": ["Épicerie", "web shop", "", None],
}


def broken(text: str) -> list[int]:
    """Return which of the rows an expression is true of."""
    schema = TABLES["sales"].arrow_schema()
    columns = {f.name: pa.array(ROWS.get(f.name, [None] * 4), f.type) for f in schema}
    rows = pa.table({**columns, ROW: pa.array(range(4), pa.int64())})
    rule = Rule("own.x", "sales", "", Severity.WARN, Wrong(parse(text, "sales")))
    with RuleRows("sales", Around("EUR", TODAY), 1, 256).incoming(rows, alone=True) as questions:
        return questions.broken(rule).tolist()


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("quantity < 0", [1]),
        ("not quantity < 0", [0, 2]),  # an empty cell is neither
        ("quantity is empty", [3]),
        ("channel is empty", [2, 3]),
        ("channel is not empty and quantity >= 0", [0]),
        ("country in (\"FR\", 'DE')", [0, 1]),
        ("country not in (“FR”)", [1, 3]),
        ("discount_rate between 0.2 and 50%", [0, 3]),
        ("channel contains “EPICERIE”", [0]),
        ('channel starts with "Web"', [1]),
        ('channel ends with "shop"', [1]),
        ("product_id = 85123", [1]),
        ("product_id = 00123", [0]),
        ("date > today", [2]),
        ("date > today - 1", [1, 2]),
        ("today - date >= 180", [0]),
        ("date = 2025-07-02", [2]),
        ("date < '2025-02-01'", [0]),
        ("quantity * unit_price = 0.3", [0]),  # to six decimals, whatever binary fractions say
        ("unit_price / quantity > 0", [0]),  # nothing is divided by zero
        ("-quantity > 0", [1]),
        ("quantity + 2 * 3 = 9", [0]),
        ("(quantity + 2) * 3 = 15", [0]),
        ("quantity < 0 or quantity = 3 and unit_price > 1", [1]),
        ("(quantity < 0 or quantity = 3) and unit_price > 1", [1]),
        ("[Prix unitaire HT] > 5", [2, 3]),
        ("pays est vide ou quantité = 3", [0, 2]),
        ('quantité dans (3) et non (pays = "DE")', [0]),
        ("canal contient “web”", [1]),
        ("date entre 2025-06-01 et aujourd’hui", [1]),
    ],
)  # fmt: skip
def test_what_an_expression_means(text: str, rows: list[int]) -> None:
    assert broken(text) == rows
    again = written(parse(text, "sales"))
    assert parse(again, "sales") == parse(text, "sales")
    assert broken(again) == rows


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("", 1, "empty"),
        ("quantity > ", 12, "missing"),
        ("quantiy > 1", 1, "quantity"),
        ("quantity > 1 2", 14, "“2”"),
        ("quantity > (1", 14, "“)”"),
        ("quantity > “a”", 10, "cannot be compared"),
        ("date contains “x”", 6, "text"),
        ("quantity", 9, "comparison"),
        ("1 > 0", 1, "no column"),
        ("not quantity", 1, "condition"),
        ("quantity > 1 and country", 14, "two conditions"),
        ("date = 2025-02-31", 8, "no day"),
        ("quantity in (unit_price)", 10, "list"),
        ("country + 1 > 2", 9, "numbers"),
        ("quantity > 1; drop table x", 15, "no column"),
        ("__import__('os')", 1, "no column"),
        ("quantity > $v0", 12, "means nothing"),
        ('country = "FR', 11, "never closed"),
        ("(" * 40 + "quantity > 1" + ")" * 40, 32, "parentheses"),
    ],
)
def test_what_is_refused_and_where(text: str, place: int, word: str) -> None:
    with pytest.raises(PicholineError) as found:
        parse(text, "sales")
    assert found.value.code == "rule.expression"
    assert f"Character {place}:" in str(found.value.title)
    assert word in str(found.value.title)


def test_a_text_is_a_value_and_never_a_part_of_the_question() -> None:
    assert broken("country = \"FR' OR '1'='1\"") == []
    assert broken('channel contains "%"') == []


def test_columns_in_the_order_they_are_named() -> None:
    tree = parse("unit_price < unit_cost or quantity * unit_price > 3", "sales")
    assert columns_of(tree) == ("unit_price", "unit_cost", "quantity")
