"""The class plan's links, and lessons as notebooks."""

from __future__ import annotations

import itertools
import json
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from masklab.export.lesson_notebook import lesson_notebook
from masklab.lessons.lesson import lessons
from masklab.lessons.saving import saved
from masklab.ui.learn.address import PARTS

PLAN = Path(__file__).parents[2] / "docs" / "teaching.md"
LINKS = re.findall(r"`(/learn\?[^`]+)`", PLAN.read_text())


def test_the_plan_uses_most_lessons_and_lasts_45_minutes():
    named = {parse_qs(urlsplit(link).query)["lesson"][0] for link in LINKS}
    assert named == set(lessons())
    spans = re.findall(r"^\| (\d+)–(\d+) \|", PLAN.read_text(), flags=re.M)
    ends = [(int(first), int(last)) for first, last in spans]
    assert ends[0][0] == 0
    assert ends[-1][1] == 45
    assert all(before[1] == after[0] for before, after in itertools.pairwise(ends))


@pytest.mark.parametrize("link", LINKS)
def test_a_link_names_what_there_is(link):
    given = {name: values[0] for name, values in parse_qs(urlsplit(link).query).items()}
    member = lessons()[given.pop("lesson")]
    assert set(given.pop("hide", "list").split(",")) <= set(PARTS)
    assert given.pop("present", "1") == "1"
    member.model_validate(given)


@pytest.mark.parametrize("kind", lessons())
def test_a_lesson_is_a_notebook_that_runs(kind):
    lesson = lessons()[kind]()
    result = saved(lesson)
    assert result is not None
    book = json.loads(lesson_notebook(lesson, result))
    assert (book["nbformat"], book["nbformat_minor"]) == (4, 5)
    assert len({cell["id"] for cell in book["cells"]}) == len(book["cells"])
    code = [cell["source"] for cell in book["cells"] if cell["cell_type"] == "code"]
    space: dict[str, object] = {}
    for cell in code:
        if "lesson.run()" in cell and kind in {"informative", "two_masks", "interpolation_humbles"}:
            continue  # test_lessons trains these
        exec(cell, space)  # noqa: S102
    assert "pd" in space
    for picture in result.pictures:
        assert any(picture.title in cell["source"] for cell in book["cells"])
