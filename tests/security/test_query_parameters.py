"""Whatever stands in the address: no traceback, no markup of a stranger's, nothing saved under it."""

from __future__ import annotations

import re

import pytest

from tests.ui.conftest import said

HOSTILE = {
    "markup": "<script>alert(1)</script>",
    "an image": "<img src=x onerror=alert(1)>",
    "a link": "[click](javascript:alert(1))",
    "SQL": "x'; DROP TABLE projects; --",
    "a path": "../../../etc/passwd",
    "an encoded path": "%2e%2e%2f%2e%2e%2fetc",
    "NUL": "a\x00b",
    "lines": "a\r\nSet-Cookie: x=y",
    "no text at all": "",
    "a space": " ",
    "right to left": "\u202edemo",
    "half a pair": "\ufffd\ufffd",
    "emoji": "🙂" * 50,
    "very long": "x" * 100_000,
    "a template": "{{7*7}}${7*7}",
    "a number too large": "9" * 400,
}
PAGES = ("data", "mask", "train", "compare")


def sound(tab) -> None:
    assert not tab.exception
    told = said(tab)
    # Markdown shows what stands after a backslash as it is.
    assert not re.search(r"(?<!\\)<(script|img)|(?<!\\)\](?<!\\)\(javascript", told)
    assert "Traceback" not in told
    assert len(told) < 20_000


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("page", PAGES)
def test_a_hostile_project_is_no_project(store, open_page, page, kind):
    tab = open_page(page, HOSTILE[kind])
    sound(tab)
    assert tab.query_params["work"][0].isalnum()
    assert store.projects() == []


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_experiment_is_named_in_words_or_passed_over(experiment, open_page, kind):
    tab = open_page("compare", experiment=HOSTILE[kind])
    sound(tab)
    assert tab.query_params["experiment"] in (experiment, [experiment])


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_choices_are_the_usual_ones(experiment, open_page, kind):
    names = ("cells", "metric", "units", "tab", "embed", "unknown")
    tab = open_page("compare", experiment=experiment, **dict.fromkeys(names, HOSTILE[kind]))
    sound(tab)
    assert "has the lowest RMSE" in said(tab)


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_tab_of_the_mask_page_is_the_first(project, open_page, kind):
    sound(open_page("mask", tab=HOSTILE[kind]))
