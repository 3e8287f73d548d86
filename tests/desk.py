"""The web application over a small demo company, for callback tests and journeys."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from core.repository.warehouse.lock import file_lock
from core.services.application import Application
from core.services.demo_load import load_demo
from core.settings import load_settings
from dashboard.security import CSRF_COOKIE, CSRF_HEADER

LINES = 20_000
_PATIENCE_SECONDS = 300.0
_prepared: list[Path] = []


def prepare_in(folder: Path) -> None:
    """Keep homes that were filled once in this folder, to be copied from then on.

    Processes that test side by side may name the same folder.
    """
    _prepared[:] = [folder]


def demo_application(home: Path, lines: int = LINES) -> Application:
    """Open a home folder and fill it with the demo company."""
    if lines and _prepared and not any(home.glob("*")):
        shutil.copytree(_kept(_prepared[0], lines), home, dirs_exist_ok=True)
        return Application.open(load_settings(home))
    return _with_demo(home, lines)


def _kept(folder: Path, lines: int) -> Path:
    """Return the home of so many lines in this folder; the first process to ask fills it."""
    kept = folder / str(lines)
    with file_lock(folder / f"{lines}.lock", _PATIENCE_SECONDS):
        if not kept.is_dir():
            part = folder / f"{lines}.part"
            application = _with_demo(part, lines)
            application.warehouse.ensure()
            application.close()
            part.rename(kept)
    return kept


def _with_demo(home: Path, lines: int) -> Application:
    application = Application.open(load_settings(home))
    if lines:
        load_demo(application.settings, application.catalogue, application.segments, lines=lines)
    return application


class Visitor:
    """A browser without a screen: keeps cookies and the token, calls callbacks by their output."""

    def __init__(self, client: FlaskClient, language: str = "en") -> None:
        """Visit the index page, which hands out the token."""
        self.client = client
        client.set_cookie("picholine_language", language)
        self.index = client.get("/")
        cookie = client.get_cookie(CSRF_COOKIE)
        self.token = cookie.value if cookie else ""
        self.callbacks: Any = client.get("/_dash-dependencies").json

    def call(
        self,
        output: str,
        values: Mapping[str, Any],
        *,
        changed: tuple[str, ...] = (),
        token: str | None = None,
        match: str = "",
    ) -> Any:
        """Post one callback.

        Args:
            output: `id.property` of one of its outputs.
            values: `id.property` → value of inputs and states; a pattern's values are a list of
                (id, value). What is not named is null.
            changed: `id.property` of what triggered it.
            token: instead of the visitor's own.
            match: what `MATCH` stands for in the ids of a callback that has it.
        """
        found = next(c for c in self.callbacks if output in c["output"])
        body = {
            "output": found["output"],
            "outputs": _outputs(_matched(found["output"], match)),
            "inputs": [_filled(_matched(i, match), values) for i in found["inputs"]],
            "state": [_filled(_matched(s, match), values) for s in found["state"]],
            "changedPropIds": list(changed),
        }
        header = self.token if token is None else token
        return self.client.post("/_dash-update-component", json=body, headers={CSRF_HEADER: header})

    def press(
        self, store: str, output: str, values: Mapping[str, Any] | None = None, **told: Any
    ) -> Any:
        """Press a button that tells a store; post the callback that listens to it."""
        pressed = {f"{store}.data": {**told, "n": 1}}
        return self.call(output, {**(values or {}), **pressed}, changed=(f"{store}.data",))

    def page(self, key: str, query: str = "", theme: str = "light", **values: Any) -> Any:
        """Return the properties an analysis page answers for a query."""
        answer = self.call(
            f"{key}-shown.data",
            {f"{key}-query.data": query, "theme.data": theme, "data-version.data": 1, **values},
            changed=(f"{key}-query.data",),
        )
        assert answer.status_code == 200, answer.text
        return answer.json["response"]


def _matched(part: Any, match: str) -> Any:
    """Return a name, or a part with one, with what `MATCH` stands for."""
    if isinstance(part, str):
        return part.replace('["MATCH"]', json.dumps(match))
    return {**part, "id": _matched(part["id"], match)}


def _outputs(text: str) -> Any:
    names = text[2:-2].split("...") if text.startswith("..") else [text]
    parts = [name.rsplit(".", 1) for name in names]
    found = [{"id": _id(name), "property": prop} for name, prop in parts]
    return found if text.startswith("..") else found[0]


def _id(name: str) -> Any:
    return json.loads(name) if name.startswith("{") else name


def _filled(wanted: Mapping[str, Any], values: Mapping[str, Any]) -> Any:
    name = f"{wanted['id']}.{wanted['property']}"
    if '["ALL"]' in wanted["id"]:
        return [
            {"id": found, "property": wanted["property"], "value": value}
            for found, value in values.get(name, [])
        ]
    return {"id": _id(wanted["id"]), "property": wanted["property"], "value": values.get(name)}


def pattern(prop: str, **parts: str) -> str:
    """Return the name of a pattern-matching input as the callbacks' list spells it."""
    keys = {name: ["ALL"] if value == "ALL" else value for name, value in parts.items()}
    return f"{json.dumps(keys, separators=(',', ':'), sort_keys=True)}.{prop}"


def texts(node: Any) -> str:
    """Return all texts of a component tree, one after the other."""
    if isinstance(node, Mapping):
        return texts(node.get("props", {}).get("children"))
    if isinstance(node, list):
        return " ".join(texts(part) for part in node)
    return "" if node is None else str(node)
