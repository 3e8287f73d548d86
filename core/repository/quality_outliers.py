"""Values far from what is usual for their group, by the robust z-score.

    z = 0.6745 × (x − median) / MAD,  MAD = median of |x − median|

(Iglewicz and Hoaglin, "How to Detect and Handle Outliers", 1993). Where more than half of the
values are equal the MAD is zero; then the mean absolute deviation takes its place,
z = (x − median) / (1.2533 × mean of |x − median|). Only groups that
hold a value far enough from their median are measured a second time, and only those whose largest
value is far enough from their smallest a first time: the median lies between the two.
"""

from core.models.quality import Outlier

_REACH = (
    "SELECT {groups}, count(*) AS n, min(x) AS low, max(x) AS high FROM {rows} GROUP BY {groups}"
)
_NEARLY = 1.000001  # more groups than are wide do no harm: `usual` decides


def outlier_sql(
    test: Outlier, name: str, earlier: str, spans: str | None, *, goods: bool
) -> tuple[str, str]:
    """Return the statement that makes a table of what is usual, and what follows FROM.

    Both need the base currency as `$base`: a row without a currency is in it.

    Args:
        test: column, groups and limits.
        name: of the table.
        earlier: rows that are stored, as something to select from.
        spans: groups of the rows that are asked about, with the count, smallest and largest of
            their values, maybe of more rows; None: the rows tell.
        goods: look at product lines only.
    """
    value = f'abs(r."{test.column}")::DOUBLE'
    kinds = "AND coalesce(r.line_kind, 'product') = 'product'" if goods else ""
    sound = f'r."{test.column}" <> 0 {kinds}'
    own = [_group(key) for key in test.per]
    keys = ", ".join(f"{sql} AS g{n}" for n, sql in enumerate(own))
    groups = ", ".join(f"g{n}" for n in range(len(own)))
    chosen = f"SELECT {keys}, {value} AS x FROM {{rows}} r WHERE {sound}"  # noqa: S608
    factor = repr(float(test.factor))
    far_off = f"(max(x) >= {factor} * middle OR min(x) * {factor} <= middle)"
    creation = f"""
        CREATE TEMP TABLE {name} AS
        WITH asked_groups AS (SELECT DISTINCT {keys} FROM {spans or "asked"} r), stored AS (
            FROM ({chosen.format(rows=earlier)}) SEMI JOIN asked_groups USING ({groups})
        ), both_sides AS {"NOT MATERIALIZED" if spans else ""} (
            {chosen.format(rows="asked")} UNION ALL FROM stored
        ), reach AS (
            {_reach(keys, groups, spans)}
        ), wide AS (
            SELECT {groups} FROM reach GROUP BY {groups} HAVING sum(n) >= {int(test.least)}
                AND max(high) * {_NEARLY} >= {factor} * min(low)
        ), usual AS (
            SELECT {groups}, median(x) AS middle FROM both_sides SEMI JOIN wide USING ({groups})
            GROUP BY {groups} HAVING count(*) >= {int(test.least)} AND {far_off}
        )
        SELECT {groups}, middle, CASE WHEN median(abs(x - middle)) > 0
            THEN median(abs(x - middle)) / 0.6745 ELSE 1.253314 * avg(abs(x - middle)) END AS unit
        FROM both_sides JOIN usual USING ({groups}) GROUP BY {groups}, middle
        """  # noqa: S608 - columns of the schema
    return creation, _far_rows(test, name, own, value, sound)


def _far_rows(test: Outlier, name: str, own: list[str], value: str, sound: str) -> str:
    """Return the rows far from what is usual, as what follows FROM."""
    same = " AND ".join(f"u.g{n} = {sql}" for n, sql in enumerate(own))
    factor = repr(float(test.factor))
    far = f"abs({value} - u.middle)"
    return (
        f"asked r JOIN {name} u ON {same} WHERE {sound} AND u.unit > 0 AND $base <> '' "
        f"AND {far} >= {float(test.score)!r} * u.unit "
        f"AND ({value} >= {factor} * u.middle OR {value} * {factor} <= u.middle)"
    )


def _reach(keys: str, groups: str, spans: str | None) -> str:
    """Return how far the values of groups reach: of all rows, or of the stored ones and `spans`."""
    if spans is None:
        return _REACH.format(groups=groups, rows="both_sides")
    stored = _REACH.format(groups=groups, rows="stored")
    return f"SELECT {keys}, n, low, high FROM {spans} r UNION ALL {stored}"  # noqa: S608


def _group(key: str) -> str:
    return f'coalesce(r."{key}", $base)' if key == "currency" else f'r."{key}"'
