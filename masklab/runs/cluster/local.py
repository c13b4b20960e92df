"""A Dask cluster on this machine: a scheduler and workers that come back when they end."""

from __future__ import annotations

import importlib.util
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from masklab.errors import MaskLabError
from masklab.runs import capacity, detached
from masklab.runs.cluster.link import GPU
from masklab.runs.executors.dask import NOT_INSTALLED

FIRST_PORT = 8786

_NODE = "masklab.runs.cluster.node"
_QUIET = {
    "DASK_LOGGING__DISTRIBUTED": "warning",
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",  # else it looks at every stack each 10 ms
}
_ONE_THREAD = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_LOOK = 0.3
_LEAST_LIFE = 2.0
_GRACE = 5.0


@dataclass
class Member:
    """A process of the cluster, and how to start it."""

    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0

    def ensure(self) -> bool:
        """Start the process unless it lives or has just been started; return whether it was."""
        if self.process is not None and self.process.poll() is None:
            return False
        if time.monotonic() - self.started < _LEAST_LIFE:
            return False
        self.started = time.monotonic()
        self.process = subprocess.Popen(self.command, env=self.environment)  # noqa: S603 - Dask's own
        return True


class LocalCluster:
    """`scheduler`: the address of one that is there; None starts one at `host` and `port`.

    Each worker has one thread and, while there are any left, a GPU of its own. None of them has a
    nanny, which asks glibc for what makes training 2.5 times as slow; this process starts again
    what ends, and all end with it.
    """

    def __init__(self, workers: int, host: str, port: int | None, scheduler: str | None) -> None:
        if importlib.util.find_spec("distributed") is None:
            raise MaskLabError(NOT_INSTALLED)
        self._folder = tempfile.TemporaryDirectory(prefix="masklab-cluster-")
        self._host = host
        self.members: list[Member] = []
        if scheduler is None:
            chosen = _free_port(host, port)
            scheduler = f"tcp://[{host}]:{chosen}" if ":" in host else f"tcp://{host}:{chosen}"
            self.members.append(self._scheduler(chosen))
        self.address = scheduler
        gpus = capacity.gpus()
        for number in range(workers):
            gpu = gpus[number] if number < len(gpus) else None
            self.members.append(self._worker(gpu))

    def serve(self, say: Callable[[str], None]) -> None:
        """Keep all members alive until interrupted, then end them."""
        seen: set[int] = set()
        try:
            while True:
                for index, member in enumerate(self.members):
                    if member.ensure():
                        if index in seen:
                            say(f"A {member.command[3]} had ended and was started again.")
                        seen.add(index)
                time.sleep(_LOOK)
        finally:
            self.close()

    def close(self) -> None:
        """End all members, workers first."""
        living = [one.process for one in reversed(self.members) if one.process is not None]
        for process in living:
            process.terminate()
        deadline = time.monotonic() + _GRACE
        for process in living:
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._folder.cleanup()

    def _scheduler(self, port: int) -> Member:
        arguments = ["scheduler", "--host", self._host, "--port", str(port)]
        return self._member(
            [*arguments, "--dashboard-address", "127.0.0.1:0", "--no-dashboard"], {}
        )

    def _worker(self, gpu: str | None) -> Member:
        arguments = ["worker", self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard"]
        arguments += ["--dashboard-address", "127.0.0.1:0", "--memory-limit", "0"]
        arguments += ["--host", self._host, "--local-directory", self._folder.name]
        arguments += [] if gpu is None else ["--resources", f"{GPU}=1"]
        # One that has no GPU must not find another's; a machine without any is left as it is.
        visible = {"CUDA_VISIBLE_DEVICES": gpu or ""} if capacity.gpus() else {}
        return self._member(arguments, visible | dict.fromkeys(_ONE_THREAD, "1"))

    def _member(self, arguments: list[str], variables: dict[str, str]) -> Member:
        environment = detached.environment() | _QUIET | variables
        environment.pop("MALLOC_TRIM_THRESHOLD_", None)
        return Member([sys.executable, "-m", _NODE, *arguments], environment)


def _free_port(host: str, port: int | None) -> int:
    for candidate in [port] if port else range(FIRST_PORT, FIRST_PORT + 100):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    taken = str(port) if port else f"{FIRST_PORT} to {FIRST_PORT + 99}"
    raise MaskLabError(
        f"Port {taken} of {host} can't be used: another program has it, or it isn't this "
        "machine's address. Choose another with --port or --host."
    )
