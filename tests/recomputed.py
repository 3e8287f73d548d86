"""The definitions page in pandas: every metric of any slice of the random company.

Written from the definitions, not from the engine. Amounts are whole millionths of the base
currency, so that their sums are exact.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.models.query import NO_VALUE, Filter, Operator, Period
from tests import random_company as company

MICRO = 1_000_000
CENT = MICRO // 100
CALENDAR = (
    "day", "week", "month", "quarter", "year", "campaign", "period_445", "weekday",
    "month_of_year",
)  # fmt: skip
PRODUCT = ("category", "subcategory", "brand", "grade", "origin", "product", "supplier")
STOCK_DIMENSIONS = (*CALENDAR, *PRODUCT, "warehouse")
DIMENSIONS = (
    *STOCK_DIMENSIONS, "country", "channel", "customer", "segment", "salesperson", "promotion",
    "currency", "line_kind", "cost_source", "invoice", "rfm_segment",
)  # fmt: skip
COLUMNS = {
    "product": "product_id", "supplier": "supplier_id", "customer": "customer_id",
    "invoice": "invoice_id",
}  # fmt: skip
# Sums of money, counts and quantities no rounding takes part in: equal to the last digit.
EXACT = (
    "gross_sales", "discounts", "returns", "net_sales", "variable_costs", "units", "weight_kg",
    "orders", "customers", "products",
)  # fmt: skip
# Costs that are averages, and amounts that are spread: equal to the cent.
AMOUNTS = ("cogs", "gross_margin", "contribution", "investment", "overhead", "net_margin", "clv")
RATIOS = (
    "cost_coverage", "margin_rate", "markup_rate", "net_margin_rate", "roi", "return_rate", "aov",
    "price_per_unit", "p_alive", "churn_probability", "expected_margin",
)  # fmt: skip
SCORED_SUMS = ("clv", "expected_orders")
SCORED_MEANS = ("p_alive", "churn_probability", "expected_margin")
SCORED = (*SCORED_SUMS, *SCORED_MEANS)
KEYS = (*EXACT, *AMOUNTS, *RATIOS, "expected_orders")
STOCK_KEYS = (
    "average_inventory", "gmroi", "days_of_inventory", "sell_through", "stock_out_rate",
)  # fmt: skip
_SUMS = (
    "gross_sales", "discounts", "returns", "net_sales", "product_sales", "covered", "cogs",
    "costs", "units", "weight", "unweighed", "investment", "overhead", "is_sale", "is_product",
    "is_covered", "has_costs", "is_investment", "is_overhead",
)  # fmt: skip
Key = tuple[Any, ...]
Row = dict[str, Any]


class Slices:
    """Rows that are filtered and split by dimensions."""

    def __init__(self, frame: pd.DataFrame, dimensions: Iterable[str]) -> None:
        """Number the values of each dimension once."""
        self.frame = frame
        self.days = pd.to_datetime(frame["date"]).to_numpy()
        self._codes: dict[str, npt.NDArray[np.int64]] = {}
        self._values: dict[str, list[Any]] = {}
        for key in dimensions:
            column = frame[COLUMNS.get(key, key)].astype(object)
            codes, values = pd.factorize(column.where(column.notna(), None), use_na_sentinel=False)
            self._codes[key] = codes
            self._values[key] = [None if pd.isna(v) else v for v in values]

    def chosen(
        self, where: Sequence[Filter], period: Period | None, only: Sequence[str] | None = None
    ) -> npt.NDArray[np.bool_]:
        """Return which rows pass the filters, or those of them on some dimensions."""
        keep = np.ones(len(self.frame), dtype=bool)
        for f in where:
            if only is not None and f.dimension not in only:
                continue
            meant = [value in f.values for value in self.spelt(f.dimension)]
            inside = np.array(meant, dtype=bool)[self._codes[f.dimension]]
            keep &= inside if f.operator is Operator.IN else ~inside
        if period:
            keep &= self.days >= np.datetime64(period.start)
            keep &= self.days <= np.datetime64(period.end)
        return keep

    def spelt(self, dimension: str) -> list[str]:
        """Return a dimension's values as filters spell them."""
        return [NO_VALUE if v is None else _spelt(dimension, v) for v in self._values[dimension]]

    def split(
        self, keep: npt.NDArray[np.bool_], by: Sequence[str]
    ) -> tuple[npt.NDArray[np.int64], list[Key]]:
        """Return the group of each kept row, and the groups' values."""
        number = np.zeros(int(keep.sum()), dtype=np.int64)
        for key in by:
            number = number * len(self._values[key]) + self._codes[key][keep]
        found, places = np.unique(number, return_inverse=True)
        keys = []
        for code in found.tolist():
            values: list[Any] = []
            left = code
            for key in reversed(by):
                left, place = divmod(left, len(self._values[key]))
                values.insert(0, self._values[key][place])
            keys.append(tuple(values))
        return places, keys


