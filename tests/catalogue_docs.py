"""The lists of metrics and dimensions in the docs, written from the catalogue.

`python -m tests.catalogue_docs` brings them up to date; a test compares them.
"""

import re
from pathlib import Path

from core.models.catalogue import DIMENSIONS, METRICS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"
BEGIN, END = "<!-- catalogue -->", "<!-- end of catalogue -->"


def tables() -> str:
    """Return what stands between the marks."""
    metrics = [f"| `{m.key}` | {m.name} | {m.definition} |" for m in METRICS.values()]
    dimensions = [f"| `{d.key}` | {d.name} | {d.definition or '–'} |" for d in DIMENSIONS.values()]
    return "\n".join(
        ["| metric | name | definition |", "|---|---|---|", *metrics, "",
         "| dimension | name | values |", "|---|---|---|", *dimensions]
    )  # fmt: skip


def written() -> str:
    """Return what stands there now."""
    found = re.search(f"{BEGIN}\n(.*)\n{END}", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return found.group(1) if found else ""


def update() -> None:
    """Bring the page up to date."""
    before, rest = PAGE.read_text(encoding="utf-8").split(f"{BEGIN}\n")
    after = rest.split(f"\n{END}")[1]
    PAGE.write_text(f"{before}{BEGIN}\n{tables()}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    update()
