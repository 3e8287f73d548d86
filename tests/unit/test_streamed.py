"""Large text files: read block by block they come to the same as read whole, value for value."""

import datetime as dt
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.errors import PicholineError
from core.repository.import_logs import ImportLogStore
from core.services.ingest import ImportOptions, Mapping
from tests.unit.ingest_home import Desk, write_csv

HEADERS = (
    "N° facture", "Date", "Code article", "Désignation", "Quantité", "Prix unitaire HT",
    "Remise %", "Code client", "Pays", "Canal",
)  # fmt: skip
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
            found.append((report.as_dict(), tables, quarantine))
        one, other = found
        one[0]["notes"], other[0]["notes"] = sorted(one[0]["notes"]), sorted(other[0]["notes"])
        assert other == one
        return other[0]

    def look(self, path: Path, **stated: Any) -> dict[str, Any]:
        """Look at a file with both and compare; return the second preview."""
        options = ImportOptions(**stated)
        one, other = (desk.intake.look(path, options).as_dict()
                      for desk in (self.whole, self.blocks))  # fmt: skip
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
        for desk in (self.whole, self.blocks):
            desk.intake.undo(max(i.id or 0 for i in desk.catalogue.imports()))


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    found = Pair(tmp_path)
    yield found
    found.close()


def sound(number: int) -> list[str]:
    """Return the cells of a sound line."""
    day = dt.date(2023, 1, 1) + dt.timedelta(days=number % 700)
    return [
        f"F{number // 3:05}", day.strftime("%d/%m/%Y"), f"P{number % 37:03}",
        f'"Huile ""{number % 37}""; vierge"', str(number % 9 - 1), f"{number % 50},{number % 100:02}",
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
    places=st.lists(
        st.tuples(st.integers(0, 1499), st.sampled_from(ODD)), min_size=0, max_size=60
    ),
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
    print("STREAMED", pair.streamed())
    pair.look(path)
    pair.close()
