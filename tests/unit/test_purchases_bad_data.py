"""Data that carry no purchase model get an explanation; those that hardly do, a concern."""

import numpy as np
import pytest

from core.i18n import use_language
from core.services.methods.purchases import (
    MODELS,
    Customers,
    Horizon,
    ModelError,
    clv,
    clv_draws,
    fit,
    fit_value,
    monthly_expected,
)
from tests.purchase_histories import Floats

N = 200
LONG = np.linspace(100, 400, N).round()
NEVER = np.zeros(N)


def changed(column: Floats, value: float) -> Floats:
    found = column.copy()
    found[3] = value
    return found


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize(
    ("x", "t_x", "end", "code"),
    [
        (NEVER, NEVER, LONG, "nobody_returned"),
        (NEVER + 1, NEVER, LONG, "nobody_returned"),
        (NEVER, NEVER, NEVER, "no_time"),
        ([2.0], [30.0], [90.0], "few_customers"),
        ([], [], [], "few_customers"),
        (changed(NEVER, 2), changed(NEVER, 401), LONG, "purchase_after_end"),
        (changed(NEVER, 2), changed(NEVER, -1), LONG, "purchase_after_end"),
        (NEVER, NEVER, changed(LONG, -5), "purchase_after_end"),
        (NEVER, changed(NEVER, 20), LONG, "last_without_repeat"),
        (changed(NEVER, np.nan), NEVER, LONG, "unknown_times"),
        (NEVER, NEVER, changed(LONG, np.inf), "unknown_times"),
        (changed(NEVER, -1), NEVER, LONG, "purchase_counts"),
        (changed(NEVER, 1.5), changed(NEVER, 20), LONG, "purchase_counts"),
    ],
)
def test_impossible_histories_are_explained(
    key: str, x: Floats, t_x: Floats, end: Floats, code: str
) -> None:
    with pytest.raises(ModelError) as caught:
        fit(key, x, t_x, end)
    assert caught.value.code == f"purchases.{code}"
    assert len(str(caught.value.title)) > 20
    assert len(str(caught.value.remedy)) > 20
    assert "{" not in str(caught.value)


def test_counts_in_explanations_agree_and_follow_the_language() -> None:
    few = np.where(np.arange(N) < 3, np.nan, 0.0)
    with pytest.raises(ModelError) as caught:
        fit("bgnbd", few, NEVER, LONG)
    assert str(caught.value.title).startswith("The purchase histories of 3 customers")
    many = np.full(2500, np.nan)
    with pytest.raises(ModelError) as caught:
        fit("bgnbd", many, np.zeros(2500), np.ones(2500))
    with use_language("en"):
        assert "2,500 customers" in str(caught.value.title)


def test_impossible_weights_are_explained() -> None:
    with pytest.raises(ModelError) as caught:
        fit("bgnbd", NEVER, NEVER, LONG, weights=changed(NEVER + 1, -2))
    assert caught.value.code == "purchases.weights"


def odd_customers() -> dict[str, tuple[Floats, Floats, Floats]]:
    """Return histories that no customers have, but files do."""
    rng = np.random.default_rng(0)
    steady = rng.poisson(LONG * 0.02).astype(float)
    one = np.zeros(N)
    one[0] = 1
    wholesale = np.where(np.arange(N) % 2, 3000.0, 0.0)
    return {
        "all came back once": (np.ones(N), LONG / 2, LONG),
        "all bought on the last day": (rng.integers(1, 9, N) + 0.0, LONG, LONG),
        "all alike": (np.full(N, 10.0), LONG * 0.9, LONG),
        "one came back": (one, one * 50, LONG),
        "thousands of orders": (wholesale, np.where(wholesale > 0, LONG * 0.99, 0.0), LONG),
        "nobody leaves": (steady, np.where(steady > 0, LONG * steady / (steady + 1), 0.0), LONG),
        "two days of history": (one, one, np.full(N, 2.0)),
    }


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize("name", odd_customers())
def test_odd_histories_give_finite_answers(key: str, name: str) -> None:
    history = odd_customers()[name]
    found = fit(key, *history)
    expected = found.expected(*history, 365.0)
    assert np.isfinite(expected).all()
    assert (expected >= -1e-9).all()
    for probability in (found.p_alive(*history), found.p_none(*history, 90.0)):
        assert ((probability >= 0) & (probability <= 1)).all()
    assert (monthly_expected(found, *history, 24) >= -1e-9).all()
    value = fit_value(np.ones(N), np.linspace(5, 50, N))
    people = Customers(*history, np.full(N, 20.0))
    drawn = clv_draws(found, value, people, Horizon(12, 0.1), 20, np.random.default_rng(0))
    assert np.isfinite(drawn.low).all()
    assert (drawn.high >= drawn.low).all()
    assert np.isfinite(clv(found, value, people, Horizon(12, 0.1))).all()


@pytest.mark.parametrize("key", MODELS)
def test_dropout_that_cannot_be_seen_is_a_concern(key: str) -> None:
    found = fit(key, *odd_customers()["all bought on the last day"])
    assert found.covariance is not None
    assert np.isfinite(found.covariance).all()
    assert [str(c)[:40] for c in found.concerns()] == ["These sales do not show customers leavin"]


def test_few_returning_customers_are_a_concern() -> None:
    x = np.where(np.arange(N) < 30, 2.0, 0.0)
    found = fit("bgnbd", x, np.where(x > 0, LONG / 3, 0.0), LONG)
    assert str(found.concerns()[0]) == "Only 30 customers came back: the forecast is rough."


@pytest.mark.parametrize(
    ("x", "mean", "code"),
    [
        (NEVER, NEVER + 5, "few_values"),
        (NEVER + 2, NEVER - 5, "few_values"),
        (NEVER + 2, NEVER, "few_values"),
        (NEVER + 2, changed(NEVER + 5, np.nan), "unknown_values"),
        (changed(NEVER + 2, np.inf), NEVER + 5, "unknown_values"),
    ],
)
def test_impossible_values_are_explained(x: Floats, mean: Floats, code: str) -> None:
    with pytest.raises(ModelError) as caught:
        fit_value(x, mean)
    assert caught.value.code == f"purchases.{code}"


def test_values_that_do_not_fit_are_concerns() -> None:
    rng = np.random.default_rng(0)
    x = rng.integers(1, 20, 500).astype(float)
    losses = np.where(np.arange(500) < 4, -3.0, rng.gamma(9.0, 2.0, 500))
    said = [str(c) for c in fit_value(x, losses).concerns()]
    assert said == [
        "4 customers with a value of zero or less per order were left out of the value model."
    ]
    related = [str(c) for c in fit_value(x, x * rng.gamma(9.0, 1.0, 500)).concerns()]
    assert len(related) == 1
    assert "(correlation 0.8" in related[0]
    heavy = fit_value(x, rng.pareto(0.5, 500) + 1)
    assert any("very large orders" in str(c) for c in heavy.concerns())
    assert np.isfinite(heavy.expected([0, 3], [0.0, 9.0])).all()
    alike = fit_value(x, np.full(500, 30.0))
    assert alike.expected(1, 30.0).item() == pytest.approx(30, rel=0.01)
