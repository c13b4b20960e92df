"""One user never sees another's projects, data, experiments or files, whatever the address says."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.runtime.context import ContextProxy

from masklab.access.gate import Gate
from masklab.access.users import OnePassword
from masklab.errors import AccessError
from masklab.runs.spec import DataSource, parse_experiment
from masklab.runs.store import Store
from masklab.ui import state, visitor
from masklab.ui.project import Project
from tests.security.conftest import ALICE
from tests.ui.conftest import add_trained, said, settings

PAGES = ("data", "mask", "train", "compare")


@pytest.fixture
def alices(store_directory: Path, users, table: Path) -> Store:
    """Alice's store, with a project on a file that she uploaded."""
    store = Store.open(users.workspace("alice"))
    sha256, path = store.add_file(table, "secret hall.csv")
    project = Project(name="Secret hall", data=DataSource(path=str(path), sha256=sha256))
    store.save_project("demo", project.model_dump_json(), 0)
    return store


def words(tab) -> str:
    assert not tab.exception
    return said(tab)


@pytest.mark.parametrize("page", PAGES)
def test_another_user_s_project_is_an_empty_one(alices, logged_in, open_page, page):
    logged_in("bob")
    assert "Secret" not in words(open_page(page, "demo"))
    logged_in("alice")
    assert "Secret hall" in words(open_page(page, "demo"))


def test_a_bare_address_opens_one_s_own_last_project(alices, logged_in, open_page):
    logged_in("alice")
    assert "Secret hall" in words(open_page("data", None))
    logged_in("bob")
    assert "Secret hall" not in words(open_page("data", None))


def test_nobody_but_users_owns_the_store_s_own_projects(project, logged_in, open_page):
    logged_in("alice")
    assert "Tiny" not in words(open_page("data", "demo"))


def test_another_user_s_experiment_can_t_be_named(alices, logged_in, open_page):
    given = Project.model_validate_json(alices.load_project("demo")[0])
    identity = add_trained(alices, parse_experiment(settings(given, name="secret trial")))
    logged_in("bob")
    assert "secret trial" not in words(open_page("compare", "mine", experiment=identity))
    logged_in("alice")
    tab = open_page("compare", "demo", experiment=identity)
    assert "secret trial" in str(tab.selectbox[0].options)


def test_an_upload_lands_in_its_user_s_own_folder(users, logged_in, open_page):
    logged_in("bob")
    tab = open_page("data", "mine")
    tab.button(key="data.open").click().run()
    csv = b"time,a\n2024-01-01,1\n2024-01-02,2\n2024-01-03,4\n"
    tab.file_uploader(key="data.upload").upload("mine.csv", csv, "text/csv").run()
    assert not tab.exception
    kept = list(users.workspace("bob").glob("data/*/*"))
    assert [one.name for one in kept] == ["mine.csv"]
    assert not users.workspace("alice").exists()


OUTSIDE = {
    "an absolute path": lambda folder: "/etc/hostname",
    "up and away": lambda folder: f"{folder}/users/bob/data/../../alice/data/x.csv",
    "another's file": lambda folder: str(next((folder / "users/alice/data").glob("*/*"))),
    "the users' file": lambda folder: str(folder / "access/users.json"),
    "one's own database": lambda folder: str(folder / "users/bob/masklab.db"),
    "a relative path": lambda folder: "users/alice/data/x.csv",
    "a home": lambda folder: "~/.ssh/id_rsa",
    "a NUL": lambda folder: f"{folder}/users/bob/data/\0x",
    "a process": lambda folder: "/proc/self/environ",
}  # fmt: skip


@pytest.mark.parametrize("kind", OUTSIDE)
@pytest.mark.usefixtures("alices")
def test_data_outside_the_workspace_is_never_opened(
    store_directory, logged_in, open_page, monkeypatch, kind
):
    path = OUTSIDE[kind](store_directory)
    bobs = Store.open(store_directory / "users" / "bob")
    hostile = Project(name="Loot", data=DataSource(path=path))
    bobs.save_project("loot", hostile.model_dump_json(), 0)
    logged_in("bob")
    monkeypatch.setattr("masklab.data.read.load", lambda *given: pytest.fail(f"opened {given}"))
    for page in PAGES:
        told = words(open_page(page, "loot"))
        assert "outside your workspace, and is not opened" in told
        assert "Secret" not in told


