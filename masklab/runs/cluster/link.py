"""The head's connection to a Dask scheduler, and through it to the workers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from masklab.runs.cluster.cache import receive
from masklab.runs.cluster.messages import Assignment, Greeting, Message, Order
from masklab.runs.cluster.outbox import exchange
from masklab.runs.cluster.remote import greet, train

T = TypeVar("T")

GPU = "GPU"
"""The resource of workers that have one: `dask worker --resources GPU=1`."""

_TIMEOUT = 15.0
_CHUNK = 4 << 20


class LinkLostError(Exception):
    """The scheduler does not answer, or is another one than before: it knows nothing of our runs."""


@dataclass(frozen=True)
class Node:
    """A worker process of the cluster."""

    address: str
    has_gpu: bool
    is_busy: bool


class Link:
    """A connection to a scheduler; every method raises `LinkLostError` if that is gone."""

    def __init__(self, scheduler: str) -> None:
        from distributed import Client  # noqa: PLC0415 - an extra

        self.scheduler = scheduler
        self._client: Any = _asked(
            lambda: Client(scheduler, timeout=_TIMEOUT, set_as_default=False, name="masklab-head")
        )
        self._scheduler_id = self._info()["id"]

    def nodes(self) -> dict[str, Node]:
        """Return the workers by address; raise `LinkLostError` if the scheduler was started anew."""
        info = self._info()
        if info["id"] != self._scheduler_id:
            raise LinkLostError("it was started anew")
        tasks = self._ask(self._client.processing)
        return {
            address: Node(address, bool(told["resources"].get(GPU)), bool(tasks.get(address)))
            for address, told in info["workers"].items()
        }

    def greet(self, addresses: Iterable[str]) -> dict[str, Greeting | Exception]:
        """Ask workers which MaskLab they have; an exception for one that has none."""
        said: dict[str, Greeting | Exception] = self._run(greet, workers=list(addresses))
        return said

    def exchange(
        self, orders: dict[str, Order], addresses: Iterable[str]
    ) -> dict[str, dict[str, list[Message]] | Exception]:
        """Give runs their orders; return by worker and token what they tell."""
        told: dict[str, dict[str, list[Message]] | Exception]
        told = self._run(exchange, orders, workers=list(addresses))
        return told

    def submit(self, assignment: Assignment, node: Node, *, takes_gpu: bool) -> Any:
        """Let a worker train a run; return the task's future."""
        resources = {GPU: 1} if takes_gpu else None
        return self._ask(
            lambda: self._client.submit(
                train,
                assignment,
                key=f"masklab-{assignment.token}",
                workers=[node.address],
                resources=resources,
                pure=False,
                retries=0,
            )
        )

    def send(self, path: Path, part: str, address: str) -> int:
        """Send a file piece by piece to a run that waits for it; return its bytes."""
        offset = 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                told = self._run(receive, part, offset, chunk, workers=[address]).get(address)
                offset += len(chunk)
                if told != offset:
                    raise OSError(f"{address} took {told!r} of {offset:,} bytes")
        return offset

    def close(self) -> None:
        """Let go of the connection and of what runs through it."""
        try:
            self._client.close(timeout=2)
        except (OSError, TimeoutError, RuntimeError, asyncio.CancelledError):
            return

    def _info(self) -> dict[str, Any]:
        # Client.scheduler_info reads a cache that the client writes anew now and then, without workers.
        client = self._client
        found: dict[str, Any]
        found = self._ask(lambda: client.sync(client.scheduler.identity, n_workers=-1))
        return found

    def _run(self, function: Callable[..., Any], *arguments: Any, workers: list[str]) -> Any:
        return self._ask(
            lambda: self._client.run(function, *arguments, workers=workers, on_error="return")
        )

    def _ask(self, question: Callable[[], T]) -> T:
        if self._client.status != "running":  # it looks for the scheduler, or has given up
            raise LinkLostError("the connection is closed")
        return _asked(question)


def _asked(question: Callable[[], T]) -> T:
    try:
        return question()
    # RuntimeError: the client has given up and closed itself.
    except (OSError, TimeoutError, RuntimeError, asyncio.CancelledError, CancelledError) as error:
        raise LinkLostError(str(error) or type(error).__name__) from error
