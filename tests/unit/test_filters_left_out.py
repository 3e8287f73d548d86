"""What filters leave out, and what clicked marks leave to their own tile, against pandas."""

from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

from core.formats import shown
from core.models.filters import FILTER_DIMENSIONS, FilterState, parse_filters, spelled
from core.models.formats import Format
from core.models.query import NO_VALUE, MetricQuery, Scope
from core.services.analytics.base import KEPT, Asker, Params
from core.services.analytics.overview import run
from tests.storehouse import Storehouse
from tests.unit.questions import COLUMNS, make_lines, open_house, same

EVERYBODY = Scope()
KEYS = ("country", "channel", "category", "product", "customer")


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return make_lines()


@pytest.fixture(scope="module")
def house(lines: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_house(tmp_path_factory.mktemp("left-out") / "home", lines)
    yield found
    found.close()


def net(house: Storehouse, state: FilterState, by: tuple[str, ...] = ()) -> float:
    """Return net sales under a state; summed over the rows of a split, which others answer."""
    found = house.metrics.ask(MetricQuery(("net_sales",), by, state.where()))
    if by:
        return float(sum(row["net_sales"] or 0 for row in found.rows()))
    return float((found.total or {})["net_sales"] or 0)


def of(lines: pd.DataFrame, kept: Any) -> float:
    return lines.loc[kept, "net"].sum() / 100


@pytest.mark.parametrize("key", KEYS)
def test_every_dimension_can_be_left_out(house: Storehouse, lines: pd.DataFrame, key: str) -> None:
    """Lines without a value stay, unless they are what is left out; from every roll-up alike."""
    column = lines[COLUMNS[key]]
    first, second = sorted(column.dropna().unique())[:2]
    name = spelled("without", key)
    for chosen, kept in (
        ([first], column != first),
        ([first, second], ~column.isin([first, second])),
        ([NO_VALUE], column.notna()),
        ([first, NO_VALUE], column.notna() & (column != first)),
    ):
        state = parse_filters([("period", "all"), *((name, value) for value in chosen)])
        expected = of(lines, kept)
        for by in ((), (key,), ("month",), ("invoice",), ("product", "country")):
            assert same(net(house, state, by), expected), (chosen, by)


def test_left_out_and_chosen_hold_together(house: Storehouse, lines: pd.DataFrame) -> None:
    state = parse_filters([
        ("country", "FR"), ("country", "DE"), ("not.country", "DE"), ("not.channel", "web"),
        ("cross.category", "C1"),
    ])  # fmt: skip
    kept = (lines["country"] == "FR") & (lines["channel"] != "web") & (lines["category"] == "C1")
    assert same(net(house, state), of(lines, kept))


def test_a_tile_keeps_its_own_marks_and_says_so(house: Storehouse, lines: pd.DataFrame) -> None:
    state = parse_filters([("period", "all"), ("compare", "none"), ("cross.country", "FR")])
    asker = Asker.start(house.metrics, Params(state), EVERYBODY)
    french = lines["country"] == "FR"
    everything = of(lines, french | True)
    own = asker.ask("net_sales", by=("country",))
    assert same((own.total or {})["net_sales"], everything)
    assert [c.text for c in own.caveats if c.text == KEPT] == [KEPT]
    others = {
        key: asker.ask("net_sales", by=by)
        for key, by in (("c", ("category",)), ("m", ("month",)), ("two", ("country", "product")))
    }
    for table in others.values():
        assert same((table.total or {})["net_sales"], of(lines, french))
        assert KEPT not in [c.text for c in table.caveats]
    both = asker.ask("net_sales", by=("country", "product"), keep=("country", "product"))
    assert same((both.total or {})["net_sales"], everything)


@pytest.mark.parametrize("clicked", FILTER_DIMENSIONS[:4])
def test_the_overviews_words_and_figures_speak_of_the_same_lines(
    house: Storehouse, clicked: str
) -> None:
    """The tile that was clicked shows everything; the sentence names no total of it."""
    values = house.metrics.members(clicked, EVERYBODY, limit=1)
    if not values:
        pytest.skip(f"no {clicked} in these lines")
    pairs = [
        ("from", "2024-08-01"), ("to", "2024-12-31"), ("compare", "previous"),
        (f"cross.{clicked}", values[0].value),
    ]  # fmt: skip
    found = run(house.metrics, Params(parse_filters(pairs)), EVERYBODY)
    total = found.tables["trend"].total or {}
    asked = house.metrics.ask(
        MetricQuery(("net_sales",), (), parse_filters(pairs).where(), found.period)
    )
    assert total["net_sales"] == (asked.total or {})["net_sales"]
    (said,) = found.notes
    currency = house.metrics.base_currency
    for name, key in (("after", "net_sales"), ("before", "net_sales_compared")):
        assert said.values[name] == shown(total[key], Format.MONEY, compact=True, currency=currency)
