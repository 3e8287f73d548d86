"""Rights: which rules make which scope, and what is open to people who see all rows only."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from core.errors import PicholineError
from core.models.query import (
    NO_VALUE,
    Filter,
    MetricQuery,
    Scope,
)
from core.services.access import Access
from core.services.application import Application
from core.settings import load_settings
from tests.ruled import open_ruled
from tests.storehouse import Storehouse, sale


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storehouse]:
    found = open_ruled(tmp_path_factory.mktemp("rights") / "home")
    yield found
    found.close()


@pytest.fixture(scope="module")
def access(house: Storehouse) -> Access:
    return Access(house.catalogue, house.metrics)


def test_nobody_is_limited_without_a_rule(access: Access) -> None:
    assert access.scope_of("somebody") == Scope("somebody")


def test_rules_of_one_dimension_unite_and_dimensions_intersect(tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home")
    access = Access(house.catalogue, house.metrics)
    access.allow("anna", "country", ["FR"])
    access.allow("anna", "country", ["IT", "FR"])
    access.allow("south", "country", ["ES"], is_role=True)
    access.allow("south", "channel", ["web"], is_role=True)
    access.allow("anna ", "channel", ["shop"], is_role=True)  # a role, not the user
    assert access.scope_of("anna").where == (Filter("country", ("FR", "IT")),)
    assert access.join("anna", "south")
    assert not access.join("anna", "south")
    assert access.scope_of("anna").where == (
        Filter("channel", ("web",)),
        Filter("country", ("ES", "FR", "IT")),
    )
    assert access.leave("anna", "south")
    assert not access.leave("anna", "south")
    for rule in access.rules():
        access.remove(rule.id or 0)
    assert access.scope_of("anna").where == ()
    house.close()


def test_rules_hold_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    house = Storehouse(tmp_path / "home", database_url=postgres_url)
    access = Access(house.catalogue, house.metrics)
    access.allow("anna", "country", ["FR", NO_VALUE])
    access.allow("south", "channel", ["web"], is_role=True)
    access.join("anna", "south")
    assert access.scope_of("anna").where == (
        Filter("channel", ("web",)),
        Filter("country", ("FR", NO_VALUE)),
    )
    house.close()


@pytest.mark.parametrize(
    ("subject", "dimension", "values", "code"),
    [
        ("anna", "contry", ["FR"], "query.dimension"),
        ("anna", "month", ["2025-01"], "access.dimension"),
        ("anna", "country", [" "], "access.values"),
        (" ", "country", ["FR"], "access.name"),
        ("x" * 81, "country", ["FR"], "access.name"),
        ("a\nb", "country", ["FR"], "access.name"),
    ],
)
def test_what_makes_no_rule(
    access: Access, subject: str, dimension: str, values: list[str], code: str
) -> None:
    before = len(access.rules())
    with pytest.raises(PicholineError) as caught:
        access.allow(subject, dimension, values)
    assert caught.value.code == code
    assert len(access.rules()) == before


def test_a_value_nobody_has_is_a_warning_with_the_nearest(access: Access) -> None:
    made = access.allow("warned", "country", ["FR", "Italy"])
    assert [str(w) for w in made.warnings] == [
        "No line has the value “Italy” of “country”; did you mean IT?"
    ]
    access.remove(made.rule.id or 0)
    with pytest.raises(PicholineError) as caught:
        access.remove(made.rule.id or 0)
    assert caught.value.status == 404


def test_investments_of_no_country_are_no_news_to_whom_they_are_closed(tmp_path: Path) -> None:
    """A filter on the rule's own dimension must not lift the rule where caveats are looked for."""
    house = Storehouse(tmp_path / "home")
    house.add("sales", [sale("A", "2025-01-01", "P1", 1, 10, country="FR")])
    house.add("investments", [{"date": date(2025, 1, 1), "amount": 5, "currency": "EUR"}])
    asked = MetricQuery(("investment", "net_sales"), where=(Filter("country", ("FR",)),))
    everybody = house.metrics.ask(asked)
    assert any("left out" in str(caveat) for caveat in everybody.caveats)
    limited = house.metrics.ask(asked, Scope("anna", (Filter("country", ("FR",)),)))
    assert not any("left out" in str(caveat) for caveat in limited.caveats)
    house.close()


@pytest.fixture
def application(tmp_path: Path) -> Iterator[Application]:
    opened = Application.open(load_settings(tmp_path / "home"))
    opened.access.allow("anna", "country", ["FR"])
    yield opened
    opened.close()


def test_files_imports_and_rules_for_everybody_are_closed(application: Application) -> None:
    from io import BytesIO

    from core.models.rfm import DEFAULT_RULES
    from core.services.studies import inbox_file

    anna = application.access.scope_of("anna")
    imports = application.imports
    stored = imports.store(BytesIO(b"a,b\n1,2\n"), "x.csv", Scope())
    attempts = [
        lambda: imports.all(anna),
        lambda: imports.get(1, anna),
        lambda: imports.store(BytesIO(b"a"), "x.csv", anna),
        lambda: imports.submit("preview", {"sha256": stored.sha256}, anna),
        lambda: imports.job(1, anna),
        lambda: imports.quarantined(1, anna),
        lambda: imports.undo(1, anna),
        lambda: imports.redo(1, anna),
        lambda: inbox_file(application, stored.sha256, anna),
        lambda: application.rules.save(DEFAULT_RULES[1:], anna),
    ]
    for attempt in attempts:
        with pytest.raises(PicholineError) as caught:
            attempt()
        assert (caught.value.code, caught.value.status) == ("access.restricted", 403)
    assert application.jobs.recent("anna") == []
    assert inbox_file(application, stored.sha256, Scope()).is_file()


def test_a_job_is_done_with_the_rights_its_owner_has_then(application: Application) -> None:
    """Queued by somebody who saw everything then: the worker asks again."""
    from core.models.tables import JobStatus
    from tests.unit.test_runs_service import work

    job = application.jobs.submit("demo", {"lines": 1000}, "anna")
    undo = application.jobs.submit("undo", {"import_id": 1}, "anna")
    work(application)
    for number in (job, undo):
        found = application.jobs.get(number, "anna")
        assert found.status is JobStatus.FAILED
        assert found.error["code"] == "access.restricted"
    assert application.catalogue.imports() == []
