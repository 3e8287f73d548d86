"""Results survive being kept: every kind of value, in both languages; damage is noticed."""

import math
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.formats import shown
from core.i18n import Message, Shown, msg, msg_n, pack, translate, use_language
from core.models.formats import Format
from core.models.query import Period
from core.models.result import AnalysisResult, Column, Outcome, ResultTable
from core.services.runs import DamagedError, decode, encode

TEXTS = st.text(st.characters(codec="utf-8"), max_size=12)
DAYS = st.dates(date(1900, 1, 1), date(2100, 1, 1))
DECIMALS = st.decimals(
    allow_nan=False, allow_infinity=False, places=6, min_value=-(10**9), max_value=10**9
)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), TEXTS,
    DECIMALS, DAYS, st.datetimes(timezones=st.just(UTC)),
    st.builds(shown, DECIMALS, st.sampled_from([Format.PERCENT, Format.MONEY])),
)  # fmt: skip
MESSAGES = st.recursive(
    st.builds(Message, TEXTS, st.dictionaries(TEXTS, SCALARS, max_size=3)),
    lambda inner: st.builds(
        Message, TEXTS, st.dictionaries(TEXTS, st.one_of(SCALARS, inner), max_size=2), TEXTS
    ),
    max_leaves=3,
)
PERIODS = st.one_of(st.none(), st.builds(lambda a, b: Period(*sorted((a, b))), DAYS, DAYS))
KEYS = st.text("abcdefghij_", min_size=1, max_size=8)
TYPES = {
    "text": (pa.string(), st.one_of(st.none(), TEXTS)),
    "whole": (pa.int64(), st.one_of(st.none(), st.integers(-(2**60), 2**60))),
    "number": (pa.float64(), st.one_of(st.none(), st.floats(allow_nan=False))),
    "amount": (pa.decimal128(18, 6), st.one_of(st.none(), DECIMALS)),
    "day": (pa.date32(), st.one_of(st.none(), DAYS)),
    "flag": (pa.bool_(), st.one_of(st.none(), st.booleans())),
}


@st.composite
def arrow_tables(draw: Any) -> pa.Table:
    kinds = draw(st.lists(st.sampled_from(sorted(TYPES)), min_size=1, max_size=4, unique=True))
    rows = draw(st.integers(0, 6))
    return pa.table(
        {
            kind: pa.array(
                draw(st.lists(TYPES[kind][1], min_size=rows, max_size=rows)), TYPES[kind][0]
            )
            for kind in kinds
        }
    )


@st.composite
def result_tables(draw: Any) -> ResultTable:
    data = draw(arrow_tables())
    columns = tuple(
        Column(
            name, draw(MESSAGES), draw(st.sampled_from(list(Format))),
            draw(st.sampled_from(["dimension", "label", "metric", "flag"])),
            draw(st.one_of(st.none(), KEYS)), draw(st.sampled_from(["up", "down", "none"])),
            draw(st.one_of(st.none(), KEYS)), draw(st.booleans()),
        )
        for name in data.column_names
    )  # fmt: skip
    return ResultTable(
        columns, data, draw(st.one_of(st.none(), st.dictionaries(KEYS, SCALARS, max_size=3))),
        tuple(draw(st.lists(MESSAGES, max_size=2))), draw(st.integers(0, 99)), draw(PERIODS),
        draw(PERIODS), draw(TEXTS), draw(TEXTS),
    )  # fmt: skip


RESULTS = st.builds(
    AnalysisResult,
    tables=st.dictionaries(KEYS, result_tables(), max_size=2),
    titles=st.dictionaries(KEYS, MESSAGES, max_size=2),
    headline=st.dictionaries(KEYS, SCALARS, max_size=3),
    caveats=st.lists(MESSAGES, max_size=2).map(tuple),
    notes=st.lists(MESSAGES, max_size=2).map(tuple),
    data_version=st.integers(0, 99),
    period=PERIODS,
    compared=PERIODS,
    outcome=st.one_of(
        st.none(),
        st.builds(
            Outcome,
            model=st.dictionaries(
                KEYS, st.one_of(SCALARS, st.lists(SCALARS, max_size=2)), max_size=3
            ),
            scores=st.one_of(st.none(), arrow_tables()),
            card=st.dictionaries(KEYS, st.one_of(st.none(), st.integers(0, 9), TEXTS), max_size=3),
            publish=st.lists(KEYS, max_size=2).map(tuple),
        ),
    ),
)


@given(RESULTS)
@settings(max_examples=120)
def test_a_result_comes_back_equal(result: AnalysisResult) -> None:
    assert decode(encode(result)) == result


