"""Whether a text holds somebody's name, however it is written there."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property

MIN_ASCII_CHARACTERS = 3

_ESCAPE = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')
_IN_ASCII = re.compile(r"[A-Za-z0-9]+")


class Names:
    """Names to look for. Case, spaces, Unicode's forms and the escapes of JSON make no difference; nor does `_`
    for a space, as in names of files.

    One of a letter or two in ASCII is not looked for: it would be found in half of all texts.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self.plain = sorted({name for name in map(_plain, names) if not _is_too_short(name)})
        # Not within a longer word.
        self._patterns = [re.compile(rf"(?<!\w){re.escape(name)}(?!\w)") for name in self.plain]

    def __bool__(self) -> bool:
        return bool(self.plain)

    def are_in(self, text: str) -> bool:
        """Whether one of them is."""
        if not text or not self.plain:
            return False
        forms = {_plain(text), _plain(_unescaped(text))}
        forms |= {_plain(form.replace("_", " ")) for form in forms}
        return any(pattern.search(form) for pattern in self._patterns for form in forms)

    @cached_property
    def runs(self) -> list[list[str]]:
        """For each name its runs of ASCII, maybe none: any text with the name holds all, in whatever case."""
        return [_IN_ASCII.findall(name) for name in self.plain]

    def may_be_in(self, text: bytes) -> bool:
        """False for most bytes of UTF-8 without a name, and never for those with one; quickly."""
        lower = text.lower()
        return any(all(run.encode() in lower for run in runs) for runs in self.runs)


def _is_too_short(name: str) -> bool:
    return not name or (name.isascii() and len(name) < MIN_ASCII_CHARACTERS)


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    return " ".join(folded.split())


def _unescaped(text: str) -> str:
    found = _ESCAPE.sub(lambda match: str(json.loads(f'"{match[0]}"')), text)
    # Characters beyond the first 65,536 are escaped in two halves.
    return found.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
