"""How the app starts: nobody gets in from elsewhere unless it is said who may."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from masklab.access.gate import Gate
from masklab.access.users import OnePassword, Users
from masklab.cli import cli, main
from masklab.errors import AccessError
from masklab.runs.executors.local import LocalExecutor
from masklab.ui import visitor
from masklab.ui.door import __main__ as server
from tests.security.conftest import ALICE

ANYWHERE = "0.0.0.0"  # noqa: S104 - only said


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """What the command line would become, instead of becoming it."""
    monkeypatch.delenv("MASKLAB_PASSWORD", raising=False)
    monkeypatch.chdir(tmp_path)
    found: list[list[str]] = []
    monkeypatch.setattr(os, "execv", lambda _, command: found.append(command))
    # The command changes the environment of what it becomes; here, of the tests.
    monkeypatch.setattr(os, "environ", dict(os.environ))
    return found


def app(*options: object) -> None:
    main(["app", *map(str, options)])


def refused(capsys: pytest.CaptureFixture[str], *options: object) -> str:
    with pytest.raises(SystemExit) as end:
        app(*options)
    assert end.value.code == 2
    return capsys.readouterr().err


def test_this_machine_s_own_address_needs_no_login(started, store_directory):
    app("--store", store_directory)
    assert "--login" not in started[0]
    assert started[0][started[0].index("--address") + 1] == "127.0.0.1"


@pytest.mark.parametrize(
    "options", [("--host", ANYWHERE), ("--host", "::"), ("--login",), ("--behind-tls",)]
)
def test_without_users_or_a_password_it_does_not_start(started, store_directory, capsys, options):
    said = refused(capsys, *options, "--store", store_directory)
    assert "there is nobody yet. Add users with `masklab users add NAME" in said
    assert started == []


def test_with_users_it_does_and_says_that_nothing_is_encrypted(
    started, users, store_directory, capsys
):
    app("--host", ANYWHERE, "--store", store_directory)
    assert "--login" in started[0]
    assert "There is no TLS here" in capsys.readouterr().err
    app("--behind-tls", "--store", store_directory)
    assert {"--login", "--behind-tls"} <= set(started[1])
    assert capsys.readouterr().err == ""


def test_a_password_for_all_comes_from_a_file_or_the_environment(
    started, store_directory, tmp_path, monkeypatch
):
    (tmp_path / "word").write_text("for the class\n")
    app("--password-file", tmp_path / "word", "--store", store_directory)
    assert os.environ["MASKLAB_PASSWORD"] == (tmp_path / "word").read_text().strip()
    assert not any("for the class" in word for word in started[0]), "others see command lines"


@pytest.mark.usefixtures("started")
@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "can't be read"), (b"\xff\xfe", "can't be read"), (b"", "is empty"), (b"\nx", "is empty"),
     (b"short", "has 5 characters")],
)  # fmt: skip
def test_a_password_file_that_won_t_do_is_named(store_directory, tmp_path, capsys, content, words):
    if content is not None:
        (tmp_path / "word").write_bytes(content)
    said = refused(capsys, "--password-file", tmp_path / "word", "--store", store_directory)
    assert words in said


def test_users_and_a_password_for_all_exclude_each_other(
    started, users, store_directory, tmp_path, capsys
):
    (tmp_path / "word").write_text("for the class")
    said = refused(capsys, "--password-file", tmp_path / "word", "--store", store_directory)
    assert "The store has 2 users, and a password for all is given too" in said


class Serving:
    """Stands for Streamlit's App: keeps what it would have been run with."""

    def __init__(self, script: Path, middleware: list[Any]) -> None:
        (self.door,) = middleware
        seen.append(self)

    def run(self, config: dict[str, Any]) -> None:
        self.config = config


seen: list[Serving] = []


def serve(
    monkeypatch: pytest.MonkeyPatch, store: Path, *options: str
) -> tuple[Serving, Gate | None]:
    monkeypatch.setattr(server.st, "App", Serving)
    try:
        server.main(["app.py", "--store", str(store), "--port", "1", *options])
        return seen.pop(), visitor._gate
    finally:
        visitor.keep(None)


def test_the_processes_that_train_never_see_the_password(monkeypatch, store_directory):
    monkeypatch.setenv("MASKLAB_PASSWORD", "for the class")
    _, gate = serve(monkeypatch, store_directory)
    assert isinstance(gate.keys, OnePassword)
    assert "MASKLAB_PASSWORD" not in LocalExecutor.environment()


def test_the_server_asks_for_a_login_where_it_must_even_if_nobody_says_so(
    monkeypatch, users, store_directory
):
    monkeypatch.delenv("MASKLAB_PASSWORD", raising=False)
    serving, gate = serve(monkeypatch, store_directory, "--address", ANYWHERE)
    assert isinstance(gate.keys, Users)
    assert not gate.secure
    assert serving.config["client.showErrorDetails"] == "none"
    assert serve(monkeypatch, store_directory, "--behind-tls")[1].secure
    assert serve(monkeypatch, store_directory)[1] is None


def test_streamlit_s_own_guards_can_t_be_switched_off_by_a_setting(monkeypatch, store_directory):
    monkeypatch.delenv("MASKLAB_PASSWORD", raising=False)
    config = serve(monkeypatch, store_directory)[0].config
    assert config["server.enableXsrfProtection"] is True
    assert config["server.enableCORS"] is True
    assert config["server.address"] == "127.0.0.1"


def run(*arguments: object, typed: str = ""):
    return CliRunner().invoke(cli, [str(one) for one in arguments], input=typed)


def test_a_user_is_added_by_a_password_typed_twice_and_unseen(store_directory):
    done = run(
        "users", "add", "dora", "--store", store_directory, typed=f"{ALICE[1]}\n{ALICE[1]}\n"
    )
    assert done.exit_code == 0
    assert ALICE[1] not in done.output
    assert Users(store_directory).fits("dora", ALICE[1])
    assert run("users", "list", "--store", store_directory).output == "dora\n"


def test_a_token_is_shown_once_and_kept_as_a_hash(store_directory):
    done = run(
        "users",
        "add",
        "dora",
        "--token",
        "--url",
        "https://lab.example",
        "--store",
        store_directory,
    )
    link = done.output.splitlines()[-1]
    start, _, token = link.rpartition("=")
    assert start == "https://lab.example/#name=dora&token"
    assert len(token) == 32
    assert Users(store_directory).fits("dora", token)
    assert token not in (store_directory / "access" / "users.json").read_text()


def test_a_removed_user_s_work_stays(users, store_directory):
    done = run("users", "remove", "alice", "--store", store_directory)
    assert str(store_directory / "users" / "alice") in done.output
    assert Users(store_directory).names() == ["bob"]
    with pytest.raises(AccessError, match="no user 'alice'"):
        users.remove("alice")
