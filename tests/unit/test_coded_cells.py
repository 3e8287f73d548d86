"""Cells of a block as numbers of their distinct texts."""

import pyarrow as pa
import pytest

from core.services.ingest.blocks import NotPlain, coded_cells


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["a"],
        ["", "", ""],
        ["a", "b"] * 50,
        ["2025-03-31"] * 40 + ["2025-04-01"] * 39 + ["2025-03-31"],
        ["é"] * 99 + [""],
        ["x", *["y"] * 98, "x"],
    ],
)
def test_cells_stay_what_they_were(texts: list[str]) -> None:
    """Whether equal texts stand together or not, every cell finds its own text, kept once."""
    found = coded_cells(pa.chunked_array([pa.array(texts, pa.string())]))
    assert found.to_pylist() == texts
    assert sorted(found.dictionary.to_pylist()) == sorted(set(texts))


@pytest.mark.parametrize("repeated", [1, 60])
def test_bytes_that_are_no_text_are_refused(repeated: int) -> None:
    """Such a file is left to the ordinary reader, which names the encoding."""
    cells = pa.array([b"abc", *[b"caf\xe9"] * repeated], pa.binary()).view(pa.string())
    with pytest.raises(NotPlain):
        coded_cells(pa.chunked_array([cells]))
