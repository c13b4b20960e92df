"""Code is written into a folder from the store, without torch in this process, and nothing is lost."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest

from masklab.errors import ExperimentError
from masklab.export.code import KINDS, write
from masklab.export.code.writing import NAMES, zipped
from masklab.runs import artifacts
from masklab.runs.course import follow
from masklab.runs.desk import StoreDesk
from masklab.runs.ledger import Ledger
from masklab.runs.panels import panel_of
from masklab.runs.store import Store
from masklab.training.prepare import prepare
from tests.export.test_code import run_cleanly, scores
from tests.runs.conftest import tiny

BESIDE = ["data.csv", "mask.csv"]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    """A store with two finished runs and one that waits."""
    folder = tmp_path_factory.mktemp("store")
    store, ledger = Store.open(folder / "store"), None
    identity = store.add_experiment(tiny(folder, seeds=(0, 1), epochs=2))
    experiment = store.experiment(identity)
    prepared = prepare(experiment, panel_of(store.directory, experiment))
    ledger = Ledger(store)
    for run in store.runs()[:2]:
        claim = ledger.claim(run.id)
        strategy = next(one for one in experiment.strategies if one.label == run.strategy)
        follow(prepared, experiment, strategy, run.seed, StoreDesk(ledger, claim), nullcontext)
    assert [run.status for run in store.runs()] == ["finished", "finished", "queued", "queued"]
    return store


def carry_of(store: Store):
    return next(run for run in store.runs() if run.strategy == "carry")


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_holds_all_that_the_code_reads(store, kind, tmp_path):
    found = write(store, carry_of(store).id, tmp_path / "new" / "folder", kind)
    expected = [NAMES[kind], *BESIDE, *([] if kind == "keras" else ["weights.npz"])]
    assert [path.name for path in found] == expected
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == sorted(expected)


def test_a_script_from_the_store_gives_the_run_s_score(store, tmp_path):
    run = carry_of(store)
    code = write(store, run.id, tmp_path)[0]
    trained, kept = run_cleanly(str(code), f"{code}?--kept")
    for told in (trained, kept):
        assert scores(told)["rmse"] == pytest.approx(run.best_score, rel=1e-5)
        assert repr(run.best_score) in told["said"]


def test_kinds_share_a_folder_and_writing_again_changes_nothing(store, tmp_path):
    for kind in (*KINDS, *KINDS):
        write(store, carry_of(store).id, tmp_path, kind)
    names = {*NAMES.values(), *BESIDE, "weights.npz"}
    assert {path.name for path in tmp_path.iterdir()} == names


def test_a_file_of_the_user_s_is_never_overwritten(store, tmp_path):
    (tmp_path / "data.csv").write_text("mine")
    with pytest.raises(ExperimentError, match=r"already holds another data\.csv"):
        write(store, carry_of(store).id, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["data.csv"]
    assert (tmp_path / "data.csv").read_text() == "mine"


def test_a_run_that_has_not_finished_is_refused(store, tmp_path):
    with pytest.raises(ExperimentError, match="is queued"):
        write(store, store.runs()[2].id, tmp_path)
    with pytest.raises(ExperimentError, match="no run 'nobody'"):
        write(store, "nobody", tmp_path)


def test_a_folder_that_can_t_be_written_is_told(store, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ExperimentError, match="can't be written"):
        write(store, carry_of(store).id, tmp_path / "file" / "folder")


def test_a_zip_holds_the_same_files(store, tmp_path):
    run = carry_of(store)
    files = {path.name: path.read_bytes() for path in write(store, run.id, tmp_path)}
    with zipfile.ZipFile(io.BytesIO(zipped(store, run.id))) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == files


def test_weights_are_those_that_the_store_keeps(store, tmp_path):
    import safetensors.numpy  # noqa: PLC0415

    run = carry_of(store)
    write(store, run.id, tmp_path)
    row = store.artifacts(run.experiment_id, run.id, artifacts.WEIGHTS)[0]
    kept = safetensors.numpy.load_file(artifacts.path_of(store.directory, row))
    with np.load(tmp_path / "weights.npz") as written:
        assert set(kept) - set(written.files) == {"mean", "zero", "scale"}
        assert all((kept[name] == written[name]).all() for name in written.files)


def test_the_process_that_writes_needs_no_torch(store, tmp_path):
    """The app writes code; torch costs it seconds and memory."""
    code = (
        "import sys; from pathlib import Path; from masklab.runs.store import Store; "
        "from masklab.export.code import write, KINDS; store = Store(Path(sys.argv[1])); "
        "[write(store, sys.argv[2], Path(sys.argv[3]), kind) for kind in KINDS]; "
        "sys.exit('torch' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(store.directory), carry_of(store).id, str(tmp_path)]
    ended = subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=Path(__file__).parents[2]
    )
    assert ended.returncode == 0, ended.stderr


def test_a_notebook_is_valid_where_that_can_be_checked(store, tmp_path):
    nbformat = pytest.importorskip("nbformat")
    code = write(store, carry_of(store).id, tmp_path, "notebook")[0]
    nbformat.validate(nbformat.from_dict(json.loads(code.read_text())))
