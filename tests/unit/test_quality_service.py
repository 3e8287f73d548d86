"""Rules as data: changed, restored, removed, refused, and asked of what is stored."""

from dataclasses import replace
from datetime import date

import pytest

from core.errors import PicholineError
from core.models.quality import Severity
from core.models.query import Filter, Scope
from core.models.tables import ImportStatus
from core.services.quality.bodies import as_shipped, compiled, from_dict
from core.services.quality.service import Rules
from core.services.quality.shipped import SHIPPED
from tests.storehouse import Storehouse

ME = Scope(owner="ana")
DEAR = from_dict(
    "dear",
    {
        "table": "sales",
        "name": "Dear",
        "name_fr": "Cher",
        "expression": "[Unit price excl. VAT]>50",
    },
)


def sale(number: int, **changes: object) -> dict[str, object]:
    return {
        "invoice_id": f"F{number}", "date": date(2025, 3, 1), "product_id": "P1", "quantity": 1,
        "unit_price": 10, **changes,
    }  # fmt: skip


@pytest.fixture
def rules(house: Storehouse) -> Rules:
    return Rules(house.catalogue, house.segments, house.settings)


def test_every_shipped_rule_can_be_asked_as_it_ships(rules: Rules) -> None:
    assert [version.body.key for version in rules.all()] == list(SHIPPED)
    in_force, broken = rules.in_force()
    assert broken == {}
    assert {rule.code for rule in in_force} == {key for key, s in SHIPPED.items() if s.enabled}
    assert all(rule.severity is Severity.WARN for rule in in_force)  # today's files stay accepted
    assert all(rules.test(as_shipped(key), ME).count == 0 for key in SHIPPED)


def test_versions_restore_and_remove(rules: Rules) -> None:
    saved = rules.save(DEAR, ME)
    assert (saved.expression, saved.column) == ("unit_price > 50", "unit_price")
    rules.set("dear", ME, severity=Severity.BLOCK)
    rules.remove("dear", ME)
    with pytest.raises(PicholineError):
        rules.get("dear")
    rules.restore("dear", 1, ME)
    assert rules.get("dear").body.severity is Severity.WARN
    history = rules.history("dear")
    assert [(v.edition, v.removed, v.owner) for v in history] == [
        (4, False, "ana"), (3, True, "ana"), (2, False, "ana"), (1, False, "ana"),
    ]  # fmt: skip
    assert rules.revision() == 4
    assert rules.key_for("Dear") == "dear_2"


def test_a_shipped_rule_goes_back_to_how_it_ships(rules: Rules) -> None:
    body = from_dict("price_outlier", {"settings": {"score": 5, "least": 20}})
    assert dict(rules.save(body, ME).settings) == {"score": 5.0}  # only what differs is kept
    assert rules.get("price_outlier").body.threshold("score") == 5
    rules.remove("price_outlier", ME)
    assert rules.get("price_outlier").body == as_shipped("price_outlier")
    rules.restore("price_outlier", 1, ME)
    (rule,) = compiled(rules.get("price_outlier").body)
    assert rule.test.score == 5  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("key", "body", "code"),
    [
        ("x1", {"table": "sales", "expression": "quantity > 1"}, "rule.name"),
        ("x1", {"table": "sale", "name": "x", "expression": "quantity > 1"}, "rule.table"),
        ("x1", {"table": "sales", "name": "x", "expression": "quantity >"}, "rule.expression"),
        ("x1", {"table": "sales", "name": "x" * 99, "expression": "quantity > 1"}, "rule.long"),
        ("X 1", {"table": "sales", "name": "x", "expression": "quantity > 1"}, "rule.key"),
        ("price_outlier", {"settings": {"score": -1}}, "rule.threshold"),
        ("price_outlier", {"settings": {"speed": 1}}, "rule.threshold"),
        (
            "x1",
            {"table": "sales", "name": "x", "expression": "quantity > 1", "column": "y"},
            "rule.column",
        ),
    ],
)
def test_what_cannot_be_saved(rules: Rules, key: str, body: dict[str, object], code: str) -> None:
    with pytest.raises(PicholineError) as found:
        rules.save(from_dict(key, body), ME)
    assert found.value.code == code
    assert rules.revision() == 0


