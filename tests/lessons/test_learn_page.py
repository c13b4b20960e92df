"""The Learn page: course, one lesson, its questions, what the address keeps."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from masklab.lessons.lesson import lessons

PAGE = str(Path(__file__).parents[2] / "pages" / "learn.py")


def opened(**query: str) -> AppTest:
    page = AppTest.from_file(PAGE, default_timeout=60)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def texts(page: AppTest) -> str:
    found = [*page.markdown, *page.header, *page.title, *page.caption, *page.info, *page.success]
    return "\n".join(str(one.value) for one in found)


def test_the_course_lists_every_lesson_and_opens_one():
    page = opened()
    for member in lessons().values():
        assert f"{member.number}. {member.title}" in texts(page)
    page.button(key="learn.open.last_output").click().run()
    assert page.query_params["lesson"] == "last_output"
    assert "3. What the last output reads" in texts(page)


def test_pictures_wait_for_a_prediction_or_for_show_me():
    page = opened(lesson="multiplying_is_not_skipping")
    assert "Distance from the state before the gap" not in texts(page)
    page.button(key="learn.multiplying_is_not_skipping.answer.pass").click().run()
    assert "Distance from the state before the gap" in texts(page)
    assert page.query_params["answer"] == "0"


@pytest.mark.parametrize(("choice", "said"), [(0, "Not so."), (1, "Right.")])
def test_an_answer_is_judged_and_explained(choice, said):
    page = opened(lesson="last_output")
    page.radio(key="learn.last_output.answer").set_value(choice).run()
    question = lessons()["last_output"].prediction
    assert said in texts(page)
    assert question.why[choice] in texts(page)
    assert question.why[question.right] in texts(page)
    assert page.query_params["answer"] == str(choice + 1)


def test_a_control_changes_the_result_and_stands_in_the_address():
    page = opened(lesson="multiplying_is_not_skipping", answer="2")
    assert "Over a gap of 12 steps" in texts(page)
    page.number_input(key="learn.multiplying_is_not_skipping.gap").set_value(20).run()
    assert "Over a gap of 20 steps" in texts(page)
    assert page.query_params["gap"] == "20"
    page.button(key="learn.reset").click().run()
    assert set(page.query_params) == {"lesson"}


def test_a_link_restores_controls_answers_and_quiz():
    page = opened(lesson="any_or_all", answer="2", quiz="1", channels="6", seed="3")
    assert "cells of 6 channels" in texts(page)
    assert lessons()["any_or_all"].quiz.why[0] in texts(page)


def test_what_the_address_hides_is_left_out():
    page = opened(lesson="any_or_all", hide="prediction,controls,why,quiz,source,goal,list")
    said = texts(page)
    assert "Which cells are observed" in said
    for part in ("Goal:", "First, what do you expect?", "To check", "Source:"):
        assert part not in said
    assert not page.number_input
    assert [one.key for one in page.button] == ["learn.present"]


def test_presenting_is_kept_in_the_address():
    page = opened(lesson="any_or_all")
    page.button(key="learn.present").click().run()
    assert page.query_params["present"] == "1"
    assert not page.title
    page.button(key="learn.present").click().run()
    assert "present" not in page.query_params


@pytest.mark.parametrize(
    "query",
    [
        {"lesson": "<script>alert(1)</script>"},
        {"lesson": "any_or_all", "channels": "1e9", "answer": "2"},
        {"lesson": "any_or_all", "seed": "'; DROP TABLE", "rate": "nan", "answer": "999999999999"},
        {"lesson": "any_or_all", "hide": "x" * 5000, "present": "2", "quiz": "-7"},
        {"lesson": "any_or_all", "kind": "other", "answer": "²"},
    ],
)
def test_hostile_addresses_leave_a_page(query):
    page = opened(**query)
    assert page.warning or page.header
    assert not page.error
