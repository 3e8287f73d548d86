"""What a person chooses in the mapping panel: read from the controls, turned into options.

A control is known by (kind, sheet, key): `field` by column index, `option` by name. The panel
shows what the server read; a choice that differs from it asks for another preview.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from core.services.corrections import SURE
from core.services.ingest.modes import Mode, possible
from core.services.ingest.ways import WAYS, part_title
from dashboard.intake_sheet import SheetView

Control = tuple[str, int, str]
Choices = dict[Control, str]
OPTIONS = (
    "include", "table", "mode", "decimal", "date_order", "prices", "vat_rate", "currency",
    "control_column", "control_value", "first_day", "last_day", "shape",
    "year",
)  # fmt: skip
EVERYWHERE = "everywhere"
TAKE, TAKE_SURE, TAKE_ALL = "take", "sure", "all"  # suggestions for values, taken together
NONE = "-"  # an empty value would be drawn as an empty control
_DAYS = ("first_day", "last_day")
_FIELD, _OPTION = "field", "option"
_CONSTANT_VALUE = "constant-value-"
_MAX_RATE = 100.0
_FIRST_YEAR, _LAST_YEAR = 1990, 2100


def shown_choices(sheets: Sequence[SheetView]) -> Choices:
    """Return the choices a panel of these sheets shows."""
    found: Choices = {}
    for place, sheet in enumerate(sheets):
        for index, column in enumerate(sheet.columns):
            found[_FIELD, place, str(index)] = column.field or NONE
            if column.splits:
                found[_OPTION, place, split_name(index)] = column.split or NONE
        for name in OPTIONS:
            found[_OPTION, place, name] = shown_option(sheet, name)
        for number, (field, value) in enumerate([*shown_constants(sheet).items(), (NONE, "")]):
            found[_OPTION, place, constant_name(number)] = field
            found[_OPTION, place, constant_value_name(number)] = value
        for index, value in enumerate(sheet.values):
            found[_OPTION, place, value_name(index)] = value["meant"] or NONE
        found[_OPTION, place, EVERYWHERE] = "yes" if sheet.everywhere else "no"
        found[_OPTION, place, TAKE] = NONE
    return found


def value_name(index: int) -> str:
    """Return the name of the choice what a value of the sheet means."""
    return f"value-{index}"


def split_name(index: int) -> str:
    """Return the name of the choice how a column is taken apart."""
    return f"split-{index}"


def constant_name(number: int) -> str:
    """Return the name of the choice which field holds the same value in every row."""
    return f"constant-{number}"


def constant_value_name(number: int) -> str:
    """Return the name of the value of such a field."""
    return f"{_CONSTANT_VALUE}{number}"


def shown_constants(sheet: SheetView) -> Mapping[str, str]:
    """Return the fields with the same value in every row."""
    return sheet.mapping.get("constants") or {}


def shown_option(sheet: SheetView, name: str) -> str:
    """Return the value an option's control shows; NONE where nothing is stated."""
    plain = {
        "include": "yes" if sheet.include else "no",
        "table": sheet.table,
        "mode": sheet.mode,
        **dict(zip(_DAYS, sheet.days, strict=True)),
        "control_column": next(iter(sheet.control), NONE),
        "control_value": next(iter(sheet.control.values()), ""),
        **_shown_layout(sheet),
    }
    if name in plain:
        return plain[name]
    stated = sheet.mapping
    if name == "prices":
        included = stated.get("prices_include_vat")
        return NONE if included is None else "incl" if included else "excl"
    if name == "vat_rate":
        rate = stated.get("vat_rate")
        return "" if rate is None else f"{float(rate) * 100:g}"
    return str(stated.get(name) or NONE)


def _shown_layout(sheet: SheetView) -> dict[str, str]:
    crossed = sheet.crossed or {}
    year = crossed.get("year")
    shape = "rows" if crossed.get("applied") else "plain"
    return {"shape": shape if crossed else NONE, "year": str(year) if year else ""}


def read_controls(lists: Sequence[Any]) -> Choices:
    """Return the choices in a callback's inputs, as Dash lists them: `[{id, value}, …]`."""
    found: Choices = {}
    for entry in (entry for entries in lists if isinstance(entries, list) for entry in entries):
        name = entry["id"]
        key = str(name["column"] if name["type"] == "intake-field" else name["name"])
        kind = name["type"].removeprefix("intake-")
        found[kind, int(name["sheet"]), key] = str(entry.get("value") or "").strip()
    return found


def merged(shown: Choices, chosen: Choices, changed: Mapping[str, Any] | None) -> Choices:
    """Return what was shown with the person's choices; a field stands for one column only.

    Args:
        shown: the panel as the server drew it; controls it does not draw keep their value.
        chosen: values of the controls; unknown ones are left out.
        changed: id of the control that was changed last; it takes its field from another column.
    """
    found = {**shown, **{key: value for key, value in chosen.items() if key in shown}}
    if changed and changed.get("type") == "intake-field":
        mine = (_FIELD, int(changed["sheet"]), str(changed["column"]))
        for key in found if mine in found else ():
            if key[:2] == mine[:2] and key != mine and found[key] == found[mine] != NONE:
                found[key] = NONE
    return {**found, **_halves(shown, found)}


def _halves(shown: Choices, chosen: Choices) -> Choices:
    """Return what takes back half a new constant: a field without value, a value without field."""
    found: Choices = {}
    for kind, place, name in shown:
        if kind != _OPTION or not name.startswith(_CONSTANT_VALUE):
            continue
        value = (kind, place, name)
        field = (kind, place, constant_name(int(name.removeprefix(_CONSTANT_VALUE))))
        new = shown[field] == NONE
        if new and (chosen[field] == NONE or not chosen[value]):
            found |= {field: NONE, value: ""}
    return found


