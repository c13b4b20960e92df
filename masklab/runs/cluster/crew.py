"""The workers of a cluster as the head knows them: who can train, who is free, who takes which run."""

from __future__ import annotations

import masklab
from masklab.runs.cluster.link import Link, Node
from masklab.runs.cluster.messages import Greeting
from masklab.runs.ledger import Waiting
from masklab.runs.logs import say


class Crew:
    """Greets each worker once; one with another MaskLab, or none, is told and left alone."""

    def __init__(self) -> None:
        self._nodes: dict[str, Node] = {}
        self._fit: dict[str, bool] = {}

    def meet(self, nodes: dict[str, Node], link: Link) -> None:
        """Learn who is there now, and greet those that are new."""
        self._nodes = nodes
        self._fit = {address: fit for address, fit in self._fit.items() if address in nodes}
        new = [address for address in nodes if address not in self._fit]
        for address, said in link.greet(new).items() if new else ():
            trouble = _trouble(said)
            self._fit[address] = not trouble
            say(f"Worker {address} {trouble or 'is there'}.")

    def free(self, taken: set[str]) -> list[Node]:
        """Return the workers that may be given a run."""
        return [
            node
            for node in self._nodes.values()
            if self._fit.get(node.address) and not node.is_busy and node.address not in taken
        ]

    def choose(self, run: Waiting, free: list[Node]) -> Node | None:
        """Return the free worker for a run; None if it waits for one.

        A run on the CPU leaves GPUs to others where it can; one that may use a GPU waits for one
        where there are any.
        """
        fit = [node for node in self._nodes.values() if self._fit.get(node.address)]
        with_gpu = run.device != "cpu" and any(node.has_gpu for node in fit)
        suited = [node for node in free if node.has_gpu] if with_gpu else free
        return min(suited, key=lambda node: node.has_gpu, default=None)


def _trouble(said: Greeting | Exception) -> str:
    if isinstance(said, Exception):
        return f"can't train: {type(said).__name__}: {said}. Install masklab[dask] where it runs"
    if said.version != masklab.__version__:
        return f"has MaskLab {said.version}, not {masklab.__version__}: it gets no runs"
    return "" if said.has_torch else "lacks torch: it gets no runs"
