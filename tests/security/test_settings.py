"""Who logs in sees who trains, and can't choose it: a scheduler is obeyed by the server's account."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from masklab.runs.store import Store
from masklab.ui import guard, settings_panel, state

SCRIPT = "from masklab.ui.settings_panel import settings_panel\nsettings_panel()"


def test_a_visitor_who_logs_in_chooses_no_executor(users, logged_in, monkeypatch):
    logged_in("bob")
    monkeypatch.setattr(state, "_is_local", lambda: True)  # as behind a proxy on the same machine
    tab = AppTest.from_string(SCRIPT).run()
    assert not tab.exception
    assert not tab.selectbox
    assert {one.key for one in tab.number_input} == {
        "settings.checkpoints.epochs",
        "settings.checkpoints.seconds",
    }
    assert "Who runs this server chooses that." in [one.value for one in tab.caption]
    assert str(users.workspace("bob").parent) not in " ".join(one.value for one in tab.code)


def test_what_a_browser_sends_all_the_same_is_refused(users, logged_in, monkeypatch):
    logged_in("bob")
    said: dict[str, list[str]] = {}
    monkeypatch.setattr(guard.st, "session_state", said)
    settings_panel._take({"kind": "dask", "scheduler": "tcp://198.51.100.1:8786"})
    assert said[guard._SAID] == ["Who runs this server chooses who trains. Ask them."]
    assert Store.open(users.workspace("bob")).setting("executor") is None


def test_who_sits_at_the_machine_chooses(store_directory, monkeypatch):
    monkeypatch.setattr(state, "_is_local", lambda: True)
    tab = AppTest.from_string(SCRIPT).run()
    assert not tab.exception
    assert tab.selectbox(key="settings.kind").options
    assert str(store_directory) in [one.value for one in tab.code]


@pytest.mark.parametrize("draft", [{"kind": "local", "slots": 3}])
def test_a_choice_is_kept(store_directory, draft, monkeypatch):
    monkeypatch.setattr(settings_panel.st, "session_state", {})
    settings_panel._take(draft)
    assert Store.open(store_directory).setting("executor")["slots"] == 3
