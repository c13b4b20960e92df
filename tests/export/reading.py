"""Read a report as a browser does: elements, texts, links; nothing of the package's own writer."""

from __future__ import annotations

import base64
from html.parser import HTMLParser


class Read(HTMLParser):
    """Tags with their attributes, visible text, scripts, and files that links hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.scripts: list[str] = []
        self._inside = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self._inside == "script":
            self.scripts[-1] += data
        elif self._inside != "style":
            self.words.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def file(self, name: str) -> str:
        (href,) = [one.get("href") for tag, one in self.tags if one.get("download") == name]
        return base64.b64decode(str(href).partition("base64,")[2]).decode()
