"""Random faults for a while, then a look at the store: nothing is lost, doubled or left behind.

`MASKLAB_SOAK=SECONDS` soaks for longer, `MASKLAB_SOAK_SEED` in another way.
"""

from __future__ import annotations

import os

import pytest

from masklab.runs.ledger import Ledger
from masklab.runs.store import Store
from tests.runs.conftest import eventually, processes_end
from tests.runs.invariants import (
    check_events,
    check_files,
    check_scores,
    check_wishes,
    settled,
)
from tests.runs.soak import GO, Soak, processes_of

SECONDS = float(os.environ.get("MASKLAB_SOAK", "20"))
SEED = int(os.environ.get("MASKLAB_SOAK_SEED", "1"))


@pytest.mark.slow
@pytest.mark.timeout(600 + 2 * SECONDS)
def test_a_store_comes_through_random_faults_whole(tmp_path):
    with processes_end(Store.open(tmp_path / "store")) as store:
        soak = Soak(store, tmp_path, SEED)
        try:
            soak.disturb(SECONDS)
            _come_to_rest(soak)
            check_wishes(store, soak.wishes)
            check_all(store)
            store.resume_all()
            for run in store.runs():
                if run.status in {"stopped", "failed"}:
                    store.retry(run.id)
                    soak.wishes[run.id].status = GO
            _come_to_rest(soak)
            check_all(store)
            eventually(lambda: processes_of(store.directory), lambda found: not found)
            assert not Ledger(store).running()
        except BaseException as error:
            error.add_note(f"Seed {SEED}: {' '.join(soak.done)}")
            raise


def check_all(store: Store) -> None:
    for row in store.experiments():
        check_events(store, row.id)
        check_scores(store, row.id)
        check_files(store, row.id)


def _come_to_rest(soak: Soak) -> None:
    def rests() -> bool:
        soak.ensure()
        return settled(soak.store)

    eventually(rests, seconds=300)
