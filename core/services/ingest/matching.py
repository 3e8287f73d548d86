"""Which table a sheet is, and which column is which field: by names, near names and values."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import pyarrow as pa
from rapidfuzz import fuzz

from core.i18n import LANGUAGES, translate
from core.models.schema import TABLES, FieldDef

from .options import Mapping
from .plausible import plausible
from .raw import RawTable
from .targets import missing_fields, targets
from .vocabulary import plain_header, titles, titles_changed

_NEAR = 90.0
_SHORTEST_NEAR = 5
_CERTAIN = 0.9
_WEAKEST = 0.5
_UNITS = frozenset({"eur", "euro", "euros", "usd", "gbp", "€", "$", "£", "en", "in", "of", "de",
                    "du", "la", "le", "l", "d", "the"})  # fmt: skip
# Beside a column of codes these titles stand for the name: `Code client`, `Client`.
_NAMES = {
    "customer_name": ("customer_id", frozenset({"client", "customer", "acheteur", "buyer"})),
    "product_name": ("product_id", frozenset({"produit", "product", "article", "item"})),
}
_BARE = frozenset({"nom", "name"})  # whose name it is, the other names tell
_NAMING, _GUESSED = 0.75, 0.6
# What tells a table of few required fields from any list with a code or an amount; the first one
# is named to the person as what is lacking.
_TELLING: dict[str, tuple[str, ...]] = {
    "products": ("name", "category", "brand", "standard_cost", "list_price", "supplier_id",
                 "grade", "origin", "subcategory"),
    "customers": ("name", "segment", "city", "country", "postcode", "since"),
    "suppliers": ("name", "country", "lead_time_days", "minimum_order"),
    "investments": ("kind", "spread", "campaign"),
    "stock_moves": ("kind",),
    "reviews": ("rating", "text"),
}  # fmt: skip
_NAMED = 1.5  # the sheet or file carries the table's name
_INCL_VAT = "_incl_vat"
_WITH_VAT = re.compile(
    r"\b(?:(?:inc|incl|including|with) (?:vat|tax|taxes)|(?:vat|tax|taxes) (?:inc|incl|included)"
    r"|ttc|tvac|(?:tva|taxes) (?:comprise|comprises|incluse|incluses))\b"
)
_LOOKED_AT = 200  # cells of a column
_LETTERS, _DIGITS = re.compile(r"[^\W\d_]"), re.compile(r"\d")
_NO_DOCUMENT = 1.5  # sales known by order only, and without customers, may be purchases


@dataclass(frozen=True)
class Match:
    """A field proposed for a column, with a confidence from 0 to 1."""

    field: str
    column: int
    confidence: float


@dataclass(frozen=True)
class Proposal:
    """How a sheet would be read as one table.

    Attributes:
        missing: what the table cannot do without and no column gives.
        ambiguous: titles of columns that would be the same field.
    """

    table: str
    matches: tuple[Match, ...]
    missing: tuple[FieldDef, ...]
    ambiguous: tuple[str, ...]
    score: float

    def mapping(self, raw: RawTable) -> Mapping:
        """Return the proposal as a mapping."""
        columns = {match.field: raw.headers[match.column] for match in self.matches}
        return Mapping(self.table, columns=columns)


def signature(headers: Sequence[str]) -> str:
    """Return what recognises a layout: the plain titles in their order."""
    text = "\x1f".join(plain_header(header) for header in headers)
    return hashlib.sha256(text.encode()).hexdigest()


def propose(raw: RawTable, names: Iterable[str], table: str | None = None) -> list[Proposal]:
    """Return proposals, the best first.

    Args:
        raw: the table as read.
        names: names of the sheet and the file, which may name the table.
        table: consider this table only.
    """
    said = " ".join(plain_header(name) for name in names)
    found = [_proposal(raw, key, said) for key in ([table] if table else TABLES)]
    if table is None:
        found = [_with_telling(proposal) for proposal in found]
    return sorted(found, key=lambda p: len(p.missing) - p.score)


def is_whole_table(headers: Sequence[str]) -> bool:
    """Return whether titles alone name everything some table cannot do without."""
    plain = [plain_header(header) for header in headers if header]
    for table in TABLES:
        fields = {
            field
            for header in plain
            for field, score in _scores(header, table)
            if score >= _CERTAIN
        }
        telling = _TELLING.get(table)
        if not missing_fields(table, fields) and (not telling or fields.intersection(telling)):
            return True
    return False


def _with_telling(proposal: Proposal) -> Proposal:
    """Count what tells the table as missing, unless a person named the table."""
    telling = _TELLING.get(proposal.table, ())
    if not telling or {match.field for match in proposal.matches}.intersection(telling):
        return proposal
    lacking = TABLES[proposal.table].field(telling[0])
    return replace(proposal, missing=(*proposal.missing, lacking))


def _proposal(raw: RawTable, table: str, said: str) -> Proposal:
    plain = [plain_header(header) for header in raw.headers]
    scored = sorted(
        (
            Match(field, column, round(score, 3))
            for column, header in enumerate(plain)
            for field, score in _scores(header, table)
            if score >= _CERTAIN or plausible(raw.columns[column], targets(table)[field].kind)
        ),
        key=lambda match: (-match.confidence, match.column),
    )
    matches: dict[str, Match] = {}
    taken: set[int] = set()
    ambiguous: list[str] = []
    for match in scored:
        if match.field not in matches and match.column not in taken:
            matches[match.field] = match
            taken.add(match.column)
        elif match.field in matches and _same_title(raw, matches[match.field], match):
            ambiguous.append(raw.headers[match.column])
    for match in _names_beside_codes(raw, table, plain, matches):
        matches[match.field] = match
    if table == "sales" and "invoice_id" not in matches and "order_id" in matches:
        order = matches.pop("order_id")
        matches["invoice_id"] = Match("invoice_id", order.column, order.confidence)
    score = sum(match.confidence for match in matches.values()) + _bonus(table, matches, said)
    missing = tuple(missing_fields(table, set(matches)))
    return Proposal(table, tuple(matches.values()), missing, tuple(ambiguous), score)


def _names_beside_codes(
    raw: RawTable, table: str, plain: Sequence[str], matches: AnyMapping[str, Match]
) -> list[Match]:
    """Return the columns that hold the names of what another column codes.

    Args:
        raw: the table.
        table: key of the business schema.
        plain: its titles as they are compared.
        matches: fields that have found their column.
    """
    taken = {match.column for match in matches.values()}
    found: dict[str, Match] = {}
    for name, (code, listed) in _NAMES.items():
        if name not in targets(table) or name in matches or code not in matches:
            continue
        for column, title in enumerate(plain):
            if column not in taken and title in listed and _in_words(raw.columns[column].data):
                found.setdefault(name, Match(name, column, _NAMING))
    nameless = [name for name in _NAMES if name in targets(table) and {name} - {*matches, *found}]
    bare = [column for column, title in enumerate(plain) if title in _BARE and column not in taken]
    if len(nameless) == len(bare) == 1 and _NAMES[nameless[0]][0] in matches:
        found[nameless[0]] = Match(nameless[0], bare[0], _GUESSED)
    return list(found.values())


def _in_words(data: pa.ChunkedArray) -> bool:
    """Whether most of the first values are words: letters, and no digits among them."""
    if not pa.types.is_string(data.type):
        return False
    texts = [text for text in data.slice(0, _LOOKED_AT).to_pylist() if text and text.strip()]
    words = [text for text in texts if _LETTERS.search(text) and not _DIGITS.search(text)]
    return not texts or len(words) > len(texts) / 2


def _bonus(table: str, matches: dict[str, Match], said: str) -> float:
    bonus = 0.0
    if table == "sales" and "customer_id" not in matches and "supplier_id" in matches:
        bonus -= _NO_DOCUMENT
    words = {plain_header(translate(TABLES[table].label, lang)) for lang in LANGUAGES}
    words.add(table.replace("_", " "))
    words.update(titles().get(table, {}).get("_table", ()))
    if any(f" {word} " in f" {said} " for word in words):
        bonus += _NAMED
    return bonus


def _same_title(raw: RawTable, first: Match, second: Match) -> bool:
    """Whether two columns bear the same title, and both hold values."""
    titles_ = [raw.headers[match.column].split(" (")[0] for match in (first, second)]
    if plain_header(titles_[0]) != plain_header(titles_[1]):
        return False
    one, other = (raw.columns[match.column].data for match in (first, second))
    return not _empty(other) and not one.equals(other)


def _empty(data: pa.ChunkedArray) -> bool:
    if data.null_count == len(data):
        return True
    return pa.types.is_string(data.type) and not any(data.unique().drop_null().to_pylist())


@dataclass(frozen=True)
class _Titles:
    """The known titles of a field: in their order, and each in the words that count."""

    listed: tuple[str, ...]
    words: tuple[tuple[str, list[str], frozenset[str]], ...]


@cache
def _listed(table: str, _changed: int) -> tuple[tuple[str, _Titles], ...]:
    """Return the known titles of every field of a table, for one state of the vocabulary."""
    found: list[tuple[str, _Titles]] = []
    for key, field in targets(table).items():
        own = titles().get(table, {}).get(field.key, [])
        common = titles()["common"].get(field.key, [])
        labels = [field.key, *(translate(field.label, language) for language in LANGUAGES)]
        listed = tuple(dict.fromkeys(plain_header(title) for title in (*own, *labels, *common)))
        found.append((key, _Titles(listed, tuple(_in_parts(title) for title in listed))))
    return tuple(found)


def _in_parts(title: str) -> tuple[str, list[str], frozenset[str]]:
    words = _counting(title)
    return title, words, frozenset(words)


def _counting(title: str) -> list[str]:
    return [word for word in title.split() if word not in _UNITS]


@lru_cache(maxsize=32_768)
def _scores(header: str, table: str) -> tuple[tuple[str, float], ...]:
    """Return the fields a title may stand for, with scores."""
    if not header:
        return ()
    listed = dict(_listed(table, titles_changed()))
    bare = " ".join(_WITH_VAT.sub(" ", header).split())
    with_vat = bare and bare != header
    found = []
    for key, known in listed.items():
        if with_vat and f"{key}{_INCL_VAT}" in listed:
            continue  # an amount with VAT is none without
        score = _score(header, known)
        if with_vat and key.endswith(_INCL_VAT):
            score = max(score, _score(bare, listed[key.removesuffix(_INCL_VAT)]))
        if score >= _WEAKEST:
            found.append((key, score))
    return tuple(found)


def _score(header: str, known: _Titles) -> float:
    if header in known.listed:
        return max(1.0 - 0.002 * known.listed.index(header), _CERTAIN)
    words = _counting(header)
    there = set(words)
    best = 0.0
    for title, wanted, parts in known.words:
        if words and words == wanted:
            best = max(best, 0.89)
        elif wanted and parts < there:
            best = max(best, 0.4 + 0.4 * len(wanted) / len(words))
        if len(header) >= _SHORTEST_NEAR and len(title) >= _SHORTEST_NEAR:
            near = fuzz.ratio(header, title, score_cutoff=_NEAR)
            best = max(best, near / 100 * 0.88)
    return best
