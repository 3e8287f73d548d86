"""Published figures of the purchase models, on the CDNOW purchases they were published for.

Fader, Hardie and Lee (2005) for BG/NBD and Pareto/NBD, Batislam et al. (2007) for MBG/NBD, Fader
and Hardie (2013) for Gamma-Gamma: 1/10 sample, 2,357 customers, 39 weeks of 1997 to calibrate and
39 weeks held out. Purchases of one day are one purchase.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.services.methods.purchases import PurchaseModel, fit, fit_value

BEGIN, CUT, END = (pd.Timestamp(d) for d in ("1997-01-01", "1997-09-30", "1998-06-30"))
WEEK = 7.0


def read(path: Path, columns: list[str], skip: int) -> pd.DataFrame:
    frame = pd.read_csv(path, sep=r"\s+", header=None, names=columns, skiprows=skip, dtype=str)
    frame["date"] = pd.to_datetime(frame["date"], format="%Y%m%d")
    frame["value"] = frame["value"].astype(float)
    return frame.groupby(["id", "date"], as_index=False)["value"].sum()


def summary(days: pd.DataFrame, end: pd.Timestamp) -> pd.DataFrame:
    """Return x, t_x and T (weeks) per customer, and the mean value of the repeat purchases."""
    seen = days[days["date"] <= end]
    first = seen.groupby("id")["date"].min()
    repeats = seen[seen["date"] > seen["id"].map(first)].groupby("id")
    found = pd.DataFrame({"first": first})
    found["x"] = repeats.size().reindex(found.index).fillna(0)
    found["t_x"] = ((repeats["date"].max() - first).dt.days / WEEK).fillna(0.0)
    found["T"] = (end - first).dt.days / WEEK
    found["mean"] = repeats["value"].mean().reindex(found.index).fillna(0.0)
    return found


@pytest.fixture(scope="module")
def sample(real_data: Path) -> pd.DataFrame:
    """Return the calibration summary of the sample, with its purchases held out."""
    path = real_data / "cdnow" / "CDNOW_sample.txt"
    days = read(path, ["master", "id", "date", "number", "value"], skip=0)
    found = summary(days, CUT)
    found["held_out"] = summary(days, END)["x"] - found["x"]
    return found


def fitted(key: str, frame: pd.DataFrame) -> PurchaseModel:
    return fit(key, frame["x"], frame["t_x"], frame["T"])


@pytest.mark.parametrize(
    ("key", "params", "digits", "likelihood"),
    [
        ("bgnbd", {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, 3, -9582.4),
        ("mbgnbd", {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, 3, -9582.1),
        ("pareto", {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, 3, -9595.0),
        ("bgnbd", {"r": 0.24259, "alpha": 4.4135, "a": 0.79289, "b": 2.4257}, 4, -9582.43),
        ("mbgnbd", {"r": 0.5248, "alpha": 6.183, "a": 0.8914, "b": 1.614}, 4, -9582.13),
        ("pareto", {"r": 0.5533, "alpha": 10.578, "s": 0.6062, "beta": 11.668}, 4, -9594.97),
    ],
)
def test_published_parameters(
    sample: pd.DataFrame, key: str, params: dict[str, float], digits: int, likelihood: float
) -> None:
    found = fitted(key, sample)
    assert (found.customers, found.repeaters) == (2357, 946)
    assert found.concerns() == []
    # A unit of the last digit: the papers stopped their optimisers earlier.
    assert dict(found.params) == pytest.approx(params, rel=3e-4, abs=10.0**-digits)
    assert found.log_likelihood == pytest.approx(likelihood, abs=0.05 if digits == 3 else 0.01)


def test_published_value_of_orders(sample: pd.DataFrame) -> None:
    found = fit_value(sample["x"], sample["mean"])
    assert found.customers == 946
    assert (found.p, found.q, found.v) == pytest.approx((6.25, 3.74, 15.44), abs=0.005)
    assert found.log_likelihood == pytest.approx(-4055.92, abs=0.005)
    # The paper: the mean order across customers, and little relation with their number.
    assert found.population_mean == pytest.approx(35.2, abs=0.05)
    assert found.relation == pytest.approx(0.11, abs=0.005)
    assert found.concerns() == []


def test_published_expectation_of_one_customer(sample: pd.DataFrame) -> None:
    found = fitted("bgnbd", sample).expected(2, 30.43, 38.86, 39)
    assert found.item() == pytest.approx(1.226, abs=0.0005)


@pytest.mark.parametrize(("key", "published"), [("bgnbd", 0.626), ("pareto", 0.630)])
def test_correlation_with_the_held_out_weeks(
    sample: pd.DataFrame, key: str, published: float
) -> None:
    expected = fitted(key, sample).expected(sample["x"], sample["t_x"], sample["T"], 39)
    assert sample["held_out"].sum() == 4339 - 2457
    assert np.corrcoef(expected, sample["held_out"])[0, 1] == pytest.approx(published, abs=0.0005)


def test_cumulative_repeat_purchases_at_week_78(sample: pd.DataFrame) -> None:
    """The clock of weeks starts with 1 January 1997: week 78 ends 78 weeks later."""
    since_first = 78 - (sample["first"] - BEGIN).dt.days / WEEK
    expected = fitted("bgnbd", sample).expected_new(since_first).sum()
    assert expected / 4339 - 1 == pytest.approx(-0.0399, abs=0.0001)


def test_discounted_purchases_of_the_next_52_weeks(sample: pd.DataFrame) -> None:
    """Sum over all customers of the purchases expected per week, discounted at the week's end."""
    model = fitted("bgnbd", sample)
    weeks = np.arange(53)
    until = [model.expected(sample["x"], sample["t_x"], sample["T"], w).sum() for w in weeks]
    assert (np.diff(until) / 1.001 ** weeks[1:]).sum() == pytest.approx(2039.33, abs=0.01)


def test_all_customers(real_data: Path) -> None:
    path = real_data / "cdnow" / "CDNOW_master.txt"
    frame = summary(read(path, ["id", "date", "number", "value"], skip=1), CUT)
    assert len(frame) == 23_570
    found = fitted("bgnbd", frame)
    params = {"r": 0.251624, "alpha": 4.788943, "a": 0.723434, "b": 2.161088}
    assert dict(found.params) == pytest.approx(params, rel=2e-5)
    assert found.log_likelihood == pytest.approx(-95_368.4, abs=0.05)
