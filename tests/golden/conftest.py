"""The real shop's workbook, read once for all golden tests."""

from pathlib import Path
from uuid import uuid4

import pandas as pd
import pytest

_TEXTS = {"Invoice": str, "StockCode": str, "Customer ID": str}


@pytest.fixture(scope="session")
def retail_lines(real_data: Path, common: Path) -> Path:
    """Return the workbook's rows as Parquet, codes as text, in its own column names.

    Reading the workbook takes most of a test's time; processes that test side by side share it.
    """
    path = common / "online_retail.parquet"
    if not path.is_file():
        book = real_data / "online_retail" / "online_retail_2010_2011.xlsx"
        frame = pd.read_excel(book, engine="calamine", dtype=_TEXTS)
        frame["Customer ID"] = frame["Customer ID"].str.removesuffix(".0")
        part = path.with_name(f"{uuid4()}.part")
        frame.to_parquet(part)
        part.replace(path)
    return path
