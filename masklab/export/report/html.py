"""Elements of the report's page: texts become text, never markup."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from xml.etree.ElementTree import Element, tostring

Child = Element | str | None

_STRONG = re.compile(r"(?<!\\)\*\*(.+?)(?<!\\)\*\*")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]<>#~$:|])")
_UNPRINTED = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")


def element(name: str, /, *children: Child, **attributes: str) -> Element:
    """Return an element; `class_` stands for class, `_` for `-`. Texts are escaped when written."""
    told = {key.rstrip("_").replace("_", "-"): _clean(one) for key, one in attributes.items()}
    made = Element(name, told)
    last: Element | None = None
    for child in children:
        if isinstance(child, Element):
            made.append(child)
            last = child
        elif child and last is None:
            made.text = (made.text or "") + _clean(child)
        elif child and last is not None:
            last.tail = (last.tail or "") + _clean(child)
    return made


def section(title: str, *children: Child, name: str) -> Element:
    """Return a section with its heading, to be reached as `#name`."""
    return element("section", element("h2", title), *children, id=name)


def table(
    head: Sequence[str], rows: Iterable[Sequence[Child]], *, numbers: Iterable[int] = ()
) -> Element:
    """Return a table; columns in `numbers` are set to the right."""
    right = set(numbers)

    def cell(kind: str, place: int, content: Child) -> Element:
        style = {"class_": "number"} if place in right else {}
        return element(kind, content, **style)

    heads = element("tr", *(cell("th", place, one) for place, one in enumerate(head)))
    body = [element("tr", *(cell("td", n, one) for n, one in enumerate(row))) for row in rows]
    whole = element("table", element("thead", heads), element("tbody", *body))
    return element("div", whole, class_="wide")


def facts(pairs: Iterable[tuple[str, Child]]) -> Element:
    """Return names and values as a list of definitions."""
    made: list[Element] = []
    for name, value in pairs:
        made += [element("dt", name), element("dd", value)]
    return element("dl", *made)


def file_link(words: str, name: str, text: str, kind: str) -> Element:
    """Return a link that saves a text as a file; the text is in the page."""
    content = base64.b64encode(text.encode("utf-8", "replace")).decode()
    return element("a", words, href=f"data:{kind};base64,{content}", download=name, class_="save")


def paragraph(markdown: str) -> Element:
    """Return one of the app's sentences, whose only Markdown is bold names and escapes."""
    parts = _STRONG.split(markdown)
    made: list[Child] = [
        element("strong", _unescaped(part)) if place % 2 else _unescaped(part)
        for place, part in enumerate(parts)
    ]
    return element("p", *made)


def plain_text(markdown: str) -> str:
    """Return one of the app's sentences without its Markdown."""
    return _unescaped(_STRONG.sub(r"\1", markdown))


def written(page: Element) -> str:
    """Return a page as HTML."""
    return "<!doctype html>\n" + tostring(page, encoding="unicode", method="html") + "\n"


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(r"\1", text)


def _clean(text: str) -> str:
    return _UNPRINTED.sub("�", text)
