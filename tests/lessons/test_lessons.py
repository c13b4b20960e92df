"""Every lesson: its words, its claim by numbers, its kept result."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from pydantic import ValidationError

from masklab.lessons.lesson import Lesson, Question, lessons
from masklab.lessons.result import Bars, Code, Heat, Lines, Table
from masklab.lessons.saving import FOLDER, saved

MEMBERS = list(lessons().values())
EACH = pytest.mark.parametrize("member", MEMBERS, ids=list(lessons()))


def test_the_course_is_numbered_without_gaps():
    assert [member.number for member in MEMBERS] == list(range(1, len(MEMBERS) + 1))


@EACH
def test_a_lesson_has_all_that_a_class_needs(member: type[Lesson]):
    for text in (member.title, member.goal, member.happens, member.why, member.source):
        assert len(text.split()) >= 2, text
    assert member.goal.endswith(".")
    assert member.link.startswith("https://")
    assert 1 <= member.minutes <= 10
    for question in (member.prediction, member.quiz):
        assert_is_fair(question)
    for name, field in member.model_fields.items():
        if name != "kind":
            assert field.title, name
            assert field.description, name


def assert_is_fair(question: Question) -> None:
    assert question.text.endswith("?")
    assert 2 <= len(question.choices) == len(question.why)
    assert len(set(question.choices)) == len(question.choices)
    assert 0 <= question.right < len(question.choices)
    assert all(len(why.split()) >= 3 for why in question.why)


@EACH
def test_words_name_what_is_on_screen(member: type[Lesson]):
    result = saved(member())
    assert result is not None, "python -m masklab.lessons.saving keeps it"
    for picture in result.pictures:
        assert f"**{picture.title}**" in member.happens, picture.title
    named = re.findall(r"\*\*([^*]+)\*\*", member.happens)
    assert set(named) == {picture.title for picture in result.pictures}


@EACH
def test_axes_have_titles_and_units(member: type[Lesson]):
    result = saved(member())
    assert result is not None
    for picture in result.pictures:
        if isinstance(picture, (Lines, Heat, Bars)):
            assert picture.x_title
            assert picture.y_title
        if isinstance(picture, Heat):
            assert picture.unit
        if isinstance(picture, (Table, Code)):
            assert picture.title


@EACH
@pytest.mark.parametrize("seed", [0, 1, pytest.param(2, marks=pytest.mark.long)])
def test_the_claim_holds(member: type[Lesson], seed: int):
    result = member(seed=seed).run()
    assert result.holds, (result.says, result.numbers)
    assert result.numbers
    assert all(np.isfinite(value) for value in result.numbers.values())
    assert any(character.isdigit() for character in result.says)
    if seed == 0:
        assert_is_kept(member(), result)


def assert_is_kept(lesson: Lesson, fresh) -> None:
    kept = saved(lesson)
    assert kept is not None
    assert [type(one) for one in kept.pictures] == [type(one) for one in fresh.pictures]
    for name, value in fresh.numbers.items():
        assert kept.numbers[name] == pytest.approx(value, rel=0.02, abs=1e-3), name
    for ours, theirs in zip(kept.pictures, fresh.pictures, strict=True):
        if isinstance(ours, Lines):
            assert list(ours.lines) == list(theirs.lines)
            assert ours.masked == theirs.masked
        if isinstance(ours, Bars):
            for name, value in theirs.bars.items():
                assert math.isclose(ours.bars[name], value, rel_tol=0.05, abs_tol=1e-3), name


@EACH
def test_the_same_fields_give_the_same_bits(member: type[Lesson]):
    first, again = (member(seed=3).run() for _ in range(2))
    assert first.says == again.says
    assert first.numbers == again.numbers


def test_nothing_is_kept_for_other_fields_or_of_other_lessons():
    for member in MEMBERS:
        assert saved(member(seed=5)) is None
    assert {path.stem for path in FOLDER.glob("*.json")} == set(lessons())


@EACH
def test_a_control_has_bounds(member: type[Lesson]):
    for name in member.model_fields:
        if name == "kind":
            continue
        with pytest.raises(ValidationError):
            member.model_validate({name: "1e99"})