def _spelt(dimension: str, value: Hashable) -> str:
    if isinstance(value, date):
        return {"month": f"{value:%Y-%m}", "year": f"{value:%Y}"}.get(dimension, f"{value}")
    return str(value)


class Recomputed:
    """Every answer about a company's lines."""

    def __init__(
        self, sales: pd.DataFrame, segments: Mapping[str | None, str | None] | None = None
    ) -> None:
        """Compute every line's parts.

        Args:
            sales: the lines as they were imported.
            segments: the RFM segment of each customer, which no split of lines changes.
        """
        averages = _averages(sales)
        lines = _sold_lines(sales, averages)
        spent = _invested_lines(lines)
        whole = _dated(pd.concat([lines, spent], ignore_index=True))
        whole["rfm_segment"] = [(segments or {}).get(c) for c in whole["customer_id"]]
        self.lines = Slices(whole, DIMENSIONS)
        self.stock = Slices(_dated(_item_days(averages)), STOCK_DIMENSIONS)
        self.calendar = Slices(_dated(pd.DataFrame({"date": sorted(_recorded_days())})), CALENDAR)
        self._scores = pd.DataFrame(company.scores()).set_index("customer_id")

    def answers(
        self, by: Sequence[str], where: Sequence[Filter] = (), period: Period | None = None
    ) -> dict[Key, Row]:
        """Return the metrics of every group; of `()` for none."""
        return self.of(self.lines.chosen(where, period), by)

    def values(self, dimension: str) -> list[str]:
        """Return a dimension's values as filters spell them."""
        return self.lines.spelt(dimension)

    def of(self, keep: npt.NDArray[np.bool_], by: Sequence[str]) -> dict[Key, Row]:
        """Return the metrics of every group of some rows."""
        part = self.lines.frame[keep]
        group, keys = self.lines.split(keep, by)
        sums = part[list(_SUMS)].groupby(group).sum()
        sold = part["quantity"].to_numpy() > 0
        bought = part[sold]
        for name, column, extra in (
            ("orders", "order", None), ("customers", "customer_id", None),
            ("products", "product_id", "is_product"),
        ):  # fmt: skip
            kept = np.ones(len(bought), bool) if extra is None else bought[extra].to_numpy() > 0
            counted = bought[column][kept].groupby(group[sold][kept]).nunique()
            sums[name] = counted.reindex(sums.index, fill_value=0)
        moved = part[(part["is_product"] > 0) & (part["quantity"] != 0)]
        kinds = moved["unit"].groupby(
            group[((part["is_product"] > 0) & (part["quantity"] != 0)).to_numpy()]
        )
        sums["kinds"] = kinds.nunique().reindex(sums.index, fill_value=0)
        pairs = pd.DataFrame({"g": group[sold], "customer_id": bought["customer_id"].to_numpy()})
        joined = pairs.drop_duplicates().join(self._scores, on="customer_id", how="inner")
        for key in SCORED:
            found = joined.groupby("g")[key]
            sums[key] = (found.sum() if key in SCORED_SUMS else found.mean()).reindex(sums.index)
        return {key: _metrics(row) for key, row in zip(keys, sums.to_dict("records"), strict=True)}

    def stocked(
        self, by: Sequence[str], where: Sequence[Filter] = (), period: Period | None = None
    ) -> dict[Key, Row]:
        """Return the metrics of stock of every group that has stock, or came in."""
        keep = self.stock.chosen(where, period)
        part = self.stock.frame[keep]
        group, keys = self.stock.split(keep, by)
        sums = part[["value", "level_days", "out"]].groupby(group).sum()
        came = part["received"].notna().to_numpy()
        sums["received"] = part["received"][came].groupby(group[came]).sum().reindex(sums.index)
        sums["kinds"] = part["unit"][came].groupby(group[came]).nunique().reindex(sums.index)
        times = [key for key in by if key in CALENDAR]
        asked = self.calendar.chosen(where, period, CALENDAR)
        places, moments = self.calendar.split(asked, times)
        days = dict(zip(moments, np.bincount(places).tolist(), strict=True))
        at = [i for i, key in enumerate(by) if key in CALENDAR]
        idle = dict.fromkeys(("gross_margin", "cogs", "units"), 0)  # where no product was sold
        sold = self.answers(by, (*where, Filter("line_kind", ("product",))), period)
        return {
            key: _stock_metrics(row, days.get(tuple(key[i] for i in at), 0), sold.get(key, idle))
            for key, row in zip(keys, sums.to_dict("records"), strict=True)
        }


