from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True)
class Finding:
    """One answer: the point in a sentence, what belongs to it, and the part of the page that shows it."""

    point: Markup
    more: Markup
    anchor: str


def joined(*sentences: Markup | str | None) -> Markup:
    """The sentences that there are, in a row."""
    return Markup(" ").join(sentence for sentence in sentences if sentence)
