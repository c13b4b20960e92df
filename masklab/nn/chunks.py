"""How sequences of unequal length are cut into rectangles, each one call of the fused kernel."""

from __future__ import annotations

from typing import NamedTuple

CALL_COST = 256
"""Cost of one more kernel call, forward and backward, in cells (one row, one step) computed.

Measured on a CPU for 32 to 128 hidden units: between 150 and 300.
"""


class Chunk(NamedTuple):
    """A rectangle of packed steps: `rows` sequences, the longest first, over `steps` steps."""

    steps: int
    rows: int


def cut_into_chunks(alive: list[int]) -> list[Chunk]:
    """Return rectangles, in order of time, that cover every step of every sequence.

    `alive[k]` is the number of sequences longer than k steps; it never increases. One rectangle
    wastes the cells of sequences that have ended; many cost a call each. A cut is made where it
    saves most, as long as it saves more than a call.
    """
    if not alive:
        return []
    cut, saved = 0, CALL_COST
    for step, rows in enumerate(alive):
        saving = (len(alive) - step) * (alive[0] - rows)
        if saving > saved:
            cut, saved = step, saving
    if cut == 0:
        return [Chunk(len(alive), alive[0])]
    return cut_into_chunks(alive[:cut]) + cut_into_chunks(alive[cut:])
