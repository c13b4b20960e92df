"""How lanes of unequal length are cut into rectangles, each one call of the fused kernel."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

CALL_COST = 12_000
"""Cost of one more call, forward and backward, as rows x steps x hidden units computed.

Measured on a CPU at 32, 64 and 128 hidden units: 0.3 to 0.5 ms a call.
"""

MOST_NUMBERS = 2**18
"""Rows x steps x hidden units of one call, at most, where steps can be cut.

Larger buffers cost a third more for each cell: they outgrow the cache, and the allocator gives
them back to the system after every call.
"""


class Chunk(NamedTuple):
    """A rectangle of packed steps: `rows` lanes, the longest first, over `steps` steps."""

    steps: int
    rows: int


def cut_into_chunks(alive: list[int], hidden_size: int) -> list[Chunk]:
    """Return rectangles, in order of time, that cover every step of every lane.

    `alive[k]` is the number of lanes longer than k steps; it never increases. One rectangle
    wastes the cells of lanes that have ended; many cost a call each. A cut is made where it
    saves most, as long as it saves more than a call.
    """
    cut, saved = 0, CALL_COST // hidden_size
    length, widest = len(alive), alive[0]
    for step, rows in enumerate(alive):
        saving = (length - step) * (widest - rows)
        if saving > saved:
            cut, saved = step, saving
    if cut == 0:
        return _cut_to_size(Chunk(len(alive), alive[0]), hidden_size)
    return cut_into_chunks(alive[:cut], hidden_size) + cut_into_chunks(alive[cut:], hidden_size)


def cost_of(chunks: list[Chunk], hidden_size: int) -> int:
    """Return the cost of all calls, in the unit of `CALL_COST`."""
    return sum(steps * rows * hidden_size + CALL_COST for steps, rows in chunks)


def _cut_to_size(chunk: Chunk, hidden_size: int) -> list[Chunk]:
    """Cut a chunk into equal parts, none larger than a call should be."""
    most = max(1, MOST_NUMBERS // (chunk.rows * hidden_size))
    parts = -(-chunk.steps // most)
    ends = [chunk.steps * part // parts for part in range(parts + 1)]
    return [Chunk(end - begin, chunk.rows) for begin, end in pairwise(ends)]
