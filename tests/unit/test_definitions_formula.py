"""Reading formulas: what is accepted means what it says, what is refused says why."""

from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from core.errors import PicholineError
from core.i18n import translate, use_language
from core.models.catalogue import METRICS, Formula, Metric
from core.models.catalogue.formulas import Node
from core.models.catalogue.units import unit_of, unit_text
from core.models.catalogue.wording import tree_text
from core.models.formats import Format
from core.services.definitions.bodies import OwnMetric
from core.services.definitions.build import metric_of
from core.services.definitions.formula import MAX_LENGTH, Words, metrics_of, parse
from core.services.metric_formula import evaluate, is_additive
from core.services.metric_values import parts_of

WORDS = Words.of(METRICS.values())
NAMES = ("net_sales", "cogs", "discounts", "variable_costs")


def stored(text: str) -> str:
    return str(tree_text(parse(text, WORDS), keys=True))


def refused(text: str) -> PicholineError:
    with pytest.raises(PicholineError) as caught:
        metric_of(OwnMetric("own", "Own", formula=text), WORDS)
    return caught.value


def read(text: str) -> Node | str:
    """Return a formula's tree, or the code of its refusal."""
    try:
        return parse(text, WORDS)
    except PicholineError as error:
        return error.code


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("net_sales / customers", "net_sales ÷ customers"),
        ("Net Sales ÷ active customers", "net_sales ÷ customers"),
        ("chiffre d’affaires net / clients actifs", "net_sales ÷ customers"),
        ("CHIFFRE D'AFFAIRES NET/commandes", "net_sales ÷ orders"),
        ("CA - 10 % * marge brute", "net_sales − 0.1 × gross_margin"),
        ("«panier moyen» × 1,5", "aov × 1.5"),
        ("“Weight (kg)” / units", "weight_kg ÷ units"),
        ("weight (kg) / units sold", "weight_kg ÷ units"),
        ("taux de marque - taux de marge", "margin_rate − markup_rate"),
        ("net_sales - (cogs - discounts)", "net_sales − (cogs − discounts)"),
        ("(net_sales - cogs) - discounts", "net_sales − cogs − discounts"),
        ("net_sales / (orders / customers)", "net_sales ÷ (orders ÷ customers)"),
        ("-returns + net_sales", "−returns + net_sales"),
        ("((net_sales))", "net_sales"),
    ],
)
def test_a_formula_is_kept_by_keys(typed: str, kept: str) -> None:
    assert stored(typed) == kept
    assert stored(kept) == kept


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "empty"),
        ("5 * 3", "names no metric"),
        ("net_sales +", "ends where"),
        ("* net_sales", "missing before “*”"),
        ("(net_sales", "closing parenthesis"),
        ("net_sales) / 2", "missing before “)”"),
        ("net_sales customers", "missing before “customers”"),
        ("net_sales / 0", "divides by zero"),
        ("net_sales / (2 - 2)", "divides by zero"),
        ("1.2.3 * net_sales", "not a number"),
        ("net_sales2", "no metric “net_sales2”"),
        ("__import__('os')", "no metric"),
        ("net_sales if 1 else 2", "no metric “if 1 else 2”"),
        ("(" * 25 + "net_sales" + ")" * 25, "too many parentheses"),
        ("net_sales + " * 60 + "net_sales", f"longer than {MAX_LENGTH}"),
        ("net_sales * (999999999 * 999999999)", "too large"),
    ],
)
def test_what_cannot_be_read_says_why(typed: str, why: str) -> None:
    assert why in str(refused(typed).title)


def test_an_unknown_metric_names_the_nearest_in_both_languages() -> None:
    assert "net_sales" in str(refused("nett_sales / 2").remedy)
    assert "aov" in str(refused("panier moyenne / 2").remedy)
    assert "margin_rate" in str(refused("taux de marq / 2").remedy)


@pytest.mark.parametrize(
    ("typed", "unit", "form"),
    [
        ("net_sales / customers", "base currency per customer", Format.MONEY),
        ("net_sales / weight_kg", "base currency per kilogram", Format.PRICE),
        ("gross_margin - 0.1 * net_sales", "base currency", Format.MONEY),
        ("gross_margin / net_sales", "percent", Format.PERCENT),
        ("1 - return_rate", "percent", Format.PERCENT),
        ("orders / customers", "orders per customer", Format.NUMBER),
        ("aov * orders", "base currency", Format.MONEY),
        ("orders - 1", "orders", Format.INTEGER),
        ("orders + orders / 2", "orders", Format.INTEGER),
        ("units / orders", "units per order", Format.NUMBER),
    ],
)
def test_units_follow_and_propose_a_format(typed: str, unit: str, form: Format) -> None:
    found = metric_of(OwnMetric("own", "Own", formula=typed), WORDS)
    assert str(unit_text(unit_of(found), found.format)) == unit
    assert found.format is form


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("net_sales + customers", "“base currency” and “customers”"),
        ("orders - customers", "“orders” and “customers”"),
        ("aov + net_sales", "“base currency per order” and “base currency”"),
        ("units + weight_kg", "“units” and “kilograms”"),
        ("margin_rate + net_sales", "“percent” and “base currency”"),
        ("net_sales * gross_margin", "means nothing"),
    ],
)
def test_units_that_do_not_fit_are_refused_with_the_reason(typed: str, why: str) -> None:
    error = refused(typed)
    assert error.code == "formula.units"
    assert why in str(error.title)


