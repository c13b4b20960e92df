"""Put a script together: template parts, those of their lines that a run needs, its settings."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterable, Mapping
from importlib.resources import files

_BEGIN, _END = re.compile(r"\s*# if: (.+)"), re.compile(r"\s*# end\s*")
_FOR_CHECKERS = re.compile(r"\s*# (type: ignore|noqa).*")
_OURS = "masklab."


def assembled(
    parts: Iterable[str],
    words: Collection[str],
    settings: Mapping[str, str],
    replaced: Mapping[str, str],
    heading: str,
) -> str:
    """Return a script of template parts.

    `words`: which of the lines between `# if: …` and `# end` it takes. `settings`: a line of code for
    each name; those that the script doesn't use are left out. `replaced`: texts of templates and what
    stands for them.
    """
    imports: list[str] = []
    sections: list[str] = []
    for part in parts:
        header, _, body = _text(part).partition("# %%")
        imports.append(header)
        sections.append(_cleaned("# %%" + _chosen(body, words)))
    body = "\n\n".join(sections)
    for text, other in replaced.items():
        body = body.replace(text, other)
    used = _names(body)
    chosen = [line for name, line in settings.items() if name in used]
    told = "\n".join(["# %% Settings of the run", *chosen])
    return "\n\n".join([heading, _imports(imports, used) + "\n", told + "\n", body.strip()]) + "\n"


def _text(part: str) -> str:
    return (files("masklab.export.code") / "templates" / f"{part}.py").read_text(encoding="utf-8")


def _chosen(text: str, words: Collection[str]) -> str:
    """Return the lines that these words choose, without the marks; marks may stand in each other."""
    open_marks: list[bool] = []
    kept = []
    for line in text.split("\n"):
        begin = _BEGIN.fullmatch(line)
        if begin:
            open_marks.append(any(word in words for word in begin.group(1).split()))
        elif _END.fullmatch(line):
            open_marks.pop()
        elif all(open_marks):
            kept.append(_FOR_CHECKERS.sub("", line))
    return "\n".join(kept)


def _cleaned(text: str) -> str:
    """Return code with no more blank lines than a formatter leaves."""
    text = re.sub(r"\n{4,}", "\n\n\n", text.strip() + "\n")
    text = re.sub(r"\n{3,}(?= )", "\n\n", text)  # within a class
    return re.sub(r"(?<=\n)(# %%[^\n]*\n)\n*", r"\1", text)


def _names(code: str) -> set[str]:
    return {one.id for one in ast.walk(ast.parse(code)) if isinstance(one, ast.Name)}


def _imports(headers: Iterable[str], used: Collection[str]) -> str:
    """Return the imports of the headers that the code uses, sorted; ours are other parts."""
    whole: set[tuple[str, str | None]] = set()
    some: dict[str, set[str]] = {}
    for statement in (one for header in headers for one in ast.parse(header).body):
        if isinstance(statement, ast.Import):
            for one in statement.names:
                if (one.asname or one.name) in used:
                    whole.add((one.name, one.asname))
        elif isinstance(statement, ast.ImportFrom) and statement.module:
            names = {name.name for name in statement.names if name.name in used}
            if names and not statement.module.startswith(_OURS):
                some.setdefault(statement.module, set()).update(names)
    lines = [
        (name, f"import {name}" + (f" as {alias}" if alias else "")) for name, alias in whole
    ] + [
        (module, f"from {module} import {', '.join(sorted(names, key=_order))}")
        for module, names in some.items()
    ]
    groups: tuple[list[str], list[str]] = ([], [])
    for name, line in sorted(lines, key=lambda one: (one[1].startswith("from"), one[0])):
        groups[name.partition(".")[0] in _INSTALLED].append(line)
    return "\n\n".join("\n".join(group) for group in groups if group)


_INSTALLED = {"torch", "numpy", "pandas", "keras"}


def _order(name: str) -> tuple[bool, str]:
    return not name.isupper(), name
