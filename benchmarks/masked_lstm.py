"""`MaskedLSTM`, forward and backward, against what else runs an LSTM over a mask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import product

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from benchmarks.keras_lstm import is_installed, keras_pass
from benchmarks.measuring import Job, interleaved, ratios
from benchmarks.report import Progress, Report, Row
from masklab.nn import MaskedLSTM, reference_masked_lstm

UNIT = "nn.LSTM"


@dataclass(frozen=True)
class Size:
    """Batch, time, feature and hidden sizes."""

    batch: int
    time: int
    feature: int
    hidden: int

    def __str__(self) -> str:
        return f"B={self.batch} T={self.time} F={self.feature} H={self.hidden}"


@dataclass(frozen=True)
class Case:
    """One size, number of directions, kind of mask and percent of steps masked."""

    size: Size
    directions: int
    mask: str
    percent: int

    def as_row(self) -> Row:
        """Return how a row of results names it."""
        row: Row = {"size": str(self.size), "directions": self.directions}
        return {**row, "mask": self.mask, "masked %": self.percent}


MIDDLE, LARGE, SMALL = Size(64, 100, 8, 64), Size(64, 256, 8, 128), Size(32, 48, 8, 32)
SHARES = (0, 25, 50, 75, 90, 95)
"""Percent of the steps that are masked."""


def random_mask(size: Size, percent: int) -> Tensor:
    """Hide single steps, exactly `percent` of them."""
    steps = size.batch * size.time
    hidden = torch.randperm(steps) < round(percent / 100 * steps)
    return ~hidden.view(size.batch, size.time)


def block_mask(size: Size, percent: int, length: int = 12) -> Tensor:
    """Hide stretches of `length` steps, anywhere in the batch, until `percent` of it is hidden."""
    observed = torch.ones(size.batch, size.time, dtype=torch.bool)
    wanted = round(percent / 100 * observed.numel())
    while (missing := wanted - int((~observed).sum())) > 0:
        row, start = int(torch.randint(size.batch, ())), int(torch.randint(size.time, ()))
        observed[row, start : start + min(length, missing)] = False
    return observed


def right_mask(size: Size, percent: int) -> Tensor:
    """Hide the ends of rows: lengths spread evenly about the share left, up to a whole row."""
    mean = (100 - percent) / 100 * size.time
    spread = min(mean, size.time - mean)
    lengths = torch.linspace(mean - spread, mean + spread, size.batch).round()
    return torch.arange(size.time) < lengths[torch.randperm(size.batch), None]


MASKS = {"random": random_mask, "block": block_mask, "right": right_mask}


def pass_of(lstm: nn.LSTM, run: Callable[[], Tensor], weight: Tensor) -> Job:
    """Return one forward and backward pass."""

    def both_ways() -> None:
        lstm.zero_grad()
        torch.autograd.backward(run(), weight)

    return both_ways


def packed_output(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
    """Run PyTorch's own way with unequal lengths: right padding only."""
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=x.shape[1])
    return output


def first(run: Callable[..., tuple[Tensor, object]], *arguments: object) -> Tensor:
    """Return the output without the state."""
    return run(*arguments)[0]


def contestants(
    size: Size, observed: Tensor, bidirectional: bool, rivals: bool = True
) -> dict[str, Job]:
    """Return the passes to be timed, all with the same weights; the outputs of `carry` are checked.

    `rivals`: the slower ones too. PackedSequence gets rows of the same lengths with their masked steps on the right: it knows no
    other masks.
    """
    x = torch.randn(size.batch, size.time, size.feature)
    weight = torch.randn(size.batch, size.time, size.hidden * (2 if bidirectional else 1))
    sizes = (size.feature, size.hidden)
    plain = nn.LSTM(*sizes, batch_first=True, bidirectional=bidirectional)
    carry = MaskedLSTM(*sizes, bidirectional=bidirectional, on_masked="carry")
    reset = MaskedLSTM(*sizes, bidirectional=bidirectional, on_masked="reset")
    for lstm in (carry, reset):
        lstm.load_state_dict(plain.state_dict())
    runs: dict[str, tuple[nn.LSTM, Callable[[], Tensor]]] = {
        UNIT: (plain, partial(first, plain, x)),
        "carry": (carry, partial(first, carry, x, observed)),
        "reset": (reset, partial(first, reset, x, observed)),
    }
    if rivals:
        lengths = observed.sum(dim=1).clamp(min=1).cpu()
        twin = partial(first, reference_masked_lstm, carry, x, observed)
        runs["PackedSequence"] = (plain, partial(packed_output, plain, x, lengths))
        runs["slow twin"] = (carry, twin)
    jobs = {name: pass_of(lstm, run, weight) for name, (lstm, run) in runs.items()}
    if not rivals:
        return jobs
    with torch.no_grad():
        expected = runs["carry"][1]()
        torch.testing.assert_close(twin(), expected, rtol=0, atol=1e-5)
    if is_installed():
        if bidirectional:  # Keras' Bidirectional shows zeros at masked steps; its states carry
            expected = expected * observed[:, :, None]
        jobs["Keras"] = keras_pass(plain, x, observed, weight, expected)
    return jobs


def measure(case: Case, turns: int, seconds: float) -> Row:
    """Time the contestants of one case."""
    torch.manual_seed(0)
    # The largest size's rivals take a second or two a turn: one direction and mask have to do.
    rivals = case.size != LARGE or (case.directions, case.mask) == (1, "random")
    observed = MASKS[case.mask](case.size, case.percent)
    jobs = contestants(case.size, observed, case.directions == 2, rivals)
    return {**case.as_row(), **ratios(interleaved(jobs, turns, seconds), UNIT)}


def run(quick: bool, tell: Progress) -> Report:
    """Time every size, mask and share; `quick` the smallest size, three shares, one mask."""
    sizes, shares = ((SMALL,), (0, 50, 90)) if quick else ((MIDDLE, LARGE, SMALL), SHARES)
    kinds = list(MASKS)[:1] if quick else list(MASKS)
    turns, seconds = (2, 0.0) if quick else (3, 1.2)
    rows = []
    for size, directions, kind in product(sizes, (1, 2), kinds):
        tell(f"{size}, directions: {directions}, {kind} masks")
        cases = [Case(size, directions, kind, percent) for percent in shares]
        rows += [measure(case, turns, seconds) for case in cases]
    return Report("Masked LSTMs", tuple(rows), notes())


def notes() -> tuple[str, ...]:
    """Return what the table is of, and what is missing from it."""
    told = (
        "Cost of forward and backward relative to the unmasked nn.LSTM; masks cover single steps, "
        "blocks of 12, or the ends of rows. Outputs agree to 1e-5."
    )
    if is_installed():
        return (told,)
    return (told, "Keras is not installed: no column of it. `make bench` installs it.")
