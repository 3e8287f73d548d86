"""The user manual inside the application: the guide's chapters as safe HTML, page by page."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from core.paths import guide_dir

CHAPTERS = ("index", "explorer", "customers", "own", "data", "import", "reading", "desk")
PICTURES = "images"
# Under a heading: the page of the application it is about. Unseen where the guide is read as files.
_MARK = re.compile(r"<!-- page: ([\w-]+) -->\s*")
_NOT_NAMES = re.compile(r"[^\w\- ]")
_HEADINGS = ("h1", "h2")  # what a page can point to


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    Attributes:
        key: name of its file.
        title: its first heading.
        body: HTML; written by us, and whatever looked like HTML in the guide is text.
        pages: key of a page of the application → the anchor of what is written about it.
        links: (chapter, anchor) of every link within the manual.
        pictures: file names.
    """

    key: str
    title: str
    body: str
    pages: Mapping[str, str]
    links: Sequence[tuple[str, str]]
    pictures: Sequence[str]


@cache
def manual(language: str) -> tuple[Chapter, ...]:
    """Return the chapters in a language, in reading order."""
    folder = guide_dir() / language
    return tuple(_chapter(key, (folder / f"{key}.md").read_text("utf-8")) for key in CHAPTERS)


@cache
def edition() -> str:
    """Return what changes with any word or picture of the manual: part of its address."""
    digest = blake2b(digest_size=6)
    for path in sorted(guide_dir().rglob("*.*")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def picture(name: str) -> Path | None:
    """Return the file of a picture, None for a name the manual does not show."""
    shown = {name for language in ("en", "fr") for c in manual(language) for name in c.pictures}
    return guide_dir() / PICTURES / name if name in shown else None


def as_dict(language: str) -> dict[str, Any]:
    """Return the manual for the scripts."""
    chapters = manual(language)
    return {
        "chapters": [{"key": c.key, "title": c.title, "body": c.body} for c in chapters],
        "pages": {page: [c.key, anchor] for c in chapters for page, anchor in c.pages.items()},
    }


def _chapter(key: str, text: str) -> Chapter:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(_MARK.sub("", text))
    marks = _marked_headings(text)
    links: list[tuple[str, str]] = []
    pictures: list[str] = []
    pages: dict[str, str] = {}
    title = ""
    for place, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[place + 1].content
            title = title or words
            token.attrSet("id", f"{key}--{anchor_of(words)}")
            if token.tag in _HEADINGS:
                pages |= dict.fromkeys(marks.get(words, ()), anchor_of(words))
        for part in token.children or ():
            _lead(key, part, links, pictures)
    body = reader.renderer.render(_wrapped(tokens), reader.options, {})
    return Chapter(key, title, body, pages, tuple(links), tuple(pictures))


def _marked_headings(text: str) -> dict[str, list[str]]:
    """Return heading → the pages that are named under it."""
    found: dict[str, list[str]] = {}
    heading = ""
    for line in text.splitlines():
        if line.startswith("#"):
            heading = line.lstrip("#").strip()
        elif mark := _MARK.match(line):
            found.setdefault(heading, []).append(mark[1])
    return found


def anchor_of(words: str) -> str:
    """Return a heading's anchor as it is where the guide is read as files."""
    return _NOT_NAMES.sub("", words.lower()).strip().replace(" ", "-")


def _lead(key: str, part: Token, links: list[tuple[str, str]], pictures: list[str]) -> None:
    """Turn a link or a picture to where it is in the application; other links become text."""
    if part.type == "image":
        name = str(part.attrGet("src")).rpartition("/")[2]
        pictures.append(name)
        part.attrs = {
            "src": f"/manual/{PICTURES}/{name}?v={edition()}",
            "alt": part.content,
            "loading": "lazy",
        }
    elif part.type == "link_open":
        path, _hash, anchor = str(part.attrGet("href")).partition("#")
        chapter = path.removesuffix(".md") or key
        if chapter in CHAPTERS:
            links.append((chapter, anchor))
            part.attrs = {"href": f"#{chapter}--{anchor}", "data-chapter": chapter}
        else:  # of the technical documentation, which is no part of the manual
            part.attrs = {}


def _wrapped(tokens: Sequence[Token]) -> list[Token]:
    """Return the tokens with every table in a box of its own, which can be scrolled."""
    found: list[Token] = []
    for token in tokens:
        if token.type == "table_open":
            box = Token("manual_table_open", "div", 1, attrs={"class": "manual-table"}, block=True)
            found.append(box)
        found.append(token)
        if token.type == "table_close":
            found.append(Token("manual_table_close", "div", -1, block=True))
    return found
