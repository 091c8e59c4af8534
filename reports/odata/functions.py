"""The functions of a `$filter`: what they take, what they give, and what they are in SQL."""

from __future__ import annotations

from dataclasses import dataclass

from reports.odata.syntax import Kind

_WHITE_SPACE = "".join(character for character in map(chr, range(0x3001)) if character.isspace())
"""What Python takes off the ends of a text."""


@dataclass(frozen=True)
class Signature:
    """`sql` has a number in braces for each argument, and uses it once: doubled, nested calls would explode."""

    parameters: tuple[Kind, ...]
    kind: Kind
    sql: str


_TEXTS = (Kind.TEXT, Kind.TEXT)
# greatest() takes no notice of a null.
_SUBSTRING = """(
    SELECT substr(text, least(greatest(start, 0), 2147483646)::int + 1,
                  least(greatest(length, 0), 2147483646)::int)
    FROM (SELECT {{0}}, {{1}}, {}) AS given (text, start, length)
    WHERE start IS NOT NULL AND length IS NOT NULL
)"""
_FOLDED = '({}({{0}} COLLATE "default") COLLATE "C")'


def _part(name: str) -> tuple[Signature, ...]:
    of_moment = Signature(
        (Kind.DATETIME,),
        Kind.INTEGER,
        f"trunc(extract({name} FROM {{0}} AT TIME ZONE 'UTC'))::bigint",
    )
    of_day = Signature((Kind.DATE,), Kind.INTEGER, f"extract({name} FROM {{0}})::bigint")
    return (of_moment, of_day) if name in ("year", "month", "day") else (of_moment,)


def _rounded(sql: str) -> tuple[Signature, ...]:
    return (
        Signature((Kind.INTEGER,), Kind.INTEGER, "{0}"),
        Signature((Kind.NUMBER,), Kind.NUMBER, sql),
    )


FUNCTIONS: dict[str, tuple[Signature, ...]] = {
    "contains": (Signature(_TEXTS, Kind.BOOLEAN, "strpos({0}, {1}) > 0"),),
    "startswith": (Signature(_TEXTS, Kind.BOOLEAN, "starts_with({0}, {1})"),),
    "endswith": (Signature(_TEXTS, Kind.BOOLEAN, "starts_with(reverse({0}), reverse({1}))"),),
    "length": (Signature((Kind.TEXT,), Kind.INTEGER, "char_length({0})"),),
    "indexof": (Signature(_TEXTS, Kind.INTEGER, "strpos({0}, {1}) - 1"),),
    "substring": (
        Signature((Kind.TEXT, Kind.INTEGER), Kind.TEXT, _SUBSTRING.format("2147483646")),
        Signature(
            (Kind.TEXT, Kind.INTEGER, Kind.INTEGER),
            Kind.TEXT,
            _SUBSTRING.format("{2}"),
        ),
    ),
    "tolower": (Signature((Kind.TEXT,), Kind.TEXT, _FOLDED.format("lower")),),
    "toupper": (Signature((Kind.TEXT,), Kind.TEXT, _FOLDED.format("upper")),),
    "trim": (Signature((Kind.TEXT,), Kind.TEXT, f"btrim({{0}}, '{_WHITE_SPACE}')"),),
    "concat": (Signature(_TEXTS, Kind.TEXT, "{0} || {1}"),),
    **{name: _part(name) for name in ("year", "month", "day", "hour", "minute", "second")},
    "date": (Signature((Kind.DATETIME,), Kind.DATE, "({0} AT TIME ZONE 'UTC')::date"),),
    "now": (Signature((), Kind.DATETIME, "now()"),),
    # The server rounds doubles to even; OData, away from 0. As a text a double has all of its digits.
    "round": _rounded("round({0}::text::numeric)::float8"),
    "floor": _rounded("floor({0})"),
    "ceiling": _rounded("ceil({0})"),
}

NOT_SUPPORTED = frozenset(
    {
        *("cast", "isof", "fractionalseconds", "time", "totaloffsetminutes", "totalseconds"),
        *("mindatetime", "maxdatetime", "matchesPattern", "substringof", "any", "all"),
    }
)
"""Functions of OData that are none here. Whatever else is called is a mistake."""
