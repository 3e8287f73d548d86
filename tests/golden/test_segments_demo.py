"""The invented company's planted growers and leavers stand in the segments they should."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.i18n import translate
from core.models.query import Scope
from core.models.rfm import DEFAULT_RULES
from core.services.analytics.base import Study, get_analysis
from core.services.application import Application
from core.services.customers import CustomerFacts
from core.services.demo import DemoCompany, generate
from core.services.demo_load import DEFAULT_LINES
from tests.desk import demo_application

BEST = {"champions", "loyal"}
AWAY = {"cannot_lose", "at_risk"}


@pytest.fixture(scope="module")
def company() -> DemoCompany:
    return generate()


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    home: Path = tmp_path_factory.mktemp("demo")
    opened = demo_application(home, DEFAULT_LINES)
    yield opened
    opened.close()


def segments(application: Application, **pairs: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return each customer's segment at the end of the period and on the day compared with."""
    analysis = get_analysis("rfm")
    assert analysis.study is not None
    found = analysis.study(
        Study(
            metrics=application.metrics,
            customers=CustomerFacts(application.metrics),
            params=analysis.params_from({"groups": "no", **pairs}.items()),
            scope=Scope(),
            report=lambda _fraction, _step: None,
        )
    )
    keys = {rule.name: rule.key for rule in DEFAULT_RULES} | {"Not yet a customer": "not_yet"}
    rows: list[dict[str, Any]] = found.tables["customers"].rows()
    return (
        {row["customer"]: keys[translate(row["segment_name"])] for row in rows},
        {row["customer"]: keys[translate(row["previous_name"])] for row in rows},
    )


def test_growers_end_among_the_best(application: Application, company: DemoCompany) -> None:
    growers = company.truths["customers"]["growing"]["customer_ids"]
    now, _before = segments(application, period="all")
    assert len(growers) >= 20
    assert {now[who] for who in growers} <= BEST
    # Which is no wonder of the segments' size.
    assert sum(key in BEST for key in now.values()) < 0.4 * len(now)


def test_leavers_end_among_the_valuable_who_stay_away(
    application: Application, company: DemoCompany
) -> None:
    span = application.metrics.span()
    assert span is not None
    now, year_ago = segments(application, period="all")
    leavers = {
        truth["customer_id"]: date.fromisoformat(truth["gone_on"])
        for truth in company.truths["customers"]["leaving"]["customers"]
    }
    gone = {who: day for who, day in leavers.items() if day <= span.end - timedelta(days=180)}
    assert len(gone) >= 10
    assert {now[who] for who in gone} <= AWAY
    # Who went after the day compared with was among the best on that day.
    recent = [who for who, day in gone.items() if day > span.end - timedelta(days=365)]
    assert recent
    assert {year_ago[who] for who in recent} <= BEST
