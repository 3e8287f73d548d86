"""A company half of which is closed to Anna.

The closed lines name things nobody else names (“HUSH…”), so that nothing of them can slip into an
answer unnoticed; and a second company has the open lines only: whatever Anna exports must be what
anybody exports there.
"""

import csv
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from core.services.application import Application
from core.services.ingest import ImportOptions
from core.settings import load_settings

SECRET = "HUSH"
OPEN_COUNTRY = "FR"
CLOSED = ("IT", "")
FIELDS = (
    "invoice_id", "date", "product_id", "product_name", "category", "supplier_id", "quantity",
    "unit_price", "unit_cost", "customer_id", "customer_name", "country", "channel", "salesperson",
)  # fmt: skip


def sales(*, closed: bool) -> list[dict[str, Any]]:
    """Return lines of two years; customers and products are those of one country only."""
    chance = random.Random(7)
    first = date(2024, 1, 1)
    rows = []
    for n in range(240):
        hidden = n % 3 == 1
        mark = SECRET if hidden else "OPEN"
        day = first + timedelta(days=(n * 731) // 239)
        rows.append(
            {
                "invoice_id": f"{mark}-I{n}", "date": day.isoformat(),
                "product_id": f"{mark}-P{n % 5}", "product_name": f"{mark} product {n % 5}",
                "category": ("oil", "soap")[n % 2], "supplier_id": f"{mark}-S{n % 2}",
                "quantity": chance.randint(1, 9), "unit_price": chance.randint(100, 9000) / 100,
                "unit_cost": chance.randint(50, 99) / 100,
                "customer_id": f"{mark}-C{n % 12}", "customer_name": f"{mark} customer {n % 12}",
                "country": chance.choice(CLOSED) if hidden else OPEN_COUNTRY,
                "channel": f"{mark.lower()} channel" if hidden else chance.choice(("web", "shop")),
                "salesperson": f"{mark}-seller",
            }
        )  # fmt: skip
    # The first and the last day are open in both companies: periods depend on them.
    return [row for row in rows if closed or SECRET not in row["invoice_id"]]


def opened(home: Path, rows: list[dict[str, Any]]) -> Application:
    application = Application.open(load_settings(home))
    file = home / "ledger.csv"
    with file.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS)
        writer.writeheader()
        writer.writerows(rows)
        writer.writerow({**rows[0], "invoice_id": f"{SECRET}-BAD", "quantity": "=many"})
    with file.open("rb") as stream:
        stored = application.intake.store(stream, file.name)
    application.intake.run(
        application.settings.inbox / stored.sha256,
        ImportOptions(table="sales", file_name=file.name),
    )
    application.warehouse.ensure()
    return application
