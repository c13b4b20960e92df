"""Files of the head's store on a worker, named by the SHA-256 of their bytes, sent once.

Workers that share a scratch folder share these files too: one asks for a file, the others wait.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from masklab.errors import TrainingError
from masklab.runs import files
from masklab.runs.cluster.messages import FileRef

if TYPE_CHECKING:
    from masklab.runs.cluster.outbox import Outbox

FOLDER = "masklab-files"

_LOOK = 0.05
_SPARE = 1 << 30


class Cache:
    """A folder of files by content; the files used longest ago go where the disk is full."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / FOLDER
        self.directory.mkdir(parents=True, exist_ok=True)

    def fetch(self, file: FileRef, outbox: Outbox) -> Path:
        """Return the path of a file; ask the head for it if it isn't here.

        Raises `TrainingError` if what arrives is not the file, `StopRequested` if the run shall stop
        meanwhile.
        """
        target = self.directory / f"{file.sha256}-{files.safe_name(file.name)}"
        with self._turn(file, outbox):
            if not target.exists():
                self._receive(file, target, outbox)
            target.touch()
        return target

    def drop(self, file: FileRef) -> None:
        """Delete a file that nobody needs again."""
        (self.directory / f"{file.sha256}-{files.safe_name(file.name)}").unlink(missing_ok=True)

    @contextlib.contextmanager
    def _turn(self, file: FileRef, outbox: Outbox) -> Iterator[None]:
        with (self.directory / f".{file.sha256}.lock").open("a") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    outbox.check()
                    time.sleep(_LOOK)
            yield

    def _receive(self, file: FileRef, target: Path, outbox: Outbox) -> None:
        self._make_room(file.size)
        part = self.directory / f".part-{outbox.token}-{file.sha256[:12]}"
        part.write_bytes(b"")
        try:
            outbox.put("needs", file.sha256, str(part))
            while part.stat().st_size < file.size:
                outbox.check()
                time.sleep(_LOOK)
            with part.open("rb") as received:
                digest = hashlib.file_digest(received, "sha256").hexdigest()
            if digest != file.sha256:
                raise TrainingError(
                    f"{file.name} did not arrive as it was sent: its SHA-256 starts with "
                    f"{digest[:12]}, not {file.sha256[:12]}. Start the run again."
                )
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)

    def _make_room(self, size: int) -> None:
        """Delete the files used longest ago until there is room for `size` bytes and some more."""
        known = [one for one in self.directory.iterdir() if not one.name.startswith(".")]
        for path in sorted(known, key=lambda one: one.stat().st_mtime):
            if shutil.disk_usage(self.directory).free > size + _SPARE:
                return
            path.unlink(missing_ok=True)


def receive(part: str, offset: int, chunk: bytes) -> int:
    """Write a piece of a file that a run of this worker waits for; return how long it is now.

    A piece that came before is written over with the same bytes. -1: nobody waits any more.
    """
    try:
        with Path(part).open("r+b") as file:
            file.seek(offset)
            file.write(chunk)
            return file.tell()
    except FileNotFoundError:
        return -1
