"""The formulas of the purchase models against high-precision integration of their stories."""

import json

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from core.services.methods.purchases import MODELS, ModelError, PurchaseModel, fit
from core.services.methods.purchases.cells import aggregate
from core.services.methods.purchases.model import FAMILIES
from core.services.methods.purchases.orders_ahead import mean_purchases
from tests.purchase_histories import PARAMETERS, simulate

THETA = {
    "bgnbd": np.array([0.4, 12.0, 0.8, 2.5]),
    "mbgnbd": np.array([0.5, 10.0, 0.9, 1.6]),
    "pareto": np.array([0.5, 10.0, 0.6, 12.0]),
}
HISTORIES = [(0, 0.0, 30.0), (1, 4.0, 30.0), (6, 29.0, 30.0), (3, 10.0, 10.0), (0, 0.0, 0.0)]


def model(key: str) -> PurchaseModel:
    params = dict(zip(FAMILIES[key].names, THETA[key].tolist(), strict=True))
    return PurchaseModel(key, params, 0.0, 500, 200, None, 40.0, 2.0)


def story(key: str, x: int, t_x: float, end: float) -> tuple[float, float]:
    """Return the likelihoods of being active and of having left, integrated over all customers."""
    r, alpha, third, fourth = THETA[key]

    def buying(until: float) -> float:
        """Mean of λ^x e^(−λ until) over λ ~ Gamma(r, α)."""
        return float(
            mp.quad(
                lambda rate: rate ** (x + r - 1) * mp.exp(-rate * (until + alpha)), [0, 0.1, 1, 9]
            )
            * alpha**r
            / mp.gamma(r)
        )

    if key == "pareto":
        stays = lambda t: (fourth / (fourth + t)) ** third  # noqa: E731
        ends = lambda t: third / (fourth + t) * stays(t)  # noqa: E731
        gone = mp.quad(lambda t: buying(t) * ends(t), [t_x, end]) if end > t_x else 0.0
        return buying(end) * stays(end), float(gone)
    chances = x + (key == "mbgnbd")

    def leaving(power: int, left: int) -> float:
        return float(
            mp.quad(
                lambda p: p ** (third - 1 + left) * (1 - p) ** (fourth - 1 + power),
                [0, 0.01, 0.5, 1],
            )
            / mp.beta(third, fourth)
        )

    gone = buying(t_x) * leaving(chances - 1, 1) if chances else 0.0
    return buying(end) * leaving(chances, 0), gone


@pytest.mark.parametrize("key", MODELS)
@pytest.mark.parametrize(("x", "t_x", "end"), HISTORIES)
def test_likelihood_and_p_alive_follow_from_the_story(
    key: str, x: int, t_x: float, end: float
) -> None:
    with mp.workdps(9):
        active, gone = story(key, x, t_x, end)
    value, _ = FAMILIES[key].score(THETA[key], aggregate([x], [t_x], [end]))
    assert value == pytest.approx(np.log(active + gone), abs=2e-5)
    alive = model(key).p_alive(x, t_x, end).item()
    assert alive == pytest.approx(active / (active + gone), abs=2e-5)


@pytest.mark.parametrize("key", MODELS)
@hypothesis_settings(max_examples=25)
@given(seed=st.integers(0, 10**6))
def test_gradient_is_that_of_the_likelihood(key: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    theta = 10 ** rng.uniform(-1, 2, 4)
    end = rng.integers(0, 400, 40).astype(float)
    x = np.where(end > 0, rng.poisson(1.5, 40), 0).astype(float)
    cells = aggregate(x, np.where(x > 0, end * rng.uniform(0.1, 1, 40), 0.0), end)
    _, gradient = FAMILIES[key].score(theta, cells)
    for index in range(4):
        step = np.zeros(4)
        step[index] = 1e-5 * theta[index]
        up, down = (FAMILIES[key].score(theta + side * step, cells)[0] for side in (1, -1))
        numeric = (up - down) / 2e-5
        assert gradient[index] * theta[index] == pytest.approx(numeric, rel=1e-5, abs=1e-5)


def textbook(shape: float, scale: float, a: float, b: float, time: float) -> float:
    """Return the published ₂F₁ expression with enough digits for its cancellations."""
    with mp.workdps(80):
        shape, scale, a, b, time = (mp.mpf(v) for v in (shape, scale, a, b, time))
        left = (scale / (scale + time)) ** shape
        series = mp.hyp2f1(shape, b, a + b - 1, time / (scale + time))
        return float((a + b - 1) / (a - 1) * (1 - left * series))


@pytest.mark.parametrize("x", [0, 1, 30, 1000, 3000])
@pytest.mark.parametrize("a", [0.05, 0.793, 1 - 1e-9, 1 + 1e-5, 1.0007, 3.0])
def test_expected_purchases_keep_their_digits(x: int, a: float) -> None:
    given = (0.243 + x, 4.414 + 38.86, a, 2.426 + x, 39.0)
    found = mean_purchases(*(np.array([v]) for v in given[:2]), a, *map(np.array, ([given[3]], 39)))
    assert found.item() == pytest.approx(textbook(*given), rel=1e-7)


@pytest.mark.parametrize(
    ("shape", "scale", "a", "b"),
    [(0.5, 30.0, 300.0, 900.0), (2e5, 4e7, 0.8, 3.0), (0.3, 20.0, 2.0, 2e5), (2.0, 50.0, 0.2, 0.5)],
)
def test_expected_purchases_of_customers_who_hardly_differ(
    shape: float, scale: float, a: float, b: float
) -> None:
    """Also where the series overflows: integrated over p itself."""
    centre = a / (a + b)
    cuts = [0, *(mp.mpf(10) ** k for k in range(-30, -2, 2)), centre / 2, centre, 2 * centre, 1]
    weight = mp.beta(a, b)
    density = lambda p: p ** (a - 1) * (1 - p) ** (b - 1) / weight  # noqa: E731
    orders = lambda p: -mp.expm1(-shape * mp.log1p(p * 365 / scale)) / p  # noqa: E731
    expected = float(mp.quad(lambda p: density(p) * orders(p), sorted(c for c in cuts if c <= 1)))
    found = mean_purchases(np.array(shape), np.array(scale), a, np.array(b), np.array(365.0))
    assert found.item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("theta", "x", "t_x", "end"),
    [
        ((0.11, 0.035, 4.65, 74.5), 0, 0.0, 1500.0),
        ((0.5, 10.0, 0.6, 12.0), 3000, 380.0, 400.0),
        ((5.6, 291.0, 18.3, 0.6), 1000, 1.0, 400.0),
        ((0.07, 0.15, 0.14, 23.0), 0, 0.0, 1500.0),
    ],
)
def test_pareto_integral_holds_for_uneven_parameters(
    theta: tuple[float, ...], x: int, t_x: float, end: float
) -> None:
    r, alpha, s, beta = theta
    scale = min((alpha + t_x) / (r + x), beta + t_x)
    cuts = [scale * 10.0**k for k in np.arange(-2, 8, 0.5) if scale * 10.0**k < end - t_x]
    with mp.workdps(30):
        ratio = (
            mp.quad(
                lambda t: ((alpha + end) / (alpha + t)) ** (r + x) * s / (beta + t) ** (s + 1),
                [t_x, *(t_x + cut for cut in cuts), end],
            )
            * mp.mpf(beta + end) ** s
        )
        expected = float(mp.log(ratio))
    columns = (np.array([float(v)]) for v in (x, t_x, end))
    found = FAMILIES["pareto"].log_odds_gone(np.array(theta), *columns)
    assert found.item() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize("key", MODELS)
