"""Large text files: read block by block they come to the same as read whole, value for value."""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.errors import PicholineError
from core.models.tables import ImportStatus
from core.repository.import_logs import ImportLogStore
from core.services.ingest import ImportOptions, Mapping
from core.services.ingest.large_look import LEFT_FOR_LATER
from tests.unit.ingest_home import Desk, write_csv

HEADERS = (
    "N° facture", "Date", "Code article", "Désignation", "Quantité", "Prix unitaire HT",
    "Remise %", "Code client", "Pays", "Canal",
)  # fmt: skip
ASCII = tuple(title.replace("é", "e").replace("°", "o") for title in HEADERS)
WIDTH = len(HEADERS)
BLOCK = 12_000
ORDINARY = 1 << 60


class Pair:
    """Two homes: one reads every file whole, the other block by block."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.whole, self.blocks = Desk(folder / "whole"), Desk(folder / "blocks")
        self.whole.intake.large, self.blocks.intake.large = ORDINARY, 0
        self.blocks.intake.block = BLOCK
        self.told = False  # some preview said what it leaves for after the import

    def close(self) -> None:
        self.whole.close()
        self.blocks.close()

    def run(self, path: Path, **stated: Any) -> dict[str, Any]:
        """Import with both, compare everything, undo both; return what was reported."""
        found = []
        for desk in (self.whole, self.blocks):
            report = desk.run(path, **stated)
            tables = {t: desk.stored(t) for t in ("sales", "products", "customers", "purchases")}
            for rows in tables.values():
                rows.sort(key=lambda row: row["_row"])
            quarantine = desk.quarantined(report)
            said = report.as_dict()
            del said["import_id"], said["data_version"]
            found.append((said, tables, quarantine))
        one, other = found
        one[0]["notes"], other[0]["notes"] = sorted(one[0]["notes"]), sorted(other[0]["notes"])
        assert other == one
        return other[0]

    def look(self, path: Path, **stated: Any) -> dict[str, Any]:
        """Look at a file with both and compare; return the second preview."""
        options = ImportOptions(**stated)
        one, other = (desk.intake.look(path, options).as_dict()
                      for desk in (self.whole, self.blocks))  # fmt: skip
        for sheet in other["sheets"]:
            if str(LEFT_FOR_LATER) in sheet["notes"]:  # files that are not plain are read whole
                sheet["notes"].remove(str(LEFT_FOR_LATER))
                self.told = True
        for found in (one, other):
            for sheet in found["sheets"]:
                sheet["notes"].sort()
                # Suggestions for new values, and the rows that differ, are told of smaller files.
                sheet["values"], sheet["differences"] = (), None
        assert other == one
        return other

    def streamed(self) -> bool:
        """Whether the second home read its last file block by block."""
        number = max(i.id or 0 for i in self.blocks.catalogue.imports())
        log = ImportLogStore(self.blocks.catalogue).of_import(number)
        assert log is not None
        return "whole" not in [step["step"] for step in log.steps]

    def undo(self) -> None:
        """Undo all that counts."""
        for desk in (self.whole, self.blocks):
            for record in desk.catalogue.imports():
                if record.status is ImportStatus.COMMITTED:
                    desk.intake.undo(record.id or 0)


def sound(number: int) -> list[str]:
    """Return the cells of a sound line."""
    day = dt.date(2023, 1, 1) + dt.timedelta(days=number % 700)
    return [
        f"F{number // 3:05}", day.strftime("%d/%m/%Y"), f"P{number % 37:03}",
        f'"Huile ""{number % 37}"""', str(number % 9 - 1), f"{number % 50},{number % 100:02}",
        "0,05" if number % 4 else "", f"C{number // 3 % 91:04}", "France", "Boutique",
    ]  # fmt: skip


def lines(count: int) -> list[list[str]]:
    return [sound(number) for number in range(count)]


ODD = [
    (1, "31/02/2023"), (1, "2023-05-06"), (1, "06/05/2023 10:30"), (1, "5 mars 2023"), (1, ""),
    (1, "n/a"), (1, "45000"), (4, "deux"), (4, "#N/A"), (4, "(3)"), (4, "1.234,5"), (4, "-"),
    (5, "12,50 €"), (5, "1 234,56"), (5, "1,234"), (5, "12.5"), (5, "1e3"), (5, "9" * 14),
    (6, "5 %"), (6, "5%"), (6, "abc"), (0, ""), (0, "  F9  "), (2, "\u00a0"), (7, ""),
    (8, "Atlantide"), (8, "EIRE"), (9, "x" * 33_000), (3, "plain"), (2, "POST"), (7, "null"),
]  # fmt: skip


