"""The shape of the code: sizes, where SQL may stand, what must not appear."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("core", "callbacks", "dashboard")
SOURCES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
MAX_LINES = 400
MAX_FUNCTION = 50
MAX_CALLBACK = 15
SQL_STARTS = (
    r"SELECT\s",
    r"INSERT\s+INTO",
    r"UPDATE\s+\w+\s+SET",
    r"DELETE\s+FROM",
    r"CREATE\s+TABLE",
    r"WITH\s+\w+\s+AS\s*\(",
)
# In capitals or in small letters: “Select all” is a label.
SQL = re.compile(rf"\s*(?:{'|'.join([*SQL_STARTS, *(s.lower() for s in SQL_STARTS)])})")
# Of the machine it was written on: a package index, a home or a working folder.
FOREIGN = re.compile(
    r"https?://[^\" ]+/(?:simple|packages)/|(?:^|[^a-z])/(?:work|farm|root)/[a-z.]"
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("path", SOURCES, ids=name)
def test_modules_and_functions_stay_readable(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MAX_LINES
    long = {f.name: (f.end_lineno or 0) - f.lineno + 1 for f in functions(path)}
    assert {n: lines for n, lines in long.items() if lines > MAX_FUNCTION} == {}


def test_callbacks_are_thin() -> None:
    long: dict[str, int] = {}
    for path in SOURCES:
        for function in functions(path):
            marks = {
                ast.unparse(d).split("(")[0].rsplit(".", 1)[-1] for d in function.decorator_list
            }
            body = function.body[1:] if ast.get_docstring(function) else function.body
            lines = (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0
            if "callback" in marks and lines > MAX_CALLBACK:
                long[f"{name(path)}:{function.name}"] = lines
    assert long == {}


def test_sql_stands_in_the_repository_only() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in SOURCES
        if not name(path).startswith("core/repository/")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and SQL.match(node.value)
    ]
    assert found == []


@pytest.mark.parametrize(
    "forbidden",
    [
        "allow_duplicate",
        "suppress_callback_exceptions",
        "dcc.Upload",
        "import pickle",
        "shell=True",
    ],
)
def test_what_the_stack_rules_out_is_absent(forbidden: str) -> None:
    assert [name(p) for p in SOURCES if forbidden in p.read_text(encoding="utf-8")] == []


def test_no_machine_paths_and_no_index_addresses() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if tracked.returncode:
        pytest.skip("not a git checkout")
    found = []
    for file in filter(None, tracked.stdout.split("\0")):
        path = ROOT / file
        content = path.read_bytes() if path.is_file() else b""
        if path == Path(__file__) or b"\0" in content:
            continue
        lines = content.decode(errors="replace").splitlines()
        found += [f"{file}:{n}" for n, line in enumerate(lines, 1) if FOREIGN.search(line)]
    assert found == []