def _amount(micro: float) -> Decimal:
    return Decimal(int(micro)) / MICRO


def _ratio(over: Decimal | float | None, under: Decimal | float | None) -> float | None:
    return float(over) / float(under) if over is not None and under else None


def _metrics(s: Mapping[str, Any]) -> Row:
    def known(key: str, flag: str) -> Decimal | None:
        return _amount(s[key]) if s[flag] else None

    margin = _amount(s["covered"] - s["cogs"]) if s["is_covered"] else None
    costs = known("costs", "has_costs")
    spent, overhead = known("investment", "is_investment"), known("overhead", "is_overhead")
    units = _amount(s["units"]) if s["is_product"] and s["kinds"] <= 1 else None
    net, product_sales = known("net_sales", "is_sale"), known("product_sales", "is_product")

    def left(*, of: Decimal | None, whole: bool) -> Decimal | None:
        """Return the contribution; nothing sold beside money spent is none, not unknown."""
        idle = not s["is_product"] and (spent is not None or (whole and overhead is not None))
        earned = Decimal(0) if idle else of
        return None if earned is None else earned - (costs or 0) - (spent or 0)

    profit = left(of=margin, whole=True)
    profit = None if profit is None else profit - (overhead or 0)
    after = left(of=margin, whole=False)
    mean = {k: None if pd.isna(s[k]) else s[k] for k in SCORED}
    return {
        **{k: known(k, "is_sale") for k in ("gross_sales", "discounts", "returns", "net_sales")},
        "variable_costs": costs,
        "units": units,
        "weight_kg": known("weight", "is_product") if not s["unweighed"] else None,
        "orders": s["orders"],
        "customers": s["customers"],
        "products": s["products"],
        "cogs": known("cogs", "is_covered"),
        "gross_margin": margin,
        "contribution": None if margin is None else margin - (costs or 0),
        "investment": spent,
        "overhead": overhead,
        "net_margin": profit,
        "cost_coverage": _ratio(known("covered", "is_covered"), product_sales),
        "margin_rate": _ratio(margin, _amount(s["covered"])),
        "markup_rate": _ratio(margin, _amount(s["cogs"])),
        "net_margin_rate": _ratio(profit, net),
        "roi": _ratio(after, spent),
        "return_rate": _ratio(
            known("returns", "is_sale"), _amount(s["gross_sales"] - s["discounts"])
        ),
        "aov": _ratio(net, s["orders"]),
        "price_per_unit": _ratio(product_sales, units),
        **mean,
    }


def _stock_metrics(s: Mapping[str, Any], days: int, sales: Mapping[str, Any]) -> Row:
    value = float(s["value"]) if s["level_days"] else None
    average = _ratio(value, days)
    received = float(s["received"]) if s["kinds"] == 1 else None
    return {
        "average_inventory": average,
        "gmroi": _ratio(sales.get("gross_margin"), average),
        "days_of_inventory": _ratio(value, sales.get("cogs")),
        "sell_through": _ratio(sales.get("units"), received),
        "stock_out_rate": _ratio(float(s["out"]), s["level_days"]),
    }


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    """Add the calendar's columns: the first day of each grain, and parts of the date."""
    days = list(frame["date"])
    known = {d: _grains(d) for d in set(days)}
    added = pd.DataFrame([known[d] for d in days], columns=list(CALENDAR), index=frame.index)
    return pd.concat([frame, added], axis=1)