def options_of(sheets: Sequence[SheetView], choices: Choices) -> list[dict[str, Any]]:
    """Return the import options of each sheet, as jobs take them."""
    return [_options(sheet, place, choices) for place, sheet in enumerate(sheets)]


def _options(sheet: SheetView, place: int, choices: Choices) -> dict[str, Any]:
    def option(name: str) -> str:
        return choices[_OPTION, place, name]

    common: dict[str, Any] = {
        "sheet": sheet.name,
        "table": option("table"),
        **_mode(option("table"), {name: option(name) for name in ("mode", *_DAYS)}),
        "include": option("include") != "no",
        "everywhere": option(EVERYWHERE) != "no",
    }
    if _stated(option("control_column")):
        common["control_total"] = {option("control_column"): option("control_value")}
    layout = _layout(sheet, option("shape"), option("year"))
    anew = option("table") != sheet.table or option("shape") != shown_option(sheet, "shape")
    if layout and anew:
        common["layout"] = layout
    if anew:
        return common  # another table, or other columns: they are proposed anew
    columns = {
        choices[_FIELD, place, str(index)]: column.title
        for index, column in enumerate(sheet.columns)
        if choices[_FIELD, place, str(index)] != NONE
    }
    split = _splits(sheet, place, choices)
    layout = {key: value for key, value in {**layout, "split": split}.items() if value}
    stated = {
        **sheet.mapping,
        "table": sheet.table,
        "columns": _of_parts(sheet, columns, split),
        "constants": _constants(sheet, place, choices) or None,
        "decimal": _stated(option("decimal")),
        "date_order": _stated(option("date_order")),
        "currency": _stated(option("currency")),
        "prices_include_vat": {"incl": True, "excl": False}.get(option("prices")),
        "vat_rate": _rate(option("vat_rate")),
        "layout": layout or None,
        "values": _values(sheet, place, choices) or None,
    }
    mapping = {key: value for key, value in stated.items() if value is not None}
    return {**common, "mapping": mapping}


def _splits(sheet: SheetView, place: int, choices: Choices) -> dict[str, str]:
    """Return how columns are taken apart: title → way."""
    found = {
        column.title: choices[_OPTION, place, split_name(index)]
        for index, column in enumerate(sheet.columns)
        if column.splits
    }
    return {title: way for title, way in found.items() if way != NONE}


def _of_parts(
    sheet: SheetView, columns: Mapping[str, str], split: Mapping[str, str]
) -> dict[str, str]:
    """Return field → title with the parts of columns that are taken apart from now on.

    Parts take the place of their own column; a field another column holds stays with it.
    """
    before = {column.title: column.split for column in sheet.columns if column.split}
    gone = {
        part_title(title, part)
        for title, way in before.items()
        if split.get(title) != way
        for part in WAYS[way].parts
    }
    found = {field: title for field, title in columns.items() if title not in gone}
    for title, way in split.items():
        if before.get(title) == way:
            continue
        parts = WAYS[way].fields_in(sheet.table)
        found = {f: t for f, t in found.items() if t != title or f not in parts.values()}
        for part, field in parts.items():
            found.setdefault(field, part_title(title, part))
    return found


def _constants(sheet: SheetView, place: int, choices: Choices) -> dict[str, str]:
    """Return field → value of every row; half a choice is none yet."""
    found: dict[str, str] = {}
    for number in range(len(shown_constants(sheet)) + 1):
        field = choices[_OPTION, place, constant_name(number)]
        value = choices[_OPTION, place, constant_value_name(number)]
        if field != NONE and value:
            found[field] = value
    return found


def _values(sheet: SheetView, place: int, choices: Choices) -> dict[str, dict[str, str]]:
    """Return what the person says about values: field → written → meant."""
    found: dict[str, dict[str, str]] = {}
    for index, value in enumerate(sheet.values):
        meaning = choices[_OPTION, place, value_name(index)]
        if meaning == NONE and is_taken(value, choices[_OPTION, place, TAKE]):
            meaning = value["suggestion"]
        if meaning != NONE:
            found.setdefault(value["field"], {})[value["written"]] = meaning
    return found


def is_taken(value: Mapping[str, Any], take: str) -> bool:
    """Whether the suggestion for a value is one of those that are taken together."""
    return bool(value["suggestion"]) and (
        take == TAKE_ALL or (take == TAKE_SURE and value["sure"] >= SURE)
    )


def _layout(sheet: SheetView, shape: str, year: str) -> dict[str, Any]:
    """Return the layout a person stated: what differs from what the server found by itself."""
    layout = dict(sheet.mapping.get("layout") or {})
    if shape != shown_option(sheet, "shape"):
        layout["shape"] = shape
    if year != shown_option(sheet, "year"):
        layout.pop("year", None)
        if year.isdecimal() and _FIRST_YEAR <= int(year) <= _LAST_YEAR:
            layout["year"] = int(year)
    return layout


def _mode(table: str, chosen: Mapping[str, str]) -> dict[str, Any]:
    """Return the mode with its days; one that means nothing for the table becomes the usual one."""
    mode = chosen["mode"] if chosen["mode"] in possible(table) else Mode.APPEND.value
    if mode != Mode.PERIOD:
        return {"mode": mode}
    days = {name: text for name in _DAYS if (text := _day(chosen[name]))}
    return {"mode": mode, **days}


def _day(text: str) -> str | None:
    """Return a day as ISO text; None where it is not one."""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        return None


def _stated(value: str) -> str | None:
    return None if value in {NONE, ""} else value


def _rate(text: str) -> float | None:
    """Return a percentage as a fraction; None where it is not one."""
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        return None
    return value / 100 if 0 <= value < _MAX_RATE else None
