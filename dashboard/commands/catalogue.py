"""The commands about what can be asked for: metrics, and definitions of one's own."""

import csv
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, _, msg
from dashboard.commands.base import Session, command, option

if TYPE_CHECKING:
    from core.models.catalogue import Dimension, Known, Metric
    from core.services.definitions.bodies import Own
    from core.services.definitions.service import Definitions, Version

_NAME_WIDTH = 22


@command("metrics", N_("List the metrics and dimensions with their definitions, or one in detail."))
@click.argument("key", required=False)
@option("--search", metavar="TEXT", help=N_("Only those a word may mean, in either language."))
def metrics(session: Session, *, key: str | None, search: str | None) -> None:
    """Print the catalogue that `query` understands."""
    from core.services.definitions.describe import describe_dimension, describe_metric
    from core.services.reading import open_reading

    known = open_reading(session.settings).metrics.known()
    if key:
        session.emit(*_one(key, known))
        return
    measured, splits = _chosen(known, search)
    found = {
        "metrics": [describe_metric(metric, known) for metric in measured],
        "dimensions": [describe_dimension(dimension) for dimension in splits],
    }
    lines = [_line(entry) for entry in found["metrics"]]
    lines += ["", *(_line(entry) for entry in found["dimensions"])]
    session.emit(found, "\n".join(lines).strip())
    if not measured and not splits:
        session.say(msg("Nothing is called “{text}”.", text=search))


def _chosen(known: "Known", text: str | None) -> "tuple[list[Metric], list[Dimension]]":
    from core.services.vocabulary import search

    measured, splits = list(known.metrics.values()), list(known.dimensions.values())
    return (search(text, measured), search(text, splits)) if text else (measured, splits)


def _line(entry: dict[str, Any]) -> str:
    unit = f" [{entry['unit']}]" if entry.get("unit") else ""
    text = f": {entry['definition']}" if entry["definition"] else ""
    return f"{entry['key']:<{_NAME_WIDTH}} {entry['name']}{unit}{text}"


def _one(key: str, known: "Known") -> tuple[dict[str, Any], str]:
    from core.services.definitions.describe import describe_dimension, describe_metric
    from core.services.metric_request import get_metric

    if key in known.dimensions:
        entry = describe_dimension(known.dimensions[key])
    else:
        entry = describe_metric(get_metric(key, known), known)
    return entry, "\n".join(_details(entry))


def _details(entry: dict[str, Any]) -> list[str]:
    titles = {
        "definition": _("Definition"),
        "unit": _("Unit"),
        "formula": _("Formula"),
        "parts": _("Sums"),
        "splits": _("Can be split by"),
        "groups": _("Groups"),
        "caveats": _("When not to believe it"),
        "synonyms": _("Also called"),
    }
    lines = [f"{entry['key']}: {entry['name']}"]
    for name, title in titles.items():
        value = entry.get(name)
        if isinstance(value, dict):
            value = [f"{group} = {', '.join(members)}" for group, members in value.items()]
        separator = "; " if name in {"groups", "caveats"} else ", "
        text = separator.join(value) if isinstance(value, list) else value
        if text:
            lines.append(f"  {title}: {text}")
    return lines


_ACTIONS = ("metric", "dimension", "list", "show", "history", "remove", "restore", "undo")


@command(
    "define",
    N_("Define metrics and dimensions of your own; list, change, remove and restore them."),
)
@click.argument("action", type=click.Choice(_ACTIONS), default="list")
@click.argument("key", required=False)
@click.argument("formula", required=False)
@option("--name-en", metavar="TEXT", help=N_("Name in English."))
@option("--name-fr", metavar="TEXT", help=N_("Name in French."))
@option("--about-en", metavar="TEXT", help=N_("Definition in English."))
@option("--about-fr", metavar="TEXT", help=N_("Definition in French."))
@option("--format", "form", metavar="FORMAT", help=N_("How a metric is shown, such as percent."))
@option("--good", type=click.Choice(["up", "down", "none"]), help=N_("Whether more is better."))
@option("--of", "base", metavar="KEY", help=N_("Dimension whose members are grouped."))
@option(
    "--group",
    "groups",
    multiple=True,
    metavar="NAME=VALUES",
    help=N_("A group, as Iberia=ES,PT; repeat it for several."),
)
@option("--rest", metavar="TEXT", help=N_("Name of the group of all other members."))
@option("--date", "part", metavar="PART", help=N_("A part of the date: weekday, week, half, …"))
@option("--check", is_flag=True, help=N_("Only check it; nothing is saved."))
def define(
    session: Session,
    *,
    action: str,
    key: str | None,
    formula: str | None,
    check: bool,
    **given: Any,
) -> None:
    """Do one thing with the definitions of the company."""
    from core.services.definitions.service import Definitions
    from core.services.reading import open_reading

    store = open_reading(session.settings)
    definitions = Definitions(store.catalogue, store.metrics)
    if action == "list":
        entries = [_as_dict(version) for version in definitions.current()]
        session.emit(entries, "\n".join(_entry_line(entry) for entry in entries))
        for name, error in definitions.broken().items():
            session.say(f"{name}: {error.title} {error.remedy}")
        return
    if not key:
        raise PicholineError(
            "definition.key", msg("The key of the definition is missing."),
            msg("`picholine define list` lists them."),
        )  # fmt: skip
    if action in {"metric", "dimension"}:
        _save(session, definitions, _own(definitions, action, key, formula, given), check=check)
    else:
        _other(session, definitions, action, key, formula)


