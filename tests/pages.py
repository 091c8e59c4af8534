"""A page as a person finds it: its forms, tables, links and text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from tests.problem_bodies import text_of

_RUN_BY_BROWSERS = ("", "module", "text/javascript", "application/javascript")


@dataclass
class Form:
    """`fields` are what a browser would send; `files` the names of inputs for files."""

    attributes: dict[str, str]
    fields: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)
    examples: dict[str, str] = field(default_factory=dict)
    """What stands in empty inputs to show what is wanted."""


class Page(HTMLParser):
    def __init__(self, response: Any) -> None:
        super().__init__(convert_charrefs=True)
        assert response["Content-Type"] == "text/html; charset=utf-8", response["Content-Type"]
        self.forms: list[Form] = []
        self.tables: list[list[list[str]]] = []
        self.sources: list[tuple[str, str]] = []
        """Tag and address of everything that a browser loads or sends forms to."""
        self.links: list[str] = []
        self.inline_scripts: list[str] = []
        """What a browser would run that stands in the page itself."""
        self.text = ""
        self._form: Form | None = None
        self._textarea: tuple[Form, str] | None = None
        self._select: str | None = None
        self._cell: bool = False
        self._script: str | None = None
        self.html = text_of(response)
        self.feed(self.html)
        self.close()

    def form(self, name: str) -> Form:
        [found] = [form for form in self.forms if form.attributes.get("id") == name]
        return found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self.inline_scripts += [
            f"{name}={value}"
            for name, value in found.items()
            if name.startswith("on") or value.strip().lower().startswith("javascript:")
        ]
        self.sources += [
            (tag, found[name])
            for name in ("src", "href", "action", "formaction", "data", "poster")
            if name in found and tag != "a"
        ]
        if tag == "a":
            self.links.append(found.get("href", ""))
        elif tag == "form":
            self._form = Form(found)
            self.forms.append(self._form)
        elif tag == "table":
            self.tables.append([])
        elif tag == "tr" and self.tables:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.tables and self.tables[-1]:
            self.tables[-1][-1].append("")
            self._cell = True
        elif tag == "script":
            runs = "src" not in found and found.get("type", "") in _RUN_BY_BROWSERS
            self._script = "" if runs else None
        elif "form" in found:
            self._handle_field(self.form(found["form"]), tag, found)
        elif self._form is not None:
            self._handle_field(self._form, tag, found)

    def _handle_field(self, form: Form, tag: str, found: dict[str, str]) -> None:
        name = found.get("name", "")
        if tag == "input" and found.get("type") == "file":
            form.files.append(name)
        elif found.get("type") == "checkbox" and "checked" not in found:
            # A browser sends nothing for it.
            pass
        elif tag == "input" and found.get("type") not in ("submit", "button"):
            unsaid = "on" if found.get("type") == "checkbox" else ""
            form.fields[name] = found.get("value", unsaid)
            if "placeholder" in found:
                form.examples[name] = found["placeholder"]
        elif tag == "textarea":
            self._textarea = form, name
            form.fields[name] = ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select is not None:
            if self._select not in form.fields or "selected" in found:
                form.fields[self._select] = found.get("value", "")
        elif tag == "button":
            form.actions.append(found.get("formaction", form.attributes.get("action", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            # A browser leaves out a line feed at the start of a text area.
            if self._textarea is not None:
                form, name = self._textarea
                form.fields[name] = form.fields[name].removeprefix("\r").removeprefix("\n")
            self._textarea = None
        elif tag == "select":
            self._select = None
        elif tag in ("td", "th"):
            self._cell = False
        elif tag == "script":
            if self._script:
                self.inline_scripts.append(self._script)
            self._script = None

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._script is not None:
            self._script += data
        if self._textarea is not None:
            form, name = self._textarea
            form.fields[name] += data
        if self._cell:
            self.tables[-1][-1][-1] += data.strip()
