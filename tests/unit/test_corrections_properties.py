"""Whatever is corrected: counts add up, and undoing the corrections undoes them everywhere."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.models.query import MetricQuery, Scope
from core.services.application import Application
from core.services.ingest import ImportOptions
from core.settings import load_settings
from tests.unit.ingest_home import line, write_csv

ME = Scope()
BAD = ("1O", "x", "", "12 pcs", "#N/A", "1,2,3")
GOOD = ("1", "2.5", "-3", "0", "7")
TYPED = st.sampled_from((*GOOD, *BAD))
ROWS = st.lists(
    st.tuples(st.integers(1, 4), TYPED, st.sampled_from(("2025-03-31", "soon", "2025-04-01"))),
    min_size=1,
    max_size=8,
)
METRICS = ("net_sales", "units", "orders", "customers", "gross_margin")


def counting(desk: Application) -> list[tuple[str, bool]]:
    """Return the segments that count; every figure follows from them."""
    return [(s.file, s.derived) for s in desk.catalogue.visible_segments()]


def figures(desk: Application) -> Any:
    query = MetricQuery(metrics=METRICS, by=("month", "product"))
    return sorted(map(str, desk.metrics.ask(query).rows()))


def test_every_figure_is_as_before_when_corrections_are_undone(tmp_path: Path) -> None:
    desk = Application.open(load_settings(tmp_path / "home"))
    rows = [line(1), line(2, Quantity="1O"), line(3, Date="soon", **{"Product code": "P2"})]
    (report,) = desk.intake.run(write_csv(tmp_path / "sales.csv", rows), ImportOptions())
    before = figures(desk)
    number = report.import_id or 0
    desk.corrections.write_all(number, {0: {"Quantity": "10"}, 1: {"Date": "2025-04-02"}}, ME)
    done = desk.corrections.check(number, ME)
    assert figures(desk) != before
    desk.intake.undo(done.import_id or 0)
    assert figures(desk) == before
    desk.close()


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ROWS, st.lists(st.tuples(st.integers(0, 7), TYPED), max_size=6), st.sets(st.integers(0, 7)))
def test_corrections_and_undo_change_nothing_and_every_row_is_somewhere(
    rows: list[tuple[int, str, str]], edits: list[tuple[int, str]], given_up: set[int]
) -> None:
    with TemporaryDirectory() as folder:
        desk = Application.open(load_settings(Path(folder) / "home"))
        cells = [line(n, Quantity=quantity, Date=day) for n, quantity, day in rows]
        path = write_csv(Path(folder) / "sales.csv", [line(9), *cells])
        (report,) = desk.intake.run(path, ImportOptions())
        number, aside = report.import_id or 0, report.quarantined
        before = counting(desk)
        places = [place for place in given_up if place < aside]
        if places:
            desk.corrections.give_up(number, places, "test", ME)
        for place, text in edits:
            if place < aside and place not in given_up:
                desk.corrections.write(number, place, {"Quantity": text, "Date": "2025-05-02"}, ME)
        counts = desk.corrections.counts(number, ME)
        assert counts.all == aside
        if any(d.cells for d in desk.corrections.quarantine(number, ME).drafts.values()):
            done = desk.corrections.check(number, ME)
            after = desk.corrections.counts(number, ME)
            assert after.all == aside
            assert after.corrected == done.passed + done.known
            assert after.given_up == len(places)
            stored = sum(s.rows for s in desk.catalogue.visible_segments("sales"))
            assert stored == report.accepted + done.passed
            if done.import_id is not None:
                made = desk.catalogue.get_import(done.import_id)
                assert made.read == made.accepted + made.quarantined + made.already_there
                desk.intake.undo(done.import_id)
            assert desk.corrections.counts(number, ME).corrected == 0
        assert counting(desk) == before
        desk.close()
