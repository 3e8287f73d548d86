"""The command about data-quality rules: list, change, test, restore."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, _, msg
from core.models.quality import Severity
from dashboard.commands.base import Session, command, option

if TYPE_CHECKING:
    from core.services.quality.bodies import RuleBody
    from core.services.quality.service import Rules, RuleVersion, Tested

_ACTIONS = ("list", "show", "set", "add", "test", "history", "restore", "remove")
_WIDTH = 24
_TYPED = ("table", "expression", "column", "name", "name_fr", "message", "message_fr")


@command(
    "rules",
    N_("Rules of data quality: list, change, add, test against the stored data, restore."),
)
@click.argument("action", type=click.Choice(_ACTIONS), default="list")
@click.argument("key", required=False)
@click.argument("edition", required=False, type=int)
@option("--on/--off", "enabled", default=None, help=N_("Whether files are checked with it."))
@option(
    "--severity",
    type=click.Choice([one.value for one in Severity]),
    help=N_("What happens to a row."),
)
@option(
    "--threshold", "thresholds", multiple=True, metavar="NAME=NUMBER",
    help=N_("A threshold of a shipped rule; repeat it for several."),
)  # fmt: skip
@option("--table", metavar="KEY", help=N_("Table of an own rule."))
@option("--wrong", "expression", metavar="EXPRESSION", help=N_("What is true of a wrong row."))
@option("--column", metavar="KEY", help=N_("Column named as the cause (default: the first one)."))
@option("--name-en", "name", metavar="TEXT", help=N_("Name in English."))
@option("--name-fr", metavar="TEXT", help=N_("Name in French."))
@option("--message-en", "message", metavar="TEXT", help=N_("What is told of a row, in English."))
@option("--message-fr", metavar="TEXT", help=N_("What is told of a row, in French."))
@option("--check", is_flag=True, help=N_("Only check and test it; nothing is saved."))
def rules(
    session: Session,
    *,
    action: str,
    key: str | None,
    edition: int | None,
    check: bool,
    **given: Any,
) -> None:
    """Do one thing with the rules of the company."""
    from core.services.application import Application

    known = Application.open(session.settings).quality
    if action == "list":
        found = [_as_dict(version) for version in known.all()]
        session.emit(found, "\n".join(_line(entry) for entry in found))
        return
    if not key and action == "add":
        key = known.key_for(given["name"] or given["name_fr"] or "")
    if not key:
        raise PicholineError(
            "rule.key_missing", msg("The key of the rule is missing."),
            msg("`picholine rules list` lists them."),
        )  # fmt: skip
    if action in {"set", "add"}:
        _save(session, known, _body(known, key, given, new=action == "add"), check=check)
    elif action == "test":
        _tell_test(session, known, known.get(key).body)
    else:
        _other(session, known, action, key, edition)


def _other(session: Session, known: "Rules", action: str, key: str, edition: int | None) -> None:
    scope = _scope()
    if action == "restore":
        known.restore(key, edition or 0, scope)
    elif action == "remove":
        known.remove(key, scope)
    if action == "history":
        entries = [_as_dict(version) for version in known.history(key)]
        session.emit(entries, "\n".join(_version_line(entry) for entry in entries))
        return
    history = known.history(key)
    found = history[0] if action == "remove" and history else known.get(key)
    session.emit(_as_dict(found), _line(_as_dict(found)))


def _scope() -> Any:
    from core.models.query import Scope

    return Scope()


def _body(known: "Rules", key: str, given: dict[str, Any], *, new: bool) -> "RuleBody":
    """Return what was typed; what was left out of a change stays as it was."""
    from core.services.quality.bodies import from_dict

    stated = {name: given[name] for name in _TYPED if given[name] is not None}
    body = {} if new else known.get(key).body.as_dict()
    if given["enabled"] is not None:
        stated["enabled"] = given["enabled"]
    if given["severity"]:
        stated["severity"] = given["severity"]
    found = from_dict(key, {**body, **stated})
    if given["thresholds"]:
        settings = dict(_threshold(text) for text in given["thresholds"])
        found = replace(found, settings={**found.settings, **settings})
    return found


def _threshold(text: str) -> tuple[str, float]:
    name, sign, value = text.partition("=")
    try:
        number = float(value)
    except ValueError:
        sign = ""
        number = 0.0
    if not sign:
        raise PicholineError(
            "rule.threshold",
            msg("“{text}” is no threshold.", text=text),
            msg("Write name=number, for example --threshold score=8."),
        )
    return name.strip(), number


def _save(session: Session, known: "Rules", body: "RuleBody", *, check: bool) -> None:
    if check:
        _tell_test(session, known, body)
        return
    known.save(body, _scope())
    entry = _as_dict(known.get(body.key))
    session.emit(entry, _line(entry))


def _tell_test(session: Session, known: "Rules", body: "RuleBody") -> None:
    found = known.test(body, _scope())
    session.emit(_test_as_dict(body, found), "\n".join(_test_lines(found)))


def _test_as_dict(body: "RuleBody", found: "Tested") -> dict[str, Any]:
    return {
        "key": body.key,
        "broken": found.count,
        "rows": found.rows,
        "data_version": found.data_version,
        "examples": [
            {
                "import_id": place.import_id,
                "file_name": place.file_name,
                "sheet": place.sheet,
                "row": place.row,
                "column": place.column,
                "value": None if place.value is None else str(place.value),
            }
            for place in found.places
        ],
    }


def _test_lines(found: "Tested") -> list[str]:
    lines = [str(msg("{count} of {rows} stored rows break this rule.",
                     count=found.count, rows=found.rows))]  # fmt: skip
    for place in found.places:
        where = " · ".join(str(part) for part in (place.file_name, place.sheet) if part)
        row = _("row {row}", row=place.row)
        lines.append(f"    #{place.import_id}  {where} · {row}: {place.column} = {place.value}")
    return lines


def _as_dict(version: "RuleVersion") -> dict[str, Any]:
    body = version.body
    entry = {
        "key": body.key,
        "title": str(body.title),
        "shipped": body.shipped is not None,
        "tables": list(body.tables),
        "edition": version.edition,
        "removed": version.removed,
        "owner": version.owner,
        "saved_at": version.saved_at.isoformat(timespec="seconds") if version.saved_at else None,
        **body.as_dict(),
    }
    if body.shipped:
        entry["settings"] = {t.key: body.threshold(t.key) for t in body.shipped.thresholds}
    return entry


def _version_line(entry: dict[str, Any]) -> str:
    """Return a version with its number, which restoring asks for, its day and its writer."""
    moment = (entry["saved_at"] or "")[:16]
    return f"{entry['edition']:>3}  {moment}  {entry['owner']}  {_line(entry)}"


def _line(entry: dict[str, Any]) -> str:
    state = _("on") if entry["enabled"] else _("off")
    settings = ", ".join(f"{name} = {value:g}" for name, value in entry.get("settings", {}).items())
    what = entry.get("expression") or settings
    told = f"{entry['title']} ({', '.join(entry['tables'])})" + (f": {what}" if what else "")
    removed = _("removed")
    gone = f" ({removed})" if entry["removed"] else ""
    return f"{entry['key']:<{_WIDTH}} {state:<4} {entry['severity']:<11} {told}{gone}"
