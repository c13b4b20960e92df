"""Users are kept as salted hashes that nobody else may read, under names that lead nowhere."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from masklab.access import files, passwords
from masklab.access.passwords import Hashed, hashed
from masklab.access.users import OnePassword, Users
from masklab.errors import AccessError
from tests.security.conftest import ALICE


def test_a_user_is_known_by_the_password_alone(users: Users):
    assert users.fits(*ALICE)
    assert not users.fits("alice", "correct horsf")
    assert not users.fits("bob", ALICE[1])
    assert not users.fits("nobody", ALICE[1])
    assert users.names() == ["alice", "bob"]


def test_no_password_stands_in_the_file_and_equal_ones_look_different(
    users: Users, store_directory
):
    users.add("carol", ALICE[1])
    content = (store_directory / "access" / "users.json").read_text()
    assert ALICE[1] not in content
    kept = json.loads(content)
    assert kept["alice"]["digest"] != kept["carol"]["digest"]


def test_scrypt_is_as_slow_as_is_asked_for_today(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.undo()
    assert passwords._N >= 2**15
    assert (passwords._R, passwords._P) == (8, 1)


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_the_files_are_their_owner_s_alone(users: Users, store_directory: Path):
    files.secret(store_directory)
    folder = store_directory / "access"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.name: one.stat().st_mode & 0o777 for one in folder.iterdir()} == {
        "users.json": 0o600,
        "secret": 0o600,
    }


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("name", ["users.json", "secret"])
def test_a_file_that_others_may_read_is_not_trusted(users: Users, store_directory: Path, name):
    files.secret(store_directory)
    (store_directory / "access" / name).chmod(0o644)
    with pytest.raises(AccessError, match="chmod 600"):
        files.secret(store_directory) if name == "secret" else Users(store_directory).names()


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../bob",
        "a/b",
        "a\\b",
        "Alice",
        "a b",
        "a.b",
        "1a",
        "-a",
        "a\x00",
        "a\n",
        "é",
        "a" * 33,
    ],
)
def test_a_name_that_could_lead_elsewhere_is_refused(users: Users, name: str):
    with pytest.raises(AccessError, match="can't be a user's name"):
        users.add(name, "long enough")
    with pytest.raises(AccessError, match="can't be a user's name"):
        users.workspace(name)
    assert not users.fits(name, "long enough")


@pytest.mark.parametrize("password", ["", "seven c", "x" * 201])
def test_a_password_too_short_or_too_long_is_refused(users: Users, password: str):
    with pytest.raises(AccessError, match=f"has {len(password)} characters"):
        users.add("carol", password)


@pytest.mark.parametrize(
    "password", ["", "\x00", "x" * 100_000, "\ud800", "p\u0308a\u0301ss", "'; DROP TABLE"]
)
def test_any_text_can_be_tried_as_a_password(users: Users, password: str):
    assert not users.fits("alice", password)


def test_a_password_is_the_same_however_its_letters_are_composed():
    assert hashed("B\u00fccherw\u00fcrmer").fits("Bu\u0308cherwu\u0308rmer")


def test_hashes_are_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch):
    compared = []

    def compare(found: bytes, known: bytes) -> bool:
        compared.append((len(found), len(known)))
        return found == known

    key = hashed("long enough")
    monkeypatch.setattr("hmac.compare_digest", compare)
    assert not key.fits("not this one")
    assert compared == [(32, 32)]


def test_an_unknown_name_costs_as_much_as_a_wrong_password(users: Users, monkeypatch):
    tried: list[str] = []
    monkeypatch.setattr(Hashed, "fits", lambda self, password: tried.append(password) or True)
    assert not users.fits("nobody", "guess")
    assert tried == ["guess"]


def test_who_is_there_is_not_added_twice_and_who_is_not_is_named(users: Users):
    with pytest.raises(AccessError, match="There is a user 'alice' already"):
        users.add("alice", "another one")
    with pytest.raises(AccessError, match="no user 'carol'; there are: alice, bob"):
        users.remove("carol")


def test_a_change_by_another_process_counts_at_once(users: Users, store_directory: Path):
    assert users.fits(*ALICE)
    Users(store_directory).remove("alice")
    assert not users.fits(*ALICE)


def test_a_damaged_file_lets_nobody_in_and_says_so(users: Users, store_directory: Path):
    path = store_directory / "access" / "users.json"
    files.write(path, b'{"alice": {"salt": "00", "digest": "00"}}')
    with pytest.raises(AccessError, match="damaged, so nobody can log in"):
        users.fits(*ALICE)


def test_one_password_opens_the_store_itself(store_directory: Path):
    one = OnePassword(store_directory, "for the class")
    assert one.fits("owner", "for the class")
    assert not one.fits("owner", "for the clasS")
    assert not one.fits("alice", "for the class")
    assert one.workspace("owner") == store_directory


def test_users_have_a_folder_each(users: Users, store_directory: Path):
    assert users.workspace("alice") == store_directory / "users" / "alice"
