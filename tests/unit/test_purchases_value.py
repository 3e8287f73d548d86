"""Order values, lifetime value, its intervals, and the figures of the holdout check."""

import json

import numpy as np
import pytest
from scipy.stats import gamma

from core.services.methods.purchases import (
    MODELS,
    Bucket,
    Customers,
    Horizon,
    ModelError,
    ValueModel,
    by_frequency,
    capture,
    clv,
    clv_draws,
    discounted_orders,
    fit,
    fit_value,
    holdout_scores,
    monthly_expected,
    tracking,
)
from tests.purchase_histories import VALUE, Floats, World, simulate

MONTH = 365.25 / 12
YEAR = Horizon(12, 0.1)


def people(world: World) -> Customers:
    return Customers(world.x, world.t_x, world.T, world.mean)


def realised(world: World, horizon: Horizon) -> Floats:
    """Return what each customer brought in the months ahead, discounted at each month's end."""
    month = np.ceil(world.when / MONTH)
    inside = month <= horizon.months
    worth = world.worth[inside] / (1 + horizon.annual_rate) ** (month[inside] / 12)
    return np.bincount(world.who[inside], weights=worth, minlength=world.x.size)


def test_value_model_finds_the_parameters_of_simulated_customers() -> None:
    world = simulate("bgnbd", 6000, seed=11)
    found = fit_value(world.x, world.mean)
    assert found.covariance is not None
    error = np.log([found.p, found.q, found.v]) - np.log(list(VALUE.values()))
    assert (np.abs(error) < 1.96 * np.sqrt(np.diag(found.covariance))).all()
    assert found.population_mean == pytest.approx(4.0 * 60 / 4, rel=0.03)
    assert found.concerns() == []


def test_value_likelihood_and_expectation_follow_from_the_story() -> None:
    """The mean of x orders is Gamma(px, νx), the next order p/ν, ν being Gamma(q, v)."""
    world = simulate("bgnbd", 300, seed=1)
    found = fit_value(world.x, world.mean)
    rows = [(x, m) for x, m in zip(world.x, world.mean, strict=True) if x > 0]
    p, q, v = found.p, found.q, found.v

    def mixed(x: float, mean: float, power: int) -> float:
        log_nu = np.linspace(-20, 10, 4_001)
        nu = np.exp(log_nu)
        seen = gamma.pdf(mean, p * x, scale=1 / (nu * x)) * gamma.pdf(nu, q, scale=1 / v)
        return float(np.trapezoid(seen * (p / nu) ** power * nu, log_nu))

    total = sum(np.log(mixed(x, m, 0)) for x, m in rows)
    assert found.log_likelihood == pytest.approx(total, abs=1e-5)
    for x, mean in rows[:4]:
        expected = mixed(x, mean, 1) / mixed(x, mean, 0)
        assert found.expected(x, mean).item() == pytest.approx(expected, rel=1e-6)
    assert found.expected(0, np.nan).item() == found.population_mean
    assert np.isnan(found.expected(2, np.nan).item())
    assert found.expected(50, -20.0).item() < 0


def test_values_follow_the_currency() -> None:
    world = simulate("bgnbd", 1000, seed=4)
    euro, cents = fit_value(world.x, world.mean), fit_value(world.x, world.mean * 100)
    assert (cents.p, cents.q, cents.v / 100) == pytest.approx((euro.p, euro.q, euro.v), rel=1e-3)
    shift = euro.customers * np.log(100)
    assert cents.log_likelihood == pytest.approx(euro.log_likelihood - shift, abs=1e-3)


def test_a_stored_value_model_answers_as_before() -> None:
    world = simulate("bgnbd", 1000, seed=4)
    found = fit_value(world.x, world.mean)
    again = ValueModel.from_dict(json.loads(json.dumps(found.as_dict())))
    assert (again.expected(world.x, world.mean) == found.expected(world.x, world.mean)).all()
    draws = [m.draw_theta(3, np.random.default_rng(0)) for m in (found, again)]
    assert (draws[0] == draws[1]).all()
    with pytest.raises(ModelError):
        ValueModel.from_dict({"p": 1.0})


