"""A large sales file as French programs write it, made by DuckDB."""

from pathlib import Path

import duckdb

_LINES = """
SELECT 'F' || lpad((i // 5)::VARCHAR, 8, '0') AS "N° facture",
    CASE WHEN hash(i * 7) % 30011 = 0 THEN '31/02/2024'
        ELSE strftime(DATE '2021-01-01' + (i * 1460 // {lines})::INT, '%d/%m/%Y') END AS "Date",
    'P' || lpad((hash(i) % 4000)::VARCHAR, 5, '0') AS "Code article",
    CASE WHEN hash(i * 11) % 17 = 0 THEN '"Huile ""Réserve""; ' || (hash(i) % 4000) || '"'
        ELSE 'Huile ' || (hash(i) % 4000) END AS "Désignation",
    CASE WHEN hash(i * 13) % 40009 = 0 THEN 'deux'
        WHEN hash(i * 5) % 50 = 0 THEN '-' || (1 + hash(i * 5) % 9)
        ELSE (1 + hash(i * 5) % 48)::VARCHAR END AS "Quantité",
    replace(printf('%.2f',
        (hash(hash(i) % 4000) % 4000) / 100.0 + 3 + (hash(i * 17) % 200) / 100.0), '.', ',')
        AS "Prix unitaire HT",
    CASE WHEN hash(i * 19) % 6 = 0 THEN replace(printf('%.2f', (hash(i) % 20) / 100.0), '.', ',')
        ELSE '' END AS "Remise %",
    'C' || lpad((hash(i // 5) % 60000)::VARCHAR, 6, '0') AS "Code client",
    ['France', 'Allemagne', 'Italie', 'Espagne', 'Belgique', 'Suisse', 'Royaume-Uni',
        'États-Unis'][(1 + hash(i // 5) % 8)::INT] AS "Pays",
    ['Boutique', 'Web', 'Grossistes', 'Export'][(1 + hash(i // 5 * 3) % 4)::INT] AS "Canal",
    'EUR' AS "Devise",
    replace(printf('%.2f', (hash(hash(i) % 4000) % 4000) / 200.0 + 1), '.', ',') AS "Coût unitaire"
FROM range({lines}) t(i)
"""
_TYPED = {
    "Date": "DATE", "Quantité": "DECIMAL(18,6)", "Prix unitaire HT": "DECIMAL(18,6)",
    "Remise %": "DECIMAL(18,6)", "Coût unitaire": "DECIMAL(18,6)",
}  # fmt: skip
TITLES = (
    "N° facture", "Date", "Code article", "Désignation", "Quantité", "Prix unitaire HT",
    "Remise %", "Code client", "Pays", "Canal", "Devise", "Coût unitaire",
)  # fmt: skip
DUCKDB_TYPES = {title: _TYPED.get(title, "VARCHAR") for title in TITLES}
_REPEATED = 150  # lines that stand twice


def write_large_csv(path: Path, lines: int) -> None:
    """Write sales lines with quoted names, some bad cells and some repeated lines."""
    rows = _LINES.format(lines=lines)
    line = " || ';' || ".join(f'"{title}"' for title in TITLES)
    body = path.with_suffix(".body")
    with duckdb.connect(":memory:") as connection:
        connection.execute(
            f"COPY (SELECT {line} AS x FROM ({rows}) UNION ALL "
            f"SELECT {line} FROM ({rows} LIMIT {_REPEATED})) TO '{body}' "
            "(FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01')"
        )
    with path.open("wb") as target, body.open("rb") as source:
        target.write((";".join(TITLES) + "\n").encode())
        while part := source.read(1 << 24):
            target.write(part)
    body.unlink()
