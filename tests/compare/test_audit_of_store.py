"""The audit of a store's runs: kept, told in one query, from the command line, in its own process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from masklab.cli import main
from masklab.compare import jobs
from masklab.compare.leakage import results, stored
from masklab.errors import StoreError
from masklab.runs import artifacts
from masklab.runs.store import Store
from tests.compare.stored_runs import train_into
from tests.runs.conftest import eventually, tiny


@pytest.fixture
def store(store_directory: Path) -> Store:
    return Store.open(store_directory)


@pytest.fixture
def experiment(store: Store, tmp_path: Path) -> str:
    """Two finished runs: `ignore` and `carry`."""
    return train_into(store, tiny(tmp_path, strategies=[{"kind": "ignore"}, {"kind": "carry"}]))


def called(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main([str(one) for one in arguments])
    seen = capsys.readouterr()
    return int(end.value.code or 0), seen.out, seen.err


def test_an_audit_is_kept_and_told_in_few_words(store: Store, experiment: str) -> None:
    leaking, clean = store.runs(experiment)
    assert results.badges(store, experiment) == {}
    assert results.badge(store, clean) is None
    for run in (leaking, clean):
        jobs.run(store, experiment, "audit", {"run": run.id})
    assert results.badges(store, experiment, "another") == {
        leaking.id: "1 of 12 failed",
        clean.id: "passed 12 of 12",
    }
    assert results.badge(store, clean) == "passed 12 of 12"
    found = results.audit_of(store, experiment, leaking.id)
    assert found is not None
    assert [one.name for one in found.failed] == ["hidden"]
    kept = store.artifacts(experiment, leaking.id, artifacts.WEIGHTS)[0]
    assert found.weights == kept.sha256
    assert found.check("common").evidence[f"differences from run {clean.id}"] == 0
    assert found.check("chosen").evidence["epochs to choose from"] == 3


def test_results_of_other_versions_are_not_shown(
    store: Store, experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = store.runs(experiment)[0]
    jobs.run(store, experiment, "audit", {"run": run.id})
    monkeypatch.setattr(results, "VERSION", results.VERSION + 1)
    assert results.badges(store, experiment) == {}
    assert results.audit_of(store, experiment, run.id) is None


def test_several_are_audited_in_a_process_of_their_own(store: Store, experiment: str) -> None:
    ids = [run.id for run in store.runs(experiment)]
    results.start(store, experiment, ids)
    job = eventually(
        lambda: results.job_of(store, experiment, ids), lambda one: one.status != "running"
    )
    assert (job.status, job.result, job.message) == ("finished", ids, "")
    assert set(results.badges(store, experiment)) == set(ids)
    assert not results.is_going_on(store, experiment)


def test_what_was_audited_before_is_not_audited_again(
    store: Store, experiment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [run.id for run in store.runs(experiment)]
    jobs.run(store, experiment, "audit", {"run": ids[0]})
    asked: list[str] = []
    audit_run = stored.audit_run
    monkeypatch.setattr(
        stored, "audit_run", lambda *given: asked.append(given[2]) or audit_run(*given)
    )
    shares: list[float] = []
    assert stored.audit_runs(store, experiment, ids, shares.append) == ids
    assert asked == ids[1:]
    assert shares == [0, 0.5]


def test_a_run_without_weights_is_said_and_the_others_are_audited(
    store: Store, experiment: str
) -> None:
    lost, other = store.runs(experiment)
    artifacts.remove(store.database, store.artifacts(experiment, lost.id, artifacts.WEIGHTS))
    with pytest.raises(StoreError, match=r"1 of 2 runs could not be audited.*keeps no weights"):
        jobs.run(store, experiment, "audit", results.several([lost.id, other.id]))
    assert set(results.badges(store, experiment)) == {other.id}


def test_damaged_weights_are_said(store: Store, experiment: str) -> None:
    run = store.runs(experiment)[0]
    row = store.artifacts(experiment, run.id, artifacts.WEIGHTS)[0]
    artifacts.path_of(store.directory, row).write_bytes(b"nothing")
    with pytest.raises(StoreError, match="damaged or gone"):
        jobs.run(store, experiment, "audit", {"run": run.id})


def test_a_run_that_is_not_there_or_has_not_finished_is_said(
    store: Store, experiment: str, tmp_path: Path
) -> None:
    with pytest.raises(StoreError, match="There is no run 'none'"):
        jobs.run(store, experiment, "audit", {"run": "none"})
    waiting = store.add_experiment(tiny(tmp_path, seeds=(7,)), ".")
    with pytest.raises(StoreError, match="has not finished"):
        jobs.run(store, waiting, "audit", {"run": store.runs(waiting)[0].id})


def test_the_command_fails_with_a_leak(
    store: Store, experiment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = called(capsys, "audit", experiment[:5], "--store", store.directory)
    assert code == 1
    assert "1 of 12 failed" in out
    assert "passed 12 of 12" in out
    assert "ignore, seed 0: Predictions change when hidden cells hold random numbers" in out
    assert "To repair: " in out


def test_the_command_passes_a_clean_run(
    store: Store, experiment: str, capsys: pytest.CaptureFixture[str]
) -> None:
    clean = store.runs(experiment)[1]
    code, out, _ = called(capsys, "audit", clean.id, "--store", store.directory)
    assert code == 0
    assert "Leakage audit of carry, seed 0" in out
    assert out.count(" passed ") >= 12
    code, out, _ = called(capsys, "audit", clean.id, "--format", "json", "--again")
    told = json.loads(out)
    assert code == 0
    assert [one["run"] for one in told] == [clean.id]
    assert told[0]["failed"] == 0


def test_the_command_says_what_is_not_there(
    store: Store, experiment: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = called(capsys, "audit", "nothing")
    assert code == 2
    assert "There is no experiment 'nothing'" in err
    waiting = store.add_experiment(tiny(tmp_path, seeds=(7,)), ".")
    code, _, err = called(capsys, "audit", waiting)
    assert code == 2
    assert "nothing to audit" in err