@pytest.mark.parametrize("key", MODELS)
def test_lifetime_value_is_its_definition(key: str) -> None:
    """Expected orders of each month × expected order ÷ (1 + rate)^(t/12), one at a time."""
    world = simulate(key, 300, seed=6)
    model, value = fit(key, *world.history), fit_value(world.x, world.mean)
    found = clv(model, value, people(world), Horizon(18, 0.08))
    monthly = monthly_expected(model, *world.history, 18)
    assert monthly.shape == (300, 18)
    for i in (0, 7, 150, 299):
        history = (world.x[i], world.t_x[i], world.T[i])
        total = before = 0.0
        for month in range(1, 19):
            until = model.expected(*history, month * MONTH).item()
            assert monthly[i, month - 1] == pytest.approx(until - before, abs=1e-9)
            total += (until - before) / 1.08 ** (month / 12)
            before = until
        assert discounted_orders(model, *history, Horizon(18, 0.08)).item() == pytest.approx(total)
        order = value.expected(world.x[i], world.mean[i]).item()
        assert found[i] == pytest.approx(total * order, rel=1e-9)
    undiscounted = model.expected(*world.history, 18 * MONTH)
    assert discounted_orders(model, *world.history, Horizon(18)) == pytest.approx(undiscounted)


@pytest.mark.parametrize("key", MODELS)
def test_intervals_hold_what_simulated_customers_bring(key: str) -> None:
    world = simulate(key, 3000, seed=1)
    model, value = fit(key, *world.history), fit_value(world.x, world.mean)
    rng = np.random.default_rng(0)
    country = np.where(np.arange(3000) % 3, "FR", "DE").tolist()
    groups = {"country": country, "returned": (world.x > 0).tolist()}
    found = clv_draws(model, value, people(world), YEAR, 150, rng, groups)
    happened = realised(world, YEAR)
    inside = (happened >= found.low) & (happened <= found.high)
    assert 0.85 <= inside.mean() <= 0.95
    for part in (world.x == 0, world.x > 0, world.x > 4):
        assert 0.85 <= inside[part].mean() <= 0.95
    # A sum's interval holds the sum, and the parts add up to it draw by draw.
    low, high = np.quantile(found.total, (0.005, 0.995))
    assert low < happened.sum() < high
    for name, labels in (("country", ("FR", "DE")), ("returned", (True, False))):
        parts = [found.totals[name, label] for label in labels]
        assert sum(parts) == pytest.approx(found.total)
    # The point estimate is the mean of the futures, up to the spread of the parameters.
    assert clv(model, value, people(world), YEAR).sum() == pytest.approx(
        found.total.mean(), rel=0.02
    )


