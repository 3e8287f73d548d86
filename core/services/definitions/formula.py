"""Reading a formula: numbers, the four operations, parentheses, metrics by key or name.

Nothing is evaluated here and nothing of the text is ever run: a formula becomes a tree of declared
metrics, or is refused with the place that is wrong.
"""

import operator
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from core.errors import PicholineError
from core.i18n import Message, msg
from core.models.catalogue import Metric
from core.models.catalogue.formulas import Calculation, Node, Number, Operand
from core.services.vocabulary import folded, names_of, nearest

MAX_LENGTH = 400
_MAX_DEPTH = 20
_SIGNS: Mapping[str, str] = {
    "+": "+", "-": "−", "−": "−", "–": "−", "*": "×", "×": "×", "·": "×", "/": "÷", "÷": "÷",
    ":": "÷",
}  # fmt: skip
CALCULATE: Mapping[str, Callable[[Decimal, Decimal], Decimal]] = {
    "+": operator.add, "−": operator.sub, "×": operator.mul, "÷": operator.truediv,
}  # fmt: skip
_LARGEST = 10**12
_QUOTES = {'"': '"', "“": "”", "«": "»", "[": "]", "‘": "’"}
_NUMBER = re.compile(r"(\d{1,9}(?:[.,]\d{1,6})?)\s*(%?)")
_WORD = re.compile(r"[^+*×·/÷:()\[\]\"“”«»]+")


@dataclass(frozen=True)
class Words:
    """The metrics a formula may name, by every word for them."""

    metrics: Mapping[str, Metric]
    by_word: Mapping[str, Metric]

    @classmethod
    def of(cls, metrics: Iterable[Metric]) -> "Words":
        """Return the words of metrics; a word that several share means the first named so.

        Keys win over names, names over synonyms.
        """
        known = {metric.key: metric for metric in metrics}
        by_word: dict[str, Metric] = {}
        tiers: tuple[Callable[[Metric], Iterable[str]], ...] = (
            lambda m: (m.key,),
            names_of,
            lambda m: m.synonyms.all(),
        )
        for words in tiers:
            for metric in known.values():
                for word in words(metric):
                    by_word.setdefault(folded(word), metric)
        return cls(known, by_word)


@dataclass(frozen=True)
class _Token:
    kind: str  # a sign, a parenthesis, "number", "metric", or "end"
    text: str
    node: Node | None = None


def parse(text: str, words: Words) -> Node:
    """Return a formula's tree.

    Raises:
        PicholineError: it is empty, too long, names no metric or an unknown one, or a sign or a
            parenthesis is missing.
    """
    if not text.strip():
        raise _wrong(msg("The formula is empty."))
    if len(text) > MAX_LENGTH:
        raise _wrong(msg("The formula is longer than {n} characters.", n=MAX_LENGTH))
    reader = _Reader(_tokens(" ".join(unicodedata.normalize("NFC", text).split()), words))
    tree = reader.sum(0)
    reader.expect("end")
    if not metrics_of(tree):
        raise _wrong(msg("The formula names no metric."))
    return tree


def metrics_of(node: Node) -> tuple[Metric, ...]:
    """Return the metrics a formula names, once each, in order."""
    if isinstance(node, Number):
        return ()
    if isinstance(node, Operand):
        return (node.metric,)
    found = (*metrics_of(node.left), *metrics_of(node.right))
    return tuple({metric.key: metric for metric in found}.values())


