"""The report's section on leaks: what the audits of runs found, or that none was made."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any
from xml.etree.ElementTree import Element

from masklab.export.report.html import Child, element, section, table
from masklab.export.report.source import Source

_ORDER = ("failed", "note", "passed", "not applicable")
_MARKS = {"failed": "✕", "passed": "✓", "note": "i", "not applicable": "–"}


def audit_section(source: Source) -> Element:
    """Return the section: a badge for each run, and each finding of the audited ones."""
    audits = _audits(source)
    known = [(run, audits.get(run.id)) for run in source.runs if run.status == "finished"]
    badges = [
        element("li", _badge(found), " ", f"{source.scrub.text(run.strategy)}, seed {run.seed}")
        for run, found in known
    ]
    if not any(found for _, found in known):
        words = (
            "Not audited: nobody has checked these runs for leaks yet. The part “Leakage audit” of the "
            "Compare page does."
        )
        return section("Leakage audit", element("p", words), name="audit")
    words = (
        "Each check was tried on the run itself: its pipeline and its weights. A pass says that no "
        "leak of that kind was found in what was tried."
    )
    return section(
        "Leakage audit", element("ul", *badges, class_="badges"), element("p", words, class_="note"),
        *(_findings(source, f"{run.strategy}, seed {run.seed}", found) for run, found in known if found),
        name="audit",
    )  # fmt: skip


def _audits(source: Source) -> dict[str, list[dict[str, Any]]]:
    """Return the checks of each audited run, the newest audit of each."""
    found: dict[str, list[dict[str, Any]]] = {}
    with source.compared.store.database.read() as db:
        for row in source.compared.rows:
            facts = db.execute(
                "SELECT value FROM facts WHERE experiment_id = ? AND name LIKE 'job:audit:%' "
                "ORDER BY rowid",
                (row.id,),
            ).fetchall()
            for fact in facts:
                job = json.loads(fact["value"])
                result = job.get("result") if job.get("status") == "finished" else None
                if isinstance(result, dict) and isinstance(result.get("checks"), list):
                    found[str(result.get("run"))] = result["checks"]
    return found


def _badge(checks: list[dict[str, Any]] | None) -> Element:
    if not checks:
        return element("span", "not audited", class_="badge none")
    counts = Counter(str(one.get("status")) for one in checks)
    tried = counts["passed"] + counts["failed"]
    if counts["failed"]:
        return element(
            "span", f"✕ {counts['failed']} of {tried} checks failed", class_="badge failed"
        )
    return element("span", f"✓ {counts['passed']} of {tried} checks passed", class_="badge passed")


def _findings(source: Source, whose: str, checks: list[dict[str, Any]]) -> Element:
    def place(check: dict[str, Any]) -> int:
        status = str(check.get("status"))
        return _ORDER.index(status) if status in _ORDER else len(_ORDER)

    rows: list[tuple[Child, ...]] = [
        (
            f"{_MARKS.get(str(one.get('status')), '')} {one.get('status')}",
            source.scrub.text(str(one.get("name")).replace("_", " ")),
            source.scrub.text(str(one.get("said"))),
        )
        for one in sorted(checks, key=place)
    ]
    summary = element("summary", f"Findings: {source.scrub.text(whose)}")
    return element("details", summary, table(("Result", "Check", "What was found"), rows))