def _other(
    session: Session, definitions: "Definitions", action: str, key: str, edition: str | None
) -> None:
    if action == "remove":
        definitions.remove(key)
    elif action == "undo":
        definitions.undo(key)
    elif action == "restore":
        definitions.restore(key, int(edition) if edition and edition.isdigit() else 0)
    found = definitions.history(key)
    if action == "history":
        entries = [_as_dict(version) for version in found]
        session.emit(entries, "\n".join(_entry_line(entry) for entry in entries))
        return
    entry = _as_dict(definitions.get(key) if action == "show" else found[0])
    session.emit(entry, _entry_line(entry))


def _save(session: Session, definitions: "Definitions", own: "Own", *, check: bool) -> None:
    from core.models.catalogue import Metric
    from core.services.definitions.describe import describe_dimension, describe_metric

    checked = definitions.check(own) if check else definitions.save(own)
    entry = checked.entry
    found = (
        describe_metric(entry, checked.known)
        if isinstance(entry, Metric)
        else describe_dimension(entry)
    )
    session.emit(found | {"saved": not check}, "\n".join(_details(found)))
    for note in checked.notes:
        session.say(note)


def _own(
    definitions: "Definitions", kind: str, key: str, formula: str | None, given: dict[str, Any]
) -> "Own":
    """Return what was typed; what was left out of a change stays as it was."""
    from core.services.definitions.bodies import from_dict

    body: dict[str, Any] = {
        "formula": "", "format": "", "good": "up", "part": "", "base": "", "groups": [], "rest": "",
    }  # fmt: skip
    known = next((v for v in definitions.current() if v.own.key == key), None)
    if known is not None:
        body |= known.own.as_dict()
    typed = {
        "formula": formula,
        "name": given["name_en"],
        "name_fr": given["name_fr"],
        "about": given["about_en"],
        "about_fr": given["about_fr"],
        "format": given["form"],
        "good": given["good"],
        "base": given["base"],
        "rest": given["rest"],
        "part": given["part"],
        "groups": [_group(text) for text in given["groups"]] or None,
    }
    body |= {name: value for name, value in typed.items() if value is not None}
    return from_dict(key, kind, body)


def _group(text: str) -> tuple[str, list[str]]:
    name, sign, values = text.partition("=")
    if not sign:
        raise PicholineError(
            "definition.group",
            msg("“{text}” is not a group.", text=text),
            msg("Write name=values, for example --group Iberia=ES,PT."),
        )
    # A value that contains a comma stands in double quotes.
    (stated,) = csv.reader([values], skipinitialspace=True)
    return name.strip(), [value.strip() for value in stated if value.strip()]


def _as_dict(version: "Version") -> dict[str, Any]:
    from core.services.definitions.bodies import kind_of

    return {
        "key": version.own.key,
        "kind": kind_of(version.own),
        "edition": version.edition,
        "removed": version.removed,
        "owner": version.owner,
        "saved_at": version.saved_at.isoformat(timespec="seconds"),
        **version.own.as_dict(),
    }


def _entry_line(entry: dict[str, Any]) -> str:
    what = entry.get("formula") or entry.get("part") or entry.get("base", "")
    if groups := entry.get("groups"):
        what += ": " + "; ".join(f"{name} = {', '.join(values)}" for name, values in groups)
    removed = _("removed")
    gone = f" ({removed})" if entry["removed"] else ""
    name = entry["name"] or entry["name_fr"]
    moment = entry["saved_at"][:16]
    return f"{entry['key']:<{_NAME_WIDTH}} v{entry['edition']:<3} {moment}  {name}: {what}{gone}"