def _grains(d: date) -> tuple[Any, ...]:
    autumn = date(d.year - (d.month < 10), 10, 1)
    return (
        d, d - timedelta(days=d.weekday()), d.replace(day=1),
        date(d.year, 3 * ((d.month - 1) // 3) + 1, 1), date(d.year, 1, 1), autumn, _period_445(d),
        str(d.isoweekday()), f"{d.month:02}",
    )  # fmt: skip


def _period_445(d: date) -> date:
    def start(year: int) -> date:
        fourth = date(year, 10, 4)
        return fourth - timedelta(days=fourth.weekday())

    first = start(d.year) if d >= start(d.year) else start(d.year - 1)
    week = (d - first).days // 7
    starts = [0, 4, 8, 13, 17, 21, 26, 30, 34, 39, 43, 47]
    return first + timedelta(weeks=max(s for s in starts if s <= week))


def _averages(sales: pd.DataFrame) -> dict[str, list[tuple[date, float]]]:
    """Return the moving average landed cost of each purchased product after each day."""
    found: dict[str, list[tuple[date, float]]] = {}
    bought = pd.DataFrame(company.purchases())
    out = sales[sales["line_kind"] == "product"].groupby(["product_id", "date"])["quantity"].sum()
    for product, receipts in bought.groupby("product_id"):
        left = out[product].to_dict()
        incoming = {r.date: r for r in receipts.itertuples()}
        stock, average = 0.0, None
        steps = []
        for day in sorted({*left, *incoming}):
            if day in incoming:
                r = incoming[day]
                paid = r.quantity * r.unit_cost + r.freight_in + r.duty
                if average is None or stock <= 0:
                    average = paid / r.quantity
                else:
                    average = (stock * average + paid) / (stock + r.quantity)
                stock += r.quantity
            stock -= left.get(day, 0)
            if average is not None:
                steps.append((day, average))
        found[str(product)] = steps
    return found


def _average_on(averages: dict[str, list[tuple[date, float]]], product: str, day: date) -> float:
    """Return the average of a day, NaN before the first receipt."""
    return next((a for d, a in reversed(averages.get(product, [])) if d <= day), float("nan"))


def _sold_lines(sales: pd.DataFrame, averages: dict[str, list[tuple[date, float]]]) -> pd.DataFrame:
    people = company.customers().rename(columns={"country": "home", "salesperson": "keeper"})
    f = sales.merge(company.products(), on="product_id").merge(people, on="customer_id", how="left")
    f["country"] = f["country"].where(f["country"].notna(), f["home"])
    f["salesperson"] = f["salesperson"].where(f["salesperson"].notna(), f["keeper"])
    f["order"] = f["order_id"].where(f["order_id"].notna(), f["invoice_id"])
    tenths = np.where(f["currency"] == "EUR", 10, np.where(f["date"] < date(2024, 7, 1), 8, 9))
    gross = f["quantity"].abs() * f["cents"] * CENT // 10 * tenths
    off = gross * f["off"] // 100
    sold, back = f["quantity"] > 0, f["quantity"] < 0
    f["gross_sales"], f["discounts"] = gross.where(sold, 0), off.where(sold, 0)
    f["returns"] = (gross - off).where(back, 0)
    f["net_sales"] = f["gross_sales"] - f["discounts"] - f["returns"]
    product = f["line_kind"] == "product"
    average = np.array([
        _average_on(averages, p, d) for p, d in zip(f["product_id"], f["date"], strict=True)
    ])  # fmt: skip
    has_own, has_average = f["cost_cents"] >= 0, ~np.isnan(average)
    has_standard = f["standard_cents"] >= 0
    known = product & (has_own | has_average | has_standard)
    own = f["quantity"] * f["cost_cents"] * CENT // 10 * tenths
    by_average = np.rint(f["quantity"] * np.nan_to_num(average) * MICRO).astype(np.int64)
    standard = f["quantity"] * f["standard_cents"] * CENT
    cost = own.where(has_own, by_average.where(has_average, standard))
    f["cogs"] = cost.where(known, 0)
    source = np.select(
        [has_own, has_average, has_standard], ["own", "average", "standard"], "unknown"
    )
    f["cost_source"] = pd.Series(source, dtype=object).where(product, None)
    f["covered"] = f["net_sales"].where(known, 0)
    f["product_sales"] = f["net_sales"].where(product, 0)
    f["costs"] = f["freight_cents"].clip(0) * CENT // 10 * tenths
    f["units"] = (f["quantity"] * MICRO).where(product, 0)
    content = f["content"].astype(float)
    # Grammes. What has a grade is oil; a litre of anything else has no known weight.
    oil = f["grade"].notna()
    litre = np.where(oil, 916.0, np.nan)
    each = np.where(oil, content * 916, content * 1000)
    grammes = np.select([f["unit"] == "kg", f["unit"] == "L"], [1000.0, litre], each)
    f["unweighed"] = (product & np.isnan(grammes)).astype(int)
    f["weight"] = np.rint(f["quantity"] * np.nan_to_num(grammes) * (MICRO // 1000)).where(
        product, 0
    )
    f["weight"] = f["weight"].astype(np.int64)
    f["is_sale"], f["is_product"], f["is_covered"] = 1, product.astype(int), known.astype(int)
    f["has_costs"] = (f["freight_cents"] >= 0).astype(int)
    return f.assign(investment=0, overhead=0, is_investment=0, is_overhead=0)


def _invested_lines(lines: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each day (and country) an investment is spread over."""
    found = []
    about = company.products().set_index("product_id")
    for row in company.investments():
        span = pd.date_range(row["from_date"], row["to_date"]).date
        rate = 1.0
        if row.get("currency") == "USD":  # the latest rate on or before the first day
            rate = 0.8 if row["from_date"] < date(2024, 7, 1) else 0.9
        micro = row["amount"] * rate * MICRO
        shares = pd.DataFrame({"date": span, "country": row.get("country")})
        shares["micro"] = np.rint(micro / len(span))
        if row.get("spread") == "net_sales":
            inside = lines[lines["date"].isin(set(span))]
            if row.get("category"):
                inside = inside[inside["category"] == row["category"]]
            sold = inside.groupby(["date", "country"], dropna=False)["net_sales"].sum().clip(0)
            shares = sold[sold > 0].reset_index()
            shares["micro"] = np.rint(micro * shares["net_sales"] / shares["net_sales"].sum())
        product = row.get("product_id")
        known = about.loc[product] if product else {}
        overhead = row["kind"] == "overheads"
        found.append(
            pd.DataFrame({
                "date": shares["date"], "country": shares["country"],
                "channel": row.get("channel"), "product_id": product,
                "category": row.get("category") or known.get("category"),
                **{k: known.get(k) for k in (
                    "subcategory", "brand", "grade", "origin", "supplier_id",
                )},
                "currency": row.get("currency", "EUR"), "line_kind": "investment",
                "investment": 0 if overhead else shares["micro"],
                "overhead": shares["micro"] if overhead else 0,
                "is_investment": int(not overhead), "is_overhead": int(overhead),
            })
        )  # fmt: skip
    frame = pd.concat([f.astype(object) for f in found], ignore_index=True)
    frame = frame.reindex(columns=lines.columns)
    zeros = [*_SUMS, "quantity"]
    frame[zeros] = frame[zeros].astype(float).fillna(0).astype(np.int64)
    return frame


def _recorded_days() -> list[date]:
    counts, moves = company.stock()
    days = [row["date"] for row in (*counts, *moves)]
    return list(pd.date_range(min(days), max(days)).date)


def _item_days(averages: dict[str, list[tuple[date, float]]]) -> pd.DataFrame:
    """Return what lay in stock, product by product and place by place, and what came in."""
    counts, moves = company.stock()
    about = company.products().set_index("product_id")
    window = _recorded_days()
    rows: list[Row] = []
    for item in sorted({(r["product_id"], r["warehouse"]) for r in (*counts, *moves)}):
        own = [r for r in moves if (r["product_id"], r["warehouse"]) == item]
        counted = {r["date"]: r["quantity"] for r in counts
                   if (r["product_id"], r["warehouse"]) == item}  # fmt: skip
        moved: dict[date, int] = {}
        for r in own:
            moved[r["date"]] = moved.get(r["date"], 0) + r["quantity"]
        begin, first = min([*moved, *counted]), min(counted)
        level = counted[first] - sum(q for d, q in moved.items() if d <= first)
        product, place = item
        key = {"product_id": product, "warehouse": place, **about.loc[product].to_dict()}
        rows += [
            {"date": r["date"], "received": r["quantity"], **key}
            for r in own if r["kind"] == "receipt"
        ]  # fmt: skip
        for day in window:
            level = counted.get(day, level + moved.get(day, 0))
            if day < begin:
                continue
            average = _average_on(averages, product, day)
            cost = key["standard_cents"] / 100 if np.isnan(average) else average
            kept = max(level, 0)
            rows.append({
                "date": day, "value": kept * cost, "level_days": 1, "out": int(kept == 0), **key,
            })  # fmt: skip
    frame = pd.DataFrame(rows)
    return frame.fillna({"value": 0.0, "level_days": 0, "out": 0})


def differences(found: Mapping[str, Any], expected: Mapping[str, Any]) -> dict[str, Any]:
    """Return the metrics that differ, with both values: exactly, to the cent, to rounding."""
    wrong = {}
    for key, wanted in expected.items():
        value = found[key]
        if value is None or wanted is None:
            same = value is wanted
        elif key in EXACT:
            same = value == wanted
        elif key in AMOUNTS or key == "average_inventory":
            same = abs(float(value) - float(wanted)) < 0.005
        else:
            same = abs(float(value) - wanted) <= 1e-6 * max(1.0, abs(wanted))
        if not same:
            wrong[key] = (value, wanted)
    return wrong
