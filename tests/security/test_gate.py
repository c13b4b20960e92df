"""A cookie is as good as its signature, its time, its user and that user's password."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masklab.access import files
from masklab.access.gate import HOURS, Gate
from masklab.access.users import OnePassword, Users
from tests.security.conftest import ALICE, BOB, Clock


@pytest.fixture
def cookie(gate: Gate) -> str:
    found = gate.enter(*ALICE)
    assert found is not None
    return found


def named(gate: Gate, cookie: str | None) -> str | None:
    session = gate.session(cookie)
    return None if session is None else session.name


def test_only_the_right_password_gives_a_cookie(gate: Gate, cookie: str):
    assert named(gate, cookie) == "alice"
    assert gate.enter("alice", BOB[1]) is None
    assert gate.enter("nobody", ALICE[1]) is None


def test_two_logins_have_two_cookies(gate: Gate, cookie: str):
    assert gate.enter(*ALICE) != cookie


def test_every_altered_character_makes_it_worthless(gate: Gate, cookie: str):
    for place, letter in enumerate(cookie):
        other = "b" if letter != "b" else "c"
        assert gate.session(cookie[:place] + other + cookie[place + 1 :]) is None, place


def test_another_name_a_later_hour_or_another_signature_is_refused(gate: Gate, cookie: str):
    name, until, identity, signature = cookie.split(".")
    bob = gate.enter(*BOB).split(".")
    forged = [
        f"bob.{until}.{identity}.{signature}",
        f"{name}.{int(until) + 1}.{identity}.{signature}",
        f"{name}.{until}.{identity}.{bob[3]}",
        f"{name}.{until}.{identity}.{'0' * 64}",
        f"{name}.{until}.{identity}.",
        f"{name}.{until}.{identity}",
        f"{cookie}.{signature}",
        f"{cookie}\n",
        f" {cookie}",
        cookie.upper(),
        cookie[:-1],
        cookie * 100,
    ]
    for one in forged:
        assert gate.session(one) is None, one


@given(st.text() | st.none())
def test_no_text_raises_or_opens(tmp_path_factory: pytest.TempPathFactory, text: str | None):
    gate = Gate(GATES.setdefault("one", tmp_path_factory.mktemp("gate")), _Nobody())
    assert gate.session(text) is None
    gate.leave(text)


GATES: dict[str, Path] = {}


class _Nobody(OnePassword):
    def __init__(self) -> None: ...

    def key(self, name: str) -> None:
        return None


def test_it_ends_after_half_a_day(gate: Gate, cookie: str, clock: Clock):
    clock.now += HOURS * 3600 - 1
    assert named(gate, cookie) == "alice"
    clock.now += 1
    assert gate.session(cookie) is None


def test_it_outlives_a_restart(gate: Gate, cookie: str, store_directory: Path, clock: Clock):
    assert named(Gate(store_directory, Users(store_directory), clock=clock), cookie) == "alice"


def test_another_secret_ends_every_session(gate, cookie, users, store_directory, clock):
    files.write(store_directory / "access" / "secret", b"x" * 32)
    assert Gate(store_directory, users, clock=clock).session(cookie) is None


def test_it_ends_with_its_user_and_with_another_password(gate: Gate, cookie: str, users: Users):
    users.remove("alice")
    assert gate.session(cookie) is None
    users.add("alice", "another password")
    assert gate.session(cookie) is None


def test_a_logout_ends_that_session_alone(gate: Gate, cookie: str):
    other = gate.enter(*ALICE)
    gate.leave(cookie)
    assert gate.session(cookie) is None
    assert named(gate, other) == "alice"


def test_a_new_password_for_all_ends_every_session(store_directory: Path, clock: Clock):
    old = Gate(store_directory, OnePassword(store_directory, "the old one"), clock=clock)
    cookie = old.enter("owner", "the old one")
    again = Gate(store_directory, OnePassword(store_directory, "the old one"), clock=clock)
    new = Gate(store_directory, OnePassword(store_directory, "the new one"), clock=clock)
    assert named(again, cookie) == "owner"
    assert new.session(cookie) is None


def test_signatures_are_compared_in_constant_time(gate: Gate, cookie: str, monkeypatch):
    compared = []
    monkeypatch.setattr("hmac.compare_digest", lambda *both: bool(compared.append(both)))
    assert gate.session(cookie) is None
    assert [len(one) for one in compared[0]] == [64, 64]


def test_a_cookie_over_tls_has_a_name_that_plain_http_can_t_set(users, store_directory):
    assert Gate(store_directory, users, secure=True).cookie.startswith("__Host-")
