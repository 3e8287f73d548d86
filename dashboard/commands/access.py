"""The command about rights: which user or role may see which rows."""

from typing import TYPE_CHECKING, Any

import click

from core.errors import PicholineError
from core.i18n import N_, msg
from core.models.query import NO_VALUE, Operator
from core.models.query_text import parse_where
from dashboard.commands.base import Session, command, option

if TYPE_CHECKING:
    from core.models.query import Filter
    from core.models.tables import AccessRule
    from core.services.access import Access

_ACTIONS = ("list", "show", "allow", "remove", "role")
_PAIR = 2


@command("access", N_("Say who may see which rows: rules of users and roles."))
@click.argument("action", type=click.Choice(_ACTIONS), default="list")
@click.argument("words", nargs=-1)
@option("--role", "is_role", is_flag=True, help=N_("The name is that of a role."))
@option("--leave", is_flag=True, help=N_("Take the role away instead."))
def access(
    session: Session, *, action: str, words: tuple[str, ...], is_role: bool, leave: bool
) -> None:
    """List rules, show what a user sees, add and remove rules, give and take roles."""
    from core import log
    from core.services.reading import open_reading

    reading = open_reading(session.settings)
    log.configure(session.settings.logs / "command", session.settings.log_level)
    if action == "list":
        _list(session, reading.access)
    elif action == "show":
        _show(session, reading.access, *_expected(words, 1, "show USER"))
    elif action == "allow":
        name, text = _expected(words, _PAIR, "allow NAME KEY=VALUES")
        _allow(session, reading.access, name, parse_where(text), is_role=is_role)
    elif action == "remove":
        _remove(session, reading.access, *_expected(words, 1, "remove RULE_ID"))
    else:
        user, role = _expected(words, _PAIR, "role USER ROLE")
        _role(session, reading.access, user, role, leave=leave)


def _expected(words: tuple[str, ...], count: int, how: str) -> tuple[str, ...]:
    if len(words) == count:
        return words
    raise PicholineError(
        "access.words",
        msg("That is not how it is typed."),
        msg("Type: picholine access {how}", how=how),
    )


def _list(session: Session, access: "Access") -> None:
    rules = [_as_dict(rule) for rule in access.rules()]
    roles = [{"role": member.role, "user": member.user} for member in access.roles()]
    lines = [_line(rule) for rule in rules]
    lines += [str(msg("{user} has the role {role}", **member)) for member in roles]
    session.emit({"rules": rules, "roles": roles}, "\n".join(lines))
    if not rules:
        session.say(msg("There are no rules: everybody sees all rows."))


def _show(session: Session, access: "Access", user: str) -> None:
    scope = access.scope_of(user)
    where = {found.dimension: list(found.values) for found in scope.where}
    text = " · ".join(f"{key} = {_shown(values)}" for key, values in where.items())
    session.emit(
        {"user": user, "where": where}, text or str(msg("{user} sees all rows.", user=user))
    )


def _allow(
    session: Session, access: "Access", name: str, chosen: "Filter", *, is_role: bool
) -> None:
    if chosen.operator is not Operator.IN:
        raise PicholineError(
            "access.operator",
            msg("A rule names the values that are open, not those that are closed."),
            msg("Write KEY=VALUES, for example country=FR,IT."),
        )
    made = access.allow(name, chosen.dimension, chosen.values, is_role=is_role)
    for warning in made.warnings:
        session.say(warning)
    entry = _as_dict(made.rule)
    session.emit({**entry, "warnings": [str(w) for w in made.warnings]}, _line(entry))


def _remove(session: Session, access: "Access", text: str) -> None:
    rule = access.remove(int(text) if text.isdecimal() else 0)
    said = msg("Rule {id} is gone.", id=text)
    if not any(
        (other.subject, other.is_role) == (rule.subject, rule.is_role) for other in access.rules()
    ):
        session.say(msg("“{name}” has no rule any more and limits nobody.", name=rule.subject))
    session.emit({"rule_id": rule.id, "removed": True}, str(said))


def _role(session: Session, access: "Access", user: str, role: str, *, leave: bool) -> None:
    changed = access.leave(user, role) if leave else access.join(user, role)
    named = {rule.subject for rule in access.rules() if rule.is_role}
    if not leave and role not in named:
        session.say(msg("The role “{role}” has no rule yet and limits nobody.", role=role))
    has = msg("{user} has the role {role}", user=user, role=role)
    has_not = msg("{user} does not have the role {role}", user=user, role=role)
    value = {"user": user, "role": role, "has": not leave, "changed": changed}
    session.emit(value, str(has_not if leave else has))


def _as_dict(rule: "AccessRule") -> dict[str, Any]:
    return {
        "rule_id": rule.id,
        "created_at": rule.created_at.isoformat(timespec="seconds"),
        "created_by": rule.created_by,
        "role": rule.is_role,
        "subject": rule.subject,
        "dimension": rule.dimension,
        "values": rule.values,
    }


def _line(entry: dict[str, Any]) -> str:
    kind = msg("role {name}", name=entry["subject"]) if entry["role"] else entry["subject"]
    return f"{entry['rule_id']:>5}  {kind}  {entry['dimension']} = {_shown(entry['values'])}"


def _shown(values: list[str]) -> str:
    return ", ".join("(–)" if value == NO_VALUE else value for value in values)
