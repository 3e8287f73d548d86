"""One question, one address: however it is spelt, and in every process."""

import os
import sys
from dataclasses import replace

import pytest

from core.models.catalogue import SHIPPED
from core.models.query import Filter, MetricQuery, Operator, Scope, Threshold, Top
from core.services.answer_address import Address, normalised, question_address
from tests.answers import BY_COUNTRY, FRANCE, ITALY, WHOLE
from tests.conftest import run_process


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (
            MetricQuery(("net_sales",), where=(Filter("country", ("FR", "IT")), FRANCE)),
            MetricQuery(("net_sales",), where=(FRANCE, Filter("country", ("IT", "FR", "IT")))),
        ),
        (MetricQuery(("net_sales",), ("country",)), MetricQuery(("net_sales",) * 2, ("country",))),
        (
            MetricQuery(("net_sales",), ("country",)),
            MetricQuery(("net_sales",), ("country",), order="-net_sales"),
        ),
        (
            MetricQuery(("net_sales",), ("month", "country")),
            MetricQuery(("net_sales",), ("month", "country"), order="month"),
        ),
        (
            MetricQuery(("net_sales",), having=(Threshold("orders", 1), Threshold("cogs", 2))),
            MetricQuery(("net_sales",), having=(Threshold("cogs", 2), Threshold("orders", 1))),
        ),
    ],
)
def test_two_spellings_are_one_question(one: MetricQuery, other: MetricQuery) -> None:
    assert normalised(one, SHIPPED) == normalised(other, SHIPPED)


@pytest.mark.parametrize(
    "other",
    [
        MetricQuery(("orders", "net_sales"), ("country",)),
        MetricQuery(("net_sales", "orders"), ("country",), order="net_sales"),
        MetricQuery(("net_sales", "orders"), ("country",), (FRANCE,)),
        MetricQuery(("net_sales", "orders"), ("country",), period=WHOLE),
        MetricQuery(("net_sales", "orders"), ("country",), totals=False),
        MetricQuery(("net_sales", "orders"), ("country",), top=Top(2, "net_sales")),
    ],
)
def test_another_question_has_another_address(other: MetricQuery) -> None:
    assert question_address("s", SHIPPED, Scope(), other) != question_address(
        "s", SHIPPED, Scope(), BY_COUNTRY
    )


def test_the_ends_of_a_range_keep_their_order() -> None:
    low_high = Filter("day", ("2025-01-01", "2025-02-01"), Operator.BETWEEN)
    high_low = replace(low_high, values=low_high.values[::-1])
    asked = [
        normalised(MetricQuery(("orders",), where=(f,)), SHIPPED) for f in (low_high, high_low)
    ]
    assert asked[0] != asked[1]


def test_an_address_holds_data_definitions_and_rights_but_no_name() -> None:
    def found(state: str = "s", version: int = 0, scope: Scope | None = None) -> Address:
        known = replace(SHIPPED, version=version)
        return question_address(state, known, scope or Scope(), BY_COUNTRY)

    assert found() == found(scope=Scope("somebody else"))
    several = {
        found(), found("t"), found(version=1), found(scope=Scope(where=(FRANCE,))),
        found(scope=Scope(where=(ITALY,))), found(scope=Scope(where=(FRANCE, ITALY))),
    }  # fmt: skip
    assert len(several) == 6


def test_the_address_is_the_same_in_every_process() -> None:
    code = (
        "from core.models.catalogue import SHIPPED\n"
        "from core.models.query import MetricQuery, Scope\n"
        "from core.services.answer_address import _shipped, question_address\n"
        "asked = MetricQuery(('net_sales', 'orders'), ('country',))\n"
        "print(question_address(_shipped(), SHIPPED, Scope(), asked).key)"
    )
    seeded = {**os.environ, "PYTHONHASHSEED": "4711"}
    found = {
        run_process(sys.executable, "-c", code, env={**seeded, "PYTHONHASHSEED": seed}).stdout
        for seed in ("1", "2")
    }
    assert len(found) == 1
    assert len(found.pop().strip()) == 32
