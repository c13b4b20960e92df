"""`masklab export`: every kind, and mistakes answered with a sentence."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType

import pandas as pd
import pytest

from masklab.cli import main
from masklab.cli.exporting import KINDS
from masklab.runs.spec import Experiment
from masklab.runs.store import Store
from tests.ui.conftest import experiment, project, store, table

__all__ = ["experiment", "project", "store", "table"]


def export(store: Store, *arguments: str) -> None:
    main(["export", "--store", str(store.directory), *arguments])


def refused(capsys: pytest.CaptureFixture[str], store: Store, *arguments: str) -> str:
    with pytest.raises(SystemExit) as left:
        export(store, *arguments)
    assert left.value.code == 2
    said = capsys.readouterr().err.strip()
    assert "\n" not in said
    return said


def test_the_command_offers_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    main(["export", "--help"])
    told = capsys.readouterr().out.replace("\n", "")
    assert f"[{'|'.join(KINDS)}]" in told.replace(" ", "")


def test_a_report(store: Store, experiment: str, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    export(store, experiment[:5], "--as", "report", str(path), "--metric", "mae")
    page = path.read_text()
    assert "<h1>tiny</h1>" in page
    assert "MAE (scaled), mean ± std (n)" in page


def test_a_report_of_some_runs(store: Store, experiment: str, tmp_path: Path) -> None:
    path = tmp_path / "r.html"
    export(store, f"{experiment}-1", f"{experiment}-0002", "--as", "report", str(path))
    assert "2 runs of 1 experiment" in path.read_text()


def test_tables(store: Store, experiment: str, tmp_path: Path) -> None:
    export(store, experiment, "--as", "csv", str(tmp_path / "t"), "--units", "original")
    names = sorted(one.name for one in (tmp_path / "t").iterdir())
    assert names == ["curves.csv", "epochs.csv", "table.csv"]
    curves = pd.read_csv(tmp_path / "t" / "curves.csv")
    reports = store.reports(experiment)
    first = reports[(reports["strategy"] == "ignore") & (reports["epoch"] == 1)]
    mine = curves[(curves["strategy"] == "ignore") & (curves["epoch"] == 1)]
    assert mine["mean"].item() == pytest.approx(first["common_original_rmse"].mean())
    assert set(curves["units"]) == {"original"}


def test_a_specification(store: Store, experiment: str, tmp_path: Path) -> None:
    path = tmp_path / "e.yaml"
    export(store, experiment, "--as", "yaml", str(path))
    assert Experiment.from_yaml(path.read_text()) == store.portable(experiment)


def test_event_files(
    store: Store, experiment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("tensorboard")
    export(store, experiment, "--as", "tensorboard", str(tmp_path / "tb"))
    assert "6 runs. Look at them with `tensorboard --logdir" in capsys.readouterr().out
    assert len(list((tmp_path / "tb" / experiment).iterdir())) == 6


@pytest.mark.parametrize("kind", ["script", "notebook", "keras"])
def test_code_is_of_one_run(  # noqa: PLR0917
    store: Store,
    experiment: str,
    tmp_path: Path,
    kind: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    asked: list[tuple[str, str]] = []
    code = ModuleType("masklab.export.code")

    def write(store: Store, run_id: str, folder: Path, kind: str) -> list[Path]:
        asked.append((run_id, kind))
        return [folder / "run.py"]

    code.write = write  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "masklab.export.code", code)
    export(store, f"{experiment}-0003", "--as", kind, str(tmp_path))
    assert asked == [(f"{experiment}-0003", kind)]
    assert "run.py" in capsys.readouterr().out
    said = refused(capsys, store, experiment, "--as", kind, str(tmp_path))
    assert f"has 6: {experiment}-0000 (ignore, seed 0)" in said
    said = refused(capsys, store, experiment, experiment, "--as", kind, str(tmp_path))
    assert "one run at a time" in said


def test_mistakes_are_answered(
    store: Store, experiment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = str(tmp_path / "x")
    assert "Name an experiment or a run" in refused(capsys, store, target, "--as", "yaml")
    assert "no experiment 'zzz'" in refused(capsys, store, "zzz", target, "--as", "yaml")
    assert "has no run" in refused(capsys, store, f"{experiment}-77", target, "--as", "report")
    assert "one experiment at a time" in refused(
        capsys, store, experiment, experiment, target, "--as", "yaml"
    )
    missing = str(tmp_path / "none" / "x")
    for kind in ("report", "yaml"):
        assert "Name another file" in refused(capsys, store, experiment, missing, "--as", kind)
    (tmp_path / "file").write_text("")
    for kind in ("csv", "tensorboard"):
        said = refused(capsys, store, experiment, str(tmp_path / "file"), "--as", kind)
        assert "Name another folder" in said
