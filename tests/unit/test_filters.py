"""The filter state and its one spelling in URLs and options."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import PicholineError
from core.models.filters import (
    FILTER_DIMENSIONS,
    FilterState,
    Preset,
    is_filter_name,
    parse_filters,
)
from core.models.query import NO_VALUE, Compare, Filter, Operator

DAYS = st.dates(date(2000, 1, 1), date(2040, 1, 1))
# Own dimensions' keys too: no list of the bar holds them.
KEYS = st.sampled_from([*FILTER_DIMENSIONS, "product", "region"])
VALUES = st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=4, unique=True)

CHOSEN = st.dictionaries(KEYS, VALUES.map(tuple))


@given(
    preset=st.sampled_from(list(Preset)),
    start=DAYS,
    end=DAYS,
    compare=st.sampled_from([None, *Compare]),
    values=CHOSEN,
    without=CHOSEN,
    cross=CHOSEN,
)
def test_a_state_survives_its_url(
    preset: Preset,
    start: date,
    end: date,
    compare: Compare | None,
    values: dict[str, tuple[str, ...]],
    without: dict[str, tuple[str, ...]],
    cross: dict[str, tuple[str, ...]],
) -> None:
    custom = preset is Preset.CUSTOM
    days = (start, end) if custom else (None, None)
    state = FilterState(preset, *days, compare, values, without, cross)
    assert parse_filters(state.to_pairs()) == state


def test_defaults_need_no_query() -> None:
    assert FilterState().to_pairs() == []
    assert parse_filters([]) == FilterState()


def test_dates_alone_mean_a_custom_period() -> None:
    state = parse_filters([("from", "2025-01-01"), ("to", "2025-03-31")])
    assert state.preset is Preset.CUSTOM
    assert (state.start, state.end) == (date(2025, 1, 1), date(2025, 3, 31))


def test_chosen_values_become_filters() -> None:
    state = parse_filters([("country", "FR"), ("country", NO_VALUE), ("country", "FR")])
    assert state.where() == (Filter("country", ("FR", NO_VALUE)),)


def test_what_is_left_out_and_what_was_clicked_have_names_of_their_own() -> None:
    pairs = [
        ("country", "FR"), ("not.channel", "web"), ("not.own.product", "P1"),
        ("cross.category", "Oils"), ("cross.", "x"), ("not.", "y"), ("not.own.", "z"),
    ]  # fmt: skip
    state = parse_filters(pairs)
    assert state.where() == (
        Filter("country", ("FR",)),
        Filter("channel", ("web",), Operator.NOT_IN),
        Filter("product", ("P1",), Operator.NOT_IN),
        Filter("category", ("Oils",)),
    )
    # A tile that is split by categories goes on showing all of them.
    assert state.where(("category", "country")) == state.where()[:-1]
    assert state.own == ("product",)
    assert sorted(state.to_pairs()) == sorted(pairs[:4])
    assert all(is_filter_name(name) for name, _value in pairs[:4])
    assert not any(is_filter_name(name) for name, _value in pairs[4:])


def test_names_of_later_versions_are_ignored() -> None:
    assert parse_filters([("moon", "full")]) == FilterState()


@pytest.mark.parametrize(
    ("pair", "code"),
    [
        (("period", "last_decade"), "filter.unknown"),
        (("compare", "forecast"), "filter.unknown"),
        (("from", "31/03/2025"), "filter.date"),
    ],
)
def test_what_cannot_be_read_is_named(pair: tuple[str, str], code: str) -> None:
    with pytest.raises(PicholineError) as caught:
        parse_filters([pair])
    assert caught.value.code == code
