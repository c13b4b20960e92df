"""What is advised about runs that failed, from the messages that MaskLab itself writes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from masklab.errors import MaskLabError
from masklab.runs.ledger import MOST_DEATHS, Ledger
from masklab.runs.remedies import what_to_do
from masklab.runs.rows import RunRow
from masklab.runs.store import Store
from masklab.training.device import resolve_device
from masklab.training.diagnosis import check_finite
from masklab.training.prepare import prepare
from tests.runs.conftest import tiny


@pytest.fixture
def failed(store: Store, tmp_path: Path) -> RunRow:
    store.add_experiment(tiny(tmp_path), tmp_path)
    return replace(store.runs()[0], status="failed")


def test_a_run_that_did_not_fail_needs_nothing(failed: RunRow):
    assert not what_to_do(replace(failed, status="stopped", message="The loss is nan"))


def test_a_loss_that_is_not_finite_asks_for_other_settings(failed: RunRow, tmp_path: Path):
    experiment = tiny(tmp_path)
    prepared = prepare(experiment, experiment.load_panel(tmp_path))
    with pytest.raises(MaskLabError) as caught:
        check_finite(torch.tensor([np.nan]), "epoch 2", prepared, experiment.training)
    assert "learning rate" in what_to_do(replace(failed, message=str(caught.value)))


def test_workers_that_keep_dying_ask_for_memory(failed: RunRow, store: Store):
    ledger = Ledger(store)
    for _ in range(MOST_DEATHS):
        claim = ledger.claim(failed.id)
        ledger.bury(failed.id, claim.process, "was killed (signal 9)")
    run = store.runs()[0]
    assert run.status == "failed"
    assert "fewer runs train at once" in what_to_do(run)


def test_a_file_that_is_gone_asks_for_it(failed: RunRow, tmp_path: Path):
    experiment = tiny(tmp_path)
    (tmp_path / "tiny.csv").unlink()
    with pytest.raises(MaskLabError) as caught:
        experiment.pinned(tmp_path)
    assert "Put the file back" in what_to_do(replace(failed, message=str(caught.value)))


def test_a_file_that_has_changed_asks_for_the_old_one(failed: RunRow, tmp_path: Path):
    pinned = tiny(tmp_path).pinned(tmp_path)
    (tmp_path / "tiny.csv").write_text("time,a\n2024-01-01,1\n2024-01-02,2\n")
    with pytest.raises(MaskLabError) as caught:
        pinned.load_panel(tmp_path)
    assert "Restore the file" in what_to_do(replace(failed, message=str(caught.value)))


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has that device")
def test_a_device_that_is_not_there_asks_for_another(failed: RunRow):
    with pytest.raises(MaskLabError) as caught:
        resolve_device("mps")
    assert "another device" in what_to_do(replace(failed, message=str(caught.value)))


@pytest.mark.parametrize(
    ("message", "advice"),
    [
        (
            "OSError: [Errno 28] No space left on device. See the event log for details.",
            "Free some",
        ),
        ("MemoryError: no more is known. See the event log for details.", "fewer runs"),
        ("KeyError: 'x'. See the event log for details.", "report it with its log"),
        ("", "report it with its log"),
    ],
)
def test_errors_of_the_system_and_of_ours(failed: RunRow, message: str, advice: str):
    assert advice in what_to_do(replace(failed, message=message))
