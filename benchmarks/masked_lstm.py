"""Time `MaskedLSTM`, forward and backward, against what else runs an LSTM over a mask.

    python benchmarks/masked_lstm.py [--quick] [--json OUT]

All contestants take turns in one process on one thread, timed by the CPU time that they use: wall
time on a machine that does nothing else. The table shows the ratio to the unmasked `nn.LSTM` of the
same size and directions, measured in the same turns: of the fastest pass of each, the one least
disturbed by whatever else the machine does. JSON has medians too.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from masklab.nn import MaskedLSTM, reference_masked_lstm

Step = Callable[[], None]


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
class Result:
    """Milliseconds of one contestant's pass, and the ratio of the fastest to the unmasked's."""

    size: str
    bidirectional: bool
    mask: str
    masked_share: float
    contestant: str
    fastest: float
    median: float
    ratio: float


SIZES = (Size(64, 100, 8, 64), Size(64, 256, 8, 128), Size(32, 48, 8, 32), Size(256, 48, 8, 32))
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 0.95)


def random_mask(size: Size, share: float) -> Tensor:
    """Hide single steps, exactly `share` of them."""
    steps = size.batch * size.time
    hidden = torch.randperm(steps) < round(share * steps)
    return ~hidden.view(size.batch, size.time)


def block_mask(size: Size, share: float, length: int = 12) -> Tensor:
    """Hide stretches of `length` steps, anywhere in the batch, until `share` of it is hidden."""
    observed = torch.ones(size.batch, size.time, dtype=torch.bool)
    while (missing := round(share * observed.numel()) - int((~observed).sum())) > 0:
        row, start = int(torch.randint(size.batch, ())), int(torch.randint(size.time, ()))
        observed[row, start : start + min(length, missing)] = False
    return observed


def step_of(lstm: nn.LSTM, run: Callable[[], Tensor], weight: Tensor) -> Step:
    """Return one forward and backward pass."""

    def step() -> None:
        lstm.zero_grad()
        torch.autograd.backward(run(), weight)

    return step


def packed_output(lstm: nn.LSTM, x: Tensor, lengths: Tensor) -> Tensor:
    """Run PyTorch's own way with unequal lengths: right padding only."""
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output, _ = pad_packed_sequence(lstm(packed)[0], batch_first=True, total_length=x.shape[1])
    return output


def contestants(
    size: Size, observed: Tensor, bidirectional: bool, with_twin: bool
) -> dict[str, Step]:
    """Return the passes to be timed, the unmasked `nn.LSTM` first.

    PackedSequence gets rows of the same lengths with their masked steps on the right: it knows no
    other masks.
    """
    x = torch.randn(size.batch, size.time, size.feature)
    weight = torch.randn(size.batch, size.time, size.hidden * (2 if bidirectional else 1))
    plain = nn.LSTM(size.feature, size.hidden, batch_first=True, bidirectional=bidirectional)
    steps = {"nn.LSTM, no mask": step_of(plain, partial(first, plain, x), weight)}
    lstm = MaskedLSTM(size.feature, size.hidden, bidirectional=bidirectional)
    steps["carry"] = step_of(lstm, partial(first, lstm, x, observed), weight)
    if with_twin:
        steps["slow twin"] = step_of(
            lstm, partial(first, reference_masked_lstm, lstm, x, observed), weight
        )
    lstm = MaskedLSTM(size.feature, size.hidden, bidirectional=bidirectional, on_masked="reset")
    steps["reset"] = step_of(lstm, partial(first, lstm, x, observed), weight)
    lengths = observed.sum(dim=1).clamp(min=1)
    steps["PackedSequence"] = step_of(plain, partial(packed_output, plain, x, lengths), weight)
    return steps


def first(run: Callable[..., tuple[Tensor, object]], *arguments: object) -> Tensor:
    """Return the output without the state."""
    return run(*arguments)[0]


def interleaved(steps: dict[str, Step], seconds: float) -> dict[str, list[float]]:
    """Return the milliseconds of each pass, sorted; all take turns for about `seconds`."""
    for step in steps.values():
        step()
    times: dict[str, list[float]] = {name: [] for name in steps}
    end, turns = time.perf_counter() + seconds, 0
    while time.perf_counter() < end or turns < 5:
        for name, step in steps.items():
            start = time.process_time()
            step()
            times[name].append(1e3 * (time.process_time() - start))
        turns += 1
    return {name: sorted(values) for name, values in times.items()}


def measure(
    size: Size, bidirectional: bool, kind: str, share: float, seconds: float
) -> list[Result]:
    """Time one size, mask and number of directions."""
    torch.manual_seed(0)
    observed = (random_mask if kind == "random" else block_mask)(size, share)
    times = interleaved(contestants(size, observed, bidirectional, share == 0.5), seconds)
    unmasked = next(iter(times.values()))[0]
    return [
        Result(str(size), bidirectional, kind, share, name, ms[0], median(ms), ms[0] / unmasked)
        for name, ms in times.items()
    ]


def table(results: list[Result]) -> str:
    """Return the ratios as text, a line for each case and contestant columns."""
    names = list(dict.fromkeys(result.contestant for result in results))
    cases: dict[tuple[str, bool, str, float], dict[str, Result]] = {}
    for result in results:
        case = (result.size, result.bidirectional, result.mask, result.masked_share)
        cases.setdefault(case, {})[result.contestant] = result
    lines = [f"{'':44}" + "".join(f"{name:>18}" for name in names)]
    for (size, bidirectional, kind, share), row in cases.items():
        head = f"{size} {'bi' if bidirectional else 'uni':>3} {kind:>6} {share:>4.0%}"
        cells = [f"{row[name].ratio:.2f}" if name in row else "" for name in names]
        cells[0] = f"{row[names[0]].fastest:.1f} ms"
        lines.append(f"{head:44}" + "".join(f"{cell:>18}" for cell in cells))
    return "\n".join(lines)


def main() -> None:
    """Measure, print the table, and write JSON if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="the first size only")
    parser.add_argument("--json", type=Path, metavar="OUT", help="write the results here")
    parser.add_argument("--seconds", type=float, default=2.0, help="for each case")
    options = parser.parse_args()
    torch.set_num_threads(1)
    results = [
        result
        for size in (SIZES[:1] if options.quick else SIZES)
        for bidirectional in (False, True)
        for kind in ("random", "block")
        for share in SHARES
        for result in measure(size, bidirectional, kind, share, options.seconds)
    ]
    print(table(results))
    print(
        "\nRatios to nn.LSTM without a mask, whose milliseconds stand first; fastest passes, one thread."
    )
    if options.json:
        options.json.write_text(json.dumps([asdict(result) for result in results], indent=1))


if __name__ == "__main__":
    main()
