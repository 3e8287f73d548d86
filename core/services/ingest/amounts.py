"""Sales lines from what files hold: line amounts, discounts, VAT, margins become price and cost.

The net amount of a line stays exactly what the file says: what the rounding of a unit price leaves
over is carried by the discount amount.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from core.errors import PicholineError
from core.i18n import msg
from core.models.schema import AMOUNT_TYPE

from .columns import TypedTable
from .options import Mapping
from .raw import RawTable

_STEP = pa.scalar("0.000001").cast(AMOUNT_TYPE)
_ZERO = pa.scalar("0").cast(AMOUNT_TYPE)
_CENT = pa.scalar("0.01").cast(AMOUNT_TYPE)
_PERCENT = 100.0
_LIMIT = pa.scalar("1000000000000")  # amounts have twelve digits before the point
_FITS = 0.9


def derive_sales(table: TypedTable, mapping: Mapping, raw: RawTable) -> None:
    """Turn what stands in a sales file into unit price, discount and unit cost.

    Raises:
        PicholineError: discounts cannot be told to be rates or amounts, or VAT is stated twice.
    """
    columns = table.columns
    _settle_discount(table, raw)
    _remove_vat(table, mapping)
    if "unit_price" not in columns and "line_amount" in columns:
        _price_from_amount(table)
        net = columns["line_amount"]
    else:
        asked = "line_amount" in columns or "unit_cost" not in columns
        net = _net(columns) if asked else pa.nulls(0, AMOUNT_TYPE)
        if "line_amount" in columns:
            _compare(table, net)
    _unit_cost(table, net)
    for key in ("line_amount", "profit", "line_cost"):
        columns.pop(key, None)


def derive_purchases(table: TypedTable) -> None:
    """Turn the cost of a line into its unit cost."""
    columns = table.columns
    if "unit_cost" not in columns and "line_cost" in columns:
        columns["unit_cost"] = per_unit(columns["line_cost"], columns["quantity"])
        table.places.setdefault("unit_cost", table.places["line_cost"])
        _without_quantity(table, columns["line_cost"], "line_cost")
    columns.pop("line_cost", None)


def times(a: pa.Array, b: pa.Array) -> pa.Array:
    """Multiply two amounts, rounded half away from zero to six places; null on overflow."""
    product = pc.round(pc.multiply(a, b), ndigits=6, round_mode="half_towards_infinity")
    fits = pc.less(pc.abs(product), _LIMIT.cast(product.type))
    return pc.if_else(fits, product, pa.scalar(None, product.type)).cast(AMOUNT_TYPE)


def minus(a: pa.Array, b: pa.Array) -> pa.Array:
    """Subtract two amounts; null where one is."""
    return _fitted(pc.subtract(a, b))


def _fitted(values: pa.Array) -> pa.Array:
    over = pc.greater_equal(pc.abs(values), _LIMIT.cast(values.type))
    return pc.if_else(over, pa.scalar(None, values.type), values).cast(AMOUNT_TYPE)


def per_unit(amounts: pa.Array, quantities: pa.Array) -> pa.Array:
    """Divide amounts by quantities to six places; null where the quantity is zero or unknown."""
    divisor = _floats(quantities)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _decimals(_floats(amounts) / divisor)


def _floats(values: pa.Array) -> np.ndarray:
    return values.cast(pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)


def _decimals(values: np.ndarray) -> pa.Array:
    sound = np.isfinite(values) & (np.abs(values) < 10.0**12)
    return pa.array(np.where(sound, values, 0.0), mask=~sound).cast(AMOUNT_TYPE)


def _settle_discount(table: TypedTable, raw: RawTable) -> None:
    """Decide whether a column that only says “discount” holds rates or amounts."""
    values = table.columns.pop("discount", None)
    if values is None:
        return
    high = pc.max(pc.abs(values)).as_py()
    if high is None or high <= 1:
        kind = "discount_rate"
    else:
        kind = _fitting_kind(table.columns, values)
        if kind is None:
            raise PicholineError(
                "mapping.discount",
                msg(
                    "Column “{name}” of sheet {sheet} may hold percentages or amounts.",
                    name=raw.headers[table.places["discount"]],
                    sheet=raw.sheet,
                ),
                msg(
                    "Name it “Discount %” or “Discount amount”, or map it to discount_rate or "
                    "discount_amount in a mapping file."
                ),
            )
        if kind == "discount_rate":
            table.warn("percent_assumed", len(values) - values.null_count)
            values = _decimals(_floats(values) / _PERCENT)
    table.columns[kind] = values
    table.places[kind] = table.places.pop("discount")


def _fitting_kind(columns: dict[str, pa.Array], values: pa.Array) -> str | None:
    """Return the reading under which price × quantity gives the stated line amount."""
    if not {"unit_price", "line_amount", "quantity"} <= columns.keys():
        return None
    gross = _floats(columns["quantity"]) * _floats(columns["unit_price"])
    amount, discount = _floats(columns["line_amount"]), _floats(values)
    stated = np.isfinite(gross) & np.isfinite(amount) & (np.nan_to_num(discount) != 0)
    if not stated.any():
        return None
    for kind, net in (
        ("discount_rate", gross * (1 - discount / _PERCENT)),
        ("discount_amount", gross - discount),
    ):
        near = np.abs(net - amount) <= np.maximum(np.abs(amount) * 1e-3, 0.02)
        if near[stated].mean() >= _FITS:
            return kind
    return None


def _remove_vat(table: TypedTable, mapping: Mapping) -> None:
    """Take VAT out of prices, amounts and discounts that include it."""
    columns = table.columns
    included = bool(mapping.prices_include_vat)
    for key in ("unit_price", "line_amount"):
        gross = f"{key}_incl_vat"
        if gross in columns and key not in columns:
            columns[key] = columns.pop(gross)
            table.places[key] = table.places[gross]
            included = True
        columns.pop(gross, None)
    if not included:
        return
    rate = columns.get("vat_rate", pa.nulls(table.height, AMOUNT_TYPE))
    if mapping.vat_rate is not None:
        rate = rate.fill_null(pa.scalar(str(mapping.vat_rate)).cast(AMOUNT_TYPE))
    columns["vat_rate"] = rate
    divisor = 1 + _floats(rate)
    for key in ("unit_price", "line_amount", "discount_amount"):
        if key in columns:
            stated = columns[key]
            columns[key] = _decimals(_floats(stated) / divisor)
            lost = pc.and_(stated.is_valid(), columns[key].is_null())
            table.reject("vat_missing", np.flatnonzero(np.asarray(lost)), key)


def _price_from_amount(table: TypedTable) -> None:
    """Find the unit price before discount, and the discount that leaves the stated amount."""
    columns = table.columns
    amount, quantity = columns["line_amount"], columns["quantity"]
    base, counted = _floats(amount), _floats(quantity)
    # A return that brings money in has no discount that could explain it.
    odd = (counted < 0) & (base > 0)
    if "discount_amount" in columns:
        given = np.where(odd, 0.0, np.nan_to_num(np.abs(_floats(columns["discount_amount"]))))
        base = base + np.where(counted < 0, -given, given)
    elif "discount_rate" in columns:
        share = np.where(odd, 1.0, 1 - np.nan_to_num(_floats(columns["discount_rate"])))
        base = np.divide(base, share, out=base.copy(), where=share > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        price = _decimals(base / counted)
    nothing = pc.and_(pc.equal(quantity, _ZERO), pc.equal(amount, _ZERO)).fill_null(False)  # noqa: FBT003
    price = pc.if_else(nothing, _ZERO, price)
    back = pc.less(quantity, _ZERO).fill_null(False)  # noqa: FBT003
    # Discounts of returns are stored without sign: round their price so that none is negative.
    short = pc.and_(back, pc.less(minus(amount, times(quantity, price)), _ZERO))
    price = pc.if_else(short, _fitted(pc.add(price, _STEP)), price)
    gross = times(quantity, price)
    rest = pc.if_else(back, minus(amount, gross), minus(gross, amount))
    table.places.setdefault("unit_price", table.places.get("line_amount", -1))
    columns["unit_price"] = price
    given_any = "discount_amount" in columns or "discount_rate" in columns
    stated = (
        rest if given_any else pc.if_else(pc.equal(rest, _ZERO), pa.scalar(None, rest.type), rest)
    )
    columns["discount_amount"] = stated
    _without_quantity(table, amount, "line_amount")


def _without_quantity(table: TypedTable, amount: pa.Array, key: str) -> None:
    zero = pc.and_(
        pc.equal(table.columns["quantity"], _ZERO), pc.not_equal(amount, _ZERO)
    ).fill_null(False)  # noqa: FBT003
    table.reject("quantity_zero_amount", np.flatnonzero(np.asarray(zero)), key)


def _net(columns: dict[str, pa.Array]) -> pa.Array:
    """Return the signed net amount of every line, as the warehouse reckons it."""
    if not {"unit_price", "quantity"} <= columns.keys():
        return pa.nulls(0, AMOUNT_TYPE)
    gross = times(columns["quantity"], columns["unit_price"])
    rate, discount = columns.get("discount_rate"), columns.get("discount_amount")
    off = None if rate is None else times(pc.abs(gross), rate)
    if discount is not None:
        off = pc.abs(discount) if off is None else pc.coalesce(pc.abs(discount), off)
    if off is None:
        return gross
    off = off.fill_null(_ZERO)
    back = pc.less(columns["quantity"], _ZERO)
    return pc.if_else(back, _fitted(pc.add(gross, off)), minus(gross, off))


def _compare(table: TypedTable, net: pa.Array) -> None:
    """Warn where a stated line amount is not what price, quantity and discount give."""
    apart = pc.abs(minus(net, table.columns["line_amount"]))
    differs = pc.greater(apart, _CENT).fill_null(False)  # noqa: FBT003
    table.warn_rows("amount_differs", np.flatnonzero(np.asarray(differs)))


def _unit_cost(table: TypedTable, net: pa.Array) -> None:
    columns = table.columns
    if "unit_cost" in columns:
        return
    if "line_cost" in columns:
        cost, source = columns["line_cost"], "line_cost"
    elif "profit" in columns:
        cost, source = minus(net, columns["profit"]), "profit"
    else:
        return
    columns["unit_cost"] = per_unit(cost, columns["quantity"])
    table.places["unit_cost"] = table.places.get(source, -1)
