"""The app dies, alone or with all that it started: its runs come to the same end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from masklab.runs.store import Store
from tests.conftest import ROOT, _answers, free_port, wait_until
from tests.runs import faults
from tests.runs.conftest import eventually, processes_end, supervisor_pid, until_ended

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return faults.undisturbed(tmp_path_factory.mktemp("undisturbed"))


@contextmanager
def served(store: Store):
    """Start the app; yield its address and its process number; end it if it still lives."""
    port = free_port()
    command = [sys.executable, "-m", "masklab", "app", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--store", str(store.directory)],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _answers(f"{address}/_stcore/health"), seconds=60)
        yield address, process.pid
    finally:
        process.kill()
        process.wait(timeout=10)


def look_at(page, address) -> None:
    """Open the app, as somebody does who comes back: it sees to it that what waits is trained."""
    page.goto(address)
    page.get_by_test_id("stSidebar").wait_for()


@pytest.mark.parametrize(
    ("all_three", "number"),
    [
        (True, signal.SIGKILL),
        (False, signal.SIGKILL),
        pytest.param(True, signal.SIGTERM, marks=pytest.mark.long),
        pytest.param(False, signal.SIGTERM, marks=pytest.mark.long),
    ],
)
def test_the_app_is_ended_and_opened_again(page, tmp_path, expected, all_three, number):
    with processes_end(faults.checkpoint_often(Store.open(tmp_path / "store"))) as store:
        identity = store.add_experiment(faults.experiment(tmp_path))
        with served(store) as (address, pid):
            look_at(page, address)
            faults.all_train(store, identity, beyond=12)
            known = faults.epochs_known(store, identity)
            children = faults.running(store)
            os.kill(pid, number)
            if all_three:
                faults.kill_supervisor(store, number)
                for child in children:
                    faults.kill(child, number)
        if not all_three:  # nobody looks, and they train on
            assert supervisor_pid(store.directory)
            until_ended(store, identity)
        eventually(lambda: not set(faults.running(store)) & set(children))
        with served(store) as (address, _):
            look_at(page, address)
            until_ended(store, identity)
        assert faults.epochs_known(store, identity) >= known
        faults.assert_as_undisturbed(store, identity, expected)
