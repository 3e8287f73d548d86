"""A person's text as components: Markdown without HTML, pictures or addresses of other schemes."""

from collections.abc import Iterator
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component
from markdown_it import MarkdownIt
from markdown_it.token import Token

_TAGS = {
    "p": html.P, "h1": html.H3, "h2": html.H4, "h3": html.H5, "h4": html.H6, "h5": html.H6,
    "h6": html.H6, "ul": html.Ul, "ol": html.Ol, "li": html.Li, "strong": html.Strong,
    "em": html.Em, "blockquote": html.Blockquote, "s": html.S, "table": html.Table,
    "thead": html.Thead, "tbody": html.Tbody, "tr": html.Tr, "th": html.Th, "td": html.Td,
}  # fmt: skip
_TEXTS = frozenset({"text", "html_inline", "html_block", "image"})
_MARKS = {"softbreak": html.Br, "hardbreak": html.Br, "hr": html.Hr}
_SAFE = ("http://", "https://", "mailto:")


def marked_up(text: str) -> list[Component | str]:
    """Return Markdown as components; what looks like HTML is shown as it was typed."""
    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
        ["table", "strikethrough"]
    )
    return _content(iter(reader.parse(text)))


def _content(tokens: Iterator[Token]) -> list[Component | str]:
    """Return everything up to the end of what is open."""
    found: list[Component | str] = []
    for token in tokens:
        if token.nesting < 0:
            break
        if token.type == "inline":
            found += _content(iter(token.children or []))
        elif token.nesting > 0:
            inside = _content(tokens)
            # A tight list has paragraphs that are none.
            found += inside if token.hidden else [_made(token, inside)]
        elif (single := _single(token)) is not None:
            found.append(single)
    return found


def _made(token: Token, inside: list[Component | str]) -> Component:
    if token.type == "link_open":
        return _link(str(token.attrGet("href") or ""), inside)
    made: Any = _TAGS.get(token.tag, html.Div)
    return made(inside)


def _link(address: str, inside: list[Component | str]) -> Component:
    """Return a link: within the application, or to another site in a window of its own."""
    if address.startswith("/") and not address.startswith(("//", "/\\")):
        return dcc.Link(inside, href=address)
    if address.startswith(_SAFE):
        return html.A(inside, href=address, target="_blank", rel="noopener noreferrer")
    return html.Span(inside)


def _single(token: Token) -> Component | str | None:
    if token.type in _TEXTS:
        return token.content or None  # of a picture what it shows: nothing is fetched
    if token.type == "code_inline":
        return html.Code(token.content)
    if token.type in ("fence", "code_block"):
        return html.Pre(html.Code(token.content))
    return _MARKS[token.type]() if token.type in _MARKS else None