@settings(max_examples=6, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    places=st.lists(st.tuples(st.integers(0, 1499), st.sampled_from(ODD)), min_size=0, max_size=60),
    cut=st.lists(st.tuples(st.integers(0, 1499), st.integers(1, WIDTH + 2)), max_size=4),
    blank=st.lists(st.integers(0, 1499), max_size=4),
    same=st.lists(st.integers(1, 1499), max_size=6),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252"]),
)
def test_both_ways_come_to_the_same(
    tmp_path_factory: pytest.TempPathFactory,
    places: Sequence[tuple[int, tuple[int, str]]],
    cut: Sequence[tuple[int, int]],
    blank: Sequence[int],
    same: Sequence[int],
    encoding: str,
) -> None:
    table = lines(1500)
    for row, (column, text) in places:
        table[row][column] = text
    for row in same:
        table[row] = list(table[row - 1])
    for row, width in cut:
        table[row] = (table[row] + ["x", "y"])[:width]
    for row in sorted(blank, reverse=True):
        table.insert(row, [""])
    pair = Pair(tmp_path_factory.mktemp("pair"))
    path = write_csv(pair.folder / "ventes.csv", table, HEADERS, encoding=encoding)
    report = pair.run(path)
    assert report["accepted"] + report["quarantined"] + report["already_there"] == report["read"]

    pair.look(path)
    pair.close()


