"""Every text a person reads exists in French, with the same places to fill."""

import ast
import re
import string

from tests.catalogue import KEYWORDS, PACKAGES, ROOT, Text, french, source_texts

STORED = french()
TEXTS = source_texts()


def places(text: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def singles(text: Text) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else text


def test_texts_are_found() -> None:
    assert len(TEXTS) > 150


def test_no_text_lacks_its_french() -> None:
    lacking = [
        (text, where)
        for text, where in TEXTS.items()
        if not STORED.get(text) or not all(singles(STORED[text]))
    ]
    assert lacking == []


def test_no_translation_is_left_over() -> None:
    assert [text for text in STORED if text not in TEXTS] == []


def test_places_are_the_same() -> None:
    wrong = []
    for text in TEXTS:
        wanted = set().union(*(places(part) for part in singles(text)))
        for translated in filter(None, singles(STORED.get(text, ()))):
            found = places(translated)
            # A singular may leave the number out.
            if not found <= wanted or not wanted - found <= {"n"}:
                wrong.append((text, translated))
    assert wrong == []


def test_no_text_hides_in_a_formatted_string() -> None:
    """Python before 3.12 reads such a string whole: the text inside would not be found."""
    hidden = [
        f"{path}:{node.lineno}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.JoinedStr)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id in KEYWORDS
    ]
    assert hidden == []


def test_french_typography() -> None:
    wrong = [
        part
        for text in STORED.values()
        for part in singles(text)
        if re.search(r"\w'\w", part) or '"' in part.replace('\\"', "")
    ]
    assert wrong == []
