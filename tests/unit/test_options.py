"""Options of an analysis: typed by people, in one spelling afterwards, refused with a reason."""

from datetime import date

import pytest

from core.errors import PicholineError
from core.models.options import Chosen, Option
from core.services.analytics.base import Params

OPTIONS = (
    Option("model", "Model", "choice", "auto", {"auto": "Best", "bgnbd": "BG/NBD"}),
    Option("months", "Horizon", "integer", "12", low=1, high=60, unit="months"),
    Option("rate", "Discount rate", "percent", "10", low=0, high=100),
    Option("cost", "Cost", "number", "2.5", low=0),
    Option("compare_day", "Compared with", "day"),
    Option("label", "Label", "text"),
)


def read(**typed: str) -> Chosen:
    return Chosen.read(OPTIONS, typed.items())


def test_defaults_stand_where_nothing_is_typed() -> None:
    found = read(model=" ")
    assert (found.text("model"), found.integer("months"), found.number("cost")) == ("auto", 12, 2.5)
    assert found.number("rate") == pytest.approx(0.10)
    assert found.day("compare_day") is None
    assert found.to_pairs() == []


@pytest.mark.parametrize("typed", ["7.5", "7,5", " 7.5 % ", "7,50%"])
def test_numbers_are_read_in_both_spellings(typed: str) -> None:
    found = read(rate=typed)
    assert found.number("rate") == pytest.approx(0.075)
    assert found.to_pairs() == [("rate", "7.5")]


def test_equal_choices_have_equal_pairs() -> None:
    assert read(months="12.0").to_pairs() == read().to_pairs() == []
    assert read(compare_day="2025-03-01").day("compare_day") == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("typed", "remedy"),
    [
        ({"model": "guess"}, "Choose one of: auto, bgnbd."),
        ({"months": "twelve"}, "Type a number."),
        ({"months": "1.5"}, "Type a whole number."),
        ({"months": "61"}, "Type a number from 1 to 60."),
        ({"cost": "-1"}, "Type a number of 0 or more."),
        ({"cost": "inf"}, "Type a number of 0 or more."),
        ({"rate": "nan"}, "Type a number from 0 to 100."),
        ({"compare_day": "yesterday"}, "Write dates as 2025-03-31."),
    ],
)
def test_what_does_not_fit_is_refused_with_a_remedy(typed: dict[str, str], remedy: str) -> None:
    with pytest.raises(PicholineError) as caught:
        read(**typed)
    assert str(caught.value.remedy) == remedy


def test_parameters_carry_filters_and_options_in_one_spelling() -> None:
    pairs = [("country", "FR"), ("months", "24"), ("nothing", "x")]
    params = Params.from_pairs(pairs, OPTIONS)
    assert params.to_pairs() == [("country", "FR"), ("months", "24")]
    assert Params.from_pairs(params.to_pairs(), OPTIONS) == params
