"""Numbers on what is sent to the browser's components."""

from __future__ import annotations

import time

import pytest
import streamlit as st

from masklab.ui.in_order import numbered


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    kept: dict[str, object] = {}
    monkeypatch.setattr(st, "session_state", kept)
    return kept


def test_equal_data_keep_their_number_and_changed_data_get_a_higher_one() -> None:
    first = numbered("one", {"step": 1})
    assert numbered("one", {"step": 1}) == first
    second = numbered("one", {"step": 2})
    assert second["step"] == 2
    assert second["sent"] > first["sent"]
    assert numbered("one", {"step": 1})["sent"] > second["sent"]


def test_a_clock_set_back_gives_no_lower_number(monkeypatch: pytest.MonkeyPatch) -> None:
    first = numbered("one", {"step": 1})
    monkeypatch.setattr(time, "time_ns", lambda: 10**15)
    assert numbered("one", {"step": 2})["sent"] == first["sent"] + 1


def test_bytes_and_components_are_told_apart() -> None:
    first = numbered("one", {"lines": b"a"})
    assert numbered("one", {"lines": b"b"})["sent"] > first["sent"]
    other = numbered("two", {"lines": b"a"})
    assert numbered("two", {"lines": b"a"}) == other
