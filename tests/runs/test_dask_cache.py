"""Files of the head's store on a worker: whole, checked, asked for once, dropped where the disk is full."""

from __future__ import annotations

import hashlib
import shutil
import threading
from pathlib import Path

import pytest

from masklab.errors import TrainingError
from masklab.runs.cluster import cache as caching
from masklab.runs.cluster.cache import Cache, receive
from masklab.runs.cluster.messages import FileRef, Order
from masklab.runs.cluster.outbox import Outbox
from masklab.runs.watch import StopRequested
from tests.runs.conftest import eventually

CONTENT = bytes(range(256)) * 40


def ref(content: bytes = CONTENT, name: str = "tiny.csv") -> FileRef:
    return FileRef(hashlib.sha256(content).hexdigest(), name, len(content))


@pytest.fixture
def outbox():
    with Outbox("token", lambda: True) as one:
        yield one


def answered(outbox: Outbox, content: bytes, piece: int = 1000) -> threading.Thread:
    """Send a file in pieces to whoever asks first, as the head does."""

    def answer() -> None:
        asked = eventually(lambda: outbox.take(Order(0, False)))
        _, part = asked[0].content
        for offset in range(0, len(content), piece):
            chunk = content[offset : offset + piece]
            assert receive(part, offset, chunk) == offset + len(chunk)

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


def test_a_file_comes_in_pieces_and_keeps_the_ending_that_tells_its_format(tmp_path, outbox):
    sender = answered(outbox, CONTENT)
    path = Cache(tmp_path).fetch(ref(), outbox)
    sender.join()
    assert path.read_bytes() == CONTENT
    assert path.suffix == ".csv"


def test_workers_that_share_a_folder_ask_for_a_file_once(tmp_path, outbox):
    sender = answered(outbox, CONTENT)
    found: list[Path] = []
    with Outbox("another", lambda: True) as other:
        pair = [
            threading.Thread(target=lambda one=one: found.append(Cache(tmp_path).fetch(ref(), one)))
            for one in (outbox, other)
        ]
        pair[0].start()
        eventually(lambda: outbox.take(Order(0, False)))
        pair[1].start()
        for thread in [*pair, sender]:
            thread.join(timeout=60)
        assert found[0] == found[1]
        assert other.take(Order(0, False)) == []
    Cache(tmp_path).fetch(ref(), outbox)
    assert [one.kind for one in outbox.take(Order(0, False))] == ["needs"]


def test_bytes_that_changed_on_their_way_are_not_taken(tmp_path, outbox):
    sender = answered(outbox, CONTENT[::-1])
    with pytest.raises(TrainingError, match="did not arrive as it was sent"):
        Cache(tmp_path).fetch(ref(), outbox)
    sender.join()
    assert [one for one in (tmp_path / caching.FOLDER).iterdir() if one.suffix == ".csv"] == []


def test_a_run_that_is_stopped_does_not_wait_for_its_data(tmp_path, outbox):
    outbox.take(Order(0, True))
    with pytest.raises(StopRequested):
        Cache(tmp_path).fetch(ref(), outbox)
    _, part = outbox.take(Order(0, True))[0].content
    assert receive(part, 0, CONTENT) == -1  # nobody waits any more


def test_names_can_t_lead_out_of_the_folder(tmp_path, outbox):
    sender = answered(outbox, CONTENT)
    path = Cache(tmp_path).fetch(ref(name="../../etc/passwd.csv"), outbox)
    sender.join()
    assert path.parent == tmp_path / caching.FOLDER


def test_files_used_longest_ago_go_where_the_disk_is_full(tmp_path, outbox, monkeypatch):
    cache = Cache(tmp_path)
    for name in ("a", "b"):
        (cache.directory / name).write_bytes(b"old")
    free = iter([0, 2 << 30])
    monkeypatch.setattr(
        shutil, "disk_usage", lambda folder: shutil._ntuple_diskusage(0, 0, next(free))
    )
    sender = answered(outbox, CONTENT)
    kept = cache.fetch(ref(), outbox)
    sender.join()
    assert not (cache.directory / "a").exists()
    assert (cache.directory / "b").exists()
    assert kept.exists()
