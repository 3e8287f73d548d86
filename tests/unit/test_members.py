"""Pages of members: every figure counted again with pandas from the same lines."""

from collections.abc import Iterator
from datetime import date

import pandas as pd
import pytest

from core.errors import PicholineError
from core.i18n import translate, use_language
from core.models.query import NO_VALUE, Filter, Scope
from tests.member_shop import LINES, ask, frame, open_shop
from tests.storehouse import Storehouse


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_shop(tmp_path_factory.mktemp("members"))
    yield found
    found.close()


def figures(data: pd.DataFrame) -> dict[str, float]:
    sold = data[data["quantity"] > 0]
    taken = data.loc[data["quantity"] < 0, "net"].sum()
    gross = sold["net"].sum()
    return {
        "net_sales": data["net"].sum(),
        "gross_margin": data["margin"].sum(),
        "margin_rate": data["margin"].sum() / data["net"].sum(),
        "orders": sold["invoice"].nunique(),
        "return_rate": -taken / gross,
    }


@pytest.mark.parametrize(
    ("page", "column", "member"),
    [
        ("products", "product", "P03"),
        ("customers", "customer", "C04"),
        ("countries", "country", "DE"),
    ],
)
def test_key_figures_and_months_of_a_member(
    house: Storehouse, page: str, column: str, member: str
) -> None:
    """Value, compared value and months are those of the member's own lines."""
    now, then = frame(**{column: member})
    result = ask(house, page, member=member)
    tiles = {row["metric"]: row for row in result.tables["kpis"].rows()}
    for key, wanted in figures(now).items():
        if key in tiles:
            assert tiles[key]["value"] == pytest.approx(wanted), key
            assert tiles[key]["compared"] == pytest.approx(figures(then)[key]), key
    months = {row["month"].month: row for row in result.tables["monthly"].rows()}
    for month, part in now.groupby(now["day"].str[5:7].astype(int)):
        assert float(months[month]["net_sales"]) == pytest.approx(part["net"].sum())


def test_the_list_is_everybody_by_net_sales(house: Storehouse) -> None:
    now, _then = frame()
    rows = ask(house, "customers").tables["members"].rows()
    sums = now.fillna({"customer": ""}).groupby("customer")["net"].sum()
    assert [row["customer"] or "" for row in rows] == list(sums.sort_values()[::-1].index)
    for row in rows:
        mine = now[
            now["customer"].isna()
            if row["customer"] is None
            else now["customer"] == row["customer"]
        ]
        assert float(row["net_sales"]) == pytest.approx(mine["net"].sum())
        assert row["orders"] == mine.loc[mine["quantity"] > 0, "invoice"].nunique()


def test_the_list_is_searched_without_accents_and_sorted(house: Storehouse) -> None:
    """A part of the code or of the name in force finds; the largest loss comes first."""
    found = ask(house, "products", q="DOREE").tables["members"].rows()
    assert [(row["product"], row["product_name"]) for row in found] == [("P00", "Huile dorée")]
    assert {row["product"] for row in ask(house, "products", q="p1").tables["members"].rows()} == {
        "P10", "P11",
    }  # fmt: skip
    changes = [
        row["net_sales_change"]
        for row in ask(house, "products", sort="net_sales_change").tables["members"].rows()
    ]
    assert changes == sorted(changes)
    assert changes[0] < changes[-1]
    names = [
        r["product_name"] for r in ask(house, "products", sort="name").tables["members"].rows()
    ]
    assert names == sorted(names, key=str.lower)
    nothing = ask(house, "products", q="xylophone")
    assert "xylophone" in str(nothing.notes[0])


def test_splits_add_up_and_name_who_moved_it(house: Storehouse) -> None:
    """The customers of a product add up to it; the sentence names the largest gain and loss."""
    now, then = frame(product="P03")
    result = ask(house, "products", member="P03")
    rows = result.tables["by_customer"].rows()
    assert float(sum(row["net_sales"] for row in rows)) == pytest.approx(now["net"].sum())
    change = (
        now.groupby("customer", dropna=False)["net"]
        .sum()
        .sub(then.groupby("customer", dropna=False)["net"].sum(), fill_value=0)
    )
    story = " ".join(map(str, result.notes))
    assert f"{change.idxmax()} gained most" in story
    assert f"{change.idxmin()} lost most" in story


