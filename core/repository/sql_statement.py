"""Is a text one single SELECT? Decided by its words outside of texts, names and comments."""

import re

_PARTS = re.compile(
    r"""
    (?P<skip> --[^\n]* | /\*.*?\*/ | '(?:[^']|'')*' | "(?:[^"]|"")*" | `[^`]*` | \[[^\]]*\]
      | (?P<tag>\$\w*\$).*?(?P=tag) )
    | (?P<word> [^\W\d]\w* )
    | (?P<sign> . )
    """,
    re.VERBOSE | re.DOTALL,
)
# What changes something from within a statement that begins with SELECT or WITH.
_CHANGING = frozenset(
    ("insert", "update", "delete", "merge", "truncate", "create", "alter", "drop", "grant", "into")
)
# Databases disagree where a text with these ends: what stands behind it cannot be judged.
_DOUBTFUL = ("\\'", '\\"', "/*!", "\0")


def bare_select(text: str) -> str | None:
    """Return the statement without its closing semicolon; None if it is no single SELECT.

    It is a fence for honest mistakes: what truly keeps a source from being changed is that it is
    read in a read-only transaction, by a user who may only read.
    """
    if any(sign in text for sign in _DOUBTFUL):
        return None
    words: list[str] = []
    ended = False
    cut = len(text)
    for part in _PARTS.finditer(text):
        word, sign = part["word"], part["sign"]
        if ended and (word or (sign and not sign.isspace() and sign != ";")):
            return None
        if sign == ";" and not ended:
            ended, cut = True, part.start()
        if word:
            words.append(word.lower())
    if not words or words[0] not in {"select", "with"} or _CHANGING.intersection(words):
        return None
    return text[:cut].strip()