def test_futures_have_the_mean_of_the_formula() -> None:
    """With the parameters held fixed, customer by customer, losses included."""
    for key in MODELS:
        world = simulate(key, 250, seed=8)
        fitted, valued = fit(key, *world.history), fit_value(world.x, world.mean)
        mean = np.where((world.x > 0) & (np.arange(250) % 10 == 0), -50.0, world.mean)
        model = type(fitted).from_dict({**fitted.as_dict(), "covariance": None})
        value = ValueModel.from_dict({**valued.as_dict(), "covariance": None})
        some = Customers(*world.history, mean)
        labels = np.minimum(world.x // 3, 2).tolist()
        found = clv_draws(model, value, some, YEAR, 500, np.random.default_rng(1), labels)
        expected = clv(model, value, some, YEAR)
        for label, total in found.totals.items():
            part = np.array(labels) == label
            error = total.std() / np.sqrt(500)
            assert abs(total.mean() - expected[part].sum()) < 4 * error
        losing = expected < 0
        assert losing.any()
        assert (found.high[losing] <= 0).all()
        assert found.low[losing].min() < 0


def test_chunks_change_nothing_but_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    world = simulate("bgnbd", 500, seed=9)
    model, value = fit("bgnbd", *world.history), fit_value(world.x, world.mean)
    whole = clv_draws(model, value, people(world), YEAR, 300, np.random.default_rng(0))
    monkeypatch.setattr("core.services.methods.purchases.simulate._AT_ONCE", 5_000)
    parts = clv_draws(model, value, people(world), YEAR, 300, np.random.default_rng(0))
    assert parts.total.mean() == pytest.approx(whole.total.mean(), rel=0.02)
    assert parts.high.mean() == pytest.approx(whole.high.mean(), rel=0.05)


def test_unknown_values_stay_unknown() -> None:
    world = simulate("bgnbd", 200, seed=9)
    model, value = fit("bgnbd", *world.history), fit_value(world.x, world.mean)
    unknown = int(np.argmax(world.x))
    mean = world.mean.copy()
    mean[unknown] = np.nan
    some = Customers(*world.history, mean)
    labels = (np.arange(200) == unknown).tolist()
    found = clv_draws(model, value, some, YEAR, 50, np.random.default_rng(0), labels)
    assert np.flatnonzero(np.isnan(clv(model, value, some, YEAR))).tolist() == [unknown]
    assert np.isnan(found.high[unknown])
    assert np.isfinite(found.totals[False]).all()
    assert np.isnan(found.total).any()


def test_tracking_counts_customers_from_their_first_day() -> None:
    world = simulate("mbgnbd", 300, seed=10)
    model = fit("mbgnbd", *world.history)
    first = 700 - world.T
    found = tracking(model, first, [-5.0, 100.0, 700.0])
    assert found[0] == 0
    begun = first < 100
    assert found[1] == pytest.approx(model.expected_new(100 - first[begun]).sum())
    assert found[2] == pytest.approx(model.expected_new(world.T).sum())
    assert found[2] == pytest.approx(world.x.sum(), rel=0.15)


def test_holdout_figures_by_hand() -> None:
    found = holdout_scores([1.0, 2.0, 3.0], [1.0, 1.0, 5.0])
    assert (found.customers, found.expected, found.actual) == (3, 6.0, 7.0)
    assert found.mae == pytest.approx(1.0)
    assert found.rmse == pytest.approx(np.sqrt(5 / 3))
    assert found.correlation == pytest.approx(4 / np.sqrt(2 * 32 / 3))
    assert found.bias == pytest.approx(-1 / 7)
    flat = holdout_scores([1.0, 1.0], [0.0, 0.0])
    assert (flat.correlation, flat.bias) == (None, None)
    assert holdout_scores([], []).customers == 0
    buckets = by_frequency([0, 0, 1, 7, 12], [0.1, 0.3, 1.0, 4.0, 6.0], [0, 1, 1, 3, 8])
    assert buckets == [
        Bucket(0, 0, 2, 0.2, 0.5),
        Bucket(1, 1, 1, 1.0, 1.0),
        Bucket(7, None, 2, 5.0, 5.5),
    ]


def test_capture_counts_ties_evenly() -> None:
    actual = np.array([10.0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    score = np.arange(10, 0, -1)
    assert capture(score, actual).tolist() == [1.0]
    assert capture(-score, actual).tolist() == [0.0]
    assert capture(np.ones(10), actual, [0.1, 0.5]).tolist() == pytest.approx([0.1, 0.5])
    shuffled = np.random.default_rng(0).permutation(10)
    tied = np.where(score > 6, 1, 0)
    assert capture(tied[shuffled], actual[shuffled], 0.2) == pytest.approx(
        capture(tied, actual, 0.2)
    )
    assert np.isnan(capture(score, np.zeros(10))).all()
