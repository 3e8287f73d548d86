"""From stored definitions to the catalogue that questions are asked of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from core.errors import PicholineError
from core.i18n import Message, msg, pack
from core.models.catalogue import SHIPPED, Derived, Dimension, Formula, Known, Metric
from core.models.catalogue.derived import PART_NAMES, PART_TEXTS, Part
from core.models.catalogue.formulas import NO_SYNONYMS, Node
from core.models.catalogue.units import (
    MONEY,
    Unit,
    UnitsDifferError,
    format_of,
    unit_of_tree,
    unit_text,
)
from core.models.catalogue.wording import tree_text
from core.models.formats import Format
from core.services.definitions.bodies import Own, OwnDimension, OwnMetric
from core.services.definitions.formula import Words, metrics_of, parse

FORMATS = (
    Format.MONEY, Format.PRICE, Format.PERCENT, Format.INTEGER, Format.QUANTITY, Format.NUMBER,
)  # fmt: skip


@dataclass(frozen=True)
class Built:
    """A catalogue, and the definitions that have no place in it.

    Attributes:
        known: what ships with all own definitions that can be used.
        broken: key → why it cannot be used, such as a metric it names that is gone.
    """

    known: Known
    broken: Mapping[str, PicholineError] = field(default_factory=dict)


def build(definitions: Iterable[Own], version: int) -> Built:
    """Return the catalogue with own definitions; those that fail are left out and named.

    A metric may name others that are defined later: each is read as soon as all it names are.
    """
    metrics = dict(SHIPPED.metrics)
    dimensions = dict(SHIPPED.dimensions)
    waiting: list[Own] = list(definitions)
    broken: dict[str, PicholineError] = {}
    while waiting:
        later: list[Own] = []
        broken = {}
        for own in waiting:
            try:
                if isinstance(own, OwnMetric):
                    metrics[own.key] = metric_of(own, Words(metrics, metrics))
                else:
                    dimensions[own.key] = dimension_of(own)
            except PicholineError as error:
                broken[own.key] = error
                later.append(own)
        if len(later) == len(waiting):
            break
        waiting = later
    return Built(Known(metrics, dimensions, version), broken)


def metric_of(own: OwnMetric, words: Words) -> Metric:
    """Return an own metric as the catalogue holds it.

    Raises:
        PicholineError: its formula cannot be read, its units do not fit, or its format does not
            suit them.
    """
    tree = parse(own.formula, words)
    unit = _checked_unit(tree)
    return Metric(
        key=own.key,
        name=own.packed_name(),
        definition=own.packed_about() or pack(tree_text(tree)),
        formula=Formula(tree),
        format=_format(own.format, unit),
        good="down" if own.good == "down" else "none" if own.good == "none" else "up",
        caveats=tuple(dict.fromkeys(c for named in metrics_of(tree) for c in named.caveats)),
        unit=unit,
        own=True,
    )


def _checked_unit(tree: Node) -> Unit:
    try:
        unit = unit_of_tree(tree) or ()
    except UnitsDifferError as error:
        raise PicholineError(
            "formula.units",
            msg(
                "“{left}” and “{right}” cannot be added or subtracted.",
                left=unit_text(error.left),
                right=unit_text(error.right),
            ),
            msg("Divide or multiply them first, so that both sides count the same thing."),
        ) from error
    if any(power > 1 for _, power in unit):
        raise PicholineError(
            "formula.units",
            msg("The result would be counted in “{unit}”, which means nothing.",
                unit=unit_text(unit)),
            msg("Multiply an amount by a share, a number or a count, not by another amount."),
        )  # fmt: skip
    return unit


def _format(wanted: str, unit: Unit) -> Format:
    if not wanted:
        return format_of(unit)
    if wanted not in {form.value for form in FORMATS}:
        raise PicholineError(
            "formula.format",
            msg("“{text}” is no format of a metric.", text=wanted),
            msg("Choose one of: {keys}.", keys=", ".join(form.value for form in FORMATS)),
        )
    form = Format(wanted)
    money = dict(unit).get("money") == dict(MONEY)["money"]
    fits = {
        Format.MONEY: money,
        Format.PRICE: money,
        Format.PERCENT: not unit,
    }.get(form, not money)
    if not fits:
        raise PicholineError(
            "formula.format",
            msg("The format “{form}” does not suit a result in “{unit}”.",
                form=form.value, unit=unit_text(unit, form)),
            msg("Leave the format out, or choose “{form}”.", form=format_of(unit).value),
        )  # fmt: skip
    return form


def dimension_of(own: OwnDimension) -> Dimension:
    """Return an own dimension as the catalogue holds it.

    Raises:
        PicholineError: it names no part of the date, or a dimension whose members cannot be
            grouped.
    """
    found = _of_dates(own, own.part) if own.part else _of_groups(own)
    return replace(
        found,
        key=own.key,
        name=own.packed_name(),
        definition=own.packed_about() or pack(_described(own)),
        label=f"{own.key}_name" if found.keyed else found.label,
        own=True,
    )


def _of_dates(own: OwnDimension, named: str) -> Dimension:
    parts: dict[str, Part] = {part: part for part in PART_NAMES}
    if named not in parts:
        raise PicholineError(
            "definition.part",
            msg("“{text}” is no part of the date.", text=named),
            msg("Choose one of: {keys}.", keys=", ".join(parts)),
        )
    part = parts[named]
    return Dimension(
        own.key, "", Derived("date", part), Format.CODE, keyed=True, names=PART_NAMES[part],
    )  # fmt: skip


def _of_groups(own: OwnDimension) -> Dimension:
    base = SHIPPED.dimensions.get(own.base)
    if base is None or base.grain:
        raise PicholineError(
            "definition.base",
            msg("The members of “{key}” cannot be grouped.", key=own.base),
            msg(
                "Choose one of: {keys}.",
                keys=", ".join(d.key for d in SHIPPED.dimensions.values() if not d.grain),
            ),
        )
    part = base.derived.part if base.derived else None
    column = Derived(base.stored, part, own.groups, own.rest or None)
    if own.rest:  # every value is the name of a group
        plain = replace(base, format=Format.TEXT, label=None, keyed=False, names=())
    elif base.keyed:
        plain = replace(base, names=(*((name, name) for name, _ in own.groups), *base.names))
    else:
        plain = base
        if isinstance(base.label, str):
            plain = replace(base, label=replace(column, otherwise=base.label))
    return replace(plain, column=column, base=base.key, definition="", synonyms=NO_SYNONYMS)


def _described(own: OwnDimension) -> Message:
    if own.part:
        return Message(PART_TEXTS[own.part])
    base = Message(SHIPPED.dimensions[own.base].name)
    names = ", ".join(name for name, _ in own.groups)
    if own.rest:
        return msg("“{base}” in groups: {names}; all others: {rest}.",
                   base=base, names=names, rest=own.rest)  # fmt: skip
    return msg("“{base}” in groups: {names}; all others stand alone.", base=base, names=names)