@pytest.fixture
def both(homes: Pair) -> Iterator[Pair]:
    """Two homes where nothing counts."""
    yield homes
    homes.undo()


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Two homes the tests below share: each undoes what it imported."""
    found = Pair(tmp_path_factory.mktemp("both"))
    yield found
    found.close()


def test_undo_takes_all_of_it_back(both: Pair) -> None:
    path = write_csv(both.folder / "undo.csv", lines(900), HEADERS)
    report = both.run(path)
    assert both.streamed()
    assert (report["read"], report["accepted"]) == (900, 900)
    both.undo()
    assert both.blocks.stored() == []
    assert both.blocks.stored("products") == []
    assert both.run(path)["accepted"] == 900


def test_rows_that_rules_or_keys_set_aside_are_shown_with_their_cells(both: Pair) -> None:
    headers = ("N° facture", "N° ligne", *HEADERS[1:])
    table = [[cells[0], str(n % 3 + 1), *cells[1:]] for n, cells in enumerate(lines(900))]
    table[40][5] = "99"  # the same invoice and line, said otherwise
    table[41] = [*table[40]]
    table[41][5] = "98"
    table[500] = [*table[499]]  # the same once more
    report = both.run(write_csv(both.folder / "numbered.csv", table, headers))
    assert both.streamed()
    assert report["reasons"] == {"duplicate_key": 1}
    assert report["already_there"] == 1
    changed = [*table]
    changed[600] = [*changed[600][:5], "77", *changed[600][6:]]
    again = both.run(write_csv(both.folder / "changed.csv", changed, headers))
    assert again["accepted"] == 0
    assert again["reasons"]["invoice_changed"] == 1


def test_a_period_is_replaced(both: Pair) -> None:
    path = write_csv(both.folder / "first.csv", lines(900), HEADERS)
    both.run(path)
    fewer = write_csv(both.folder / "second.csv", lines(700), HEADERS)
    stated = {"mode": "period", "first_day": dt.date(2023, 1, 1), "last_day": dt.date(2023, 12, 31)}
    report = both.run(fewer, **stated)
    assert both.streamed()
    assert report["accepted"] + report["already_there"] == 700


def test_columns_are_decided_by_the_whole_file(both: Pair) -> None:
    """The first block alone would read 1,234 as one and 05/03 as 3 May or 5 March."""
    table = [[f"F{n:05}", "05/03/2024", f"P{n % 9}", "2", "1,234", "C1"] for n in range(1200)]
    headers = ("Invoice", "Date", "Product code", "Quantity", "Unit price", "Customer code")
    table[1100][1], table[1150][4] = "28/03/2024", "1234.50"
    report = both.run(write_csv(both.folder / "late.csv", table, headers, separator="\t"))
    assert both.streamed()
    assert report["warnings"] == {}
    rows = {row["_row"]: row for row in both.blocks.stored()}
    assert rows[2]["date"] == dt.date(2024, 3, 5)
    assert rows[2]["unit_price"] == 1234


@pytest.mark.parametrize(("slips", "reason"), [(1, "contrary_date"), (3, "ambiguous_date")])
def test_few_dates_against_many_are_slips_wherever_they_stand(
    both: Pair, slips: int, reason: str
) -> None:
    """Thirty days prove that the day comes first: one slip is a slip, three make it doubtful."""
    table = [
        [f"F{n:05}", f"{1 + n % 31:02}/0{1 + n // 31 % 2 * 2}/2024", f"P{n % 9}", "2", "9", "C1"]
        for n in range(1200)
    ]
    for n in range(slips):
        table[1150 + n][1] = f"12/{20 + n}/2023"
    headers = ("Invoice", "Date", "Product code", "Quantity", "Unit price", "Customer code")
    report = both.run(write_csv(both.folder / f"slips{slips}.csv", table, headers))
    assert both.streamed()
    assert set(report["reasons"]) == {reason}
    assert report["reasons"][reason] == (1 if slips == 1 else report["quarantined"])


def test_rates_are_percentages_where_one_of_all_is_above_one(both: Pair) -> None:
    table = lines(900)
    table[880][6] = "12,5"
    report = both.run(write_csv(both.folder / "rates.csv", table, HEADERS))
    assert both.streamed()
    assert report["warnings"]["percent_assumed"] > 600


@pytest.mark.parametrize(
    ("name", "change", "encoding"),
    [
        ("torn.csv", lambda table: table[-1].__delitem__(slice(3, None)), "utf-8"),
        ("totals.csv", lambda table: table.append(["Total", "", "", "", "900", "1,00"]), "utf-8"),
        ("notes.csv", lambda table: table.append(["Source : logiciel de caisse"]), "utf-8"),
        ("lines.csv", lambda table: table[50].__setitem__(3, '"one\nother"'), "utf-8"),
        ("inch.csv", lambda table: table[50].__setitem__(3, 'pipe 5"'), "utf-8"),
        ("repeated.csv", lambda table: table.insert(400, list(ASCII)), "utf-8"),
        ("late_western.csv", lambda table: table[890].__setitem__(9, "Réseau"), "cp1252"),
        ("unicode.csv", lambda table: None, "utf-16"),
    ],
)  # fmt: skip
def test_odd_files_come_to_the_same(
    both: Pair, name: str, change: Callable[[list[list[str]]], None], encoding: str
) -> None:
    table = lines(900)
    change(table)
    path = write_csv(both.folder / name, table, ASCII, encoding=encoding)
    assert both.run(path)["read"] > 890


def test_an_open_quotation_mark_is_refused_by_both(both: Pair) -> None:
    table = [[cell.replace('"', "") for cell in cells] for cells in lines(900)]
    table[10][3] = '"never closed'
    path = write_csv(both.folder / "open.csv", table, HEADERS)
    for desk in (both.whole, both.blocks):
        with pytest.raises(PicholineError) as refused:
            desk.run(path)
        assert refused.value.code == "text.quotes"


def test_what_is_refused_leaves_nothing_behind(both: Pair) -> None:
    path = write_csv(both.folder / "empty.csv", [["", *cells[1:]] for cells in lines(900)], HEADERS)
    before = both.blocks.segment_files()
    with pytest.raises(PicholineError) as refused:
        both.blocks.run(path, replace=True)
    assert refused.value.code == "import.nothing"
    assert both.blocks.segment_files() == before
    assert not list((both.blocks.settings.cache / "intake").iterdir())


def test_a_stated_mapping_is_followed(both: Pair) -> None:
    mapping = Mapping(
        "sales",
        columns={"invoice_id": "A", "date": "B", "product_id": "C", "quantity": "D",
                 "unit_price": "E"},
        constants={"channel": "export"}, decimal=",", currency="EUR",
    )  # fmt: skip
    table = [[cells[0], cells[1], cells[2], cells[4], cells[5]] for cells in lines(900)]
    path = write_csv(both.folder / "mapped.csv", table, ("A", "B", "C", "D", "E"))
    assert both.run(path, mapping=mapping)["accepted"] == 900
    assert both.streamed()
    assert {row["channel"] for row in both.blocks.stored()} == {"export"}
    both.look(path, mapping=mapping)
    assert both.told  # what the preview of a large file leaves for after the import
