"""The report's page: sections in order, styles for screen and paper, and a policy that lets nothing in."""

from __future__ import annotations

import base64
import hashlib
from importlib.resources import files
from xml.etree.ElementTree import Element

from masklab.export.report.html import Child, element, written


def page(title: str, body: list[Child], scripts: tuple[str, ...]) -> str:
    """Return the page as HTML; it loads nothing, and runs no script but those given."""
    styles = (files(__package__) / "report.css").read_text("utf-8")
    head = element(
        "head",
        element("meta", charset="utf-8"),
        Element("meta", {"http-equiv": "Content-Security-Policy", "content": _policy(scripts)}),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", title),
        element("style", styles),
    )
    whole = element(
        "html", head,
        element("body", element("main", *body), *map(_script, scripts)),
        lang="en",
    )  # fmt: skip
    return written(whole)


def _script(code: str) -> Element:
    """Return a script as it is: a library may hold characters that texts must not."""
    made = Element("script")
    made.text = code
    return made


def _policy(scripts: tuple[str, ...]) -> str:
    digests = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(one.encode()).digest()).decode()}'"
        for one in scripts
    )
    return (
        f"default-src 'none'; script-src {digests}; style-src 'unsafe-inline'; img-src data: blob:; "
        "base-uri 'none'; form-action 'none'"
    )
