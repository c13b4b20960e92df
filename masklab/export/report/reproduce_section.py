"""The report's last section: with what it was computed, its specification, how to run it again."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from masklab.export.report.html import Child, element, facts, file_link, section
from masklab.export.report.source import Source
from masklab.export.report.words import day
from masklab.words import counted

FILE = "experiment.yaml"


def reproduce_section(source: Source, link: str) -> Element:
    """Return the section; `link`: what follows the app's address to see the same view, or empty."""
    spec = source.scrub.text(source.experiment.to_yaml())
    return section(
        "How to reproduce",
        *_steps(source, spec),
        element("h3", "Computed with"),
        facts(_environment(source)),
        *_back(link),
        element(
            "details",
            element("summary", "The specification (YAML)"),
            element("pre", element("code", spec)),
        ),
        name="reproduce",
    )


def _steps(source: Source, spec: str) -> list[Element]:
    name = source.scrub.text(source.file_name)
    sample = source.experiment.data.path.startswith("sample:")
    first = (
        element("li", "The data is a sample that comes with MaskLab: ", element("code", name), ".")
        if sample
        else element(
            "li", "Put the data file ", element("code", name), " into a folder; its SHA-256 must "
            "begin with ", element("code", str(source.experiment.data.sha256)[:16]), ".",
        )
    )  # fmt: skip
    return [
        element(
            "ol",
            first,
            element("li", "Save ", file_link(FILE, FILE, spec, "application/yaml"), " beside it."),
            element("li", "Run ", element("code", f"masklab run {FILE} --store runs"), "."),
            element("li", "Look at it with ", element("code", "masklab app --store runs"), "."),
        ),
        element(
            "p", "The same specification on the same machine gives the same numbers.", class_="note"
        ),
    ]


def _environment(source: Source) -> list[tuple[str, Child]]:
    """Return versions, device and commit; several where the runs differ."""
    found: dict[str, dict[str, None]] = {}
    for run in source.runs:
        for name, value in source.compared.store.environment(run.id).items():
            found.setdefault(name, {})[source.scrub.text(value)] = None
    seconds = sum(run.seconds for run in source.runs)
    pairs: list[tuple[str, Child]] = [(name, ", ".join(values)) for name, values in found.items()]
    return [
        *(pairs or [("Versions", "not known: no run has begun")]),
        ("Experiments", ", ".join(row.id for row in source.compared.rows)),
        ("Made", day(source.compared.row.created)),
        ("Trained", f"{seconds:,.1f} s over {counted(len(source.runs), 'run')}"),
    ]


def _back(link: str) -> list[Element]:
    if not link:
        return []
    words = "The same view in the app: after its address, such as http://127.0.0.1:8501, write "
    local = element(
        "a", "open it on this machine", href=f"http://127.0.0.1:8501/{link}", rel="noreferrer"
    )
    return [
        element("h3", "Back to the app"),
        element("p", words, element("code", f"/{link}"), ", or ", local, " if the app runs there."),
    ]
