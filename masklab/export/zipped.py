"""What exports write into a folder, as one zip."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

from masklab.errors import StoreError


def zipped(write: Callable[[Path], Iterable[Path]]) -> bytes:
    """Return as a zip what `write` leaves in the empty folder that it is given.

    Raises `StoreError` if there is no room for it, and what `write` raises.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="masklab-") as place:
            folder = Path(place)
            write(folder)
            content = io.BytesIO()
            with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
                for path in sorted(one for one in folder.rglob("*") if one.is_file()):
                    file.write(path, path.relative_to(folder).as_posix())
            return content.getvalue()
    except OSError as error:
        raise StoreError(
            f"The files can't be written: {error.strerror or error}. Make room on the disk, and try again."
        ) from error
