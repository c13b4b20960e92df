"""Take it away: what the Compare page hands out is what is on screen."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from streamlit.testing.v1 import AppTest

from masklab.errors import StoreError
from masklab.runs.store import Store
from tests.ui.conftest import said

Open = Callable[..., AppTest]


def test_every_way_out_has_its_row(experiment: str, open_page: Open) -> None:
    tab = open_page("compare", part="take")
    assert not tab.exception
    for row in (
        "Picture",
        "Tables",
        "Report",
        "Experiment",
        "Code of a run",
        "Other trackers",
        "Link",
    ):
        assert f"**{row}**" in said(tab)
    labels = [one.proto.label for one in tab.get("download_button")]
    for label in ("Table", "Curves", "Epochs", "Report (HTML)", "Experiment (YAML)"):
        assert label in labels
    assert f"masklab export {experiment}" in tab.code[0].value


def test_only_finished_runs_have_code(experiment: str, open_page: Open) -> None:
    tab = open_page("compare", part="take")
    assert len(tab.selectbox(key="compare.take.run").options) == 5


def test_code_is_written_for_the_chosen_run_and_offered_as_a_zip(
    experiment: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ModuleType("masklab.export.code")

    def write(store: Store, run_id: str, folder: Path, kind: str) -> list[Path]:
        (folder / f"{kind}.py").write_text(run_id)
        return [folder / f"{kind}.py"]

    code.write = write  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "masklab.export.code", code)
    tab = open_page("compare", part="take")
    tab.selectbox(key="compare.take.run").set_value(f"{experiment}-0001").run()
    tab.button(key="compare.take.keras").click().run()
    assert not tab.exception
    name, content = tab.session_state["compare.take.made"]
    assert name == "masklab-tiny-0001-keras.zip"
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert file.read("keras.py").decode() == f"{experiment}-0001"
    assert any(one.proto.label.startswith(f"Save {name}") for one in tab.get("download_button"))


def test_code_that_can_t_be_written_is_said(
    experiment: str, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = ModuleType("masklab.export.code")

    def write(*_: object) -> list[Path]:
        raise StoreError("The weights of this run are gone. Train it again.")

    code.write = write  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "masklab.export.code", code)
    tab = open_page("compare", part="take")
    tab.button(key="compare.take.script").click().run()
    assert not tab.exception
    assert "The weights of this run are gone" in tab.error[0].value


def test_event_files_are_offered_as_a_zip(experiment: str, open_page: Open) -> None:
    pytest.importorskip("tensorboard")
    tab = open_page("compare", part="take")
    tab.button(key="compare.take.tensorboard").click().run()
    assert not tab.exception
    _, content = tab.session_state["compare.take.made"]
    with zipfile.ZipFile(io.BytesIO(content)) as file:
        assert len(file.namelist()) == 6
        assert all("tfevents" in name for name in file.namelist())
