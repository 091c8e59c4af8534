"""A page as a reader has it: its text, its tables, its elements. Read by the parser of the standard library."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "rect", "line", "br", "link", "img"}


@dataclass
class ReadPage(HTMLParser):
    """`tables` are those of the page by their caption, or by that of the figure around them: rows of cells."""

    html: str
    tables: dict[str, list[list[str]]] = field(default_factory=dict)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(self.html)
        self.close()
        assert self._open == [], f"left open: {self._open}"

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())

    @property
    def prose(self) -> str:
        """The text outside of tables and charts."""
        return " ".join("".join(self.sentences).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag in VOID:
            return
        self._open.append(tag)
        if tag == "table":
            self._rows = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._rows[-1].append("")
        elif tag in ("caption", "figcaption"):
            self._caption = ""
        if tag in ("td", "th", "p", "li", "h2", "h3", "dd", "dt", "small", "span", "text"):
            self._add(" ")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag, f"</{tag}> closes nothing"
        if tag == "table":
            self.tables[" ".join(self._caption.split())] = [
                [" ".join(cell.split()) for cell in row] for row in self._rows
            ]
        if tag in ("p", "li", "td", "th", "dd", "dt", "strong"):
            self._add(" ")

    def handle_data(self, data: str) -> None:
        if "style" in self._open:
            return
        self._add(data)
        if {"td", "th"} & set(self._open) and "table" in self._open:
            self._rows[-1][-1] += data
        elif {"caption", "figcaption"} & set(self._open):
            self._caption += data

    def _add(self, data: str) -> None:
        self.pieces.append(data)
        if not {"table", "svg"} & set(self._open):
            self.sentences.append(data)


def number(cell: str) -> int:
    """`1,643`."""
    return int(re.sub(",", "", cell))
