"""Purchases ahead of an active customer whose purchases come at a rate and may each be the last."""

import numpy as np
from scipy.special import hyp2f1

from core.services.methods.purchases.cells import Floats

_NEAR_ONE = 1e-3  # a this close to 1 loses digits in (1 − …) ÷ (a − 1)
_AROUND_ONE = (-2 * _NEAR_ONE, -_NEAR_ONE, _NEAR_ONE, 2 * _NEAR_ONE)
_NARROW = 30.0  # a above: p varies little, and the series overflows before it converges
_LONG = 1000.0  # |a + b − 1 − R| above: likewise, λ or p varying little
_NODES = 24
_ZERO = 1e-9


def mean_purchases(shape: Floats, scale: Floats, a: float, b: Floats, time: Floats) -> Floats:
    """Return mean purchases within `time` for λ ~ Gamma(shape, scale) and p ~ Beta(a, b).

    This is E[(1 − e^(−λ p t))/p]. Textbook, R and A being shape and scale:
    (a+b−1)/(a−1) [1 − (A/(A+t))^R ₂F₁(R, b; a+b−1; t/(A+t))]. That series overflows for large R;
    by Euler's transformation the bracket is 1 − (A/(A+t))^(a−1) ₂F₁(a−1, a+b−1−R; a+b−1; t/(A+t)),
    in which R and b, which both grow with the number of purchases, cancel. At a = 1 both sides
    vanish: there the function, which is smooth, is interpolated between values of a on either side.
    """
    columns = [np.ravel(c) for c in np.broadcast_arrays(shape, scale, b, time)]
    steady = (np.abs(a + columns[2] - 1 - columns[0]) > _LONG) | (a > _NARROW)
    found = np.zeros(steady.shape)
    for chosen, method in ((steady, _by_nodes), (~steady, _bridged)):
        if chosen.any():
            part_shape, part_scale, part_b, part_time = (c[chosen] for c in columns)
            found[chosen] = method(part_shape, part_scale, a, part_b, part_time)
    return found.reshape(np.broadcast_shapes(*map(np.shape, (shape, scale, b, time))))


def _bridged(shape: Floats, scale: Floats, a: float, b: Floats, time: Floats) -> Floats:
    if abs(a - 1) >= _NEAR_ONE:
        return _by_series(shape, scale, a, b, time)
    found = np.zeros(shape.shape)
    for here in _AROUND_ONE:
        others = np.array([other for other in _AROUND_ONE if other != here])
        lagrange = np.prod((a - 1 - others) / (here - others))
        found += lagrange * _by_series(shape, scale, 1 + here, b, time)
    return found


def _by_series(shape: Floats, scale: Floats, a: float, b: Floats, time: Floats) -> Floats:
    top = a + b - 1
    top = np.where(np.abs(top) < _ZERO, _ZERO, top)  # a removable pole of the series
    left = np.exp((a - 1) * (np.log(scale) - np.log(scale + time)))
    series = hyp2f1(a - 1, top - shape, top, time / (scale + time))
    found: Floats = top / (a - 1) * (1 - left * series)
    return found


def _by_nodes(shape: Floats, scale: Floats, a: float, b: Floats, time: Floats) -> Floats:
    """Integrate (1 − (1 + p t/A)^−R)/p over p ~ Beta(a, b) by Gauss–Jacobi.

    For customers who differ little, in p or in λ: there the integrand is close to a polynomial.
    """
    distinct, place = np.unique(b, return_inverse=True)
    points, weights = _beta_nodes(a, distinct)
    found = np.zeros(shape.shape)
    for node in range(_NODES):
        p, weight = points[:, node][place], weights[:, node][place]
        found += weight * -np.expm1(-shape * np.log1p(p * time / scale)) / p
    return found


def _beta_nodes(a: float, b: Floats) -> tuple[Floats, Floats]:
    """Return points and weights (b, nodes) of the Beta(a, b) distributions (Golub and Welsch 1969).

    They are eigenvalues and first components of the eigenvectors of the tridiagonal matrix of the
    recurrence of the Jacobi polynomials, on [−1, 1] and then moved to [0, 1].
    """
    k = np.arange(_NODES, dtype=np.float64)
    low, high = a - 1, b[:, None] - 1
    twice = 2 * k + low + high
    centre = (low**2 - high**2) / (twice * (twice + 2))
    k, twice = k[1:], twice[:, 1:]
    squares = 4 * k * (k + low) * (k + high) * (k + low + high)
    squares = squares / (twice**2 * (twice + 1) * (twice - 1))
    matrix = np.zeros((b.size, _NODES, _NODES))
    place = np.arange(_NODES)
    matrix[:, place, place] = centre
    matrix[:, place[1:], place[:-1]] = np.sqrt(squares)  # eigh reads the lower triangle
    points, vectors = np.linalg.eigh(matrix)
    return (points + 1) / 2, vectors[:, 0, :] ** 2