def test_facts_are_those_of_all_days(house: Storehouse) -> None:
    """First and last sale reach beyond the period; place and share are the period's."""
    days = [one["day"] for one in LINES if one["product"] == "P05" and one["quantity"] > 0]
    result = ask(house, "products", member="P05")
    facts = {translate(row["fact"]): row for row in result.tables["facts"].rows()}
    first, last = (date.fromisoformat(day) for day in (min(days), max(days)))
    assert translate(facts["First sale"]["text"]) == f"{first.day} {first:%b} {first:%Y}"
    end = max(date.fromisoformat(one["day"]) for one in LINES)
    assert facts["Days since, on the last day of the data"]["value"] == (end - last).days
    now, _then = frame()
    sums = now.groupby("product")["net"].sum().sort_values(ascending=False)
    place = list(sums.index).index("P05") + 1
    assert translate(facts["Place by net sales"]["text"]) == f"{place} of {len(sums)}"
    assert facts["Share of net sales"]["value"] == pytest.approx(sums["P05"] / sums.sum())


def test_last_orders_are_the_latest(house: Storehouse) -> None:
    rows = ask(house, "customers", member="C02").tables["orders"].rows()
    now, _then = frame(customer="C02")
    latest = now.groupby("invoice").agg(day=("day", "first"), net=("net", "sum"))
    assert [row["day"].isoformat() for row in rows] == sorted(latest["day"], reverse=True)
    for row in rows:
        assert float(row["net_sales"]) == pytest.approx(latest.loc[row["invoice"], "net"])


def test_what_is_bought_together(house: Storehouse) -> None:
    """The share is that of the last hundred orders with the product that hold the other one."""
    table = ask(house, "products", member="P07").tables["together"]
    now, _then = frame()
    sold = now[now["quantity"] > 0]
    mine = sold[sold["product"] == "P07"].sort_values(["day", "invoice"], ascending=[False, True])
    assert 5 < len(mine) <= 100
    others = sold[sold["invoice"].isin(mine["invoice"]) & (sold["product"] != "P07")]
    wanted = others.groupby("product")["invoice"].nunique()
    assert {row["product"]: row["orders"] for row in table.rows()} == wanted.to_dict()
    for row in table.rows():
        share = wanted[row["product"]] / mine["invoice"].nunique()
        assert row["share_of_orders"] == pytest.approx(share)
    assert str(len(mine)) in str(table.caveats[0])


def test_master_data_name_their_row(house: Storehouse) -> None:
    """Each value in force stands with its row: the later name, the older price."""
    rows = ask(house, "products", member="P00").tables["master"].rows()
    found = {row["field"]: (translate(row["value"]), row["row"], row["import_id"]) for row in rows}
    assert found == {
        "Product name": ("Huile dorée", 2, 2),
        "Category": ("Oil", 2, 2),
        "List price": ("12.5", 2, 1),
    }
    assert {row["file"] for row in rows} == {"products.csv"}
    with use_language("fr"):
        assert translate(rows[-1]["value"]) == "12,5"


def test_a_member_without_sales_is_known_from_its_master_data(house: Storehouse) -> None:
    result = ask(house, "products", member="NEVER")
    assert str(result.notes[0]).startswith("Not sold yet: no sales in this period")
    assert result.tables["master"].rows()[0]["field"] == "Product name"


def test_lines_without_a_customer_have_a_page(house: Storehouse) -> None:
    now, _then = frame()
    result = ask(house, "customers", member=NO_VALUE)
    tiles = {row["metric"]: row["value"] for row in result.tables["kpis"].rows()}
    assert tiles["net_sales"] == pytest.approx(now.loc[now["customer"].isna(), "net"].sum())
    assert str(result.notes[0]).startswith("No customer")


def test_filters_hold_and_may_leave_a_member_out(house: Storehouse) -> None:
    now, _then = frame(product="P03", country="ES")
    tiles = ask(house, "products", member="P03", country="ES").tables["kpis"].rows()
    assert tiles[0]["value"] == pytest.approx(now["net"].sum())
    with pytest.raises(PicholineError, match="leaves France out"):
        ask(house, "countries", member="FR", country="ES")


def test_whoever_sees_a_part_sees_a_part_of_a_member(house: Storehouse) -> None:
    """Rows a person may not see are in no figure, and no member is known by them alone."""
    only_french = Scope("anna", (Filter("country", ("FR",)),))
    now, _then = frame(product="P03", country="FR")
    result = ask(house, "products", only_french, member="P03")
    assert result.tables["kpis"].rows()[0]["value"] == pytest.approx(now["net"].sum())
    for page, member in (("countries", "DE"), ("products", "NEVER"), ("products", "nobody")):
        with pytest.raises(PicholineError, match="among the rows you may see"):
            ask(house, page, only_french, member=member)