class _Reader:
    """Reads sums of products of values, from left to right."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._place = 0

    def sum(self, depth: int) -> Node:
        found = self._product(depth)
        while self._next.kind in {"+", "−"}:
            sign = self._take().kind
            found = Calculation("+" if sign == "+" else "−", found, self._product(depth))
        return found

    def _product(self, depth: int) -> Node:
        found = self._value(depth)
        while self._next.kind in {"×", "÷"}:
            sign = self._take().kind
            found = _calculated("×" if sign == "×" else "÷", found, self._value(depth))
        return found

    def _value(self, depth: int) -> Node:
        if depth > _MAX_DEPTH:
            raise _wrong(msg("The formula has too many parentheses inside each other."))
        token = self._take()
        if token.node is not None:
            return token.node
        if token.kind == "(":
            found = self.sum(depth + 1)
            self.expect(")")
            return found
        if token.kind == "−":
            return Calculation("−", Number(Decimal(0)), self._value(depth + 1))
        if token.kind == "end":
            raise _wrong(msg("The formula ends where a metric or a number is missing."))
        raise _wrong(msg("A metric or a number is missing before “{text}”.", text=token.text))

    def expect(self, kind: str) -> None:
        token = self._take()
        if token.kind == kind:
            return
        if kind == ")":
            raise _wrong(msg("A closing parenthesis is missing."))
        raise _wrong(msg("A sign (+ − × ÷) is missing before “{text}”.", text=token.text))

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._tokens[self._place]
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token


def _calculated(sign: str, left: Node, right: Node) -> Node:
    if sign == "÷" and _constant(right) == 0:
        raise _wrong(msg("The formula divides by zero."))
    found = Calculation("×" if sign == "×" else "÷", left, right)
    if abs(_constant(found) or 0) >= _LARGEST:
        raise _wrong(msg("The formula holds a number that is too large."))
    return found


def _constant(node: Node) -> Decimal | None:
    """Return the value of a part without metrics; None for one with metrics."""
    if isinstance(node, Number):
        return node.value
    if isinstance(node, Operand):
        return None
    left, right = _constant(node.left), _constant(node.right)
    return None if left is None or right is None else CALCULATE[node.sign](left, right)


def _tokens(text: str, words: Words) -> list[_Token]:
    scanner = _Scanner(text, words)
    found: list[_Token] = []
    while (token := scanner.take()).kind != "end":
        found.append(token)
    return [*found, token]


class _Scanner:
    """Cuts a formula into tokens; a metric's name may have several words."""

    def __init__(self, text: str, words: Words) -> None:
        self._text = text
        self._words = words
        self._at = 0
        # Names are looked up without accents and case, at the same places as in the text.
        self._plain = "".join(_plain(c) for c in text)
        self._longest_first = sorted(words.by_word, key=len, reverse=True)

    def take(self) -> _Token:
        """Return the next token.

        Raises:
            PicholineError: what stands there is neither a metric, a number nor a sign.
        """
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        if self._at >= len(self._text):
            return _Token("end", "")
        first = self._text[self._at]
        if first in _QUOTES:
            return self._quoted(_QUOTES[first])
        named = self._named()
        if named is not None:
            return named
        number = _NUMBER.match(self._text, self._at)
        if number:
            return self._number(number)
        if first in _SIGNS or first in "()":
            self._at += 1
            return _Token(_SIGNS.get(first, first), first)
        raise self._unknown(_WORD.match(self._text, self._at))

    def _named(self) -> _Token | None:
        """Return the longest name that stands here and ends with its word."""
        for word in self._longest_first:
            end = self._at + len(word)
            if self._plain.startswith(word, self._at) and not _continues(self._plain, end):
                shown, self._at = self._text[self._at : end], end
                return _Token("metric", shown, Operand(self._words.by_word[word]))
        return None

    def _quoted(self, closing: str) -> _Token:
        end = self._text.find(closing, self._at + 1)
        inside = self._text[self._at + 1 : end if end >= 0 else len(self._text)].strip()
        found = self._words.by_word.get(folded(inside))
        if found is None:
            raise unknown_metric(inside, self._words)
        self._at = end + 1 if end >= 0 else len(self._text)
        return _Token("metric", inside, Operand(found))

    def _number(self, found: re.Match[str]) -> _Token:
        if _continues(self._text, found.end(1)) or self._text[found.end(1) :][:1] in {".", ","}:
            word = re.compile(r"[\w.,]+").match(self._text, self._at)
            raise _wrong(
                msg(
                    "“{text}” is not a number a formula can hold.",
                    text=word.group() if word else "",
                )
            )
        self._at = found.end()
        value = Decimal(found.group(1).replace(",", "."))
        return _Token("number", found.group(), Number(value / 100 if found.group(2) else value))

    def _unknown(self, word: re.Match[str] | None) -> PicholineError:
        text = word.group().strip() if word else self._text[self._at]
        # A hyphen belongs to a name or is a minus: what stands before it is named alone.
        return unknown_metric(re.split(r"\s[-−–]\s?", text)[0] or text, self._words)


def unknown_metric(text: str, words: Words) -> PicholineError:
    """Return the refusal of a name no metric has, with the nearest ones."""
    near = nearest(text, words.metrics.values())
    return PicholineError(
        "formula.metric",
        msg("There is no metric “{key}”.", key=text),
        msg(
            "Did you mean: {keys}?",
            keys=", ".join(f"{metric.key} ({Message(metric.name)})" for metric in near),
        ),
    )


def _plain(character: str) -> str:
    """Return one character as it is compared; its place in the text stays."""
    if character.isspace():
        return " "
    if character == "’":
        return "'"
    base = unicodedata.normalize("NFKD", character)[0].casefold()
    return base if len(base) == 1 else character


def _continues(text: str, place: int) -> bool:
    return place < len(text) and (text[place].isalnum() or text[place] == "_")


def _wrong(why: Message) -> PicholineError:
    return PicholineError(
        "formula.wrong",
        why,
        msg("Write metrics and numbers with + − × ÷ and parentheses: net_sales / customers."),
    )
