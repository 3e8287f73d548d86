"""Robust location and scale: median and MAD, which a few wild values cannot move."""

import numpy as np
from numpy.typing import NDArray

# 1 ÷ Φ⁻¹(3/4): makes the median absolute deviation of a normal sample estimate its σ.
MAD_TO_SIGMA = 1.4826022185056018
# Iglewicz and Hoaglin (1993), "How to detect and handle outliers", recommend |z| > 3.5.
OUTLIER_Z = 3.5


def robust_z(values: NDArray[np.float64], floor: float = 0.0) -> NDArray[np.float64]:
    """Return (x − median) ÷ (MAD × 1.4826) for each value.

    Args:
        values: shape (n,), finite.
        floor: smallest scale used, in the unit of the values; keeps tiny deviations of an almost
            constant series from looking extreme.

    Returns:
        Shape (n,). Where the scale is 0 the score is 0 for the median itself and ±inf elsewhere.
    """
    if values.size == 0:
        return values
    centre = np.median(values)
    deviation = values - centre
    scale = max(float(np.median(np.abs(deviation))) * MAD_TO_SIGMA, floor)
    if scale == 0.0:
        return np.where(deviation == 0.0, 0.0, np.copysign(np.inf, deviation))
    return deviation / scale
