"""How many files a store's folder takes, and how much: checked before anything is kept."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from masklab.errors import StoreError

FILES_MOST = 1000
"""Files of different content; more than anybody looks through, and quick to count."""
BYTES_MOST = 20 * 10**9
"""A hundred files of the largest size that can be uploaded."""
FREE_LEAST = 500 * 10**6
"""What stays free on the disk, so that runs can still write their epochs; of a small one a twentieth."""


def check_disk(directory: Path, name: str, size: int) -> None:
    """Raise `StoreError` if a file of `size` bytes would fill the disk."""
    disk = shutil.disk_usage(directory)
    free, least = disk.free, min(FREE_LEAST, disk.total // 20)
    if free - size < least:
        raise StoreError(
            f"The disk that holds the store has {_spoken(free)} left, and {name!r} takes "
            f"{_spoken(size)}: it was not kept. Free some space; {_spoken(least)} stay for runs."
        )


def check_folder(directory: Path, name: str, size: int) -> None:
    """Raise `StoreError` if one more content of `size` bytes is too many or too much."""
    sizes = [_size(Path(entry.path)) for entry in os.scandir(directory) if entry.is_dir()]
    way_out = "Delete experiments and projects that nobody needs, and their files in the store's folder data."
    if len(sizes) >= FILES_MOST:
        raise StoreError(
            f"The store keeps {len(sizes):,} files, and takes up to {FILES_MOST:,}: {name!r} was not "
            f"kept. {way_out}"
        )
    if sum(sizes) + size > BYTES_MOST:
        raise StoreError(
            f"The store keeps {_spoken(sum(sizes))} of files, and takes up to {_spoken(BYTES_MOST)}: "
            f"{name!r} with {_spoken(size)} was not kept. {way_out}"
        )


def _size(folder: Path) -> int:
    """Return the bytes of a content; its other names are links to the same bytes."""
    return max((entry.stat().st_size for entry in os.scandir(folder)), default=0)


def _spoken(size: int) -> str:
    return f"{size / 10**9:,.1f} GB" if size >= 10**9 else f"{size / 10**6:,.1f} MB"
