"""Small rules of drawing: ticks, labels, strokes, hatched months."""

import re
from datetime import date, timedelta
from itertools import pairwise

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.i18n import msg
from core.models.filters import FilterState
from core.models.formats import Format
from core.models.query import Period
from core.models.result import AnalysisResult, Column, ResultTable
from dashboard.charts import money_axis, nice_ticks, tick_text
from dashboard.monthly import monthly_chart
from dashboard.page import View
from dashboard.theme import PALETTES
from dashboard.wording import shorten


@given(
    low=st.floats(-1e9, 0, allow_subnormal=False), high=st.floats(0.01, 1e10, allow_subnormal=False)
)
def test_ticks_are_few_and_cover_the_values(low: float, high: float) -> None:
    """Two to nine round ticks, evenly spaced, from below the lowest value, none far above."""
    ticks = nice_ticks(low, high)
    assert 2 <= len(ticks) <= 9
    assert ticks[0] <= low + 1e-6
    assert ticks[-1] <= high + 1e-6
    steps = {round((b - a) / (ticks[1] - ticks[0]), 6) for a, b in pairwise(ticks)}
    assert steps == {1.0}


def test_long_names_keep_both_ends() -> None:
    """Names that differ at their end stay apart."""
    first, second = (f"Huile d'olive vierge extra Andalousie {size}" for size in ("5 L", "250 ml"))
    assert shorten(first) != shorten(second)
    assert len(shorten(first)) <= 28
    assert shorten("Short") == "Short"


def _view(language: str = "en", months: int = 12, *, unfinished: bool = False) -> View:
    start = date(2024, 10, 1)
    days = [(start + timedelta(days=31 * i)).replace(day=1) for i in range(months)]
    columns = (
        Column("month", msg("Month"), Format.MONTH, "dimension"),
        Column("net_sales", msg("Net sales"), Format.MONEY, "metric", "net_sales", "up"),
        Column("gross_margin", msg("Gross margin"), Format.MONEY, "metric", "gross_margin", "up"),
        Column("margin_rate", msg("Margin on sales"), Format.PERCENT, "metric", "margin_rate"),
    )
    data = pa.table(
        {
            "month": days,
            "net_sales": [100.0 + i for i in range(months)],
            "gross_margin": [None, *(20.0 for _ in range(months - 1))],
            "margin_rate": [None, *(0.2 for _ in range(months - 1))],
        }
    )
    period = Period(start, days[-1].replace(day=12))
    table = ResultTable(columns, data, period=period)
    result = AnalysisResult({"trend": table}, {}, period=period)
    return View(result, table, FilterState(), "light", language, "EUR", unfinished)


def test_an_unfinished_month_is_hatched_and_said() -> None:
    """Only the running month, in its bars and in its hover."""
    figure = monthly_chart(_view(unfinished=True), ("net_sales", "gross_margin"), "margin_rate")
    bars = figure["data"][0]
    assert bars["marker"]["pattern"]["shape"] == [""] * 11 + ["/"]
    assert "unfinished month" in bars["customdata"][-1]
    assert "unfinished month" not in bars["customdata"][0]


def test_unknown_months_stay_gaps() -> None:
    """A month without a margin is a gap in the chart and a dash in its hover, not a zero."""
    figure = monthly_chart(_view(), ("net_sales", "gross_margin"), "margin_rate")
    assert figure["data"][1]["y"][0] is None
    assert "Gross margin: <b>–</b>" in figure["data"][1]["customdata"][0]


@pytest.mark.parametrize(("months", "most"), [(12, 12), (36, 13), (60, 11), (120, 11)])
def test_long_periods_name_fewer_months(months: int, most: int) -> None:
    """Labels thin out, and each January says its year."""
    figure = monthly_chart(_view(months=months), ("net_sales", "gross_margin"), "margin_rate")
    labels = figure["layout"]["xaxis"]["ticktext"]
    assert len(labels) <= most
    assert sum(label.startswith("Jan<br>") for label in labels) >= months // 12 - 1


def test_amount_axes_speak_the_language() -> None:
    """K and M, the currency on its side, no idle decimals."""
    assert money_axis(_view(), [0.0, 400_000.0])["ticktext"][1] == "€100k"
    french = money_axis(_view("fr"), [0.0, 4_000_000.0])["ticktext"][1]
    assert re.fullmatch(r"1\sM€", french)


@pytest.mark.parametrize(
    ("value", "english", "french"),
    [
        (0.0, "€0", "0 €"),
        (10_000.0, "€10k", "10 k€"),
        (15_500.0, "€15.5k", "15,5 k€"),
        (1_050_000.0, "€1.05M", "1,05 M€"),
        (200_000.0, "€200k", "200 k€"),
    ],
)
def test_an_axis_has_no_idle_decimals(value: float, english: str, french: str) -> None:
    assert tick_text(value, Format.MONEY, _view()) == english
    assert tick_text(value, Format.MONEY, _view("fr")).replace("\u00a0", " ") == french


def test_an_axis_of_nothing_has_a_length() -> None:
    """Zeros and unknown values still give an axis that can be drawn."""
    low, high = money_axis(_view(), [None, 0.0])["range"]
    assert high > low


def test_both_themes_have_the_same_parts() -> None:
    """As many series colours in dark as in light, and none of them equal to its ground."""
    light, dark = PALETTES["light"], PALETTES["dark"]
    assert len(light.series) == len(dark.series)
    for found in (light, dark):
        assert found.surface not in found.series
