"""A canvas is answered without a run of the page: with the same numbers, and only by its token."""

from __future__ import annotations

import json

import pytest

from masklab.inspector import Excerpt, Output, excerpt, small
from masklab.inspector.example import example
from masklab.inspector.trace import trace
from masklab.ui.inspector import direct
from masklab.ui.inspector.picture import picture

OUTPUT = Output(0, 0)


@pytest.fixture(scope="module")
def cut() -> Excerpt:
    return excerpt(example())


@pytest.fixture(scope="module")
def asking(cut: Excerpt) -> direct.Asking:
    wishes = (small.Wish("carry"), small.Wish("zero_fill"))
    for wish in wishes:
        small.trained(cut, wish)
    return direct.Asking(cut, wishes, cut.telling, OUTPUT)


def asked(token: str, flips: object) -> bytes | None:
    return direct.answer(json.dumps({"token": token, "flips": flips}).encode())


def test_it_answers_with_what_a_run_of_the_page_would_draw(asking: direct.Asking) -> None:
    token = direct.offer(asking)
    told = asked(token, [9, 3, 3])
    assert told is not None
    window = asking.cut.at(asking.start)
    networks = [small.known(asking.cut, one) for one in asking.wishes]
    found = [trace(one, window.toggled((3, 9)), OUTPUT) for one in networks if one is not None]
    drawn = picture(window, found, OUTPUT, trained=True)
    assert json.loads(told)["revision"] == drawn["revision"]
    assert json.loads(told) == json.loads(json.dumps(drawn))
    assert asked(token, []) != told


def test_a_token_is_of_one_asking(asking: direct.Asking, cut: Excerpt) -> None:
    other = direct.Asking(cut, asking.wishes[:1], cut.telling, OUTPUT)
    assert direct.offer(asking) == direct.offer(asking) != direct.offer(other)


@pytest.mark.parametrize(
    "question",
    [b"", b"no JSON", b"[]", b'{"flips": []}', b'{"token": 3, "flips": []}', b'{"token": "guessed", "flips": []}'],
)  # fmt: skip
def test_what_makes_no_sense_gets_no_answer(question: bytes) -> None:
    assert direct.answer(question) is None


def test_flips_that_are_none_get_no_answer(asking: direct.Asking) -> None:
    token = direct.offer(asking)
    assert asked(token, "all") is None
    assert asked(token, [1_000_000, -1, "x", True]) == asked(token, [])


def test_old_askings_are_forgotten(asking: direct.Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct, "_KEPT", 1)
    token = direct.offer(asking)
    direct.offer(direct.Asking(asking.cut, asking.wishes, asking.start, Output(0, 1)))
    assert asked(token, []) is None