def test_a_link_out_of_the_workspace_is_not_followed(alices, users, logged_in, open_page):
    bobs = Store.open(users.workspace("bob"))
    place = bobs.directory / "data" / "x.csv"
    place.parent.mkdir()
    place.symlink_to(next((alices.directory / "data").glob("*/*")))
    bobs.save_project("loot", Project(data=DataSource(path=str(place))).model_dump_json(), 0)
    logged_in("bob")
    assert "outside your workspace" in words(open_page("data", "loot"))


def test_a_project_can_t_be_given_such_data_either(logged_in, users, monkeypatch):
    logged_in("bob")
    monkeypatch.setattr("streamlit.session_state", {})
    with pytest.raises(AccessError, match="outside your workspace"):
        state.panel_of(DataSource(path="/etc/hostname"))


def test_a_path_too_long_for_any_disk_gets_words(users, logged_in, open_page):
    bobs = Store.open(users.workspace("bob"))
    path = f"{bobs.directory}/data/" + "x/" * 3000
    bobs.save_project("loot", Project(data=DataSource(path=path)).model_dump_json(), 0)
    logged_in("bob")
    for page in PAGES:
        words(open_page(page, "loot"))


def test_samples_are_everybody_s(logged_in, open_page):
    logged_in("bob")
    tab = open_page("data", "mine")
    tab.button(key="data.use.seattle_weather").click().run()
    assert "Seattle" in words(tab)


@pytest.mark.parametrize(
    "cookie", ["", "nonsense", "alice.9999999999." + "0" * 32 + "." + "0" * 64]
)
def test_without_a_session_a_page_shows_nothing(alices, logged_in, open_page, cookie):
    logged_in(cookie=cookie)
    told = words(open_page("data", "demo"))
    assert "You are logged out. Load the page again to log in." in told
    assert "Secret" not in told


def test_a_tab_that_stays_open_ends_with_its_session(alices, gate: Gate, logged_in, open_page):
    cookie = logged_in("alice")
    tab = open_page("data", "demo")
    assert "Secret hall" in words(tab)
    gate.leave(cookie)
    tab.run()
    assert "You are logged out" in words(tab)
    assert "Secret" not in words(tab)


def test_a_tab_taken_over_by_another_login_is_emptied(alices, gate: Gate, logged_in, open_page):
    logged_in("alice")
    tab = open_page("data", "demo")
    logged_in("bob")
    tab.run()
    assert "Another user has logged in" in words(tab)
    tab.run()
    assert "Secret" not in words(tab)
    assert "Logged in as bob" in words(tab)


def test_a_header_names_nobody(alices, logged_in, open_page, monkeypatch):
    """What proxies set, anybody can set: only the signed cookie counts."""
    logged_in(cookie="none")
    loud = {"X-Forwarded-User": "alice", "Remote-User": "alice", "Authorization": "Basic YWxpY2U6"}
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.headers", property(lambda _: loud))
    assert "You are logged out" in words(open_page("data", "demo"))


def test_a_server_that_others_reach_without_a_login_stays_shut(project, open_page, monkeypatch):
    known = visitor.st.get_option

    def given(key: str):
        return "0.0.0.0" if key == "server.address" else known(key)  # noqa: S104

    monkeypatch.setattr(visitor.st, "get_option", given)
    told = words(open_page("data", "demo"))
    assert "can be reached from elsewhere (0.0.0.0) and asks for no password" in told
    assert "Tiny" not in told


def test_on_this_machine_alone_a_project_may_name_any_file(project, open_page):
    """Decided: who sits here may read their own files, in the browser as on the command line."""
    assert not visitor.is_confined()
    assert "Tiny" in words(open_page("data", "demo"))


def test_a_password_for_all_opens_the_store_itself(
    store, store_directory, table, open_page, monkeypatch
):
    _, path = store.add_file(table, "ours.csv")
    store.save_project(
        "demo", Project(name="Ours", data=DataSource(path=str(path))).model_dump_json()
    )
    gate = Gate(store_directory, OnePassword(store_directory, ALICE[1]))
    cookie = gate.enter("owner", ALICE[1])
    monkeypatch.setattr(ContextProxy, "cookies", property(lambda _: {gate.cookie: cookie}))
    visitor.keep(gate)
    try:
        assert "Ours" in words(open_page("data", "demo"))
    finally:
        visitor.keep(None)