def small(rows: int = 3) -> AnalysisResult:
    """Return a result with every kind of value."""
    table = pa.table(
        {
            "code": pa.array([f"C{n}" for n in range(rows)]),
            "amount": pa.array([Decimal("1.250000")] * rows, pa.decimal128(18, 6)),
            "day": pa.array([date(2025, 1, 31)] * rows),
            "reason": pa.array(
                [pack(msg("Value: {share}", share=shown(0.5, Format.PERCENT)))] * rows
            ),
        }
    )
    columns = (
        Column("code", msg("Code"), Format.CODE, "dimension"),
        Column("amount", msg("Net sales"), Format.MONEY, "metric", "net_sales", "up"),
        Column("day", msg("Day"), Format.DATE, "flag"),
        Column("reason", msg("Text"), Format.TEXT, "flag", translate=True),
    )
    answer = ResultTable(columns, table, {"amount": Decimal("3.75"), "day": None}, data_version=3)
    return AnalysisResult(
        {"one": answer},
        {"one": msg("Net sales")},
        headline={"clv": Decimal("12.5"), "when": date(2025, 1, 31), "nothing": None},
        notes=(
            msg_n("{n} remark", "{n} remarks", 2),
            msg("“{text}” is not a date.", text=msg("Net sales")),
        ),
        outcome=Outcome({"a": [1, 2.5, {"b": None}]}, table, {"AUC": 0.8}, ("amount",)),
    )


def test_what_comes_back_is_read_in_both_languages() -> None:
    found = decode(encode(small()))
    reason = found.tables["one"].data["reason"][0].as_py()
    assert str(found.notes[0]) == "2 remarks"
    assert translate(reason) == "Value: 50.0%"
    with use_language("fr"):
        assert str(found.notes[0]) == "2 remarques"
        assert "Chiffre d’affaires net" in str(found.notes[1])
        assert "50,0\u202f%" in translate(reason)


def test_numbers_of_numpy_and_no_numbers_are_kept() -> None:
    headline = {"n": np.int64(3), "x": np.float32(0.5), "not": math.nan, "far": math.inf}
    found = decode(encode(replace(small(), headline=headline))).headline
    assert (found["n"], found["x"], found["far"]) == (3, 0.5, math.inf)
    assert math.isnan(found["not"])


def test_dictionary_columns_and_chunks_come_back() -> None:
    chunk = pa.table({"code": pa.array(["a", None, "b"]).dictionary_encode()})
    table = pa.concat_tables([chunk, chunk])
    answer = ResultTable((Column("code", msg("Code"), Format.CODE, "dimension"),), table)
    found = decode(encode(AnalysisResult({"t": answer}, {"t": msg("Code")})))
    assert found.tables["t"].data.to_pylist() == table.to_pylist()


def test_moments_and_shown_values_keep_their_kind() -> None:
    values = {"a": datetime(2025, 1, 1, 12, tzinfo=UTC), "b": Shown(1, "integer", {"digits": 0})}
    found = decode(encode(replace(small(), headline=values)))
    assert found.headline == values


def test_a_value_no_result_may_hold_is_refused() -> None:
    with pytest.raises(TypeError):
        encode(replace(small(), headline={"x": object()}))


@pytest.mark.parametrize("at", [0, 9, 20, 60, 300, -30, -1])
def test_a_changed_byte_is_noticed(at: int) -> None:
    content = bytearray(encode(small()))
    content[at] ^= 0x41
    with pytest.raises(DamagedError):
        decode(bytes(content))


@given(st.binary(max_size=200), st.integers(0, 400))
@settings(max_examples=80)
def test_other_bytes_are_no_result(noise: bytes, cut: int) -> None:
    for content in (noise, encode(small())[:cut]):
        with pytest.raises(DamagedError):
            decode(content)


@pytest.mark.parametrize(
    "header",
    [b"[]", b"{}", b'{"streams":[1]}', b'{"streams":[],"outcome":{"cos\\nsystem":1}}', b"x"],
)
def test_a_forged_header_with_a_right_checksum_is_no_result(header: bytes) -> None:
    from zlib import crc32

    from core.services.result_codec import _HEAD, _MARK

    with pytest.raises(DamagedError):
        decode(_HEAD.pack(_MARK, crc32(header), len(header)) + header)


def test_forged_text_bounds_are_no_result() -> None:
    """A column whose offsets point outside its texts is refused, not read."""
    from zlib import crc32

    from core.services.result_codec import _HEAD, _MARK

    table = pa.table({"code": ["hello", "world"]})
    answer = ResultTable((Column("code", msg("Code"), Format.CODE, "dimension"),), table)
    content = encode(AnalysisResult({"t": answer}, {"t": msg("Code")}))
    true, forged = (np.array(o, dtype=np.int32).tobytes() for o in ([0, 5, 10], [0, 5, 900_000]))
    assert content.count(true) == 1
    content = content.replace(true, forged)
    body = content[_HEAD.size :]
    length = _HEAD.unpack_from(content)[2]
    with pytest.raises(DamagedError):
        decode(_HEAD.pack(_MARK, crc32(body), length) + body)


def test_equal_content_has_equal_bytes() -> None:
    assert encode(small()) == encode(small())