def test_a_change_that_was_not_seen_is_not_overwritten(rules: Rules) -> None:
    rules.save(DEAR, ME, after=0)
    with pytest.raises(PicholineError) as found:
        rules.save(DEAR, ME, after=0)
    assert (found.value.code, found.value.status) == ("rule.changed", 409)


def test_only_people_who_see_all_rows(rules: Rules) -> None:
    narrow = Scope(owner="bea", where=(Filter("country", ("FR",)),))
    for act in (
        lambda: rules.save(DEAR, narrow),
        lambda: rules.set("zero_price", narrow, enabled=False),
        lambda: rules.remove("zero_price", narrow),
        lambda: rules.restore("zero_price", 1, narrow),
        lambda: rules.test(as_shipped("zero_price"), narrow),
    ):
        with pytest.raises(PicholineError) as found:
            act()
        assert found.value.code == "access.restricted"


def test_stored_rows_with_where_they_come_from(house: Storehouse, rules: Rules) -> None:
    first = house.add("sales", [sale(1), sale(2, unit_price=60)])
    second = house.add("sales", [sale(3, unit_price=70), sale(4)])
    found = rules.test(DEAR, ME)
    assert (found.count, found.rows) == (2, 4)
    assert [(p.import_id, p.sheet, p.row, p.column) for p in found.places] == [
        (first, "Sheet1", 3, "unit_price"), (second, "Sheet1", 2, "unit_price"),
    ]  # fmt: skip
    assert found.places[0].label == "Unit price excl. VAT"
    house.catalogue.set_status(second, ImportStatus.UNDONE)
    assert (rules.test(DEAR, ME).count, rules.test(DEAR, ME).rows) == (1, 2)


def test_an_answer_is_kept_until_the_rule_or_the_data_change(
    house: Storehouse, rules: Rules
) -> None:
    house.add("sales", [sale(1), sale(2, unit_price=60)])
    asked = rules.test(DEAR, ME)
    assert rules.test(replace(DEAR, severity=Severity.BLOCK, name="Costly"), ME) is asked
    assert rules.test(replace(DEAR, expression="unit_price > 5"), ME).count == 2
    assert rules.test(as_shipped("future_date"), ME).count == 0
    far = replace(as_shipped("future_date"), settings={"days": 3.0})
    assert rules.test(far, ME) is not rules.test(as_shipped("future_date"), ME)
    house.add("sales", [sale(3, unit_price=70)])
    assert (rules.test(DEAR, ME).count, rules.test(DEAR, ME).rows) == (2, 3)


def test_a_code_or_article_is_judged_as_it_is_now(house: Storehouse, rules: Rules) -> None:
    body = from_dict("uncosted", {"table": "products", "name": "x",
                                  "expression": "standard_cost is empty"})  # fmt: skip
    house.add("products", [{"product_id": "P1"}, {"product_id": "P2"}])
    assert rules.test(body, ME).count == 2
    house.add("products", [{"product_id": "P1", "standard_cost": 3}])
    found = rules.test(body, ME)
    assert (found.count, found.rows) == (1, 2)


def test_stored_lines_whose_product_was_never_stated(house: Storehouse, rules: Rules) -> None:
    house.add("sales", [sale(1), sale(2, product_id="P2")])
    assert rules.test(as_shipped("unknown_product"), ME).count == 0  # nothing to compare with
    house.add("products", [{"product_id": "P1"}])
    assert rules.test(as_shipped("unknown_product"), ME).count == 1


def test_standard_costs_count_where_nothing_was_bought(house: Storehouse, rules: Rules) -> None:
    house.add("products", [{"product_id": p, "standard_cost": 12} for p in ("P1", "P2")])
    house.add("sales", [sale(1), sale(2, product_id="P2"), sale(3, currency="USD")])
    assert rules.test(as_shipped("sold_at_loss"), ME).count == 2
    bought = {"purchase_id": "A", "date": date(2025, 1, 1), "supplier_id": "S", "product_id": "P2",
              "quantity": 1, "unit_cost": 5}  # fmt: skip
    house.add("purchases", [bought])
    assert rules.test(as_shipped("sold_at_loss"), ME).count == 1
