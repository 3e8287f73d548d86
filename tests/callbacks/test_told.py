"""Every chart says in sentences what it shows."""

from collections.abc import Iterator

import pytest

from core.services.application import Application
from tests.desk import Visitor, demo_application, texts


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Application]:
    """Open the demo company."""
    opened = demo_application(tmp_path_factory.mktemp("told"))
    yield opened
    opened.close()


def said(visitor: Visitor, page: str, panel: str, query: str = "") -> str:
    return texts(visitor.page(page, query)[f"{page}-{panel}-table"]["children"])


def test_a_chart_tells_its_extremes(visitor: Visitor, application: Application) -> None:
    """The highest country of the sentence is the first of the question's answer."""
    told = said(visitor, "overview", "countries", "?period=all")
    most = application.metrics.members("country")
    assert "Net sales: highest €" in told
    assert told.split("highest ")[1].split(" (")[1].split(")")[0] in {one.label for one in most}
    assert "lowest" in told
    assert told.split(" ")[1] == "rows."


def test_one_row_has_no_extremes(visitor: Visitor) -> None:
    told = said(visitor, "overview", "countries", "?country=DE")
    assert told.startswith("1 row. Net sales: ")
    assert "(Germany)" in told
    assert "highest" not in told


def test_nothing_is_told_of_nothing(visitor: Visitor) -> None:
    assert visitor.page("overview", "?country=XX")["overview-countries-table"]["children"] is None
