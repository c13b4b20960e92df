"""docs/masking.md tells of every strategy, and its pictures are those of today's code."""

import importlib.util
import re
from pathlib import Path

import pytest

from masklab.catalogue import members
from masklab.strategies.strategy import Strategy

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs/masking.md").read_text(encoding="utf-8")
MEMBERS = members("masklab.strategies", Strategy)
SECTIONS = dict(re.findall(r"^### `(\w+)`(.*?)(?=^##|\Z)", TEXT, flags=re.DOTALL | re.MULTILINE))

_spec = importlib.util.spec_from_file_location("make_pictures", ROOT / "docs/make_pictures.py")
assert _spec is not None
make_pictures = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(make_pictures)


def test_every_strategy_has_a_section_and_every_section_a_strategy():
    assert SECTIONS.keys() == MEMBERS.keys()


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_section_has_title_equation_picture_use_cost_and_source(kind):
    section, member = SECTIONS[kind], MEMBERS[kind]
    heading, *_ = section.splitlines()
    assert heading == f": {member.title[0].lower()}{member.title[1:]}"
    assert f"![What the LSTM sees](images/sees_{kind}.svg)" in section
    equations = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    assert any(re.match(r"input:|\S.* = ", line) for line in equations)
    for part in ("When", "Cost", "Source"):
        assert re.search(rf"^- \*\*{part}:\*\* \S", section, flags=re.MULTILINE), part
    assert f"- **Causal:** {'yes' if member.causal else 'no'}" in section


@pytest.mark.parametrize("kind", MEMBERS)
def test_years_of_a_source_are_those_that_the_strategy_names(kind):
    for year in re.findall(r"\b(?:19|20)\d\d\b", MEMBERS[kind].source):
        assert year in SECTIONS[kind]


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_section_lists_the_options(kind):
    named = ", ".join(f"`{name}`" for name in MEMBERS[kind].model_fields if name != "kind")
    lines = [line for line in SECTIONS[kind].splitlines() if line.startswith("- **Options:**")]
    assert lines == ([f"- **Options:** {named}"] if named else [])


@pytest.mark.parametrize("kind", MEMBERS)
def test_pictures_are_drawn_from_the_code_of_today(kind):
    drawn = make_pictures.picture(MEMBERS[kind]())
    assert (ROOT / f"docs/images/sees_{kind}.svg").read_text(encoding="utf-8") == drawn


def test_the_readme_names_every_strategy():
    table = (ROOT / "README.md").read_text(encoding="utf-8")
    assert all(f"| `{kind}` |" in table for kind in MEMBERS)
