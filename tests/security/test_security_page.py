"""SECURITY.md names tests that are there, and every file of these tests."""

from __future__ import annotations

import re
from pathlib import Path

from masklab.access.attempts import FREE
from masklab.access.gate import HOURS
from masklab.runs import room

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "SECURITY.md").read_text("utf-8")


def test_every_test_that_is_named_is_there():
    places = {"tests/security": ROOT / "tests" / "security"}
    for cell in re.findall(r"`((?:tests/\w+/)?test_\w+\.py|tests/test_\w+\.py)`", PAGE):
        assert (ROOT / cell).is_file() or (places["tests/security"] / cell).is_file(), cell


def test_every_file_of_these_tests_holds_a_line():
    here = {one.name for one in Path(__file__).parent.glob("test_*.py")}
    untold = {one for one in here if one not in PAGE}
    assert untold == {"test_security_page.py", "test_login_in_browser.py"}


def test_its_numbers_are_those_of_the_code():
    assert f"after {FREE} tries" in PAGE
    assert f"{HOURS} hours; end with logout" in PAGE
    assert f"{room.FILES_MOST:,} files and {room.BYTES_MOST // 10**9} GB a workspace" in PAGE
    assert f"{room.FREE_LEAST // 10**6} MB of the disk stay free" in PAGE
