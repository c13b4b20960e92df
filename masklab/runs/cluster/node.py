"""A scheduler or worker of `masklab cluster`: Dask's own command, which ends with its parent.

`python -m masklab.runs.cluster.node scheduler|worker ...`, with that command's arguments.
"""

from __future__ import annotations

import os
import sys
import threading
import time

_LOOK = 0.5
_NICENESS = 5


def main(arguments: list[str]) -> None:
    """Be a scheduler or a worker until told to end, or left alone."""
    from distributed.cli import dask_scheduler, dask_worker  # noqa: PLC0415 - an extra

    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    role, *options = arguments
    if role == "worker":
        os.nice(_NICENESS)  # the page that watches must stay fluid
    commands = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
    commands[role].main(options, prog_name=f"dask {role}")


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