def test_fit_finds_the_parameters_of_simulated_customers(key: str) -> None:
    world = simulate(key, 6000, seed=11)
    found = fit(key, *world.history)
    assert found.covariance is not None
    error = np.log(found.theta) - np.log(list(PARAMETERS[key].values()))
    # Within 95 % of each, and 99 % of all four together.
    assert (np.abs(error) < 1.96 * np.sqrt(np.diag(found.covariance))).all()
    assert error @ np.linalg.solve(found.covariance, error) < 13.3
    assert found.concerns() == []


@pytest.mark.parametrize("key", MODELS)
def test_forecasts_come_true_for_simulated_customers(key: str) -> None:
    world = simulate(key, 20_000, seed=5)
    found = fit(key, *world.history)
    ahead = 365.0
    expected, happened = found.expected(*world.history, ahead), world.orders(ahead)
    assert expected.sum() == pytest.approx(happened.sum(), rel=0.05)
    none = found.p_none(*world.history, ahead)
    assert none.mean() == pytest.approx((happened == 0).mean(), abs=0.01)
    for part in (world.x == 0, world.x >= 8):
        assert none[part].mean() == pytest.approx((happened[part] == 0).mean(), abs=0.025)
    # Of new customers: those of the simulation's first days, who have come back since.
    old = world.T > 600
    assert found.expected_new(world.T[old]).sum() == pytest.approx(world.x[old].sum(), rel=0.05)


@pytest.mark.parametrize("key", MODELS)
def test_unit_of_time_and_grouping_change_nothing(key: str) -> None:
    world = simulate(key, 1500, seed=3)
    days = fit(key, *world.history)
    weeks = fit(key, world.x, world.t_x / 7, world.T / 7)
    p = days.p_alive(*world.history)
    assert weeks.p_alive(world.x, world.t_x / 7, world.T / 7) == pytest.approx(p, rel=1e-4)
    shift = world.x.sum() * np.log(7)
    assert weeks.log_likelihood == pytest.approx(days.log_likelihood + shift, abs=1e-4)
    rows = np.array([[2.0, 50.0, 90.0], [0.0, 0.0, 90.0], [1.0, 5.0, 60.0]])
    counts = np.array([30, 50, 20])
    grouped = fit(key, *rows.T, weights=counts)
    single = fit(key, *np.repeat(rows, counts, axis=0).T)
    assert grouped.log_likelihood == pytest.approx(single.log_likelihood, abs=1e-6)
    assert (grouped.customers, grouped.repeaters) == (single.customers, 50) == (100, 50)


def test_a_stored_model_answers_as_before() -> None:
    world = simulate("bgnbd", 800, seed=2)
    found = fit("bgnbd", *world.history)
    again = PurchaseModel.from_dict(json.loads(json.dumps(found.as_dict())))
    assert (again.expected(*world.history, 90) == found.expected(*world.history, 90)).all()
    first, second = (m.draw_theta(5, np.random.default_rng(1)) for m in (found, again))
    assert (first == second).all()
    for broken in ({}, {**found.as_dict(), "key": "other"}, {**found.as_dict(), "params": {}}):
        with pytest.raises(ModelError) as caught:
            PurchaseModel.from_dict(broken)
        assert caught.value.code == "purchases.unreadable"


def test_drawn_parameters_spread_as_their_covariance() -> None:
    found = fit("bgnbd", *simulate("bgnbd", 800, seed=2).history)
    drawn = found.draw_parameters(4000, np.random.default_rng(0))
    logs = np.log([m.theta for m in drawn])
    assert np.cov(logs.T) == pytest.approx(found.covariance, rel=0.15, abs=1e-3)
    assert logs.mean(axis=0) == pytest.approx(np.log(found.theta), abs=0.05)
