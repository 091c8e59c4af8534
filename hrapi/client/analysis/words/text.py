"""Numbers, names and lists as they stand in sentences and tables."""

from __future__ import annotations

import calendar
import unicodedata
from collections.abc import Iterable, Sequence
from fractions import Fraction

from markupsafe import Markup

from hrapi.client.analysis.comparing import Change
from hrapi.client.analysis.figures import Counted

LONGEST_NAME = 60
"""Characters of a name in a sentence. In tables names are whole."""
MOST_NAMES = 4
MINUS = "\u2212"


def number(value: int) -> str:
    """`1,643`."""
    return f"{value:,}".replace("-", MINUS)


def signed(value: int) -> str:
    """`+34`, `−5`, `0`."""
    return f"{value:+,}".replace("-", MINUS) if value else "0"


def counted(value: int, singular: str, plural: str = "") -> str:
    """`1 hire`, `1,643 hires`, `no hires`."""
    word = singular if value == 1 else plural or f"{singular}s"
    return f"{number(value) if value else 'no'} {word}"


def is_or_are(value: int) -> str:
    return "is" if value == 1 else "are"


def decimal(value: Fraction, places: int = 1, *, sign: bool = False) -> str:
    """Rounded, halves away from 0: `136.9`, `−0.5`."""
    digits = int(abs(value) * 10**places + Fraction(1, 2))
    whole, rest = divmod(digits, 10**places)
    text = f"{whole:,}.{rest:0{places}}"
    if not digits:
        return text
    return (MINUS if value < 0 else "+" if sign else "") + text


def mean(total: int, count: int) -> str:
    """`136.9`, `137`; two places below 10, where one would hide what differs."""
    value = Fraction(total, count)
    if value.denominator == 1:
        return number(int(value))
    shown = decimal(value, 1 if value >= 10 else 2)
    return "under 0.01" if shown == "0.00" else shown


def mean_hires(total: int, count: int) -> str:
    """`136.9 hires`, `1 hire`."""
    value = mean(total, count)
    return f"{value} {'hire' if value == '1' else 'hires'}"


def share_in_tenths(part: int, whole: int) -> int:
    """Tenths of a percent, rounded, halves up."""
    return (2000 * part + whole) // (2 * whole)


def share(part: int, whole: int) -> str:
    """`13.1%`. Neither 0.0% of something nor 100.0% of less than all: `under 0.1%`, `over 99.9%`."""
    tenths = share_in_tenths(part, whole)
    if part and not tenths:
        return "under 0.1%"
    if part < whole and tenths == 1000:
        return "over 99.9%"
    if part in (0, whole):
        return "100%" if part else "0%"
    return f"{tenths // 10}.{tenths % 10}%"


def percentage(change: Change) -> str:
    """`+7.3%`; empty where nothing changed, or the base is too small."""
    if not change.has_percentage or not change.difference:
        return ""
    return f"{decimal(Fraction(100 * change.difference, change.before), sign=True)}%"


def listed(items: Iterable[str | Markup], most: int = MOST_NAMES) -> Markup:
    """`a`, `a and b`, `a, b and c`, `a, b, c, d and 3 more`."""
    texts = [Markup.escape(item) for item in items]
    shown = texts[:most]
    if len(texts) > most:
        shown.append(Markup("{} more").format(number(len(texts) - most)))
    if len(shown) < 2:
        return Markup("").join(shown)
    return Markup("{} and {}").format(Markup(", ").join(shown[:-1]), shown[-1])


def name(each: Counted) -> Markup:
    """The name as it is said in a sentence, kept apart from the direction of the text around it."""
    return _marked(each, shortened(each.name))


def whole_name(each: Counted) -> Markup:
    return _marked(each, each.name)


def names(items: Sequence[Counted], most: int = MOST_NAMES) -> Markup:
    return listed(map(name, items), most)


def _marked(each: Counted, text: str) -> Markup:
    marked = Markup("<bdi>{}</bdi>").format(text)
    return marked + Markup(" (id {})").format(each.id) if each.has_namesake else marked


def shortened(text: str) -> str:
    """With an ellipsis within; the end stays, where names that begin alike differ."""
    if len(text) <= LONGEST_NAME:
        return text
    end = LONGEST_NAME // 3
    begin = text[: LONGEST_NAME - end - 1]
    rest = text[-end:]
    while rest and (unicodedata.combining(rest[0]) or rest[0] in "\u200d\ufe0f"):
        rest = rest[1:]
    return f"{begin.rstrip(chr(0x200D))}…{rest}"


def month(number_: int) -> str:
    return calendar.month_name[number_]


def months(numbers: Sequence[int]) -> Markup:
    """`January`, `January to March`, `January, March and June`."""
    if len(numbers) > 2 and list(numbers) == list(range(numbers[0], numbers[-1] + 1)):
        return Markup.escape(f"{month(numbers[0])} to {month(numbers[-1])}")
    return listed(map(month, numbers), 12)


def quarter(number_: int) -> str:
    return f"Q{number_}"