def test_a_format_must_suit_the_unit() -> None:
    def made(form: str, formula: str) -> Metric:
        return metric_of(OwnMetric("own", "Own", formula=formula, format=form), WORDS)

    assert made("number", "gross_margin / cogs").format is Format.NUMBER
    assert made("price", "net_sales / orders").format is Format.PRICE
    for form, formula in (("percent", "net_sales"), ("money", "orders"), ("colour", "orders")):
        with pytest.raises(PicholineError) as caught:
            made(form, formula)
        assert caught.value.code == "formula.format"


def test_the_definition_reads_in_both_languages() -> None:
    found = metric_of(OwnMetric("own", "Own", formula="net_sales / customers * 1.5"), WORDS)
    assert translate(found.definition) == "Net sales ÷ Active customers × 1.5"
    with use_language("fr"):
        assert translate(found.definition) == "Chiffre d’affaires net ÷ Clients actifs × 1,5"
    assert set(parts_of(found)) == {"net_sales", "customers"}


def test_what_adds_up_is_known() -> None:
    sums = ("net_sales - cogs", "0.1 * net_sales", "net_sales / 4 + discounts", "-returns")
    others = ("net_sales / orders", "net_sales + 100", "2 * orders", "aov", "1 - return_rate")
    for typed, expected in [(t, True) for t in sums] + [(t, False) for t in others]:
        assert is_additive(metric_of(OwnMetric("own", "Own", formula=typed), WORDS)) is expected


# A formula as text and, worked out with fractions of Python, its value.
NUMBERS = st.integers(1, 99).map(lambda n: (str(n), Decimal(n)))
VALUES = {"net_sales": Decimal("120.5"), "cogs": Decimal("-3.25"), "discounts": Decimal(7),
          "variable_costs": Decimal("0.000001")}  # fmt: skip
LEAVES = st.one_of(NUMBERS, st.sampled_from(NAMES).map(lambda n: (n, VALUES[n])))
Pair = tuple[str, Decimal | None]


def joined(parts: tuple[Pair, str, Pair]) -> Pair:
    (left, a), sign, (right, b) = parts
    text = f"({left}) {sign} ({right})"
    if a is None or b is None or (sign == "/" and b == 0):
        return text, None
    return text, {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else a}[sign]


TREES = st.recursive(
    LEAVES, lambda inner: st.tuples(inner, st.sampled_from("+-*/"), inner).map(joined), max_leaves=6
)


@settings(max_examples=50)
@given(TREES)
def test_reading_and_writing_keep_the_value(pair: Any) -> None:
    text, expected = pair
    assume(expected is not None)
    tree = read(text)
    if isinstance(tree, str):
        assert tree == "formula.wrong"
        assert not any(name in text for name in NAMES)
        return
    again = parse(str(tree_text(tree, keys=True)), WORDS)
    own = [Metric("own", "Own", "", Formula(t), Format.NUMBER) for t in (tree, again)]
    found = [
        evaluate(m, lambda leaf: pa.array([float(VALUES[leaf.key])], pa.float64()))[0].as_py()
        for m in own
    ]
    assert {leaf.key for leaf in metrics_of(tree)} <= set(NAMES)
    assert found[0] == pytest.approx(float(expected), rel=1e-9, abs=1e-9)
    assert found[1] == pytest.approx(found[0])


@settings(max_examples=60)
@given(st.text(alphabet="net_salscogdir +-*/()÷×−1.,%“”\"'é", max_size=40))
def test_no_text_breaks_the_reader(text: str) -> None:
    tree = read(text)
    if isinstance(tree, str):
        assert tree in {"formula.wrong", "formula.metric"}
    else:
        assert metrics_of(tree)


def test_amounts_stay_exact() -> None:
    values = {
        "net_sales": pa.array([Decimal("12345678901.123456"), None], pa.decimal128(30, 6)),
        "orders": pa.array([3, 0], pa.int64()),
        "variable_costs": pa.array([None, Decimal(1)], pa.decimal128(30, 6)),
    }

    def worked(formula: str) -> list[Any]:
        own = metric_of(OwnMetric("own", "Own", formula=formula), WORDS)
        return evaluate(own, lambda leaf: values[leaf.key]).to_pylist()

    assert worked("0.1 * net_sales") == [Decimal("1234567890.112346"), None]
    assert worked("net_sales - net_sales / 4") == [Decimal("9259259175.842592"), None]
    assert worked("orders + 2") == [5, 2]
    assert worked("net_sales / orders")[1] is None
    # Costs nobody recorded take nothing off; where nothing is known, nothing is.
    assert worked("net_sales - variable_costs") == [Decimal("12345678901.123456"), None]
    assert worked("net_sales / variable_costs") == [None, None]
